/* SPDX-License-Identifier: Apache-2.0 */
/* rpm_database_berkeley.c: "Packages" of Berkeley DB, a hash: red hat enterprise linux 8 and what is older.
 *
 * Every page is looked at once, without following the hash. A value that does not fit its page is a chain of overflow pages.
 * Numbers are in the byte order of the machine that wrote them; the magic shows which.
 */
#include "pkg/rpm_database_internal.h"

#define MAGIC 0x061561u
#define MAGIC_AT 12
#define PAGE_SIZE_AT 20
#define LAST_PAGE_AT 32
#define HEADER_BYTES 26 /* of a page */
#define NEXT_PAGE_AT 16
#define ENTRIES_AT 20
#define LENGTH_AT 22 /* of an overflow page */
#define TYPE_AT 25
#define OFF_PAGE_BYTES 12

enum { PAGE_HASH_UNSORTED = 2, PAGE_OVERFLOW = 7, PAGE_HASH = 13 };
enum { ITEM_DATA = 1, ITEM_OFF_PAGE = 3 };

typedef struct {
	KilnText file;
	gboolean is_big;
	gsize page_bytes, pages;
} Berkeley;

static guint32 word_at(const Berkeley *berkeley, gsize at)
{
	guint32 word = rpm_little_word(berkeley->file, at);
	return berkeley->is_big ? GUINT32_SWAP_LE_BE(word) : word;
}

static guint16 half_at(const Berkeley *berkeley, gsize at)
{
	guint8 first = (guint8)berkeley->file.data[at], second = (guint8)berkeley->file.data[at + 1];
	return berkeley->is_big ? (guint16)(first << 8 | second) : (guint16)(second << 8 | first);
}

gboolean rpm_database_is_berkeley(KilnText file)
{
	guint32 magic = file.length >= 512 ? rpm_little_word(file, MAGIC_AT) : 0;
	return magic == MAGIC || magic == GUINT32_SWAP_LE_BE(MAGIC);
}

/* The value that begins on overflow page @page and is @length bytes long. */
static gboolean gather(const Berkeley *berkeley, gsize page, gsize length, GByteArray *out, GError **error)
{
	g_byte_array_set_size(out, 0);
	for (gsize left = length; left;) {
		gsize at = page * berkeley->page_bytes;
		if (!page || page >= berkeley->pages || berkeley->file.data[at + TYPE_AT] != PAGE_OVERFLOW)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "page %" G_GSIZE_FORMAT " should continue a value and does not", page);
		gsize part = half_at(berkeley, at + LENGTH_AT);
		if (!part || part > left || part > berkeley->page_bytes - HEADER_BYTES)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "page %" G_GSIZE_FORMAT " has %" G_GSIZE_FORMAT " bytes of a value that lacks %" G_GSIZE_FORMAT, page, part, left);
		g_byte_array_append(out, (const guint8 *)berkeley->file.data + at + HEADER_BYTES, (guint)part);
		left -= part;
		page = word_at(berkeley, at + NEXT_PAGE_AT);
	}
	return TRUE;
}

/* Item @i of the page at @at. Items fill the page from its end, so that each ends where the one before begins. */
static gboolean item_at(const Berkeley *berkeley, gsize at, guint i, KilnText *out, GError **error)
{
	gsize begin = half_at(berkeley, at + HEADER_BYTES + 2 * (gsize)i);
	gsize end = i ? half_at(berkeley, at + HEADER_BYTES + 2 * (gsize)(i - 1)) : berkeley->page_bytes;
	if (begin >= end || end > berkeley->page_bytes || begin < HEADER_BYTES)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "page %" G_GSIZE_FORMAT ": item %u leads out of the page", at / berkeley->page_bytes, i);
	*out = (KilnText){ berkeley->file.data + at + begin, end - begin };
	return TRUE;
}

/* Keys are numbers of packages; the value of 0 is the number that comes next. */
static gboolean is_zero_key(KilnText key)
{
	return key.length == 5 && key.data[0] == ITEM_DATA && memcmp(key.data + 1, "\0\0\0", 4) == 0;
}

static gboolean visit_value(const Berkeley *berkeley, KilnText value, GByteArray *buffer, KilnRpmVisit visit, gpointer user_data, GError **error)
{
	gsize at = (gsize)(value.data - berkeley->file.data);
	if (value.data[0] == ITEM_DATA)
		return visit((KilnText){ value.data + 1, value.length - 1 }, user_data, error);
	if (value.data[0] != ITEM_OFF_PAGE || value.length != OFF_PAGE_BYTES)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "page %" G_GSIZE_FORMAT " has an item of type %u", at / berkeley->page_bytes, (guint)(guint8)value.data[0]);
	gsize length = word_at(berkeley, at + 8);
	if (length > berkeley->file.length)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "page %" G_GSIZE_FORMAT " has a value longer than the file", at / berkeley->page_bytes);
	return gather(berkeley, word_at(berkeley, at + 4), length, buffer, error) && visit((KilnText){ (const char *)buffer->data, buffer->len }, user_data, error);
}

static gboolean visit_page(const Berkeley *berkeley, gsize at, GByteArray *buffer, KilnRpmVisit visit, gpointer user_data, GError **error)
{
	guint type = (guint8)berkeley->file.data[at + TYPE_AT], entries = half_at(berkeley, at + ENTRIES_AT);
	if (type != PAGE_HASH && type != PAGE_HASH_UNSORTED)
		return TRUE;
	if (entries % 2 || HEADER_BYTES + 2 * (gsize)entries > berkeley->page_bytes)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "page %" G_GSIZE_FORMAT " has %u items", at / berkeley->page_bytes, entries);
	for (guint i = 0; i < entries; i += 2) {
		KilnText key, value;
		if (!item_at(berkeley, at, i, &key, error) || !item_at(berkeley, at, i + 1, &value, error))
			return FALSE;
		if (!is_zero_key(key) && !visit_value(berkeley, value, buffer, visit, user_data, error))
			return FALSE;
	}
	return TRUE;
}

gboolean rpm_database_each_berkeley(KilnText file, KilnRpmVisit visit, gpointer user_data, GError **error)
{
	g_autoptr(GByteArray) buffer = g_byte_array_new();
	Berkeley berkeley = { file, rpm_little_word(file, MAGIC_AT) != MAGIC, 0, 0 };
	berkeley.page_bytes = word_at(&berkeley, PAGE_SIZE_AT);
	gsize last = word_at(&berkeley, LAST_PAGE_AT);
	if (berkeley.page_bytes < 512 || berkeley.page_bytes > 65536 || file.length / berkeley.page_bytes <= last)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%" G_GSIZE_FORMAT " pages of %" G_GSIZE_FORMAT " bytes are not in a file of %" G_GSIZE_FORMAT, last + 1, berkeley.page_bytes, file.length);
	berkeley.pages = last + 1;
	for (gsize page = 1; page < berkeley.pages; page++)
		if (!visit_page(&berkeley, page * berkeley.page_bytes, buffer, visit, user_data, error))
			return FALSE;
	return TRUE;
}
