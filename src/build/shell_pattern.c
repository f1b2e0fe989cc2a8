/* SPDX-License-Identifier: Apache-2.0 */
/* shell_pattern.c: pattern matching of case, ${x#...} and globs, locale-free. Source: POSIX.1-2017, XCU 2.13. */
#include "build/shell.h"

gboolean kiln_shell_is_glob(const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' && text[1])
			text++;
		else if (strchr("*?[", *text))
			return TRUE;
	}
	return FALSE;
}

static gboolean in_class(const char *name, gsize length, char c)
{
	static const char *const names[] = { "alnum", "alpha", "digit", "lower", "upper", "space", "punct", "xdigit" };
	const gboolean is[] = { g_ascii_isalnum(c), g_ascii_isalpha(c), g_ascii_isdigit(c), g_ascii_islower(c),
		                g_ascii_isupper(c), g_ascii_isspace(c), g_ascii_ispunct(c), g_ascii_isxdigit(c) };
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
			return is[i];
	return FALSE;
}

/* @pattern is behind "["; returns what follows "]", or NULL when this is no bracket expression. */
static const char *match_bracket(const char *pattern, char c, gboolean *matches)
{
	gboolean negated = *pattern == '!' || *pattern == '^', found = FALSE;
	const char *first = pattern += negated;
	for (; *pattern && (*pattern != ']' || pattern == first); pattern++) {
		const char *end;
		if (pattern[0] == '[' && pattern[1] == ':' && (end = strstr(pattern + 2, ":]"))) {
			found = found || in_class(pattern + 2, (gsize)(end - pattern - 2), c);
			pattern = end + 1;
			continue;
		}
		if (*pattern == '\\' && pattern[1])
			pattern++;
		char low = *pattern, high = low;
		if (pattern[1] == '-' && pattern[2] && pattern[2] != ']') {
			high = pattern[2];
			pattern += 2;
		}
		found = found || ((guchar)c >= (guchar)low && (guchar)c <= (guchar)high);
	}
	*matches = found != negated;
	return *pattern == ']' ? pattern + 1 : NULL;
}

/* One element of the pattern against one character; NULL: no match, else what follows the element. */
static const char *match_one(const char *pattern, char c)
{
	gboolean matches;
	const char *rest;
	if (!c)
		return NULL;
	if (*pattern == '?')
		return pattern + 1;
	if (*pattern == '[' && (rest = match_bracket(pattern + 1, c, &matches)))
		return matches ? rest : NULL;
	if (*pattern == '\\' && pattern[1])
		pattern++;
	return *pattern && *pattern == c ? pattern + 1 : NULL;
}

/* Only the last star needs to be remembered: an earlier one can give nothing that the later one cannot. */
static gboolean match_known(const char *pattern, const char *value)
{
	const char *star = NULL, *retry = NULL, *next;
	while (*value) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = value;
		} else if ((next = match_one(pattern, *value))) {
			pattern = next;
			value++;
		} else if (star) {
			pattern = star;
			value = ++retry;
		} else
			return FALSE;
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static gboolean is_only_stars(const char *pattern)
{
	return *pattern && strspn(pattern, "*") == strlen(pattern);
}

KilnOutcome kiln_shell_match(const char *pattern, const char *value)
{
	if (is_only_stars(pattern))
		return KILN_OUTCOME_TRUE;
	if (kiln_shell_is_known(pattern) && kiln_shell_is_known(value))
		return match_known(pattern, value) ? KILN_OUTCOME_TRUE : KILN_OUTCOME_FALSE;
	/* Known beginnings that differ decide it. */
	for (; *pattern && *value; pattern++, value++) {
		if (strchr("*?[\\" KILN_SHELL_HOLE_TEXT, *pattern) || *value == KILN_SHELL_HOLE)
			return KILN_OUTCOME_UNKNOWN;
		if (*pattern != *value)
			return KILN_OUTCOME_FALSE;
	}
	return KILN_OUTCOME_UNKNOWN;
}
