/* SPDX-License-Identifier: Apache-2.0 */
/* rpm_database_ndb.c: "Packages.db", rpm's own format, which SUSE uses: slots that say in which blocks of 16 bytes a header is. */
#include "pkg/rpm_database_internal.h"

#define MAGIC "RpmP"
#define SLOT_MAGIC "Slot"
#define BLOB_MAGIC "BlbS"
#define SLOT_PAGES_AT 12
#define PAGE_BYTES 4096
#define HEADER_BYTES 32
#define SLOT_BYTES 16
#define BLOCK_BYTES 16
#define BLOB_HEAD_BYTES 16

gboolean rpm_database_is_ndb(KilnText file)
{
	return file.length >= HEADER_BYTES && kiln_text_starts(file, MAGIC);
}

/* The header that the slot at @at points to. */
static gboolean blob_of(KilnText file, gsize at, guint32 package, KilnText *out, GError **error)
{
	guint64 begin = (guint64)rpm_little_word(file, at + 8) * BLOCK_BYTES, bytes = (guint64)rpm_little_word(file, at + 12) * BLOCK_BYTES;
	if (bytes < BLOB_HEAD_BYTES || begin > file.length || file.length - begin < bytes || memcmp(file.data + begin, BLOB_MAGIC, 4) != 0 || rpm_little_word(file, begin + 4) != package)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "package %u is said to be at byte %" G_GUINT64_FORMAT ", and is not", package, begin);
	gsize length = rpm_little_word(file, begin + 12);
	if (length > bytes - BLOB_HEAD_BYTES)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "package %u is longer than its blocks", package);
	*out = (KilnText){ file.data + begin + BLOB_HEAD_BYTES, length };
	return TRUE;
}

gboolean rpm_database_each_ndb(KilnText file, KilnRpmVisit visit, gpointer user_data, GError **error)
{
	guint64 slots = (guint64)rpm_little_word(file, SLOT_PAGES_AT) * PAGE_BYTES;
	if (!slots || slots > file.length)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "its table of %" G_GUINT64_FORMAT " bytes is not in a file of %" G_GSIZE_FORMAT, slots, file.length);
	for (gsize at = HEADER_BYTES; at < slots; at += SLOT_BYTES) {
		guint32 package = rpm_little_word(file, at + 4);
		KilnText blob;
		if (memcmp(file.data + at, SLOT_MAGIC, 4) != 0)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "no slot at byte %" G_GSIZE_FORMAT, at);
		if (!package) /* free */
			continue;
		if (!blob_of(file, at, package, &blob, error) || !visit(blob, user_data, error))
			return FALSE;
	}
	return TRUE;
}
