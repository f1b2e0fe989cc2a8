/* SPDX-License-Identifier: Apache-2.0 */
/* database_export.c: a database as one signed file: a header, and the lines of its sources compressed. */
#include "vuln/database_export.h"
#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "data/json.h"
#include "io/deflate.h"
#include "io/file.h"
#include "io/reader.h"
#include "vuln/database_export_header.h"
#include "vuln/database_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define PIECE_BYTES (1024 * 1024) /* compressed at once: one frame */
#define COPY_BYTES (256 * 1024)

typedef struct {
	ExportHeader *header;
	GHashTable *by_name;   /* name to ExportSource, borrowed */
	const char *present;   /* source whose lines are being visited; NULL: none was yet */
	KilnHash *of_source;   /* what is to become of its lines */
	KilnDeflater *deflater;
	GString *piece;
	GByteArray *deflated;
	KilnNewFile *payload;  /* a file that never gets a name */
	KilnHash *of_payload;
	gboolean writes;       /* else lines are only hashed */
} Export;

static void export_clear(Export *export)
{
	g_clear_pointer(&export->header, export_header_free);
	g_clear_pointer(&export->by_name, g_hash_table_unref);
	g_clear_pointer(&export->of_source, kiln_hash_free);
	g_clear_pointer(&export->deflater, kiln_deflater_free);
	g_clear_pointer(&export->deflated, g_byte_array_unref);
	g_clear_pointer(&export->payload, kiln_new_file_free);
	g_clear_pointer(&export->of_payload, kiln_hash_free);
	if (export->piece)
		g_string_free(export->piece, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Export, export_clear)

static gboolean flush_piece(Export *export, GError **error)
{
	if (export->piece->len == 0)
		return TRUE;
	g_byte_array_set_size(export->deflated, 0);
	if (!kiln_deflater_append(export->deflater, export->piece->str, export->piece->len, export->deflated, error) ||
	    !kiln_new_file_write(export->payload, export->deflated->data, export->deflated->len, error))
		return FALSE;
	kiln_hash_update(export->of_payload, export->deflated->data, export->deflated->len);
	export->header->payload_bytes += export->deflated->len;
	g_string_truncate(export->piece, 0);
	return export->header->payload_bytes <= KILN_LIMIT_EXPORT_BYTES ||
	       kiln_fail(error, KILN_ERROR_LIMIT, "the exported database would have more than %" G_GUINT64_FORMAT " bytes", KILN_LIMIT_EXPORT_BYTES);
}

static gboolean append(Export *export, const char *bytes, gsize length, GError **error)
{
	export->header->inflated_bytes += length;
	while (length) {
		gsize part = MIN(length, PIECE_BYTES - export->piece->len);
		g_string_append_len(export->piece, bytes, (gssize)part);
		bytes += part;
		length -= part;
		if (export->piece->len == PIECE_BYTES && !flush_piece(export, error))
			return FALSE;
	}
	return TRUE;
}

static void end_source(Export *export)
{
	ExportSource *entry = export->present ? g_hash_table_lookup(export->by_name, export->present) : NULL;
	if (entry)
		kiln_hash_finish(export->of_source, &entry->content);
	export->present = NULL;
}

/* A line that says whose lines follow; it is not hashed with them. */
static gboolean begin_source(Export *export, const KilnDatabaseSource *source, GError **error)
{
	g_autoptr(json_t) object = json_object();
	end_source(export);
	export->present = source->name;
	if (!export->writes)
		return TRUE;
	kiln_json_set_string(object, "source", source->name);
	g_autoptr(GBytes) bytes = kiln_json_compact(object);
	return append(export, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), error) && append(export, "\n", 1, error);
}

static gboolean on_line(const KilnDatabaseSource *source, const char *line, gsize length, gpointer user_data, GError **error)
{
	Export *export = user_data;
	if (source->name != export->present && !begin_source(export, source, error))
		return FALSE;
	kiln_hash_update(export->of_source, line, length);
	return !export->writes || append(export, line, length, error);
}

/* Hash, and if asked write, the lines of the sources called @names. */
static gboolean walk(Export *export, const KilnDatabase *database, GHashTable *names, gboolean writes, const KilnContext *context, GError **error)
{
	export->writes = writes;
	export->present = NULL;
	gboolean ok = database_walk(database, names, context, on_line, export, error);
	end_source(export);
	return ok;
}

static ExportHeader *read_header(const char *path, GError **error)
{
	g_auto(ExportBeginning) beginning = { 0 };
	g_auto(KilnFd) fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		kiln_fail_errno(error, errno, "%s", path);
		return NULL;
	}
	return export_beginning_read(fd, path, &beginning, error) ? export_beginning_parse(&beginning, path, error) : NULL;
}

/* Leave out the sources of which @since says the same. The names of the others: a new set. */
static GHashTable *leave_out(Export *export, const ExportHeader *since)
{
	GHashTable *names = g_hash_table_new(g_str_hash, g_str_equal);
	export->header->is_delta = TRUE;
	export->header->base = since->database;
	for (guint i = 0; i < export->header->sources->len; i++) {
		ExportSource *entry = export->header->sources->pdata[i];
		const ExportSource *before = export_header_find(since, entry->source.name);
		entry->is_included = !before || !kiln_digest_equal(&before->content, &entry->content);
		if (entry->is_included)
			g_hash_table_add(names, entry->source.name);
	}
	return names;
}

static void begin(Export *export, const KilnDatabase *database)
{
	const GPtrArray *sources = kiln_database_sources(database);
	export->header = export_header_new();
	export->header->database = kiln_database_digest(database);
	export->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	export->of_source = kiln_hash_new();
	export->of_payload = kiln_hash_new();
	export->piece = g_string_sized_new(PIECE_BYTES);
	export->deflated = g_byte_array_new();
	for (guint i = 0; i < sources->len; i++) {
		ExportSource *entry = export_header_add(export->header, sources->pdata[i]);
		entry->is_included = TRUE;
		kiln_hash_bytes("", 0, &entry->content); /* of a source without a single line */
		g_hash_table_insert(export->by_name, entry->source.name, entry);
	}
}

static gboolean write_payload(Export *export, const KilnDatabase *database, const char *path, const char *since_path, const KilnContext *context, GError **error)
{
	g_autoptr(ExportHeader) since = since_path ? read_header(since_path, error) : NULL;
	g_autoptr(GHashTable) names = NULL;
	if (since_path && (!since || !walk(export, database, NULL, FALSE, context, error)))
		return FALSE;
	if (since)
		names = leave_out(export, since);
	export->deflater = kiln_deflater_new(KILN_COMPRESSION_ZSTD, error);
	export->payload = export->deflater ? kiln_new_file_begin(AT_FDCWD, path, error) : NULL;
	if (!export->payload || !walk(export, database, names, TRUE, context, error) || !flush_piece(export, error))
		return FALSE;
	kiln_hash_finish(export->of_payload, &export->header->payload);
	return TRUE;
}

static gboolean copy_payload(const Export *export, KilnNewFile *file, const KilnContext *context, GError **error)
{
	g_autoptr(KilnReader) reader = kiln_reader_new_range(kiln_new_file_fd(export->payload), 0, export->header->payload_bytes);
	g_autofree guint8 *buffer = g_malloc(COPY_BYTES);
	for (gssize got; (got = kiln_reader_read(reader, buffer, COPY_BYTES, error)) != 0;)
		if (got < 0 || !kiln_context_check(context, error) || !kiln_new_file_write(file, buffer, (gsize)got, error))
			return FALSE;
	return TRUE;
}

static void put_number(guint8 *at, guint32 number)
{
	for (int i = 0; i < 4; i++)
		at[i] = (guint8)(number >> (8 * i));
}

/* Fixed part and header: what is signed. */
static GByteArray *make_beginning(const ExportHeader *header, gboolean is_signed, GError **error)
{
	g_autoptr(GBytes) json = export_header_write(header);
	gsize length = g_bytes_get_size(json);
	guint8 fixed[EXPORT_FIXED_BYTES];
	if (length > KILN_LIMIT_EXPORT_HEADER_BYTES) {
		kiln_fail(error, KILN_ERROR_LIMIT, "a database with so many sources has a header of %" G_GSIZE_FORMAT " bytes; accepted are %" G_GUINT64_FORMAT, length, KILN_LIMIT_EXPORT_HEADER_BYTES);
		return NULL;
	}
	memcpy(fixed, EXPORT_MAGIC, EXPORT_MAGIC_BYTES);
	put_number(fixed + EXPORT_MAGIC_BYTES, (guint32)length);
	put_number(fixed + EXPORT_MAGIC_BYTES + 4, is_signed ? KILN_SIGNATURE_BYTES : 0);
	GByteArray *bytes = g_byte_array_new();
	g_byte_array_append(bytes, fixed, sizeof fixed);
	return g_byte_array_append(bytes, g_bytes_get_data(json, NULL), (guint)length);
}

gboolean kiln_database_export(const KilnDatabase *database, const char *path, const KilnKey *key, const char *since, const KilnContext *context, KilnDatabaseExport *out, GError **error)
{
	guint8 signature[KILN_SIGNATURE_BYTES];
	g_auto(Export) export = { 0 };
	begin(&export, database);
	export.header->key_id = key ? g_strdup(kiln_key_id(key)) : NULL;
	if (!write_payload(&export, database, path, since, context, error))
		return FALSE;
	g_autoptr(GByteArray) beginning = make_beginning(export.header, key != NULL, error);
	if (!beginning || (key && !kiln_key_sign(key, beginning->data, beginning->len, signature, error)))
		return FALSE;
	if (key)
		g_byte_array_append(beginning, signature, sizeof signature);
	g_autoptr(KilnNewFile) file = kiln_new_file_begin(AT_FDCWD, path, error);
	if (!file || !kiln_new_file_write(file, beginning->data, beginning->len, error) || !copy_payload(&export, file, context, error) || !kiln_new_file_commit(file, TRUE, error))
		return FALSE;
	if (out)
		export_header_tell(export.header, beginning->len + export.header->payload_bytes, out);
	return TRUE;
}
