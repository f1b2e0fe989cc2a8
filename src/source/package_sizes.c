/* SPDX-License-Identifier: Apache-2.0 */
/* package_sizes.c: size and priority of each package file of an index, by its digest. */
#include "source/package_sizes.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
	KilnDigest digest;
	guint8 size[8]; /* little-endian: records have no alignment */
	guint8 required;
} Record;

static gint by_digest(gconstpointer a, gconstpointer b)
{
	return kiln_digest_compare(&((const Record *)a)->digest, &((const Record *)b)->digest);
}

static void add(GArray *records, const KilnDigest *digest, guint64 size, gboolean required)
{
	Record record = { .digest = *digest, .required = required != 0 };
	for (guint i = 0; i < sizeof record.size; i++)
		record.size[i] = (guint8)(size >> (8 * i));
	g_array_append_val(records, record);
}

GBytes *package_sizes_read(FILE *stream)
{
	GArray *records = g_array_new(FALSE, FALSE, sizeof(Record));
	char *line = NULL;
	size_t room = 0;
	KilnDigest digest;
	gboolean has_digest = FALSE, has_size = FALSE, required = FALSE;
	guint64 size = 0;
	rewind(stream);
	for (ssize_t length = 0; length >= 0;) {
		length = getline(&line, &room, stream);
		KilnText text = length > 0 ? kiln_text_strip((KilnText){ line, (gsize)length }) : (KilnText){ NULL, 0 };
		if (text.length == 0) {
			if (has_digest && has_size)
				add(records, &digest, size, required);
			has_digest = has_size = required = FALSE;
		} else if (g_str_has_prefix(line, "Size:")) {
			has_size = kiln_text_to_u64(kiln_text_strip((KilnText){ text.data + 5, text.length - 5 }), &size);
		} else if (g_str_has_prefix(line, "Priority:")) {
			required = kiln_text_is(kiln_text_strip((KilnText){ text.data + 9, text.length - 9 }), "required");
		} else if (g_str_has_prefix(line, "SHA256:")) {
			KilnText hex = kiln_text_strip((KilnText){ text.data + 7, text.length - 7 });
			has_digest = kiln_digest_parse_hex(hex.data, hex.length, &digest, NULL);
		}
	}
	free(line);
	rewind(stream);
	g_array_sort(records, by_digest);
	gsize bytes = records->len * sizeof(Record);
	return g_bytes_new_take(g_array_free(records, FALSE), bytes);
}

static const Record *find(GBytes *sizes, const KilnDigest *digest)
{
	gsize length;
	const Record *records = g_bytes_get_data(sizes, &length);
	Record key = { .digest = *digest };
	return length ? bsearch(&key, records, length / sizeof(Record), sizeof(Record), by_digest) : NULL;
}

gboolean package_sizes_find(GBytes *sizes, const KilnDigest *digest, guint64 *size_bytes)
{
	const Record *found = find(sizes, digest);
	if (!found)
		return FALSE;
	*size_bytes = 0;
	for (guint i = 0; i < sizeof found->size; i++)
		*size_bytes |= (guint64)found->size[i] << (8 * i);
	return TRUE;
}

gboolean package_sizes_required(GBytes *sizes, const KilnDigest *digest)
{
	const Record *found = find(sizes, digest);
	return found && found->required;
}
