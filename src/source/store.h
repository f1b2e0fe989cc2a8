/* SPDX-License-Identifier: Apache-2.0 */
/* store.h: the package store: every input ever used, by digest, kept for ever. */
#pragma once
#include "base/context.h"
#include "base/digest.h"

typedef struct KilnStore KilnStore;

/**
 * Open or make the store and the cache. Layout below the store: inputs/sha256/<2 hex>/<62 hex> (packages, indexes, InRelease, the
 * user's own files), seen/ (which InRelease was seen when), images/ (an OCI layout). Everything below cache may be deleted.
 *
 * Errors: KILN_ERROR_IO with path and errno text.
 */
KilnStore *kiln_store_open(const char *store_path, const char *cache_path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The same store with another cache, the directory @cache_fd (duplicated). */
KilnStore *kiln_store_open_again(const KilnStore *store, int cache_fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_store_close(KilnStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnStore, kiln_store_close)

int kiln_store_fd(const KilnStore *store);       /* borrowed directory fd */
int kiln_store_cache_fd(const KilnStore *store); /* borrowed directory fd */
const char *kiln_store_path(const KilnStore *store); /* for messages and the images layout */

/** Relative path of an input below the store, "inputs/sha256/ab/cdef...". New string. */
char *kiln_store_input_path(const KilnDigest *digest);
gboolean kiln_store_has(const KilnStore *store, const KilnDigest *digest);
/** Open an input for reading, or -1: KILN_ERROR_NOT_FOUND. The content was verified when it came in. */
int kiln_store_open_input(const KilnStore *store, const KilnDigest *digest, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Keep @bytes; *digest is what they are. */
gboolean kiln_store_put(KilnStore *store, const void *bytes, gsize length, KilnDigest *digest, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** One package file to have. */
typedef struct {
	KilnDigest digest;
	guint64 size_bytes;
	const char *label;             /* "nginx 1.26.3-3" */
	const char *const *urls;       /* NULL-terminated */
} KilnWanted;

/**
 * Make sure that all are in the store; fetches what is missing in parallel. Offline: KILN_ERROR_NOT_FOUND names each missing one.
 *
 * @arrived: called in the calling thread for each item as soon as it is there (at once for those that were); may be NULL
 */
gboolean kiln_store_fetch(KilnStore *store, const KilnContext *context, const KilnWanted *wanted, gsize count,
                          void (*arrived)(const KilnWanted *item, gpointer user_data), gpointer user_data,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
