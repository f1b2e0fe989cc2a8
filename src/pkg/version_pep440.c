/* SPDX-License-Identifier: Apache-2.0 */
/* version_pep440.c: versions of Python packages. Source: PEP 440 as kept in packaging.python.org, "Version specifiers": "Normalization",
 * "Summary of permitted suffixes and relative ordering", and the regular expression of its appendix. */
#include "pkg/version_pep440.h"
#include "pkg/version_internal.h"

static gboolean begins_with_separator(KilnText text)
{
	return text.length && kiln_version_is_one_of(text.data[0], ".-_");
}

/* "[.-_]word[.-_][digits]", every separator optional. FALSE and @rest untouched when it does not begin like that. */
static gboolean cut_suffix(KilnText *rest, const char *word, KilnText *number)
{
	KilnText after = *rest;
	if (begins_with_separator(after))
		kiln_version_skip(&after, 1);
	if (!kiln_version_cut_word(&after, word))
		return FALSE;
	if (begins_with_separator(after))
		kiln_version_skip(&after, 1);
	*number = kiln_version_cut_digits(&after);
	*rest = after;
	return TRUE;
}

static void cut_pre(KilnText *rest, KilnPep440 *out)
{
	static const struct {
		const char *word;
		guint pre;
	} words[] = { /* longer words before those that begin them */
		{ "alpha", KILN_PEP440_ALPHA }, { "a", KILN_PEP440_ALPHA }, { "beta", KILN_PEP440_BETA }, { "b", KILN_PEP440_BETA },
		{ "rc", KILN_PEP440_RC }, { "c", KILN_PEP440_RC }, { "preview", KILN_PEP440_RC }, { "pre", KILN_PEP440_RC },
	};
	out->pre = KILN_PEP440_NO_PRE;
	for (gsize i = 0; i < G_N_ELEMENTS(words) && out->pre == KILN_PEP440_NO_PRE; i++)
		if (cut_suffix(rest, words[i].word, &out->pre_number))
			out->pre = words[i].pre;
}

static void cut_post(KilnText *rest, KilnPep440 *out)
{
	static const char *const words[] = { "post", "rev", "r" };
	KilnText digits = *rest;
	for (gsize i = 0; i < G_N_ELEMENTS(words) && !out->has_post; i++)
		out->has_post = cut_suffix(rest, words[i], &out->post);
	if (out->has_post || digits.length < 2 || digits.data[0] != '-')
		return;
	kiln_version_skip(&digits, 1); /* "1.0-1" is "1.0.post1" */
	out->post = kiln_version_cut_digits(&digits);
	out->has_post = out->post.length > 0;
	if (out->has_post)
		*rest = digits;
}

static gboolean cut_release(KilnText *rest, KilnText *release)
{
	*release = (KilnText){ rest->data, 0 };
	if (kiln_version_cut_digits(rest).length == 0)
		return FALSE;
	while (rest->length > 1 && rest->data[0] == '.' && g_ascii_isdigit(rest->data[1])) {
		kiln_version_skip(rest, 1);
		kiln_version_cut_digits(rest);
	}
	release->length = (gsize)(rest->data - release->data);
	return TRUE;
}

static gboolean is_local(KilnText text)
{
	gboolean alnum = FALSE;
	for (gsize i = 0; i < text.length; i++) {
		if (!g_ascii_isalnum(text.data[i]) && !(alnum && kiln_version_is_one_of(text.data[i], ".-_")))
			return FALSE;
		alnum = g_ascii_isalnum(text.data[i]) != 0;
	}
	return alnum;
}

const char *kiln_pep440_parse(KilnText text, KilnPep440 *out)
{
	*out = (KilnPep440){ 0 };
	KilnText rest = kiln_text_strip(text);
	if (rest.length && (rest.data[0] == 'v' || rest.data[0] == 'V'))
		kiln_version_skip(&rest, 1);
	if (!cut_release(&rest, &out->release))
		return "does not begin with a number";
	if (rest.length && rest.data[0] == '!') {
		out->epoch = out->release;
		kiln_version_skip(&rest, 1);
		if (memchr(out->epoch.data, '.', out->epoch.length) || !cut_release(&rest, &out->release))
			return "has no number on both sides of its exclamation mark";
	}
	cut_pre(&rest, out);
	cut_post(&rest, out);
	out->has_dev = cut_suffix(&rest, "dev", &out->dev);
	if (rest.length && rest.data[0] == '+') {
		out->local = (KilnText){ rest.data + 1, rest.length - 1 };
		return is_local(out->local) ? NULL : "has a local part that is not made of letters and digits with . - _ between them";
	}
	return rest.length == 0 ? NULL : "goes on after release, a|b|rc, post and dev with something else";
}

int kiln_pep440_compare_release(KilnText a, KilnText b, gsize count)
{
	for (gsize i = 0; (a.length || b.length) && (count == 0 || i < count); i++) {
		int difference = kiln_version_compare_numbers(kiln_text_cut(&a, '.'), kiln_text_cut(&b, '.'));
		if (difference)
			return difference;
	}
	return 0;
}

/* A version that is nothing but a development release comes before its pre-releases, all others without one after them. */
static int pre_rank(const KilnPep440 *version)
{
	return version->pre == KILN_PEP440_NO_PRE && !version->has_post && version->has_dev ? -1 : (int)version->pre;
}

static KilnText cut_local_part(KilnText *rest)
{
	KilnText part = { rest->data, 0 };
	while (part.length < rest->length && g_ascii_isalnum(rest->data[part.length]))
		part.length++;
	kiln_version_skip(rest, MIN(part.length + 1, rest->length));
	return part;
}

static gboolean is_number(KilnText part)
{
	return kiln_version_cut_digits(&part).length > 0 && part.length == 0;
}

/* Numbers come after words, a longer local part after the shorter one that begins it. */
static int compare_local(KilnText a, KilnText b)
{
	if (!a.data || !b.data)
		return !b.data - !a.data;
	while (a.length && b.length) {
		KilnText part_a = cut_local_part(&a), part_b = cut_local_part(&b);
		if (is_number(part_a) != is_number(part_b))
			return is_number(part_a) ? 1 : -1;
		int difference = is_number(part_a) ? kiln_version_compare_numbers(part_a, part_b)
		                                   : kiln_version_compare_folded(part_a, part_b);
		if (difference)
			return difference;
	}
	return (a.length > 0) - (b.length > 0);
}

int kiln_pep440_compare(const KilnPep440 *a, const KilnPep440 *b)
{
	int difference = kiln_version_compare_numbers(a->epoch, b->epoch);
	if (!difference)
		difference = kiln_pep440_compare_release(a->release, b->release, 0);
	if (!difference)
		difference = pre_rank(a) - pre_rank(b);
	if (!difference && a->pre != KILN_PEP440_NO_PRE)
		difference = kiln_version_compare_numbers(a->pre_number, b->pre_number);
	if (!difference)
		difference = a->has_post - b->has_post;
	if (!difference)
		difference = kiln_version_compare_numbers(a->post, b->post);
	if (!difference)
		difference = b->has_dev - a->has_dev;
	if (!difference)
		difference = kiln_version_compare_numbers(a->dev, b->dev);
	return difference ? difference : compare_local(a->local, b->local);
}

static int compare_pep440(KilnText a, KilnText b)
{
	KilnPep440 parsed_a, parsed_b;
	gboolean a_is_well_formed = !kiln_pep440_parse(a, &parsed_a), b_is_well_formed = !kiln_pep440_parse(b, &parsed_b);
	if (!a_is_well_formed || !b_is_well_formed)
		return kiln_version_compare_malformed(a_is_well_formed, b_is_well_formed, a, b);
	return kiln_pep440_compare(&parsed_a, &parsed_b);
}

static gboolean check_pep440(KilnText version, GError **error)
{
	KilnPep440 parsed;
	if (!kiln_version_check_length(version, error))
		return FALSE;
	const char *reason = kiln_pep440_parse(version, &parsed);
	return !reason || kiln_version_refuse(error, version, reason);
}

const KilnVersionOrder kiln_version_order_pep440 = { "pep440", compare_pep440, check_pep440 };
