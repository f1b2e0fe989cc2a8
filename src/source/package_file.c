/* SPDX-License-Identifier: Apache-2.0 */
/* package_file.c: the best of a package's files for what is asked. */
#include "source/package_file.h"

#include "base/error.h"
#include "crypto/hash.h"
#include "io/file.h"
#include "io/reader.h"
#include "pkg/deb.h"

typedef struct {
	const char *label;
	KilnPackageFileRank rank_of;
	gpointer user_data;
	guint64 max_bytes;
	gsize rank;   /* of @content */
	char *path;   /* the same */
	GByteArray *content;
} Search;

static gboolean on_entry(const KilnTarEntry *entry, KilnTarReader *content, gpointer user_data, GError **error)
{
	Search *search = user_data;
	gsize rank = entry->type == KILN_FILE_REGULAR ? search->rank_of(entry->path, search->user_data) : KILN_PACKAGE_FILE_NONE;
	if (rank >= search->rank)
		return TRUE;
	if (entry->size > search->max_bytes)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: /%s: larger than %" G_GUINT64_FORMAT " bytes", search->label, entry->path, search->max_bytes);
	g_byte_array_set_size(search->content, (guint)entry->size);
	for (gsize used = 0; used < entry->size;) {
		gssize got = kiln_tar_reader_read(content, search->content->data + used, entry->size - used, error);
		if (got <= 0)
			return got < 0 ? FALSE : kiln_fail(error, KILN_ERROR_SYNTAX, "%s: /%s ends early", search->label, entry->path);
		used += (gsize)got;
	}
	search->rank = rank;
	g_free(search->path);
	search->path = g_strdup(entry->path);
	return TRUE;
}

static GBytes *inflate(const Search *search, GError **error)
{
	g_autoptr(GBytes) packed = g_bytes_new(search->content->data, search->content->len);
	KilnCompression compression = kiln_compression_detect(search->content->data, search->content->len);
	g_autoptr(KilnReader) reader = kiln_reader_new_inflate(kiln_reader_new_bytes(packed), compression, search->max_bytes, error);
	GBytes *text = reader ? kiln_reader_read_all(reader, search->max_bytes, error) : NULL;
	if (!text)
		g_prefix_error(error, "%s: /%s: ", search->label, search->path);
	return text;
}

GBytes *kiln_package_file_read(KilnStore *store, const KilnDigest *digest, const char *label, KilnPackageFileRank rank, gpointer user_data, guint64 max_bytes, GError **error)
{
	static const KilnDebVisitor visitor = { .entry = on_entry };
	KilnDigest actual;
	guint64 size_bytes;
	g_auto(KilnFd) fd = kiln_store_open_input(store, digest, error);
	if (fd < 0 || !kiln_hash_fd(fd, &actual, &size_bytes, error))
		return NULL;
	if (!kiln_digest_equal(digest, &actual)) {
		kiln_fail(error, KILN_ERROR_MISMATCH, "%s: the store's file was changed; remove it, and it is fetched again", label);
		return NULL;
	}
	g_autoptr(KilnReader) reader = kiln_reader_new_range(fd, 0, size_bytes);
	g_autoptr(GByteArray) content = g_byte_array_new();
	Search search = { label, rank, user_data, max_bytes, KILN_PACKAGE_FILE_NONE, NULL, content };
	gboolean ok = kiln_deb_read(reader, label, &visitor, &search, error);
	g_autofree char *path = search.path;
	if (!ok)
		return NULL;
	return path ? inflate(&search, error) : g_bytes_new_static("", 0);
}
