/* SPDX-License-Identifier: Apache-2.0 */
/* memory.h: what was worked out before, by a digest of everything that decides it. All of it may be deleted at any time. */
#pragma once
#include "source/store.h"

/**
 * The bytes that were remembered; NULL: none, or damaged ones. Mapped, not read. Thread-safe.
 *
 * @kind: directory in the cache, "facts-2"; its name carries the version of what is remembered
 * @key: digest of everything that decides the bytes
 */
GBytes *kiln_memory_recall(KilnStore *store, const char *kind, const KilnDigest *key);

/** Remember @bytes, with their own digest behind them. Not worth waiting for the disk. Errors: KILN_ERROR_IO. */
gboolean kiln_memory_keep(KilnStore *store, const char *kind, const KilnDigest *key, const void *bytes, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
