/* SPDX-License-Identifier: Apache-2.0 */
/* changelog_file.c: a package's changelog, read once and remembered. */
#include "source/changelog_file.h"

#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "io/file.h"
#include "io/reader.h"
#include "pkg/deb.h"
#include "source/memory.h"

#include <string.h>
#include <unistd.h>

#define MEMORY_KIND "changelog-1"
#define DOC "usr/share/doc/"

/* What a package may have, the most certain first: "changelog.gz" is the upstream project's own unless the package is native. */
static const char *const names[] = { "changelog.Debian.gz", "changelog.Debian", "changelog.gz", "changelog" };

typedef struct {
	const char *label;
	gsize rank; /* of @content; G_N_ELEMENTS(names): none yet */
	GByteArray *content;
} Search;

/* "usr/share/doc/PACKAGE/changelog.Debian.gz" */
static gsize rank_of(const char *path)
{
	const char *name = g_str_has_prefix(path, DOC) ? strchr(path + strlen(DOC), '/') : NULL;
	gsize rank = 0;
	while (rank < G_N_ELEMENTS(names) && !(name && strcmp(name + 1, names[rank]) == 0))
		rank++;
	return rank;
}

static gboolean on_entry(const KilnTarEntry *entry, KilnTarReader *content, gpointer user_data, GError **error)
{
	Search *search = user_data;
	gsize rank = entry->type == KILN_FILE_REGULAR ? rank_of(entry->path) : G_N_ELEMENTS(names);
	if (rank >= search->rank)
		return TRUE;
	if (entry->size > KILN_LIMIT_CHANGELOG_BYTES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: /%s: larger than %" G_GUINT64_FORMAT " bytes", search->label, entry->path, KILN_LIMIT_CHANGELOG_BYTES);
	g_byte_array_set_size(search->content, (guint)entry->size);
	for (gsize used = 0; used < entry->size;) {
		gssize got = kiln_tar_reader_read(content, search->content->data + used, entry->size - used, error);
		if (got <= 0)
			return got < 0 ? FALSE : kiln_fail(error, KILN_ERROR_SYNTAX, "%s: /%s ends early", search->label, entry->path);
		used += (gsize)got;
	}
	search->rank = rank;
	return TRUE;
}

static GBytes *inflate(const Search *search, GError **error)
{
	g_autoptr(GBytes) packed = g_bytes_new(search->content->data, search->content->len);
	KilnCompression compression = kiln_compression_detect(search->content->data, search->content->len);
	g_autoptr(KilnReader) reader = kiln_reader_new_inflate(kiln_reader_new_bytes(packed), compression, KILN_LIMIT_CHANGELOG_BYTES, error);
	GBytes *text = reader ? kiln_reader_read_all(reader, KILN_LIMIT_CHANGELOG_BYTES, error) : NULL;
	if (!text)
		g_prefix_error(error, "the changelog of %s: ", search->label);
	return text;
}

static GBytes *read_package(KilnStore *store, const KilnDigest *digest, const char *label, GError **error)
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
	Search search = { label, G_N_ELEMENTS(names), content };
	if (!kiln_deb_read(reader, label, &visitor, &search, error))
		return NULL;
	return search.rank < G_N_ELEMENTS(names) ? inflate(&search, error) : g_bytes_new_static("", 0);
}

gboolean kiln_changelog_file_read(KilnStore *store, const KilnDigest *digest, const char *label, GBytes **changelog, GError **error)
{
	g_autoptr(GError) ignored = NULL; /* it is read again the next time */
	*changelog = kiln_memory_recall(store, MEMORY_KIND, digest);
	if (*changelog)
		return TRUE;
	*changelog = read_package(store, digest, label, error);
	if (*changelog && !kiln_memory_keep(store, MEMORY_KIND, digest, g_bytes_get_data(*changelog, NULL), g_bytes_get_size(*changelog), &ignored))
		return TRUE;
	return *changelog != NULL;
}
