/* SPDX-License-Identifier: Apache-2.0 */
/* tar_fuzz.c: whatever entries are read from an archive, written canonically they read the same. */
#include "base/error.h"
#include "io/tar.h"

#include <string.h>

#define CONTENT_MAX (1 << 20) /* of all entries together: an input may claim holes of many gigabytes */

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

static void append_description(GString *out, const KilnTarEntry *entry)
{
	g_string_append_printf(out, "%d %o %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %u,%u ", entry->type,
	                       entry->mode, entry->uid, entry->gid, entry->size, MAX(0, entry->mtime_s), entry->device_major & 07777777,
	                       entry->device_minor & 07777777);
	g_string_append_printf(out, "%s -> %s", entry->path, entry->link_target ? entry->link_target : "");
	for (gsize i = 0; i < entry->xattr_count; i++) {
		g_string_append_printf(out, " %s=", entry->xattrs[i].name);
		g_string_append_len(out, entry->xattrs[i].value, (gssize)entry->xattrs[i].length);
	}
	g_string_append_c(out, '\n');
}

static void check_entry(const KilnTarEntry *entry)
{
	g_autofree char *rooted = g_strconcat("/", entry->path, "/", NULL);
	g_assert(entry->path[0] != '/' && !strstr(rooted, "/../") && !strstr(rooted, "/./"));
	g_assert(!strstr(rooted, "//") || strcmp(rooted, "//") == 0);
	g_assert((entry->mode & ~07777u) == 0);
	for (gsize i = 1; i < entry->xattr_count; i++)
		g_assert(strcmp(entry->xattrs[i - 1].name, entry->xattrs[i].name) <= 0);
}

/* Two attributes of one name, or names that the canonical form writes in another way, cannot come back the same. */
static gboolean has_odd_attributes(const KilnTarEntry *entry)
{
	for (gsize i = 0; i < entry->xattr_count; i++)
		if (strchr(entry->xattrs[i].name, '=') || !*entry->xattrs[i].name || (i > 0 && strcmp(entry->xattrs[i - 1].name, entry->xattrs[i].name) == 0))
			return TRUE;
	return FALSE;
}

/* Read all; with @canonical also write it again. FALSE when it cannot be read or was too much. */
static gboolean read_archive(GBytes *bytes, GString *described, GByteArray *canonical, GError **error)
{
	g_autoptr(KilnReader) source = kiln_reader_new_bytes(bytes);
	g_autoptr(KilnTarReader) reader = kiln_tar_reader_new(source, "fuzz", error);
	g_autofree guint8 *content = g_malloc(CONTENT_MAX);
	const KilnTarEntry *entry;
	gsize total = 0;
	while (reader) {
		if (!kiln_tar_reader_next(reader, &entry, error))
			return FALSE;
		if (!entry)
			return TRUE;
		check_entry(entry);
		total += entry->size;
		if (total > CONTENT_MAX || (canonical && has_odd_attributes(entry)))
			return kiln_fail(error, KILN_ERROR_LIMIT, "not for this test");
		append_description(described, entry);
		if (canonical)
			kiln_tar_append_header(canonical, entry);
		gsize used = 0;
		gssize got;
		while (entry->type == KILN_FILE_REGULAR && (got = kiln_tar_reader_read(reader, content + used, CONTENT_MAX - used, error)) != 0) {
			if (got < 0)
				return FALSE;
			used += (gsize)got;
		}
		g_assert(used == entry->size);
		g_string_append_len(described, (const char *)content, (gssize)used);
		if (canonical) {
			g_byte_array_append(canonical, content, (guint)used);
			kiln_tar_append_padding(canonical, used);
		}
	}
	return FALSE;
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length)
{
	g_autoptr(GBytes) input = g_bytes_new(bytes, length);
	g_autoptr(GString) first = g_string_new(NULL);
	g_autoptr(GString) second = g_string_new(NULL);
	g_autoptr(GByteArray) canonical = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	if (!read_archive(input, first, canonical, &error)) {
		g_assert(error != NULL);
		return 0;
	}
	kiln_tar_append_end(canonical);
	g_autoptr(GBytes) written = g_bytes_new(canonical->data, canonical->len);
	if (!read_archive(written, second, NULL, &error))
		g_error("what was written is refused: %s", error->message);
	g_assert(g_string_equal(first, second));
	return 0;
}
