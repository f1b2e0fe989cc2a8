/* SPDX-License-Identifier: Apache-2.0 */
/* reader.h: bytes pulled from somewhere, through inflation where needed. Everything that parses a stream reads from here. */
#pragma once
#include <gio/gio.h>

typedef struct KilnReader KilnReader;

typedef enum {
	KILN_COMPRESSION_NONE,
	KILN_COMPRESSION_GZIP,
	KILN_COMPRESSION_XZ,
	KILN_COMPRESSION_ZSTD,
	KILN_COMPRESSION_BZIP2, /* named so that it can be refused by name */
	KILN_COMPRESSION_LZMA,
} KilnCompression;

/** By magic number; KILN_COMPRESSION_NONE when none is known. Six bytes are enough. */
KilnCompression kiln_compression_detect(const guint8 *bytes, gsize length);
/** "gzip", "xz", "zstd", "none", ... Borrowed, static. */
const char *kiln_compression_name(KilnCompression compression);

/** How a reader of its own kind works. @read as kiln_reader_read(), never called with size 0; @free (may be NULL) lets go of the state. */
typedef struct {
	gssize (*read)(gpointer state, void *buffer, gsize size, GError **error);
	void (*free)(gpointer state);
} KilnReaderMethods;

/** @methods is borrowed for as long as the reader lives; @state belongs to the reader. */
KilnReader *kiln_reader_new_custom(const KilnReaderMethods *methods, gpointer state);

/** Reads at most @length bytes of @fd from @offset on with pread; @fd is borrowed and its position untouched. */
KilnReader *kiln_reader_new_range(int fd, guint64 offset, guint64 length);
/** Reads @fd (borrowed) from its position on to its end. */
KilnReader *kiln_reader_new_fd(int fd);
/** Reads @bytes (a reference is taken). */
KilnReader *kiln_reader_new_bytes(GBytes *bytes);

/**
 * Inflate @source, which the new reader owns and frees, on error too. Concatenated gzip members, xz streams and zstd frames are
 * one stream; padding between or behind them is none. gzip, xz, zstd (windows to 128 MiB), lzma; NONE gives a reader that only counts.
 *
 * @max_bytes: reading more inflated bytes than this is KILN_ERROR_LIMIT; so is a ratio above
 *     KILN_LIMIT_INFLATE_RATIO once 64 MiB came out
 *
 * Errors while reading: KILN_ERROR_SYNTAX damaged or truncated data, trailing garbage.
 */
KilnReader *kiln_reader_new_inflate(KilnReader *source, KilnCompression compression, guint64 max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Bytes read (1..size), 0 at the end, -1 on error; an error stays, later reads give it again. */
gssize kiln_reader_read(KilnReader *reader, void *buffer, gsize size, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Exactly @size bytes or KILN_ERROR_SYNTAX "ends early". */
gboolean kiln_reader_read_exactly(KilnReader *reader, void *buffer, gsize size, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Everything that is left; KILN_ERROR_LIMIT above @max_bytes. */
GBytes *kiln_reader_read_all(KilnReader *reader, guint64 max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void kiln_reader_free(KilnReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnReader, kiln_reader_free)
