/* SPDX-License-Identifier: Apache-2.0 */
/* licence.c: a Debian copyright file as SPDX terms: stanzas, their texts, and the texts that go with names SPDX has not. */
#include "pkg/licence.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "data/deb822.h"
#include "pkg/licence_names.h"
#include "pkg/licence_synopsis.h"

#include <string.h>

#define REFERENCE_PREFIX "LicenseRef-debian-"
#define REFERENCE_NAME_MAX 48    /* bytes of a licence's name that go into its identifier */
#define REFERENCE_DIGEST_BYTES 4 /* so that one identifier means one text in every document */

/* While one file is read. */
typedef struct {
	const char *package_name;
	KilnLicence *licence;
	GHashTable *texts;      /* lower-case synopsis or term of a stand-alone License stanza → its text (reference-counted) */
	GHashTable *references; /* identifiers that are in licence->extracted */
	GHashTable *seen_operands, *seen_holders;
	GPtrArray *operands;
	const char *body; /* text in the stanza that is being printed (reference-counted), "" when it has none */
} Reading;

static void extracted_free(gpointer pointer)
{
	KilnExtractedLicence *extracted = pointer;
	g_free(extracted->id);
	g_free(extracted->name);
	g_ref_string_release(extracted->text);
	g_free(extracted);
}

KilnLicence *kiln_licence_new(void)
{
	KilnLicence *licence = g_new0(KilnLicence, 1);
	licence->extracted = g_ptr_array_new_with_free_func(extracted_free);
	licence->holders = g_ptr_array_new_with_free_func(g_free);
	return licence;
}

KilnLicence *kiln_licence_copy(const KilnLicence *licence)
{
	KilnLicence *copy = licence ? kiln_licence_new() : NULL;
	if (!copy)
		return NULL;
	copy->expression = g_strdup(licence->expression);
	copy->raw = g_strdup(licence->raw);
	copy->raw_from = licence->raw_from;
	for (guint i = 0; i < licence->extracted->len; i++) {
		const KilnExtractedLicence *extracted = licence->extracted->pdata[i];
		KilnExtractedLicence *other = g_new(KilnExtractedLicence, 1);
		*other = (KilnExtractedLicence){ g_strdup(extracted->id), g_strdup(extracted->name), g_ref_string_acquire(extracted->text) };
		g_ptr_array_add(copy->extracted, other);
	}
	for (guint i = 0; i < licence->holders->len; i++)
		g_ptr_array_add(copy->holders, g_strdup(licence->holders->pdata[i]));
	return copy;
}

void kiln_licence_free(KilnLicence *licence)
{
	if (!licence)
		return;
	g_free(licence->expression);
	g_free(licence->raw);
	g_ptr_array_unref(licence->extracted);
	g_ptr_array_unref(licence->holders);
	g_free(licence);
}

static char *reference_for(const char *name, const char *text)
{
	g_autoptr(GString) id = g_string_new(REFERENCE_PREFIX);
	gsize prefix = id->len;
	for (const char *c = name; *c && id->len - prefix < REFERENCE_NAME_MAX; c++)
		if (g_ascii_isalnum(*c) || *c == '.')
			g_string_append_c(id, *c);
		else if (id->len > prefix && id->str[id->len - 1] != '-')
			g_string_append_c(id, '-');
	if (id->len == prefix)
		g_string_append(id, "unnamed");
	if (id->str[id->len - 1] != '-')
		g_string_append_c(id, '-');
	g_autoptr(KilnHash) hash = kiln_hash_new();
	KilnDigest digest;
	kiln_hash_update(hash, name, strlen(name) + 1);
	kiln_hash_update(hash, text, strlen(text));
	kiln_hash_finish(hash, &digest);
	for (gsize i = 0; i < REFERENCE_DIGEST_BYTES; i++)
		g_string_append_printf(id, "%02x", digest.sha256[i]);
	return g_string_free(g_steal_pointer(&id), FALSE);
}

/* The text of a name: in this stanza, or in a stand-alone one. NULL when the file has none. */
static const char *text_of(const Reading *reading, const char *name)
{
	if (*reading->body)
		return reading->body;
	g_autofree char *key = g_ascii_strdown(name, -1);
	return g_hash_table_lookup(reading->texts, key);
}

static char *extract(Reading *reading, const char *name, const char *text)
{
	g_autofree char *missing = NULL; /* else @text is a reference-counted string: many names may share one long text */
	if (!text || !*text)
		text = missing = g_strdup_printf("The copyright file of %s names the licence \"%s\" without its text.", reading->package_name, name);
	char *id = reference_for(name, text);
	if (!g_hash_table_contains(reading->references, id)) {
		KilnExtractedLicence *extracted = g_new0(KilnExtractedLicence, 1);
		extracted->id = g_strdup(id);
		extracted->name = g_strdup(*name ? name : "unnamed");
		extracted->text = text == missing ? g_ref_string_new(text) : g_ref_string_acquire((char *)text);
		g_ptr_array_add(reading->licence->extracted, extracted);
		g_hash_table_add(reading->references, extracted->id);
	}
	return id;
}

static char *fold(const char *text)
{
	g_autoptr(GString) folded = g_string_new(NULL);
	for (; *text; text++)
		if (!g_ascii_isspace(*text))
			g_string_append_c(folded, g_ascii_tolower(*text));
		else if (folded->len && folded->str[folded->len - 1] != ' ')
			g_string_append_c(folded, ' ');
	return g_string_free(g_steal_pointer(&folded), FALSE);
}

/* Several texts go by the name MIT; SPDX's MIT is the one that Debian calls Expat. */
static gboolean text_is_expat(const char *text)
{
	static const char *const must_have[] = {
		"permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files",
		"to deal in the software without restriction, including without limitation the rights to use, copy, modify, merge, publish, "
		"distribute, sublicense, and/or sell copies of the software",
		"shall be included in all copies or substantial portions of the software",
		"without warranty of any kind, express or implied, including but not limited to the warranties of merchantability, "
		"fitness for a particular purpose and noninfringement",
	};
	const gsize length_max = 1250; /* the text has 1020 or so; a longer one says more than Expat does */
	g_autofree char *folded = fold(text);
	for (gsize i = 0; i < G_N_ELEMENTS(must_have); i++)
		if (!strstr(folded, must_have[i]))
			return FALSE;
	return strlen(folded) <= length_max && !strstr(folded, "except as contained in this notice");
}

/* Debian keeps one text under that path, which SPDX calls Artistic-1.0-Perl. */
static gboolean text_names_perl_artistic(const char *text)
{
	static const char path[] = "/usr/share/common-licenses/Artistic";
	for (const char *at = strstr(text, path); at; at = strstr(at + 1, path)) {
		char next = at[sizeof path - 1];
		if (!g_ascii_isalnum(next) && next != '-')
			return TRUE;
	}
	return FALSE;
}

static char *name_from_text(const char *name, const char *text)
{
	static const char *const artistic[] = { "artistic", "artistic-1", "artistic-1.0", NULL };
	g_autofree char *lower = g_ascii_strdown(name, -1);
	if (!text)
		return NULL;
	if (strcmp(lower, "mit") == 0 && text_is_expat(text))
		return g_strdup("MIT");
	if (g_strv_contains(artistic, lower) && text_names_perl_artistic(text))
		return g_strdup("Artistic-1.0-Perl");
	return NULL;
}

static char *resolve_term(const KilnLicenceTerm *term, gpointer user_data)
{
	Reading *reading = user_data;
	const char *text = text_of(reading, term->whole);
	if (!text)
		text = text_of(reading, term->name);
	g_autofree char *base = kiln_licence_name_to_spdx(term->name);
	if (!base)
		base = name_from_text(term->name, text);
	if (base && !term->exception)
		return g_steal_pointer(&base);
	const char *exception = term->exception ? kiln_licence_exception_to_spdx(term->exception) : NULL;
	if (base && exception)
		return g_strconcat(base, " WITH ", exception, NULL);
	return extract(reading, term->whole, text);
}

/* "synopsis\nbody" cut in two; both borrowed from @value. */
static const char *cut_synopsis(char *value)
{
	char *end = strchr(value, '\n');
	const char *body = "";
	if (end) {
		*end = '\0';
		body = end + 1;
	}
	g_strstrip(value);
	return body;
}

static void add_operands(Reading *reading, const KilnDeb822Stanza *stanza)
{
	g_autofree char *value = kiln_deb822_unfold(kiln_deb822_get(stanza, "License"));
	char *body = g_ref_string_new(cut_synopsis(value));
	reading->body = body;
	g_autoptr(GPtrArray) terms = kiln_licence_synopsis_parse(value);
	g_autoptr(GPtrArray) operands = g_ptr_array_new_with_free_func(g_free);
	if (terms)
		kiln_licence_terms_print(terms, resolve_term, reading, operands);
	else
		g_ptr_array_add(operands, extract(reading, value, text_of(reading, value)));
	for (guint i = 0; i < operands->len; i++) {
		char *operand = g_ptr_array_index(operands, i);
		if (g_hash_table_contains(reading->seen_operands, operand))
			continue;
		char *kept = g_strdup(operand);
		g_hash_table_add(reading->seen_operands, kept);
		g_ptr_array_add(reading->operands, kept);
	}
	reading->body = "";
	g_ref_string_release(body);
}

static void add_holders(Reading *reading, const KilnDeb822Stanza *stanza)
{
	KilnText value = kiln_deb822_get(stanza, "Copyright");
	while (value.length) {
		g_autofree char *line = kiln_text_dup(kiln_text_strip(kiln_text_cut(&value, '\n')));
		if (*line == '\0' || strcmp(line, ".") == 0 || g_hash_table_contains(reading->seen_holders, line))
			continue;
		g_hash_table_add(reading->seen_holders, line);
		g_ptr_array_add(reading->licence->holders, g_steal_pointer(&line));
	}
}

static void add_text(Reading *reading, const KilnDeb822Stanza *stanza)
{
	g_autofree char *value = kiln_deb822_unfold(kiln_deb822_get(stanza, "License"));
	const char *body = cut_synopsis(value);
	if (*body == '\0')
		return;
	char *shared = g_ref_string_new(body);
	g_hash_table_insert(reading->texts, g_ascii_strdown(value, -1), shared);
	g_autoptr(GPtrArray) terms = kiln_licence_synopsis_parse(value);
	for (guint i = 0; terms && i < terms->len; i++) {
		char *key = g_ascii_strdown(((KilnLicenceTerm *)g_ptr_array_index(terms, i))->whole, -1);
		if (g_hash_table_contains(reading->texts, key))
			g_free(key);
		else
			g_hash_table_insert(reading->texts, key, g_ref_string_acquire(shared));
	}
}

typedef enum { STANZA_HEADER, STANZA_FILES, STANZA_TEXT, STANZA_BAD } StanzaKind;

static StanzaKind kind_of(const KilnDeb822Stanza *stanza, gboolean first)
{
	gboolean has_licence = kiln_deb822_get(stanza, "License").data != NULL;
	if (first) {
		KilnText format = kiln_text_strip(kiln_deb822_get(stanza, "Format"));
		g_autofree char *text = kiln_text_dup(format);
		gsize length = strlen(text);
		while (length && text[length - 1] == '/')
			text[--length] = '\0';
		return g_str_has_suffix(text, "/copyright-format/1.0") ? STANZA_HEADER : STANZA_BAD;
	}
	if (!has_licence)
		return STANZA_BAD;
	return kiln_deb822_get(stanza, "Files").data ? STANZA_FILES : STANZA_TEXT;
}

typedef void (*StanzaFunction)(Reading *reading, const KilnDeb822Stanza *stanza, StanzaKind kind);

/* Calls @each for every stanza; FALSE when the text is not machine-readable. */
static gboolean for_each_stanza(const char *text, Reading *reading, StanzaFunction each)
{
	KilnDeb822 cursor = { text, strlen(text), reading->package_name, 1 };
	g_autofree KilnDeb822Stanza *stanza = g_new0(KilnDeb822Stanza, 1);
	gboolean found = TRUE, first = TRUE;
	for (;;) {
		if (!kiln_deb822_next(&cursor, stanza, &found, NULL))
			return FALSE;
		if (!found)
			return !first;
		StanzaKind kind = kind_of(stanza, first);
		if (kind == STANZA_BAD)
			return FALSE;
		each(reading, stanza, kind);
		first = FALSE;
	}
}

static void collect_texts(Reading *reading, const KilnDeb822Stanza *stanza, StanzaKind kind)
{
	if (kind == STANZA_TEXT)
		add_text(reading, stanza);
}

static void collect_terms(Reading *reading, const KilnDeb822Stanza *stanza, StanzaKind kind)
{
	if (kind == STANZA_FILES)
		add_operands(reading, stanza);
	if (kind != STANZA_TEXT)
		add_holders(reading, stanza);
}

static char *join_operands(const GPtrArray *operands)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < operands->len; i++)
		g_string_append_printf(text, "%s%s", i ? " AND " : "", (const char *)g_ptr_array_index(operands, i));
	if (operands->len == 1 && text->str[0] == '(') {
		g_string_truncate(text, text->len - 1);
		g_string_erase(text, 0, 1);
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

KilnLicence *kiln_licence_from_debian_copyright(const char *text, gsize length, const char *package_name)
{
	KilnLicence *licence = kiln_licence_new();
	licence->raw_from = "Debian copyright file";
	g_autofree char *valid = g_utf8_make_valid(length ? text : "", (gssize)length);

	g_autoptr(GHashTable) texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ref_string_release);
	g_autoptr(GHashTable) references = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) seen_operands = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) seen_holders = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) operands = g_ptr_array_new_with_free_func(g_free);
	Reading reading = { package_name, licence, texts, references, seen_operands, seen_holders, operands, "" };

	gboolean readable = length <= KILN_LIMIT_COPYRIGHT_BYTES && for_each_stanza(valid, &reading, collect_texts) &&
	                    for_each_stanza(valid, &reading, collect_terms) && operands->len > 0;
	if (readable) {
		licence->expression = join_operands(operands);
		return licence;
	}
	g_ptr_array_set_size(licence->extracted, 0);
	g_ptr_array_set_size(licence->holders, 0);
	licence->raw = g_steal_pointer(&valid);
	return licence;
}
