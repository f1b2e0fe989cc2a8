/* SPDX-License-Identifier: Apache-2.0 */
/* licence_synopsis.c: "GPL-1+ or Artistic, and Expat" into terms, and terms into SPDX operands. */
#include "pkg/licence_synopsis.h"
#include "pkg/licence_names.h"

#include <string.h>

#define EXCEPTION_WORDS_MAX 8

static void term_free(gpointer pointer)
{
	KilnLicenceTerm *term = pointer;
	g_free(term->name);
	g_free(term->exception);
	g_free(term->whole);
	g_free(term);
}

/* Words of the synopsis; a comma is a word of its own. NULL when a character occurs that no name has. */
static GPtrArray *split_words(const char *synopsis)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
	while (*synopsis) {
		gsize length = strcspn(synopsis, " \t\r\n,()");
		if (*synopsis == '(' || *synopsis == ')')
			return NULL;
		if (length > 0)
			g_ptr_array_add(words, g_strndup(synopsis, length));
		else if (*synopsis == ',')
			g_ptr_array_add(words, g_strdup(","));
		synopsis += MAX(length, 1);
		if (words->len > KILN_LICENCE_TERMS_MAX * 4)
			return NULL;
	}
	return g_steal_pointer(&words);
}

static const char *word_at(const GPtrArray *words, guint at)
{
	return at < words->len ? g_ptr_array_index(words, at) : "";
}

static gboolean is_operator(const char *word)
{
	return g_ascii_strcasecmp(word, "and") == 0 || g_ascii_strcasecmp(word, "or") == 0;
}

static gboolean is_exception_word(const char *word)
{
	return g_ascii_strcasecmp(word, "exception") == 0 || g_ascii_strcasecmp(word, "exceptions") == 0;
}

/* The words after "with": one that is an SPDX exception, or all up to "exception". NULL when neither comes. */
static char *read_exception(const GPtrArray *words, guint *at)
{
	const char *first = word_at(words, *at);
	if (kiln_licence_exception_to_spdx(first) && !is_exception_word(word_at(words, *at + 1))) {
		*at += 1;
		return g_strdup(first);
	}
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < EXCEPTION_WORDS_MAX; i++) {
		const char *word = word_at(words, *at + i);
		if (*word == '\0' || strcmp(word, ",") == 0)
			return NULL;
		g_string_append_printf(text, "%s%s", i ? " " : "", word);
		if (i > 0 && is_exception_word(word)) {
			*at += i + 1;
			return g_string_free(g_steal_pointer(&text), FALSE);
		}
	}
	return NULL;
}

static KilnLicenceTerm *read_term(const GPtrArray *words, guint *at, KilnLicenceJoin join)
{
	const char *name = word_at(words, *at);
	if (*name == '\0' || strcmp(name, ",") == 0 || is_operator(name))
		return NULL;
	*at += 1;
	g_autofree char *exception = NULL;
	if (g_ascii_strcasecmp(word_at(words, *at), "with") == 0) {
		*at += 1;
		exception = read_exception(words, at);
		if (!exception)
			return NULL;
	}
	KilnLicenceTerm *term = g_new0(KilnLicenceTerm, 1);
	term->join = join;
	term->name = g_strdup(name);
	term->whole = exception ? g_strconcat(name, " with ", exception, NULL) : g_strdup(name);
	term->exception = g_steal_pointer(&exception);
	return term;
}

GPtrArray *kiln_licence_synopsis_parse(const char *synopsis)
{
	g_autoptr(GPtrArray) words = split_words(synopsis);
	if (!words || words->len == 0)
		return NULL;
	g_autoptr(GPtrArray) terms = g_ptr_array_new_with_free_func(term_free);
	KilnLicenceJoin join = KILN_LICENCE_FIRST;
	guint at = 0;
	for (;;) {
		KilnLicenceTerm *term = read_term(words, &at, join);
		if (!term || terms->len == KILN_LICENCE_TERMS_MAX) {
			if (term)
				term_free(term);
			return NULL;
		}
		g_ptr_array_add(terms, term);
		if (at == words->len)
			return g_steal_pointer(&terms);
		gboolean comma = strcmp(word_at(words, at), ",") == 0;
		at += comma ? 1 : 0;
		const char *word = word_at(words, at++);
		if (!is_operator(word))
			return NULL;
		gboolean is_and = g_ascii_tolower(word[0]) == 'a';
		join = comma ? (is_and ? KILN_LICENCE_COMMA_AND : KILN_LICENCE_COMMA_OR) : (is_and ? KILN_LICENCE_AND : KILN_LICENCE_OR);
	}
}

static const KilnLicenceTerm *term_at(const GPtrArray *terms, guint index)
{
	return g_ptr_array_index(terms, index);
}

/* Terms from *@at up to the next comma: printed, with parentheses when an "or" in it meets an "and" outside. */
static char *print_segment(const GPtrArray *terms, guint *at, gboolean protect, KilnLicenceResolve resolve, gpointer user_data)
{
	g_autoptr(GString) text = g_string_new(NULL);
	gboolean has_or = FALSE;
	guint start = *at;
	do {
		const KilnLicenceTerm *term = term_at(terms, *at);
		g_autofree char *spdx = resolve(term, user_data);
		if (*at > start) {
			has_or |= term->join == KILN_LICENCE_OR;
			g_string_append(text, term->join == KILN_LICENCE_OR ? " OR " : " AND ");
		}
		g_string_append(text, spdx);
		*at += 1;
	} while (*at < terms->len && term_at(terms, *at)->join < KILN_LICENCE_COMMA_AND);
	if (has_or && protect)
		return g_strdup_printf("(%s)", text->str);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

void kiln_licence_terms_print(const GPtrArray *terms, KilnLicenceResolve resolve, gpointer user_data, GPtrArray *operands)
{
	gboolean has_or = FALSE, has_comma_or = FALSE;
	for (guint i = 1; i < terms->len; i++) {
		has_or |= term_at(terms, i)->join == KILN_LICENCE_OR;
		has_comma_or |= term_at(terms, i)->join == KILN_LICENCE_COMMA_OR;
	}
	guint at = 0;
	if (!has_or && !has_comma_or) {
		while (at < terms->len)
			g_ptr_array_add(operands, resolve(term_at(terms, at++), user_data));
	} else if (!has_comma_or) {
		while (at < terms->len)
			g_ptr_array_add(operands, print_segment(terms, &at, TRUE, resolve, user_data));
	} else {
		g_autoptr(GString) text = g_string_new("(");
		while (at < terms->len) {
			if (at > 0)
				g_string_append(text, term_at(terms, at)->join == KILN_LICENCE_COMMA_OR ? " OR " : " AND ");
			g_autofree char *segment = print_segment(terms, &at, TRUE, resolve, user_data);
			g_string_append(text, segment);
		}
		g_string_append_c(text, ')');
		g_ptr_array_add(operands, g_string_free(g_steal_pointer(&text), FALSE));
	}
}
