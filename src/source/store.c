/* SPDX-License-Identifier: Apache-2.0 */
/* store.c: the package store: every input ever used, by digest, kept for ever. */
#include "source/store.h"

#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "io/file.h"
#include "net/http.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct KilnStore {
	char *path;
	int fd, cache_fd;
};

KilnStore *kiln_store_open(const char *store_path, const char *cache_path, GError **error)
{
	g_autoptr(KilnStore) store = g_new0(KilnStore, 1);
	store->path = g_strdup(store_path);
	store->cache_fd = -1;
	store->fd = kiln_directory_make_at(AT_FDCWD, store_path, 0755, error);
	if (store->fd >= 0)
		store->cache_fd = kiln_directory_make_at(AT_FDCWD, cache_path, 0700, error);
	if (store->cache_fd < 0)
		return NULL;
	g_auto(KilnFd) inputs = kiln_directory_make_at(store->fd, "inputs/sha256", 0755, error);
	g_auto(KilnFd) seen = inputs < 0 ? -1 : kiln_directory_make_at(store->fd, "seen", 0755, error);
	return seen < 0 ? NULL : g_steal_pointer(&store);
}

KilnStore *kiln_store_open_again(const KilnStore *store, int cache_fd, GError **error)
{
	g_autoptr(KilnStore) again = g_new0(KilnStore, 1);
	again->path = g_strdup(store->path);
	again->fd = fcntl(store->fd, F_DUPFD_CLOEXEC, 0);
	again->cache_fd = fcntl(cache_fd, F_DUPFD_CLOEXEC, 0);
	if (again->fd >= 0 && again->cache_fd >= 0)
		return g_steal_pointer(&again);
	kiln_fail_errno(error, errno, "%s: cannot open it again", store->path);
	return NULL;
}

void kiln_store_close(KilnStore *store)
{
	if (!store)
		return;
	kiln_fd_close(&store->fd);
	kiln_fd_close(&store->cache_fd);
	g_free(store->path);
	g_free(store);
}

int kiln_store_fd(const KilnStore *store)
{
	return store->fd;
}

int kiln_store_cache_fd(const KilnStore *store)
{
	return store->cache_fd;
}

const char *kiln_store_path(const KilnStore *store)
{
	return store->path;
}

char *kiln_store_input_path(const KilnDigest *digest)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	kiln_digest_print_hex(digest, hex);
	return g_strdup_printf("inputs/sha256/%.2s/%s", hex, hex + 2);
}

gboolean kiln_store_has(const KilnStore *store, const KilnDigest *digest)
{
	g_autofree char *path = kiln_store_input_path(digest);
	return faccessat(store->fd, path, R_OK, 0) == 0;
}

int kiln_store_open_input(const KilnStore *store, const KilnDigest *digest, GError **error)
{
	g_autofree char *path = kiln_store_input_path(digest);
	int fd = openat(store->fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		kiln_fail_errno(error, errno, "%s/%s", store->path, path);
	return fd;
}

/* The directory that the input's two first digits name. */
static gboolean make_fan_out(const KilnStore *store, const char *path, GError **error)
{
	g_autofree char *directory = g_path_get_dirname(path);
	if (faccessat(store->fd, directory, F_OK, 0) == 0)
		return TRUE;
	g_auto(KilnFd) fd = kiln_directory_make_at(store->fd, directory, 0755, error);
	return fd >= 0;
}

gboolean kiln_store_put(KilnStore *store, const void *bytes, gsize length, KilnDigest *digest, GError **error)
{
	KilnDigest made;
	kiln_hash_bytes(bytes, length, &made);
	g_autofree char *path = kiln_store_input_path(&made);
	if (!kiln_store_has(store, &made) &&
	    (!make_fan_out(store, path, error) || !kiln_file_write_at(store->fd, path, bytes, length, error)))
		return FALSE;
	*digest = made;
	return TRUE;
}

typedef struct {
	void (*arrived)(const KilnWanted *item, gpointer user_data);
	gpointer user_data;
	const KilnWanted **items; /* parallel to downloads */
	KilnDownload *downloads;
} Fetching;

static void on_finished(KilnDownload *download, gpointer user_data)
{
	Fetching *fetching = user_data;
	if (download->done && fetching->arrived)
		fetching->arrived(fetching->items[download - fetching->downloads], fetching->user_data);
}

static gboolean missing_offline(const KilnWanted **items, gsize count, GError **error)
{
	g_autoptr(GString) names = g_string_new(NULL);
	for (gsize i = 0; i < count; i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "", items[i]->label);
	return kiln_fail(error, KILN_ERROR_NOT_FOUND, "offline, and not in the store: %s; run once without --offline to fetch %s", names->str,
	                 count == 1 ? "it" : "them");
}

static gboolean only_files(const KilnWanted *item)
{
	for (const char *const *url = item->urls; *url; url++)
		if (g_ascii_strncasecmp(*url, "file:", 5) != 0)
			return FALSE;
	return TRUE;
}

gboolean kiln_store_fetch(KilnStore *store, const KilnContext *context, const KilnWanted *wanted, gsize count,
                          void (*arrived)(const KilnWanted *item, gpointer user_data), gpointer user_data, GError **error)
{
	g_autofree KilnDownload *downloads = g_new0(KilnDownload, count);
	g_autofree const KilnWanted **items = g_new0(const KilnWanted *, count);
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) asked = g_hash_table_new(kiln_digest_hash, kiln_digest_key_equal);
	gsize missing = 0, blocked = 0;
	for (gsize i = 0; i < count; i++) {
		if (kiln_store_has(store, &wanted[i].digest)) {
			if (arrived)
				arrived(&wanted[i], user_data);
			continue;
		}
		if (!g_hash_table_add(asked, (gpointer)&wanted[i].digest))
			continue;
		char *path = kiln_store_input_path(&wanted[i].digest);
		g_ptr_array_add(paths, path);
		if (!make_fan_out(store, path, error))
			return FALSE;
		blocked += !only_files(&wanted[i]);
		items[missing] = &wanted[i];
		downloads[missing++] = (KilnDownload){ .urls = wanted[i].urls, .dir_fd = store->fd, .path = path,
			                               .max_bytes = wanted[i].size_bytes, .has_expected = TRUE, .digest = wanted[i].digest,
			                               .size_bytes = wanted[i].size_bytes, .label = wanted[i].label };
	}
	if (context->offline && blocked)
		return missing_offline(items, missing, error);
	Fetching fetching = { arrived, user_data, items, downloads };
	gboolean good = kiln_download_all(context, downloads, missing, NULL, on_finished, &fetching, error);
	for (gsize i = 0; i < missing; i++) {
		if (!good && error && *error && downloads[i].error && strcmp((*error)->message, downloads[i].error->message) == 0)
			g_prefix_error(error, "%s: ", items[i]->label);
		kiln_download_clear(&downloads[i]);
	}
	return good;
}
