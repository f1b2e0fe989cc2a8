/* SPDX-License-Identifier: Apache-2.0 */
/* version_nuget.c: versions of NuGet packages: one to four numbers, then the suffixes of semantic versions, letters without case.
 * Source: learn.microsoft.com, NuGet, "Package versioning"; NuGet.Versioning, VersionComparer. */
#include "pkg/version_internal.h"

typedef struct {
	KilnText numbers[4];
	KilnText prerelease, build;
} Parsed;

static const char *parse(KilnText version, Parsed *out)
{
	guint count = 0;
	*out = (Parsed){ 0 };
	version = kiln_text_strip(version);
	do {
		guint64 value;
		KilnText number = kiln_version_cut_digits(&version);
		KilnText significant = number;
		while (significant.length > 1 && significant.data[0] == '0')
			kiln_version_skip(&significant, 1);
		if (!kiln_text_to_u64(significant, &value) || value > G_MAXINT32)
			return "is not made of numbers up to 2147483647 with dots between them";
		out->numbers[count++] = number;
		if (version.length == 0 || version.data[0] != '.')
			return kiln_semver_parse_suffixes(version, &out->prerelease, &out->build);
		kiln_version_skip(&version, 1);
	} while (count < G_N_ELEMENTS(out->numbers));
	return "has more than four numbers";
}

/* NuGet takes for a number what .NET reads as a signed number of 32 bits, so "-5" is one and "99999999999" is a word. */
static gboolean read_number(KilnText identifier, gint64 *number)
{
	gboolean negative = identifier.length && identifier.data[0] == '-';
	guint64 value;
	if (negative)
		kiln_version_skip(&identifier, 1);
	if (!kiln_text_to_u64(identifier, &value) || value > (guint64)G_MAXINT32 + negative)
		return FALSE;
	*number = negative ? -(gint64)value : (gint64)value;
	return TRUE;
}

static int compare_identifiers(KilnText a, KilnText b)
{
	gint64 number_a, number_b;
	gboolean a_is_number = read_number(a, &number_a), b_is_number = read_number(b, &number_b);
	if (a_is_number != b_is_number)
		return a_is_number ? -1 : 1;
	return a_is_number ? (number_a > number_b) - (number_a < number_b) : kiln_version_compare_folded(a, b);
}

static int compare_prerelease(KilnText a, KilnText b)
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

static int compare_nuget(KilnText a, KilnText b)
{
	Parsed parsed_a, parsed_b;
	gboolean a_is_well_formed = !parse(a, &parsed_a), b_is_well_formed = !parse(b, &parsed_b);
	if (!a_is_well_formed || !b_is_well_formed)
		return kiln_version_compare_malformed(a_is_well_formed, b_is_well_formed, a, b);
	for (gsize i = 0; i < G_N_ELEMENTS(parsed_a.numbers); i++) {
		int difference = kiln_version_compare_numbers(parsed_a.numbers[i], parsed_b.numbers[i]);
		if (difference)
			return difference;
	}
	return compare_prerelease(parsed_a.prerelease, parsed_b.prerelease);
}

static gboolean check_nuget(KilnText version, GError **error)
{
	Parsed parsed;
	if (!kiln_version_check_length(version, error))
		return FALSE;
	const char *reason = parse(version, &parsed);
	return !reason || kiln_version_refuse(error, version, reason);
}

const KilnVersionOrder kiln_version_order_nuget = { "nuget", compare_nuget, check_nuget };
