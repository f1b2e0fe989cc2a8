/* SPDX-License-Identifier: Apache-2.0 */
/* version_npm.c: versions of npm packages: semantic versions, a leading v allowed. Source: semver(7) of npm, "Versions". */
#include "pkg/version_internal.h"

#define LENGTH_MAX 256                     /* bytes; npm refuses longer ones */
#define NUMBER_MAX G_GUINT64_CONSTANT(9007199254740991) /* the largest integer that JavaScript counts exactly */

/* NULL, or why npm refuses it. */
static const char *parse(KilnText version, KilnSemver *out)
{
	if (version.length > LENGTH_MAX)
		return "is longer than the 256 bytes that npm accepts";
	version = kiln_text_strip(version);
	if (version.length && version.data[0] == 'v')
		kiln_version_skip(&version, 1);
	const char *reason = kiln_semver_parse(version, out);
	for (gsize i = 0; i < G_N_ELEMENTS(out->numbers) && !reason; i++) {
		guint64 number;
		if (!kiln_text_to_u64(out->numbers[i], &number) || number > NUMBER_MAX)
			reason = "has a number above 9007199254740991, the largest that npm accepts";
	}
	return reason;
}

static int compare_npm(KilnText a, KilnText b)
{
	KilnSemver parsed_a, parsed_b;
	gboolean a_is_well_formed = !parse(a, &parsed_a), b_is_well_formed = !parse(b, &parsed_b);
	if (!a_is_well_formed || !b_is_well_formed)
		return kiln_version_compare_malformed(a_is_well_formed, b_is_well_formed, a, b);
	return kiln_semver_compare(&parsed_a, &parsed_b);
}

static gboolean check_npm(KilnText version, GError **error)
{
	KilnSemver parsed;
	if (!kiln_version_check_length(version, error))
		return FALSE;
	const char *reason = parse(version, &parsed);
	return !reason || kiln_version_refuse(error, version, reason);
}

const KilnVersionOrder kiln_version_order_npm = { "npm", compare_npm, check_npm };
