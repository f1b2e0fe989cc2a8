/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_secret.c: keys, tokens and passwords in files. What is said of one is its kind and its line, never a byte of it. */
#include "pkg/file_cataloger.h"
#include "pkg/secret_rules.h"

#include <string.h>

#define FILE_MAX_BYTES KILN_MIB
#define FOUND_MAX 20       /* remarks on one file */
#define BEFORE_BYTES 64    /* of a secret, in front of the text that every one of them has */
#define BEHIND_BYTES 1024

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

static gboolean search(KilnFileNotes *notes, KilnText content, const SecretRule *rule, const GRegex *regex, GError **error)
{
	gsize length = strlen(rule->literal);
	const char *end = content.data + content.length;
	for (const char *at = content.data; at < end && notes->remarks->len < FOUND_MAX && (at = memmem(at, (gsize)(end - at), rule->literal, length)); at++) {
		const char *from = at - MIN((gsize)(at - content.data), BEFORE_BYTES), *to = at + MIN((gsize)(end - at), BEHIND_BYTES);
		g_autoptr(GMatchInfo) match = NULL;
		g_autoptr(GError) reason = NULL;
		int start, stop;
		gboolean found = g_regex_match_full(regex, from, to - from, 0, 0, &match, &reason);
		if (reason)
			return kiln_fail(error, KILN_ERROR_LIMIT, "looking for %s: %s", rule->what, reason->message);
		if (!found || !g_match_info_fetch_pos(match, 0, &start, &stop) || is_allowed_text(from + start, (gsize)(stop - start)))
			continue;
		note(notes, rule->what, line_of(content, from + start));
		at = MAX(at, from + stop - 1);
	}
	return TRUE;
}

static gboolean read_file(KilnFileNotes *notes, KilnText content, GError **error)
{
	const char *slash = strrchr(notes->path, '/'), *name = slash ? slash + 1 : notes->path;
	GRegex *const *regexes = expressions();
	for (gsize i = 0; i < G_N_ELEMENTS(secret_rules); i++) {
		const SecretRule *rule = &secret_rules[i];
		if (rule->file ? strcmp(rule->file, name) != 0 : FALSE)
			continue;
		if (!search(notes, content, rule, regexes[i], error))
			return FALSE;
	}
	return TRUE;
}

const KilnFileCataloger kiln_cataloger_secret = { "secret", wants, read_file };
