/* SPDX-License-Identifier: Apache-2.0 */
/* rebuild_inputs.c: packages from store or mirrors, own files from store or the image itself; each by its digest. */
#include "build/rebuild_inputs.h"

#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "io/file.h"

#include <string.h>

gboolean rebuild_find_packages(const KilnStore *store, const KilnProvenance *provenance, const KilnRebuildOptions *options, KilnArchive **archive, GError **error)
{
	const KilnLockPlatform *platform = kiln_lock_find_platform(provenance->lock, provenance->platform);
	gboolean missing = FALSE;
	g_autoptr(GError) problem = NULL;
	for (guint i = 0; i < platform->packages->len && !missing; i++)
		missing = !kiln_store_has(store, &((KilnLockPackage *)platform->packages->pdata[i])->digest);
	*archive = missing && options->find_archive ? options->find_archive(provenance, options->user_data, &problem) : NULL;
	if (!problem)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&problem));
	return FALSE;
}

gboolean rebuild_verify_packages(const KilnStore *store, const KilnLockPlatform *platform, GError **error)
{
	for (guint i = 0; i < platform->packages->len; i++) {
		const KilnLockPackage *package = platform->packages->pdata[i];
		KilnDigest actual;
		guint64 size;
		char shown[KILN_DIGEST_TEXT_MAX];
		g_auto(KilnFd) fd = kiln_store_open_input(store, &package->digest, error);
		if (fd < 0 || !kiln_hash_fd(fd, &actual, &size, error))
			return FALSE;
		if (kiln_digest_equal(&actual, &package->digest))
			continue;
		g_autofree char *path = kiln_store_input_path(&package->digest);
		return kiln_fail(error, KILN_ERROR_MISMATCH, "%s/%s: is no longer %s %s but %s: the store is damaged; remove the file, and it is fetched again", kiln_store_path(store), path,
		                 package->name, package->version, kiln_digest_print(&actual, shown));
	}
	return TRUE;
}

typedef struct {
	KilnStore *store;
	GHashTable *missing; /* KilnDigest -> KilnOwnFile, both borrowed */
	GHashTable *sizes;   /* of those: guint64 * */
} Search;

/* Whatever file has the size of one that is missing is hashed; the digest decides, not the path. */
static gboolean look_at(const KilnTarEntry *entry, KilnTarReader *content, gpointer user_data, GError **error)
{
	Search *search = user_data;
	KilnDigest digest;
	if (entry->type != KILN_FILE_REGULAR || entry->size > KILN_LIMIT_OWN_FILE_BYTES || !g_hash_table_contains(search->sizes, &entry->size))
		return TRUE;
	gsize size = (gsize)entry->size, used = 0;
	g_autofree guint8 *bytes = g_try_malloc(size + 1);
	if (!bytes)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s does not fit into memory", entry->path);
	for (gssize got = 1; got > 0; used += (gsize)got) {
		got = kiln_tar_reader_read(content, bytes + used, size + 1 - used, error);
		if (got < 0)
			return FALSE;
	}
	kiln_hash_bytes(bytes, used, &digest);
	return !g_hash_table_remove(search->missing, &digest) || kiln_store_put(search->store, bytes, used, &digest, error);
}

static gboolean still_missing(const Search *search, const KilnProvenance *provenance, GError **error)
{
	g_autoptr(GString) names = g_string_new(NULL);
	char digest[KILN_DIGEST_TEXT_MAX];
	for (guint i = 0; i < provenance->own_files->len; i++) {
		const KilnOwnFile *file = provenance->own_files->pdata[i];
		if (file->type == KILN_FILE_REGULAR && g_hash_table_lookup(search->missing, &file->digest) == file)
			g_string_append_printf(names, "%s/%s (%s)", names->len ? ", " : "", file->path, kiln_digest_print(&file->digest, digest));
	}
	return names->len == 0 || kiln_fail(error, KILN_ERROR_NOT_FOUND, "files of the recipe that are neither in the store nor in the image: %s; build the recipe once where they are, and they are kept in the store", names->str);
}

gboolean rebuild_find_own_files(KilnStore *store, const KilnProvenance *provenance, const KilnImage *image, GError **error)
{
	g_autoptr(GHashTable) missing = g_hash_table_new(kiln_digest_hash, kiln_digest_key_equal), sizes = g_hash_table_new(g_int64_hash, g_int64_equal);
	Search search = { store, missing, sizes };
	for (guint i = 0; i < provenance->own_files->len; i++) {
		KilnOwnFile *file = provenance->own_files->pdata[i];
		if (file->type != KILN_FILE_REGULAR || kiln_store_has(store, &file->digest) || g_hash_table_contains(missing, &file->digest))
			continue;
		g_hash_table_insert(missing, &file->digest, file);
		g_hash_table_add(sizes, &file->size);
	}
	for (guint i = image->manifest->items->len; i-- > 0 && g_hash_table_size(missing);)
		if (!kiln_image_read_layer(image, i, look_at, &search, error))
			return FALSE;
	return still_missing(&search, provenance, error);
}
