/* SPDX-License-Identifier: Apache-2.0 */
/* reader.c: bytes pulled from a file, a range of one, or memory. */
#include "io/reader.h"

#include "base/error.h"
#include "io/reader_internal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static gssize read_range(KilnReader *reader, void *buffer, gsize size, GError **error)
{
	size = MIN(size, reader->left);
	for (;;) {
		gssize count = pread(reader->fd, buffer, size, (off_t)reader->offset);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0) {
			kiln_fail_errno(error, errno, "cannot read");
			return -1;
		}
		reader->offset += (guint64)count;
		reader->left -= (guint64)count;
		return count;
	}
}

static gssize read_fd(KilnReader *reader, void *buffer, gsize size, GError **error)
{
	for (;;) {
		gssize count = read(reader->fd, buffer, size);
		if (count >= 0)
			return count;
		if (errno != EINTR) {
			kiln_fail_errno(error, errno, "cannot read");
			return -1;
		}
	}
}

static gssize read_bytes(KilnReader *reader, void *buffer, gsize size, GError **error)
{
	gsize length;
	const guint8 *bytes = g_bytes_get_data(reader->bytes, &length);
	size = MIN(size, length - reader->offset);
	if (size)
		memcpy(buffer, bytes + reader->offset, size);
	reader->offset += size;
	return (gssize)size;
}

KilnReader *kiln_reader_new_range(int fd, guint64 offset, guint64 length)
{
	KilnReader *reader = g_new0(KilnReader, 1);
	*reader = (KilnReader){ .read = read_range, .fd = fd, .offset = offset, .left = length };
	return reader;
}

KilnReader *kiln_reader_new_fd(int fd)
{
	KilnReader *reader = g_new0(KilnReader, 1);
	*reader = (KilnReader){ .read = read_fd, .fd = fd };
	return reader;
}

KilnReader *kiln_reader_new_bytes(GBytes *bytes)
{
	KilnReader *reader = g_new0(KilnReader, 1);
	*reader = (KilnReader){ .read = read_bytes, .fd = -1, .bytes = g_bytes_ref(bytes) };
	return reader;
}

gssize kiln_reader_read(KilnReader *reader, void *buffer, gsize size, GError **error)
{
	return size ? reader->read(reader, buffer, size, error) : 0;
}

gboolean kiln_reader_read_exactly(KilnReader *reader, void *buffer, gsize size, GError **error)
{
	guint8 *rest = buffer;
	while (size) {
		gssize count = kiln_reader_read(reader, rest, size, error);
		if (count < 0)
			return FALSE;
		if (count == 0)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "ends early: %" G_GSIZE_FORMAT " bytes are missing", size);
		rest += count;
		size -= (gsize)count;
	}
	return TRUE;
}

GBytes *kiln_reader_read_all(KilnReader *reader, guint64 max_bytes, GError **error)
{
	g_autoptr(GByteArray) all = g_byte_array_new();
	guint8 buffer[16384];
	for (;;) {
		gssize count = kiln_reader_read(reader, buffer, sizeof buffer, error);
		if (count < 0)
			return NULL;
		if (count == 0)
			return g_byte_array_free_to_bytes(g_steal_pointer(&all));
		if (all->len + (guint64)count > MIN(max_bytes, G_MAXUINT - sizeof buffer)) {
			kiln_fail(error, KILN_ERROR_LIMIT, "more than %" G_GUINT64_FORMAT " bytes", max_bytes);
			return NULL;
		}
		g_byte_array_append(all, buffer, (guint)count);
	}
}

void kiln_reader_free(KilnReader *reader)
{
	if (!reader)
		return;
	if (reader->close)
		reader->close(reader);
	if (reader->bytes)
		g_bytes_unref(reader->bytes);
	g_free(reader);
}
