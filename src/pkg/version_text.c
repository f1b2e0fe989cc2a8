/* SPDX-License-Identifier: Apache-2.0 */
/* version_text.c: the pieces that version orders are made of: numbers of any length, words, malformed versions. */
#include "base/error.h"
#include "base/limits.h"
#include "pkg/version_internal.h"

KilnText kiln_version_cut_digits(KilnText *rest)
{
	gsize length = 0;
	while (length < rest->length && g_ascii_isdigit(rest->data[length]))
		length++;
	KilnText digits = { rest->data, length };
	kiln_version_skip(rest, length);
	return digits;
}

KilnText kiln_version_cut_letters(KilnText *rest)
{
	gsize length = 0;
	while (length < rest->length && g_ascii_isalpha(rest->data[length]))
		length++;
	KilnText letters = { rest->data, length };
	kiln_version_skip(rest, length);
	return letters;
}

gboolean kiln_version_cut_word(KilnText *rest, const char *word)
{
	gsize length = strlen(word);
	if (rest->length < length || g_ascii_strncasecmp(rest->data, word, length) != 0)
		return FALSE;
	kiln_version_skip(rest, length);
	return TRUE;
}

int kiln_version_compare_numbers(KilnText a, KilnText b)
{
	while (a.length && a.data[0] == '0')
		kiln_version_skip(&a, 1);
	while (b.length && b.data[0] == '0')
		kiln_version_skip(&b, 1);
	if (a.length != b.length)
		return a.length < b.length ? -1 : 1;
	return a.length ? memcmp(a.data, b.data, a.length) : 0;
}

int kiln_version_compare_bytes(KilnText a, KilnText b)
{
	gsize common = MIN(a.length, b.length);
	int difference = common ? memcmp(a.data, b.data, common) : 0;
	return difference ? difference : (a.length > b.length) - (a.length < b.length);
}

int kiln_version_compare_folded(KilnText a, KilnText b)
{
	for (gsize i = 0; i < MIN(a.length, b.length); i++) {
		int difference = (guint8)g_ascii_tolower(a.data[i]) - (guint8)g_ascii_tolower(b.data[i]);
		if (difference)
			return difference;
	}
	return (a.length > b.length) - (a.length < b.length);
}

int kiln_version_compare_malformed(gboolean a_is_well_formed, gboolean b_is_well_formed, KilnText a, KilnText b)
{
	if (a_is_well_formed != b_is_well_formed)
		return a_is_well_formed ? 1 : -1;
	return kiln_version_compare_bytes(a, b);
}

char *kiln_version_next_number(KilnText number)
{
	while (number.length && number.data[0] == '0')
		kiln_version_skip(&number, 1);
	g_autoptr(GString) next = g_string_new_len(number.data, (gssize)number.length);
	gsize i = next->len;
	while (i > 0 && next->str[i - 1] == '9')
		next->str[--i] = '0';
	if (i > 0)
		next->str[i - 1]++;
	else
		g_string_prepend_c(next, '1');
	return g_string_free(g_steal_pointer(&next), FALSE);
}

gboolean kiln_version_refuse(GError **error, KilnText version, const char *reason)
{
	g_autofree char *bytes = g_strndup(version.data ? version.data : "", MIN(version.length, 128));
	g_autofree char *shown = g_strescape(bytes, NULL);
	return kiln_fail(error, KILN_ERROR_SYNTAX, "version \"%s\" %s", shown, reason);
}

gboolean kiln_version_check_length(KilnText version, GError **error)
{
	if (version.length == 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "a version is empty");
	if (version.length > KILN_LIMIT_VERSION_BYTES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "version \"%.*s...\" has %zu bytes; more than %d cannot be",
		                 64, version.data, version.length, KILN_LIMIT_VERSION_BYTES);
	return TRUE;
}
