/* SPDX-License-Identifier: Apache-2.0 */
/* version_rpm.c: the version order of rpm packages, "[epoch:]version[-release]". Source: rpm-version(7), and rpm's manual,
 * "Dependencies", "Versioning". */
#include "pkg/version_internal.h"

typedef struct {
	KilnText epoch, version, release; /* release: data is NULL when there is none, which comes before any */
} Parts;

/* The epoch is digits before a colon, the release begins after the last hyphen. */
static Parts split(KilnText text)
{
	Parts parts = { .version = text };
	KilnText rest = text, epoch = kiln_version_cut_digits(&rest);
	if (rest.length && rest.data[0] == ':') {
		kiln_version_skip(&rest, 1);
		parts.epoch = epoch;
		parts.version = rest;
	}
	const char *hyphen = parts.version.length ? memrchr(parts.version.data, '-', parts.version.length) : NULL;
	if (hyphen) {
		gsize before = (gsize)(hyphen - parts.version.data);
		parts.release = (KilnText){ hyphen + 1, parts.version.length - before - 1 };
		parts.version.length = before;
	}
	return parts;
}

/* What can stand next in a part, in ascending order. All other bytes only separate. */
typedef enum { TILDE, END, CARET, LETTERS, DIGITS } Kind;

static Kind next(KilnText *rest)
{
	while (rest->length && !g_ascii_isalnum(rest->data[0]) && rest->data[0] != '~' && rest->data[0] != '^')
		kiln_version_skip(rest, 1);
	if (rest->length == 0)
		return END;
	if (rest->data[0] == '~' || rest->data[0] == '^')
		return rest->data[0] == '~' ? TILDE : CARET;
	return g_ascii_isdigit(rest->data[0]) ? DIGITS : LETTERS;
}

static int compare_part(KilnText a, KilnText b)
{
	for (;;) {
		Kind kind_a = next(&a), kind_b = next(&b);
		if (kind_a != kind_b || kind_a == END)
			return (int)kind_a - (int)kind_b;
		int difference = 0;
		if (kind_a == DIGITS) {
			difference = kiln_version_compare_numbers(kiln_version_cut_digits(&a), kiln_version_cut_digits(&b));
		} else if (kind_a == LETTERS) {
			difference = kiln_version_compare_bytes(kiln_version_cut_letters(&a), kiln_version_cut_letters(&b));
		} else {
			kiln_version_skip(&a, 1);
			kiln_version_skip(&b, 1);
		}
		if (difference)
			return difference;
	}
}

static int compare_rpm(KilnText a, KilnText b)
{
	Parts parts_a = split(a), parts_b = split(b);
	int difference = kiln_version_compare_numbers(parts_a.epoch, parts_b.epoch);
	if (!difference)
		difference = compare_part(parts_a.version, parts_b.version);
	if (!difference && (!parts_a.release.data || !parts_b.release.data))
		return !parts_b.release.data - !parts_a.release.data;
	return difference ? difference : compare_part(parts_a.release, parts_b.release);
}

static gboolean check_bytes(KilnText part)
{
	for (gsize i = 0; i < part.length; i++)
		if (!g_ascii_isalnum(part.data[i]) && !kiln_version_is_one_of(part.data[i], "._+~^"))
			return FALSE;
	return part.length > 0;
}

static gboolean check_rpm(KilnText version, GError **error)
{
	if (!kiln_version_check_length(version, error))
		return FALSE;
	Parts parts = split(version);
	guint64 epoch = 0;
	if (parts.epoch.data && (!kiln_text_to_u64(parts.epoch, &epoch) || epoch > G_MAXUINT32))
		return kiln_version_refuse(error, version, "has an epoch that is no number below 4294967296");
	if (!check_bytes(parts.version))
		return kiln_version_refuse(error, version, "has a version part that is not made of letters, digits and . _ + ~ ^");
	if (parts.release.data && !check_bytes(parts.release))
		return kiln_version_refuse(error, version, "has a release that is not made of letters, digits and . _ + ~ ^");
	return TRUE;
}

const KilnVersionOrder kiln_version_order_rpm = { "rpm", compare_rpm, check_rpm };
