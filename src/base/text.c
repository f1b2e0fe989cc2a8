/* SPDX-License-Identifier: Apache-2.0 */
/* text.c: borrowed text, and the nearest known word. */
#include "base/text.h"

#define NEAREST_WORD_MAX 64 /* bytes; longer words have no nearest */
#define SUGGEST_WORDS_MAX 50

char *kiln_text_dup(KilnText text)
{
	return g_strndup(text.length ? text.data : "", text.length);
}

static gboolean is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

KilnText kiln_text_strip(KilnText text)
{
	while (text.length && is_space(text.data[0])) {
		text.data++;
		text.length--;
	}
	while (text.length && is_space(text.data[text.length - 1]))
		text.length--;
	return text;
}

KilnText kiln_text_cut(KilnText *rest, char separator)
{
	KilnText whole = *rest;
	const char *found = whole.length ? memchr(whole.data, separator, whole.length) : NULL;
	if (!found) {
		*rest = (KilnText){ NULL, 0 };
		return whole;
	}
	gsize before = (gsize)(found - whole.data);
	*rest = (KilnText){ found + 1, whole.length - before - 1 };
	return (KilnText){ whole.data, before };
}

gboolean kiln_text_to_u64(KilnText text, guint64 *out)
{
	guint64 value = 0;
	if (text.length == 0)
		return FALSE;
	for (gsize i = 0; i < text.length; i++) {
		if (!g_ascii_isdigit(text.data[i]))
			return FALSE;
		if (!g_uint64_checked_mul(&value, value, 10) ||
		    !g_uint64_checked_add(&value, value, (guint64)(text.data[i] - '0')))
			return FALSE;
	}
	*out = value;
	return TRUE;
}

/* Levenshtein distance with adjacent swaps counted as one, three rows at a time. */
static guint edit_distance(const char *a, gsize a_length, const char *b, gsize b_length)
{
	guint before[NEAREST_WORD_MAX + 1], above[NEAREST_WORD_MAX + 1], row[NEAREST_WORD_MAX + 1];
	for (gsize j = 0; j <= b_length; j++)
		above[j] = (guint)j;
	memcpy(before, above, sizeof before);
	for (gsize i = 1; i <= a_length; i++) {
		row[0] = (guint)i;
		for (gsize j = 1; j <= b_length; j++) {
			guint cost = g_ascii_tolower(a[i - 1]) == g_ascii_tolower(b[j - 1]) ? 0 : 1;
			guint best = MIN(above[j - 1] + cost, MIN(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = MIN(best, before[j - 2] + 1);
			row[j] = best;
		}
		memcpy(before, above, sizeof before);
		memcpy(above, row, sizeof above);
	}
	return above[b_length];
}

const char *kiln_text_nearest(const char *word, const char *const *candidates)
{
	gsize length = strlen(word);
	const char *nearest = NULL;
	guint best = MAX(1, (guint)length / 3) + 1;
	if (length > NEAREST_WORD_MAX)
		return NULL;
	for (; *candidates; candidates++) {
		gsize candidate_length = strlen(*candidates);
		if (candidate_length > NEAREST_WORD_MAX)
			continue;
		guint distance = edit_distance(word, length, *candidates, candidate_length);
		if (distance < best) {
			best = distance;
			nearest = *candidates;
		}
	}
	return nearest;
}

char *kiln_text_suggest(const char *word, const char *const *known, const char *lead)
{
	const char *nearest = kiln_text_nearest(word, known);
	if (nearest)
		return g_strdup_printf("did you mean \"%s\"?", nearest);
	guint count = g_strv_length((char **)known);
	GString *text = g_string_new(lead);
	for (guint i = 0; i < MIN(count, SUGGEST_WORDS_MAX); i++)
		g_string_append_printf(text, "%s%s", i ? ", " : " ", known[i]);
	if (count > SUGGEST_WORDS_MAX)
		g_string_append_printf(text, " and %u more", count - SUGGEST_WORDS_MAX);
	return g_string_free(count ? text : g_string_append(text, " none"), FALSE);
}
