/* SPDX-License-Identifier: Apache-2.0 */
/* memory.c: remembered bytes as files of the cache, each with its digest behind it. */
#include "source/memory.h"

#include "base/limits.h"
#include "crypto/hash.h"
#include "io/file.h"

#include <string.h>

static char *memory_path(const char *kind, const KilnDigest *key)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	return g_strdup_printf("%s/%s", kind, kiln_digest_print_hex(key, hex));
}

GBytes *kiln_memory_recall(KilnStore *store, const char *kind, const KilnDigest *key)
{
	KilnDigest actual;
	g_autofree char *path = memory_path(kind, key);
	g_autoptr(GBytes) file = kiln_file_map_at(kiln_store_cache_fd(store), path, KILN_GIB, NULL);
	if (!file || g_bytes_get_size(file) < sizeof actual.sha256)
		return NULL;
	gsize length = g_bytes_get_size(file) - sizeof actual.sha256;
	const guint8 *bytes = g_bytes_get_data(file, NULL);
	kiln_hash_bytes(bytes, length, &actual);
	return memcmp(actual.sha256, bytes + length, sizeof actual.sha256) == 0 ? g_bytes_new_from_bytes(file, 0, length) : NULL;
}

gboolean kiln_memory_keep(KilnStore *store, const char *kind, const KilnDigest *key, const void *bytes, gsize length, GError **error)
{
	KilnDigest digest;
	g_autofree char *path = memory_path(kind, key);
	kiln_hash_bytes(bytes, length, &digest);
	g_auto(KilnFd) directory = kiln_directory_make_at(kiln_store_cache_fd(store), kind, 0700, error);
	g_autoptr(KilnNewFile) file = directory < 0 ? NULL : kiln_new_file_begin(kiln_store_cache_fd(store), path, error);
	return file && kiln_new_file_write(file, bytes, length, error) && kiln_new_file_write(file, digest.sha256, sizeof digest.sha256, error) &&
	       kiln_new_file_commit(file, FALSE, error);
}
