/* SPDX-License-Identifier: Apache-2.0 */
/* version_semver.c: Semantic Versioning 2.0.0, as Rust, Hex, Pub and OSV's SEMVER ranges use it. Source: semver.org, sections 2, 9-11. */
#include "pkg/version_internal.h"

/* Cut one "0" or number without leading zeros, section 2. */
static gboolean cut_number(KilnText *rest, KilnText *number)
{
	*number = kiln_version_cut_digits(rest);
	return number->length == 1 || (number->length > 1 && number->data[0] != '0');
}

/* Are these dot-separated identifiers of letters, digits and hyphens, none empty? Section 9 forbids leading zeros in
 * numeric ones, section 10 (build metadata) does not. */
static gboolean are_identifiers(KilnText text, gboolean leading_zeros)
{
	gboolean more = TRUE;
	while (more) {
		more = text.length && memchr(text.data, '.', text.length);
		KilnText identifier = kiln_text_cut(&text, '.');
		gboolean numeric = TRUE;
		for (gsize i = 0; i < identifier.length; i++) {
			if (!g_ascii_isalnum(identifier.data[i]) && identifier.data[i] != '-')
				return FALSE;
			numeric &= g_ascii_isdigit(identifier.data[i]) != 0;
		}
		if (identifier.length == 0 || (!leading_zeros && numeric && identifier.length > 1 && identifier.data[0] == '0'))
			return FALSE;
	}
	return TRUE;
}

const char *kiln_semver_parse_suffixes(KilnText rest, KilnText *prerelease, KilnText *build)
{
	*prerelease = *build = (KilnText){ 0 };
	const char *plus = rest.length ? memchr(rest.data, '+', rest.length) : NULL;
	if (plus) {
		*build = (KilnText){ plus + 1, rest.length - (gsize)(plus - rest.data) - 1 };
		rest.length = (gsize)(plus - rest.data);
		if (!are_identifiers(*build, TRUE))
			return "has build metadata that is not made of letters, digits and hyphens with dots between them";
	}
	if (rest.length == 0)
		return NULL;
	if (rest.data[0] != '-')
		return "goes on after its numbers with neither a hyphen nor a plus sign";
	kiln_version_skip(&rest, 1);
	*prerelease = rest;
	return are_identifiers(rest, FALSE)
	               ? NULL
	               : "has a pre-release part that is not made of letters, digits and hyphens with dots between them, or a zero too much";
}

const char *kiln_semver_parse(KilnText text, KilnSemver *out)
{
	for (gsize i = 0; i < G_N_ELEMENTS(out->numbers); i++) {
		if (i > 0 && (text.length == 0 || text.data[0] != '.'))
			return "is not MAJOR.MINOR.PATCH";
		if (i > 0)
			kiln_version_skip(&text, 1);
		if (!cut_number(&text, &out->numbers[i]))
			return "is not made of three numbers without leading zeros";
	}
	return kiln_semver_parse_suffixes(text, &out->prerelease, &out->build);
}

static gboolean is_numeric(KilnText identifier)
{
	return kiln_version_cut_digits(&identifier).length > 0 && identifier.length == 0;
}

/* Section 11.4.1 to 11.4.3: numbers as numbers, before all else, which is in the order of its bytes. */
static int compare_identifiers(KilnText a, KilnText b)
{
	gboolean a_is_number = is_numeric(a), b_is_number = is_numeric(b);
	if (a_is_number != b_is_number)
		return a_is_number ? -1 : 1;
	return a_is_number ? kiln_version_compare_numbers(a, b) : kiln_version_compare_bytes(a, b);
}

int kiln_semver_compare_prerelease(KilnText a, KilnText b)
{
	if (!a.data || !b.data)
		return !a.data - !b.data;
	while (a.length && b.length) {
		int difference = compare_identifiers(kiln_text_cut(&a, '.'), kiln_text_cut(&b, '.'));
		if (difference)
			return difference;
	}
	return (a.length > 0) - (b.length > 0);
}

int kiln_semver_compare(const KilnSemver *a, const KilnSemver *b)
{
	for (gsize i = 0; i < G_N_ELEMENTS(a->numbers); i++) {
		int difference = kiln_version_compare_numbers(a->numbers[i], b->numbers[i]);
		if (difference)
			return difference;
	}
	return kiln_semver_compare_prerelease(a->prerelease, b->prerelease);
}

static int compare_semver(KilnText a, KilnText b)
{
	KilnSemver parsed_a, parsed_b;
	gboolean a_is_well_formed = !kiln_semver_parse(a, &parsed_a), b_is_well_formed = !kiln_semver_parse(b, &parsed_b);
	if (!a_is_well_formed || !b_is_well_formed)
		return kiln_version_compare_malformed(a_is_well_formed, b_is_well_formed, a, b);
	return kiln_semver_compare(&parsed_a, &parsed_b);
}

static gboolean check_semver(KilnText version, GError **error)
{
	KilnSemver parsed;
	if (!kiln_version_check_length(version, error))
		return FALSE;
	const char *reason = kiln_semver_parse(version, &parsed);
	return !reason || kiln_version_refuse(error, version, reason);
}

const KilnVersionOrder kiln_version_order_semver = { "semver", compare_semver, check_semver };
