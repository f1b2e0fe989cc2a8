/* SPDX-License-Identifier: Apache-2.0 */
/* deflate.h: one buffer to gzip or zstd, by kiln's own encoders, so that the bytes are the same on every host; results may be joined. */
#pragma once
#include "io/reader.h"

typedef struct KilnDeflater KilnDeflater;

/** @compression: GZIP or ZSTD or NONE. One deflater serves one thread at a time. */
KilnDeflater *kiln_deflater_new(KilnCompression compression, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Append @bytes as one complete gzip member, without time and name, or zstd frame (one per megabyte) to @out.
 * The same bytes give the same result on every host with the same kiln_deflater_name().
 */
gboolean kiln_deflater_append(KilnDeflater *deflater, const void *bytes, gsize length, GByteArray *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** What decides the bytes, as "kiln-gzip 1": goes into provenance and cache keys. Borrowed. */
const char *kiln_deflater_name(const KilnDeflater *deflater);

void kiln_deflater_free(KilnDeflater *deflater);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnDeflater, kiln_deflater_free)
