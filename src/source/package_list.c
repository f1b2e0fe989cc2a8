/* SPDX-License-Identifier: Apache-2.0 */
/* package_list.c: a Packages file, stanza by stanza, with no more of it in memory than a stanza and a piece. */
#include "source/package_list.h"

#include "base/error.h"
#include "base/limits.h"
#include "data/deb822.h"
#include "io/file.h"
#include "io/reader.h"

#include <string.h>
#include <unistd.h>

#define PIECE_BYTES (256 * 1024)

typedef struct {
	KilnReader *reader;
	GByteArray *buffer;
	gsize start; /* of what is not parsed yet */
	gboolean ended;
	const char *name;
} Stream;

/* The next stanza with the empty line behind it; empty at the end. */
static gboolean next_stanza(Stream *stream, KilnText *stanza, GError **error)
{
	gsize looked = 0;
	for (;;) {
		char *data = (char *)stream->buffer->data + stream->start;
		gsize length = stream->buffer->len - stream->start;
		char *end = length > looked ? memmem(data + looked, length - looked, "\n\n", 2) : NULL;
		if (end || stream->ended) {
			*stanza = (KilnText){ data, end ? (gsize)(end - data) + 2 : length };
			stream->start += stanza->length;
			return TRUE;
		}
		if (length > KILN_LIMIT_STANZA_BYTES)
			return kiln_fail(error, KILN_ERROR_LIMIT, "%s: a stanza of more than %" G_GUINT64_FORMAT " bytes", stream->name, KILN_LIMIT_STANZA_BYTES);
		looked = length ? length - 1 : 0;
		if (stream->start)
			g_byte_array_remove_range(stream->buffer, 0, (guint)stream->start);
		stream->start = 0;
		g_byte_array_set_size(stream->buffer, (guint)length + PIECE_BYTES);
		gssize got = kiln_reader_read(stream->reader, stream->buffer->data + length, PIECE_BYTES, error);
		g_byte_array_set_size(stream->buffer, (guint)(length + (gsize)MAX(got, 0)));
		if (got < 0)
			return FALSE;
		stream->ended = got == 0;
	}
}

static gboolean read_stanza(const KilnDeb822Stanza *stanza, const char *name, KilnListedPackage *package, GError **error)
{
	KilnText size = kiln_deb822_get(stanza, "Size"), digest = kiln_deb822_get(stanza, "SHA256"), source = kiln_deb822_get(stanza, "Source");
	package->name = kiln_deb822_get(stanza, "Package");
	package->version = kiln_deb822_get(stanza, "Version");
	package->architecture = kiln_deb822_get(stanza, "Architecture");
	package->filename = kiln_deb822_get(stanza, "Filename");
	if (!package->name.length || !package->version.length || !package->filename.length || !kiln_text_to_u64(size, &package->size_bytes) ||
	    !kiln_digest_parse_hex(digest.data, digest.length, &package->digest, NULL))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s:%u: a package without Package, Version, Filename, Size or SHA256", name, stanza->line);
	KilnText source_name = kiln_text_strip(kiln_text_cut(&source, '(')), source_version = kiln_text_cut(&source, ')');
	package->source_name = source_name.length ? source_name : package->name;
	package->source_version = source_version.length ? source_version : package->version;
	return TRUE;
}

static gboolean visit_all(Stream *stream, KilnPackageVisit visit, gpointer user_data, GError **error)
{
	g_autofree KilnDeb822Stanza *stanza = g_new(KilnDeb822Stanza, 1);
	KilnListedPackage package;
	KilnText text = { 0 };
	for (;;) {
		gboolean found;
		if (!next_stanza(stream, &text, error))
			return FALSE;
		if (!text.length)
			return TRUE;
		KilnDeb822 cursor = { text.data, text.length, stream->name, 1 };
		if (!kiln_deb822_next(&cursor, stanza, &found, error))
			return FALSE;
		if (found && (!read_stanza(stanza, stream->name, &package, error) || !visit(&package, user_data, error)))
			return FALSE;
	}
}

gboolean kiln_package_list(KilnStore *store, const KilnIndexFile *file, const char *name, KilnPackageVisit visit, gpointer user_data, GError **error)
{
	guint8 magic[6] = { 0 };
	g_auto(KilnFd) fd = kiln_store_open_input(store, &file->stored, error);
	if (fd < 0)
		return FALSE;
	gssize head = pread(fd, magic, sizeof magic, 0);
	g_autoptr(KilnReader) reader = kiln_reader_new_inflate(kiln_reader_new_fd(fd), kiln_compression_detect(magic, (gsize)MAX(head, 0)), KILN_LIMIT_INDEX_BYTES, error);
	g_autoptr(GByteArray) buffer = g_byte_array_new();
	Stream stream = { .reader = reader, .buffer = buffer, .name = name };
	return reader && visit_all(&stream, visit, user_data, error);
}
