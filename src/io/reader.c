/* SPDX-License-Identifier: Apache-2.0 */
/* reader.c: bytes pulled from descriptors, memory, or another reader. */
#include "io/reader.h"
#include "base/error.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define READ_ALL_START_BYTES (64 * 1024)

struct KilnReader {
	const KilnReaderMethods *methods;
	gpointer state;
	GError *failed; /* the first error; every later read gives it again */
};

KilnReader *kiln_reader_new_custom(const KilnReaderMethods *methods, gpointer state)
{
	KilnReader *reader = g_new0(KilnReader, 1);
	reader->methods = methods;
	reader->state = state;
	return reader;
}

typedef struct {
	int fd;
	gboolean positioned; /* pread from offset on, else read */
	guint64 offset, left;
} Descriptor;

static gssize descriptor_read(gpointer state, void *buffer, gsize size, GError **error)
{
	Descriptor *from = state;
	gsize wanted = (gsize)MIN((guint64)MIN(size, (gsize)G_MAXSSIZE), from->left);
	if (wanted == 0)
		return 0;
	ssize_t got;
	do
		got = from->positioned ? pread(from->fd, buffer, wanted, (off_t)from->offset) : read(from->fd, buffer, wanted);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		kiln_fail_errno(error, errno, "cannot read");
		return -1;
	}
	from->offset += (guint64)got;
	from->left -= (guint64)got;
	return got;
}

static const KilnReaderMethods descriptor_methods = { descriptor_read, g_free };

KilnReader *kiln_reader_new_range(int fd, guint64 offset, guint64 length)
{
	Descriptor *from = g_new0(Descriptor, 1);
	*from = (Descriptor){ fd, TRUE, offset, length };
	return kiln_reader_new_custom(&descriptor_methods, from);
}

KilnReader *kiln_reader_new_fd(int fd)
{
	Descriptor *from = g_new0(Descriptor, 1);
	*from = (Descriptor){ fd, FALSE, 0, G_MAXUINT64 };
	return kiln_reader_new_custom(&descriptor_methods, from);
}

typedef struct {
	GBytes *bytes;
	gsize at;
} Memory;

static gssize memory_read(gpointer state, void *buffer, gsize size, GError **error)
{
	Memory *from = state;
	gsize length;
	const guint8 *data = g_bytes_get_data(from->bytes, &length);
	gsize given = MIN(MIN(size, (gsize)G_MAXSSIZE), length - from->at);
	if (given > 0)
		memcpy(buffer, data + from->at, given);
	from->at += given;
	return (gssize)given;
}

static void memory_free(gpointer state)
{
	Memory *from = state;
	g_bytes_unref(from->bytes);
	g_free(from);
}

static const KilnReaderMethods memory_methods = { memory_read, memory_free };

KilnReader *kiln_reader_new_bytes(GBytes *bytes)
{
	Memory *from = g_new0(Memory, 1);
	from->bytes = g_bytes_ref(bytes);
	return kiln_reader_new_custom(&memory_methods, from);
}

gssize kiln_reader_read(KilnReader *reader, void *buffer, gsize size, GError **error)
{
	if (size == 0)
		return 0;
	if (!reader->failed) {
		gssize got = reader->methods->read(reader->state, buffer, size, &reader->failed);
		if (got >= 0)
			return got;
	}
	if (error)
		*error = g_error_copy(reader->failed);
	return -1;
}

gboolean kiln_reader_read_exactly(KilnReader *reader, void *buffer, gsize size, GError **error)
{
	guint8 *at = buffer;
	for (gsize left = size; left > 0;) {
		gssize got = kiln_reader_read(reader, at, left, error);
		if (got < 0)
			return FALSE;
		if (got == 0)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "ends early: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " bytes are missing", left, size);
		at += got;
		left -= (gsize)got;
	}
	return TRUE;
}

GBytes *kiln_reader_read_all(KilnReader *reader, guint64 max_bytes, GError **error)
{
	/* One byte more than the limit is read, to know whether it is passed. */
	guint64 ceiling = MIN(max_bytes, (guint64)G_MAXSSIZE - 1) + 1;
	gsize capacity = 0, used = 0;
	g_autofree guint8 *content = NULL;
	for (;;) {
		if (used == capacity) {
			capacity = (gsize)MIN(ceiling, MAX((guint64)capacity * 2, (guint64)READ_ALL_START_BYTES));
			guint8 *grown = g_try_realloc(content, capacity);
			if (!grown) {
				kiln_fail(error, KILN_ERROR_LIMIT, "%" G_GSIZE_FORMAT " bytes do not fit into memory", capacity);
				return NULL;
			}
			g_steal_pointer(&content);
			content = grown;
		}
		gssize got = kiln_reader_read(reader, content + used, capacity - used, error);
		if (got < 0)
			return NULL;
		if (got == 0)
			break;
		used += (gsize)got;
		if (used > max_bytes) {
			kiln_fail(error, KILN_ERROR_LIMIT, "more than the %" G_GUINT64_FORMAT " bytes that are accepted", max_bytes);
			return NULL;
		}
	}
	guint8 *fitted = used > 0 ? g_try_realloc(content, used) : NULL;
	if (!fitted)
		return g_bytes_new_take(g_steal_pointer(&content), used);
	g_steal_pointer(&content);
	return g_bytes_new_take(fitted, used);
}

void kiln_reader_free(KilnReader *reader)
{
	if (!reader)
		return;
	if (reader->methods->free)
		reader->methods->free(reader->state);
	g_clear_error(&reader->failed);
	g_free(reader);
}

KilnCompression kiln_compression_detect(const guint8 *bytes, gsize length)
{
	static const struct {
		KilnCompression compression;
		gsize length;
		guint8 magic[6];
	} rows[] = {
		{ KILN_COMPRESSION_GZIP, 2, { 0x1f, 0x8b } },
		{ KILN_COMPRESSION_XZ, 6, { 0xfd, '7', 'z', 'X', 'Z', 0 } },
		{ KILN_COMPRESSION_ZSTD, 4, { 0x28, 0xb5, 0x2f, 0xfd } },
		{ KILN_COMPRESSION_BZIP2, 3, { 'B', 'Z', 'h' } },
		{ KILN_COMPRESSION_LZMA, 3, { 0x5d, 0, 0 } },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (length >= rows[i].length && memcmp(bytes, rows[i].magic, rows[i].length) == 0)
			return rows[i].compression;
	return KILN_COMPRESSION_NONE;
}

const char *kiln_compression_name(KilnCompression compression)
{
	static const char *const names[] = {
		[KILN_COMPRESSION_NONE] = "none", [KILN_COMPRESSION_GZIP] = "gzip",   [KILN_COMPRESSION_XZ] = "xz",
		[KILN_COMPRESSION_ZSTD] = "zstd", [KILN_COMPRESSION_BZIP2] = "bzip2", [KILN_COMPRESSION_LZMA] = "lzma",
	};
	return (gsize)compression < G_N_ELEMENTS(names) ? names[compression] : "unknown";
}
