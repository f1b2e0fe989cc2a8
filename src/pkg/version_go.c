/* SPDX-License-Identifier: Apache-2.0 */
/* version_go.c: versions of Go modules ("v1.2.3", pseudo-versions, "+incompatible") and of Go itself ("go1.21rc2").
 * Source: go.dev/ref/mod, "Versions"; golang.org/x/mod/semver; go.dev/doc/toolchain, "Go versions".
 *
 * The Go vulnerability database leaves the v out and writes Go's own releases as semantic versions, "go1.21rc2" as "1.21.0-rc.2":
 * both spellings are equal here. */
#include "pkg/version_internal.h"

#define TAG_PRERELEASE_BYTES 32

typedef struct {
	KilnSemver semver;
	char prerelease[TAG_PRERELEASE_BYTES]; /* of a tag of Go itself: "rc.2" */
} Parsed;

static const KilnText zero = { "0", 1 };

/* "1", "1.2" or "1.2.3": x/mod takes missing numbers for zero. Leading zeros are malformed. */
static gboolean cut_numbers(KilnText *rest, KilnText numbers[3], guint *count)
{
	*count = 0;
	for (;;) {
		KilnText number = kiln_version_cut_digits(rest);
		if (number.length == 0 || (number.length > 1 && number.data[0] == '0'))
			return FALSE;
		numbers[(*count)++] = number;
		if (*count == 3 || rest->length == 0 || rest->data[0] != '.')
			break;
		kiln_version_skip(rest, 1);
	}
	for (guint i = *count; i < 3; i++)
		numbers[i] = zero;
	return TRUE;
}

static const char *parse_module(KilnText version, Parsed *out)
{
	guint count;
	if (version.length && version.data[0] == 'v')
		kiln_version_skip(&version, 1);
	if (!cut_numbers(&version, out->semver.numbers, &count))
		return "is not [v]MAJOR.MINOR.PATCH without leading zeros";
	if (count < 3 && version.length)
		return "goes on after fewer than three numbers";
	return kiln_semver_parse_suffixes(version, &out->semver.prerelease, &out->semver.build);
}

/* "go1.21rc2", "go1.20.3", "go1.21.0-vendor", "go1.19 X:experiment": what a vendor or a build adds has no part in the order. */
static const char *parse_tag(KilnText tag, Parsed *out)
{
	guint count;
	tag = kiln_text_cut(&tag, ' ');
	tag = kiln_text_cut(&tag, '-');
	kiln_version_skip(&tag, strlen("go"));
	if (!cut_numbers(&tag, out->semver.numbers, &count))
		return "is no release of Go: go1.N[.N]";
	out->semver.prerelease = out->semver.build = (KilnText){ 0 };
	if (tag.length == 0)
		return NULL;
	KilnText word = kiln_version_cut_letters(&tag), number = kiln_version_cut_digits(&tag);
	if ((!kiln_text_is(word, "rc") && !kiln_text_is(word, "beta")) || number.length == 0 || number.length > 9 ||
	    number.data[0] == '0' || tag.length)
		return "is no release of Go: after its numbers only betaN or rcN can stand";
	int length = g_snprintf(out->prerelease, sizeof out->prerelease, "%.*s.%.*s", (int)word.length, word.data, (int)number.length,
	                        number.data);
	out->semver.prerelease = (KilnText){ out->prerelease, (gsize)length };
	return NULL;
}

/* @out holds views into itself, so it is not to be copied. */
static const char *parse(KilnText version, Parsed *out)
{
	gboolean tag = version.length > 2 && memcmp(version.data, "go", 2) == 0;
	return tag ? parse_tag(version, out) : parse_module(version, out);
}

static int compare_go(KilnText a, KilnText b)
{
	Parsed parsed_a, parsed_b;
	gboolean a_is_well_formed = !parse(a, &parsed_a), b_is_well_formed = !parse(b, &parsed_b);
	if (!a_is_well_formed || !b_is_well_formed)
		return kiln_version_compare_malformed(a_is_well_formed, b_is_well_formed, a, b);
	return kiln_semver_compare(&parsed_a.semver, &parsed_b.semver);
}

static gboolean check_go(KilnText version, GError **error)
{
	Parsed parsed;
	if (!kiln_version_check_length(version, error))
		return FALSE;
	const char *reason = parse(version, &parsed);
	return !reason || kiln_version_refuse(error, version, reason);
}

const KilnVersionOrder kiln_version_order_go = { "go", compare_go, check_go };
