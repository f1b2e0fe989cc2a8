/* SPDX-License-Identifier: Apache-2.0 */
/* zstd_write.h: one buffer as zstd frames, by an encoder of kiln's own: the same bytes on every host and with every library. */
#pragma once
#include <glib.h>

/** Raise when any input gives other bytes than before. */
#define ZSTD_WRITE_NAME "kiln-zstd 1"

/** Bytes that @length plain bytes have room in, with what is tried and given up. */
#define ZSTD_WRITE_BOUND(length) ((length) + (length) / 1024 + 256 * 1024)

typedef struct ZstdWriter ZstdWriter;

/** About 1.5 MB of tables. One writer serves one thread at a time. */
ZstdWriter *zstd_writer_new(void);

/**
 * Write @bytes as one frame per megabyte, so that no reader needs a larger window, to @out, which has ZSTD_WRITE_BOUND(@length) bytes;
 * returns how many are used. Source: RFC 8878, 3.1.
 */
gsize zstd_writer_frames(ZstdWriter *writer, const guint8 *bytes, gsize length, guint8 *out);

void zstd_writer_free(ZstdWriter *writer);
