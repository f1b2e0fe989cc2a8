/* SPDX-License-Identifier: Apache-2.0 */
/* gzip_write.h: one buffer as one gzip member, by an encoder of kiln's own: the same bytes on every host and with every library. */
#pragma once
#include <glib.h>

/** Raise when any input gives other bytes than before. */
#define GZIP_WRITE_NAME "kiln-gzip 1"

/** Bytes that a member of @length plain bytes has room in. */
#define GZIP_WRITE_BOUND(length) ((length) + (length) / 1024 + 64)

typedef struct GzipWriter GzipWriter;

/** About 300 KB of tables. One writer serves one thread at a time. */
GzipWriter *gzip_writer_new(void);

/** Write @bytes as one member to @out, which has GZIP_WRITE_BOUND(@length) bytes; returns how many are used. Source: RFC 1952, RFC 1951. */
gsize gzip_writer_member(GzipWriter *writer, const guint8 *bytes, gsize length, guint8 *out);

void gzip_writer_free(GzipWriter *writer);
