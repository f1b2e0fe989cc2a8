/* SPDX-License-Identifier: Apache-2.0 */
/* rpm_header.c: tags of a header of rpm. */
#include "pkg/rpm_header.h"
#include "base/error.h"

#define INTRODUCTION_BYTES 8
#define ENTRY_BYTES 16
#define ENTRIES_MAX 0xffff

enum { TYPE_INT8 = 2, TYPE_INT16 = 3, TYPE_INT32 = 4, TYPE_INT64 = 5, TYPE_STRING = 6, TYPE_STRING_ARRAY = 8, TYPE_I18N_STRING = 9 };

static guint32 word_at(const char *bytes)
{
	guint32 word;
	memcpy(&word, bytes, sizeof word);
	return GUINT32_FROM_BE(word);
}

gboolean kiln_rpm_header_open(KilnText blob, KilnRpmHeader *header, GError **error)
{
	gsize entries = blob.length >= INTRODUCTION_BYTES ? word_at(blob.data) : 0, store = entries ? word_at(blob.data + 4) : 0;
	if (!entries || entries > ENTRIES_MAX)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "a header of rpm with %" G_GSIZE_FORMAT " tags in %" G_GSIZE_FORMAT " bytes", entries, blob.length);
	if (blob.length - INTRODUCTION_BYTES < entries * ENTRY_BYTES || blob.length - INTRODUCTION_BYTES - entries * ENTRY_BYTES < store)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "a header of rpm whose sizes lead out of its %" G_GSIZE_FORMAT " bytes", blob.length);
	header->index = (KilnText){ blob.data + INTRODUCTION_BYTES, entries * ENTRY_BYTES };
	header->store = (KilnText){ header->index.data + header->index.length, store };
	for (gsize at = 0; at < header->index.length; at += ENTRY_BYTES)
		if (word_at(header->index.data + at + 8) > store) /* negative ones of regions are large numbers, and only their trailer has them */
			return kiln_fail(error, KILN_ERROR_SYNTAX, "a header of rpm whose tag %u leads out of its values", word_at(header->index.data + at));
	return TRUE;
}

gboolean kiln_rpm_header_find(const KilnRpmHeader *header, KilnRpmTag tag, KilnRpmValues *values)
{
	*values = (KilnRpmValues){ 0 };
	for (gsize at = 0; at < header->index.length; at += ENTRY_BYTES) {
		const char *entry = header->index.data + at;
		guint32 offset = word_at(entry + 8);
		if (word_at(entry) != (guint32)tag)
			continue;
		*values = (KilnRpmValues){ word_at(entry + 4), word_at(entry + 12), { header->store.data + offset, header->store.length - offset } };
	}
	return values->count > 0;
}

gboolean kiln_rpm_number(const KilnRpmValues *values, guint i, guint64 *out)
{
	gsize width = values->type >= TYPE_INT8 && values->type <= TYPE_INT64 ? (gsize)1 << (values->type - TYPE_INT8) : 0;
	if (!width || i >= values->count || values->bytes.length / width <= i)
		return FALSE;
	*out = 0;
	for (gsize byte = 0; byte < width; byte++)
		*out = *out << 8 | (guint8)values->bytes.data[i * width + byte];
	return TRUE;
}

gboolean kiln_rpm_next_text(KilnRpmValues *values, KilnText *out)
{
	gboolean is_text = values->type == TYPE_STRING || values->type == TYPE_STRING_ARRAY || values->type == TYPE_I18N_STRING;
	if (!is_text || !values->count || !values->bytes.length || !memchr(values->bytes.data, '\0', values->bytes.length))
		return FALSE;
	*out = kiln_text_cut(&values->bytes, '\0');
	values->count--;
	return TRUE;
}

char *kiln_rpm_header_text(const KilnRpmHeader *header, KilnRpmTag tag)
{
	KilnRpmValues values;
	KilnText text;
	if (!kiln_rpm_header_find(header, tag, &values) || !kiln_rpm_next_text(&values, &text) || !text.length || kiln_text_is(text, "(none)"))
		return NULL;
	return g_utf8_make_valid(text.data, (gssize)text.length);
}
