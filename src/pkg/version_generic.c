/* SPDX-License-Identifier: Apache-2.0 */
/* version_generic.c: the order for programs that have no order of their own: "1.1.1w", "9.6p1", "8.0.0-rc2", "2024b". No specification;
 * what holds is written here.
 *
 * A version is numbers and words; all other bytes separate. Words that say "not yet" (alpha, beta, rc and the like) come before the
 * end of the version, any other word after it and before a further number above zero: 1.0rc1 < 1.0 = 1.0.0 < 1.0a < 1.0b < 1.0.1.
 * What follows a plus sign, build metadata, does not count. */
#include "pkg/version_internal.h"

static const char *const not_yet[] = { "dev", "snapshot", "nightly", "alpha", "beta", "milestone", "ea", "pre", "preview", "cr", "rc" };

typedef struct {
	int rank;      /* below zero: not yet; 0: zero, also after the end; 1: a word; 2: a number above zero */
	KilnText text; /* of a word or number */
} Token;

static gboolean is_plus_or_end(KilnText rest)
{
	return rest.length == 0 || rest.data[0] == '+';
}

static Token next(KilnText *rest)
{
	while (!is_plus_or_end(*rest) && !g_ascii_isalnum(rest->data[0]))
		kiln_version_skip(rest, 1);
	if (is_plus_or_end(*rest))
		return (Token){ 0 };
	if (g_ascii_isdigit(rest->data[0])) {
		KilnText number = kiln_version_cut_digits(rest);
		return (Token){ kiln_version_compare_numbers(number, (KilnText){ 0 }) ? 2 : 0, number };
	}
	Token word = { 1, kiln_version_cut_letters(rest) };
	for (guint i = 0; i < G_N_ELEMENTS(not_yet); i++)
		if (kiln_version_compare_folded(word.text, kiln_text(not_yet[i])) == 0)
			word.rank = (int)i - (int)G_N_ELEMENTS(not_yet);
	return word;
}

/* "v1.0" is "1.0". */
static void drop_v(KilnText *version)
{
	if (version->length > 1 && (version->data[0] == 'v' || version->data[0] == 'V') && g_ascii_isdigit(version->data[1]))
		kiln_version_skip(version, 1);
}

static int compare_generic(KilnText a, KilnText b)
{
	drop_v(&a);
	drop_v(&b);
	while (!is_plus_or_end(a) || !is_plus_or_end(b)) {
		Token token_a = next(&a), token_b = next(&b);
		int difference = token_a.rank - token_b.rank;
		if (!difference && token_a.rank == 1)
			difference = kiln_version_compare_folded(token_a.text, token_b.text);
		if (!difference && token_a.rank == 2)
			difference = kiln_version_compare_numbers(token_a.text, token_b.text);
		if (difference)
			return difference;
	}
	return 0;
}

/* There is a number at its beginning, perhaps after a v, and nothing that no version holds. */
static gboolean check_generic(KilnText version, GError **error)
{
	if (!kiln_version_check_length(version, error))
		return FALSE;
	for (gsize i = 0; i < version.length; i++)
		if (!g_ascii_isalnum(version.data[i]) && !kiln_version_is_one_of(version.data[i], ".-_+~:^"))
			return kiln_version_refuse(error, version, "holds something else than letters, digits and . - _ + ~ : ^");
	KilnText bare = version;
	drop_v(&bare);
	return g_ascii_isdigit(bare.data[0]) || kiln_version_refuse(error, version, "does not begin with a number");
}

const KilnVersionOrder kiln_version_order_generic = { "generic", compare_generic, check_generic };
