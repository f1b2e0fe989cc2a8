/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_secret.c: keys, tokens and passwords in files. What is said of one is its kind and its line, never a byte of it. */
#include "pkg/file_cataloger.h"
#include "pkg/secret_rules.h"

#include <string.h>

#define FILE_MAX_BYTES KILN_MIB
#define FOUND_MAX 20       /* remarks on one file */
#define BEFORE_BYTES 64    /* of a secret, in front of the text that every one of them has */
#define BEHIND_BYTES 1024
#define TRIES_MAX 2000     /* places of one file that are looked at; a file may be made of nothing else */

static gboolean is_allowed_path(const char *path)
{
	for (const char *const *tree = secret_allowed_trees; *tree; tree++)
		if (g_str_has_prefix(path, *tree))
			return TRUE;
	for (const char *const *directory = secret_allowed_directories; *directory; directory++)
		if (strstr(path, *directory))
			return TRUE;
	return FALSE;
}

static gboolean wants(const KilnSeenFile *file)
{
	return file->size && file->size <= FILE_MAX_BYTES && !is_allowed_path(file->path) && !memchr(file->head, '\0', file->head_length);
}

static GRegex *const *expressions(void)
{
	static gsize once;
	static GRegex *made[G_N_ELEMENTS(secret_rules)];
	if (g_once_init_enter(&once)) {
		for (gsize i = 0; i < G_N_ELEMENTS(secret_rules); i++) {
			GError *reason = NULL;
			made[i] = g_regex_new(secret_rules[i].pattern, G_REGEX_RAW, 0, &reason);
			if (!made[i])
				g_error("%s: %s", secret_rules[i].pattern, reason->message);
		}
		g_once_init_leave(&once, 1);
	}
	return made;
}

static gboolean is_allowed_text(const char *text, gsize length)
{
	for (const char *const *allowed = secret_allowed_texts; *allowed; allowed++)
		if (memmem(text, length, *allowed, strlen(*allowed)))
			return TRUE;
	return FALSE;
}

static guint line_of(KilnText content, const char *at)
{
	guint line = 1;
	for (const char *end = content.data; (end = memchr(end, '\n', (gsize)(at - end))); end++)
		line++;
	return line;
}

/* A key that has its own name is not also one without: the same line is said once. */
static void note(KilnFileNotes *notes, const char *what, guint line)
{
	g_autofree char *place = g_strdup_printf(", in line %u", line);
	for (guint i = 0; i < notes->remarks->len; i++)
		if (g_str_has_suffix(((KilnFileRemark *)notes->remarks->pdata[i])->what, place))
			return;
	file_notes_remark(notes, "secret", g_strconcat(what, place, NULL));
}

/* The text of a rule is at @at: is it a secret? *end: where that ends. */
static gboolean look(KilnFileNotes *notes, KilnText content, gsize rule, const char *at, const char **end, GError **error)
{
	const char *from = at - MIN((gsize)(at - content.data), BEFORE_BYTES), *to = at + MIN((gsize)(content.data + content.length - at), BEHIND_BYTES);
	g_autoptr(GMatchInfo) match = NULL;
	g_autoptr(GError) reason = NULL;
	int start, stop;
	gboolean found = g_regex_match_full(expressions()[rule], from, to - from, 0, 0, &match, &reason);
	if (reason)
		return kiln_fail(error, KILN_ERROR_LIMIT, "looking for %s: %s", secret_rules[rule].what, reason->message);
	if (!found || !g_match_info_fetch_pos(match, 0, &start, &stop) || is_allowed_text(from + start, (gsize)(stop - start)))
		return TRUE;
	note(notes, secret_rules[rule].what, line_of(content, from + start));
	*end = from + stop;
	return TRUE;
}

/* One bit for each pair of bytes that begins the text of a rule: nearly all of a file is passed over by one look at each byte. */
static const guint8 *pairs(void)
{
	static gsize once;
	static guint8 bits[65536 / 8];
	if (g_once_init_enter(&once)) {
		for (gsize i = 0; i < G_N_ELEMENTS(secret_rules); i++) {
			const guint8 *literal = (const guint8 *)secret_rules[i].literal;
			guint pair = (guint)literal[0] << 8 | literal[1];
			if (!secret_rules[i].file)
				bits[pair / 8] |= (guint8)(1 << pair % 8);
		}
		g_once_init_leave(&once, 1);
	}
	return bits;
}

static gboolean search_all(KilnFileNotes *notes, KilnText content, GError **error)
{
	const guint8 *bits = pairs();
	const char *end = content.data + content.length;
	guint tries = 0;
	for (const char *at = content.data; end - at > 1 && notes->remarks->len < FOUND_MAX; at++) {
		guint pair = (guint)(guint8)at[0] << 8 | (guint8)at[1];
		if (!(bits[pair / 8] & 1 << pair % 8))
			continue;
		for (gsize i = 0; i < G_N_ELEMENTS(secret_rules); i++) {
			gsize length = strlen(secret_rules[i].literal);
			const char *behind = at;
			if (secret_rules[i].file || (gsize)(end - at) < length || memcmp(at, secret_rules[i].literal, length) != 0)
				continue;
			if (++tries > TRIES_MAX)
				return kiln_fail(error, KILN_ERROR_LIMIT, "it has more than %d texts that look like secrets; those behind them were not looked at", TRIES_MAX);
			if (!look(notes, content, i, at, &behind, error))
				return FALSE;
			at = MAX(at, behind - 1);
		}
	}
	return TRUE;
}

/* Rules for files of one name. */
static gboolean search_named(KilnFileNotes *notes, KilnText content, const char *name, GError **error)
{
	const char *end = content.data + content.length;
	for (gsize i = 0; i < G_N_ELEMENTS(secret_rules); i++) {
		const SecretRule *rule = &secret_rules[i];
		guint tries = 0;
		if (!rule->file || strcmp(rule->file, name) != 0)
			continue;
		for (const char *at = content.data; at < end && notes->remarks->len < FOUND_MAX && (at = memmem(at, (gsize)(end - at), rule->literal, strlen(rule->literal))); at++) {
			const char *behind = at;
			if (++tries > TRIES_MAX)
				return kiln_fail(error, KILN_ERROR_LIMIT, "it has more than %d texts that look like secrets; those behind them were not looked at", TRIES_MAX);
			if (!look(notes, content, i, at, &behind, error))
				return FALSE;
			at = MAX(at, behind - 1);
		}
	}
	return TRUE;
}

static gboolean read_file(KilnFileNotes *notes, KilnText content, GError **error)
{
	const char *slash = strrchr(notes->path, '/');
	return search_named(notes, content, slash ? slash + 1 : notes->path, error) && search_all(notes, content, error);
}

const KilnFileCataloger kiln_cataloger_secret = { "secret", wants, read_file };
