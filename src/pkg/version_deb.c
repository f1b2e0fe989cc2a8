/* SPDX-License-Identifier: Apache-2.0 */
/* version_deb.c: the version order of Debian packages, "[epoch:]upstream[-revision]". Source: deb-version(7). */
#include "base/error.h"
#include "pkg/version_internal.h"

typedef struct {
	KilnText epoch, upstream, revision;
} Parts;

/* The epoch ends at the first colon, the revision begins after the last hyphen. Missing parts are empty, which sorts as "0". */
static Parts split(KilnText version)
{
	Parts parts = { .upstream = version };
	const char *colon = version.length ? memchr(version.data, ':', version.length) : NULL;
	if (colon) {
		parts.epoch = (KilnText){ version.data, (gsize)(colon - version.data) };
		parts.upstream = (KilnText){ colon + 1, version.length - parts.epoch.length - 1 };
	}
	const char *hyphen = parts.upstream.length ? memrchr(parts.upstream.data, '-', parts.upstream.length) : NULL;
	if (hyphen) {
		gsize before = (gsize)(hyphen - parts.upstream.data);
		parts.revision = (KilnText){ hyphen + 1, parts.upstream.length - before - 1 };
		parts.upstream.length = before;
	}
	return parts;
}

/* Weight of the first byte in a part without digits: tilde, then the part's end, then letters, then all else. */
static int weight(KilnText text)
{
	if (text.length == 0 || g_ascii_isdigit(text.data[0]))
		return 0;
	if (text.data[0] == '~')
		return -1;
	int byte = (guint8)text.data[0];
	return g_ascii_isalpha(text.data[0]) ? byte : byte + 256;
}

static int compare_part(KilnText a, KilnText b)
{
	while (a.length || b.length) {
		for (;;) {
			int difference = weight(a) - weight(b);
			if (difference)
				return difference;
			if (weight(a) == 0)
				break;
			kiln_version_skip(&a, 1);
			kiln_version_skip(&b, 1);
		}
		int difference = kiln_version_compare_numbers(kiln_version_cut_digits(&a), kiln_version_cut_digits(&b));
		if (difference)
			return difference;
	}
	return 0;
}

static int compare_deb(KilnText a, KilnText b)
{
	Parts parts_a = split(a), parts_b = split(b);
	int difference = compare_part(parts_a.epoch, parts_b.epoch);
	if (!difference)
		difference = compare_part(parts_a.upstream, parts_b.upstream);
	if (!difference)
		difference = compare_part(parts_a.revision, parts_b.revision);
	return difference;
}

/* FALSE when a byte is neither a letter, a digit nor in @others. */
static gboolean check_bytes(KilnText part, const char *others, const char *what, KilnText version, GError **error)
{
	for (gsize i = 0; i < part.length; i++) {
		guint8 byte = (guint8)part.data[i];
		if (g_ascii_isalnum((char)byte) || (byte && strchr(others, byte)))
			continue;
		return kiln_fail(error, KILN_ERROR_SYNTAX, "version \"%.*s\": byte 0x%02x cannot stand in the %s",
		                 (int)MIN(version.length, 128), version.data, byte, what);
	}
	return TRUE;
}

static gboolean check_deb(KilnText version, GError **error)
{
	Parts parts = split(version);
	int shown = (int)MIN(version.length, 128);
	guint64 epoch = 0;
	if (!kiln_version_check_length(version, error))
		return FALSE;
	if (parts.epoch.data && (!kiln_text_to_u64(parts.epoch, &epoch) || epoch > G_MAXINT32))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "version \"%.*s\": what stands before the colon is no number up to %d",
		                 shown, version.data, G_MAXINT32);
	if (parts.upstream.length == 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "version \"%.*s\" has no upstream part", shown, version.data);
	if (parts.revision.data && parts.revision.length == 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "version \"%.*s\" ends in a hyphen without a revision", shown, version.data);
	if (!g_ascii_isdigit(parts.upstream.data[0]))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "version \"%.*s\" does not start with a digit", shown, version.data);
	return check_bytes(parts.upstream, ".-+~:", "upstream part", version, error) &&
	       check_bytes(parts.revision, ".+~", "revision", version, error);
}

const KilnVersionOrder kiln_version_order_deb = { "deb", compare_deb, check_deb };
