/* SPDX-License-Identifier: Apache-2.0 */
/* licence_expression.c: licences as package databases name them: an SPDX expression, or text. Source: SPDX 2.3, annex D. */
#include "base/limits.h"
#include "pkg/licence.h"
#include "pkg/licence_names.h"

#include <string.h>

typedef struct {
	const char *rest;
	char *word; /* "(", ")", or what stands between blanks; NULL at the end */
} Words;

static void next_word(Words *words)
{
	g_clear_pointer(&words->word, g_free);
	words->rest += strspn(words->rest, " \t\n");
	gsize length = strcspn(words->rest, " \t\n()");
	if (!*words->rest)
		return;
	length = length ? length : 1; /* a parenthesis */
	words->word = g_strndup(words->rest, length);
	words->rest += length;
}

static gboolean is_operator(const char *word)
{
	return strcmp(word, "AND") == 0 || strcmp(word, "OR") == 0;
}

/* A licence, with its exception, or FALSE: a name that SPDX has not. */
static gboolean add_licence(Words *words, GString *out)
{
	/* Of "MIT" Debian knows several texts; where SPDX names are meant, it is SPDX's. */
	g_autofree char *id = strcmp(words->word, "MIT") == 0 ? g_strdup("MIT") : kiln_licence_name_to_spdx(words->word);
	if (!id)
		return FALSE;
	g_string_append(out, id);
	next_word(words);
	if (!words->word || strcmp(words->word, "WITH") != 0)
		return TRUE;
	next_word(words);
	const char *exception = words->word ? kiln_licence_exception_to_spdx(words->word) : NULL;
	if (!exception)
		return FALSE;
	g_string_append_printf(out, " WITH %s", exception);
	next_word(words);
	return TRUE;
}

/* Licences and operators in turns, parentheses in pairs; no recursion. */
static gboolean parse(Words *words, GString *out)
{
	guint depth = 0;
	gboolean wants_licence = TRUE;
	for (next_word(words); words->word;) {
		if (wants_licence && strcmp(words->word, "(") == 0) {
			depth++;
			g_string_append_c(out, '(');
			next_word(words);
		} else if (wants_licence) {
			if (!add_licence(words, out))
				return FALSE;
			wants_licence = FALSE;
		} else if (strcmp(words->word, ")") == 0 && depth) {
			depth--;
			g_string_append_c(out, ')');
			next_word(words);
		} else if (is_operator(words->word)) {
			g_string_append_printf(out, " %s ", words->word);
			wants_licence = TRUE;
			next_word(words);
		} else {
			return FALSE;
		}
	}
	return !wants_licence && depth == 0;
}

KilnLicence *kiln_licence_from_expression(const char *text)
{
	KilnLicence *licence = kiln_licence_new();
	Words words = { text, NULL };
	g_autoptr(GString) expression = g_string_new(NULL);
	if (strlen(text) <= KILN_LIMIT_LICENCE_BYTES && parse(&words, expression))
		licence->expression = g_string_free(g_steal_pointer(&expression), FALSE);
	else
		licence->raw = g_utf8_make_valid(text, (gssize)MIN(strlen(text), KILN_LIMIT_LICENCE_BYTES));
	licence->raw_from = "name in the package database";
	g_free(words.word);
	return licence;
}
