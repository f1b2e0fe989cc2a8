/* SPDX-License-Identifier: Apache-2.0 */
/* named.c: what a text names: the interpreter in its first line, and absolute paths. */
#include "build/named.h"

#include <string.h>

#define LINE_BYTES_MAX 256 /* of a "#!" line: BINPRM_BUF_SIZE of Linux */
#define PATH_BYTES_MAX 256

/* The first word that is neither an option of env nor a variable. "-u NAME" and "-C DIRECTORY" take the word after them. */
static const char *started_by_env(char **words)
{
	for (; *words; words++) {
		if (strcmp(*words, "-u") == 0 || strcmp(*words, "-C") == 0)
			words += words[1] != NULL;
		else if (**words && **words != '-' && !strchr(*words, '='))
			return *words;
	}
	return NULL;
}

gboolean kiln_named_interpreter(const guint8 *text, gsize length, char **interpreter, char **argument)
{
	if (length < 4 || text[0] != '#' || text[1] != '!')
		return FALSE;
	gsize end = 2;
	while (end < length && end < LINE_BYTES_MAX && text[end] != '\n' && text[end] != '\0')
		end++;
	g_autofree char *line = g_strndup((const char *)text + 2, end - 2);
	g_auto(GStrv) all = g_strsplit_set(g_strstrip(line), " \t\r", -1);
	if (!all[0] || all[0][0] != '/')
		return FALSE;
	const char *word = NULL;
	if (g_str_has_suffix(all[0], "/env"))
		word = started_by_env(all + 1);
	else
		for (char **next = all + 1; *next && !word; next++)
			word = **next ? *next : NULL;
	*interpreter = g_strdup(all[0]);
	*argument = g_strdup(word);
	return TRUE;
}

static gboolean path_character(guint8 c)
{
	return g_ascii_isalnum(c) || (c && strchr("/._+-@:~", c) != NULL);
}

/* Start of line, blank, quote, '=', ':' or an opening bracket stand before a word. */
static gboolean starts_word(const guint8 *text, gsize at)
{
	return text[at] == '/' && (at == 0 || (text[at - 1] && strchr(" \t\n\"'`=:(,[{<", text[at - 1])));
}

GPtrArray *kiln_named_paths(const guint8 *text, gsize length)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	length = MIN(length, KILN_NAMED_SCAN_BYTES);
	for (gsize i = 0; i < length && paths->len < KILN_NAMED_PATHS_MAX; i++) {
		if (!starts_word(text, i))
			continue;
		gsize end = i;
		while (end < length && path_character(text[end]) && end - i < PATH_BYTES_MAX)
			end++;
		gsize size = end - i;
		while (size > 1 && strchr("/.:,", text[i + size - 1]))
			size--;
		if (size > 4)
			g_ptr_array_add(paths, g_strndup((const char *)text + i, size));
		i = end;
	}
	return paths;
}
