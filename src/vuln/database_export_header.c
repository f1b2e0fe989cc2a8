/* SPDX-License-Identifier: Apache-2.0 */
/* database_export_header.c: what stands at the beginning of an exported database. */
#include "vuln/database_export_header.h"
#include "base/error.h"
#include "base/limits.h"
#include "data/json.h"
#include "io/reader.h"

#include <string.h>

static void source_free(gpointer data)
{
	ExportSource *entry = data;
	g_free(entry->source.name);
	g_free(entry->source.reader);
	g_free(entry->source.origin);
	g_free(entry->source.licence);
	g_free(entry);
}

ExportHeader *export_header_new(void)
{
	ExportHeader *header = g_new0(ExportHeader, 1);
	header->sources = g_ptr_array_new_with_free_func(source_free);
	return header;
}

void export_header_free(ExportHeader *header)
{
	if (!header)
		return;
	g_ptr_array_unref(header->sources);
	g_free(header->key_id);
	g_free(header);
}

ExportSource *export_header_add(ExportHeader *header, const KilnDatabaseSource *source)
{
	ExportSource *entry = g_new0(ExportSource, 1);
	entry->source = *source;
	entry->source.name = g_strdup(source->name);
	entry->source.reader = g_strdup(source->reader);
	entry->source.origin = g_strdup(source->origin);
	entry->source.licence = g_strdup(source->licence);
	g_ptr_array_add(header->sources, entry);
	return entry;
}

const ExportSource *export_header_find(const ExportHeader *header, const char *name)
{
	for (guint i = 0; i < header->sources->len; i++) {
		const ExportSource *entry = header->sources->pdata[i];
		if (strcmp(entry->source.name, name) == 0)
			return entry;
	}
	return NULL;
}

void export_header_tell(const ExportHeader *header, guint64 size_bytes, KilnDatabaseExport *out)
{
	*out = (KilnDatabaseExport){ .database = header->database, .base = header->base, .is_delta = header->is_delta, .sources = header->sources->len, .size_bytes = size_bytes };
	g_strlcpy(out->key_id, header->key_id ? header->key_id : "", sizeof out->key_id);
	for (guint i = 0; i < header->sources->len; i++) {
		const ExportSource *entry = header->sources->pdata[i];
		out->left_out += !entry->is_included;
		out->records += entry->is_included ? entry->source.records : 0;
	}
}

static void set_digest(json_t *object, const char *key, const KilnDigest *digest)
{
	char text[KILN_DIGEST_TEXT_MAX];
	kiln_json_set_string(object, key, kiln_digest_print(digest, text));
}

static json_t *source_json(const ExportSource *entry)
{
	json_t *object = json_object();
	kiln_json_set_string(object, "name", entry->source.name);
	kiln_json_set_string(object, "reader", entry->source.reader);
	kiln_json_set_string(object, "origin", entry->source.origin);
	kiln_json_set_string(object, "licence", entry->source.licence);
	set_digest(object, "digest", &entry->source.digest);
	kiln_json_set_integer(object, "records", (gint64)entry->source.records);
	kiln_json_set_integer(object, "skipped", (gint64)entry->source.skipped);
	kiln_json_set_integer(object, "newest", entry->source.newest_unix_s);
	kiln_json_set_integer(object, "fetched", entry->source.fetched_unix_s);
	set_digest(object, "content", &entry->content);
	json_object_set_new(object, "included", json_boolean(entry->is_included));
	return object;
}

GBytes *export_header_write(const ExportHeader *header)
{
	g_autoptr(json_t) root = json_object();
	json_t *sources = json_array(), *payload = json_object();
	kiln_json_set_integer(root, "format", EXPORT_FORMAT_VERSION);
	kiln_json_set_integer(root, "schema", KILN_DATABASE_SCHEMA_VERSION);
	set_digest(root, "database", &header->database);
	if (header->is_delta)
		set_digest(root, "base", &header->base);
	kiln_json_set_string(root, "key", header->key_id);
	set_digest(payload, "digest", &header->payload);
	kiln_json_set_integer(payload, "bytes", (gint64)header->payload_bytes);
	kiln_json_set_integer(payload, "inflated", (gint64)header->inflated_bytes);
	json_object_set_new(root, "payload", payload);
	for (guint i = 0; i < header->sources->len; i++)
		json_array_append_new(sources, source_json(header->sources->pdata[i]));
	json_object_set_new(root, "sources", sources);
	return kiln_json_compact(root);
}

static gboolean get_digest(const json_t *object, const char *key, const char *name, KilnDigest *out, GError **error)
{
	const char *text = kiln_json_string(object, key, name, error);
	if (!text)
		return FALSE;
	if (kiln_digest_parse(text, strlen(text), out, error))
		return TRUE;
	g_prefix_error(error, "%s: \"%s\": ", name, key);
	return FALSE;
}

static gboolean get_count(const json_t *object, const char *key, const char *name, gint64 *out, GError **error)
{
	return kiln_json_integer(object, key, name, out, error) &&
	       (*out >= 0 || kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%s\" must not be negative", name, key));
}

static gboolean parse_source(ExportHeader *header, const json_t *object, const char *name, GError **error)
{
	gint64 records, skipped;
	KilnDatabaseSource source = { 0 };
	const json_t *included = json_object_get(object, "included");
	if (!(source.name = (char *)kiln_json_string(object, "name", name, error)) || !(source.reader = (char *)kiln_json_string(object, "reader", name, error)))
		return FALSE;
	if (!get_digest(object, "digest", name, &source.digest, error) || !get_count(object, "records", name, &records, error) || !get_count(object, "skipped", name, &skipped, error) ||
	    !kiln_json_integer(object, "newest", name, &source.newest_unix_s, error) || !kiln_json_integer(object, "fetched", name, &source.fetched_unix_s, error))
		return FALSE;
	if (header->sources->len && strcmp(((const ExportSource *)header->sources->pdata[header->sources->len - 1])->source.name, source.name) >= 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: sources are not sorted by name: \"%s\"", name, source.name);
	if (!json_is_boolean(included))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"included\" must be true or false", name);
	source.origin = (char *)kiln_json_string_or_null(object, "origin");
	source.licence = (char *)kiln_json_string_or_null(object, "licence");
	source.records = (guint64)records;
	source.skipped = (guint64)skipped;
	ExportSource *entry = export_header_add(header, &source);
	entry->is_included = json_is_true(included);
	if (!entry->is_included && !header->is_delta)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%s\" is left out, but there is no \"base\" that has it", name, source.name);
	return get_digest(object, "content", name, &entry->content, error);
}

/* Which kiln can read it at all; looked at before anything else, which another version may write in another way. */
static gboolean check_versions(const json_t *root, const char *name, GError **error)
{
	gint64 format, schema;
	if (!kiln_json_integer(root, "format", name, &format, error) || !kiln_json_integer(root, "schema", name, &schema, error))
		return FALSE;
	if (format != EXPORT_FORMAT_VERSION)
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: of format %" G_GINT64_FORMAT ", this kiln reads %d; use the kiln that wrote it, or export anew with this one", name, format,
		                 EXPORT_FORMAT_VERSION);
	return schema == KILN_DATABASE_SCHEMA_VERSION ||
	       kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: of schema %" G_GINT64_FORMAT ", this kiln reads %d; use the kiln that wrote it, or export anew with this one", name, schema,
	                 KILN_DATABASE_SCHEMA_VERSION);
}

static gboolean parse_root(ExportHeader *header, const json_t *root, const char *name, GError **error)
{
	gint64 bytes, inflated;
	const json_t *payload, *sources, *source;
	size_t i;
	if (!check_versions(root, name, error) || !get_digest(root, "database", name, &header->database, error))
		return FALSE;
	header->is_delta = json_object_get(root, "base") != NULL;
	if (header->is_delta && !get_digest(root, "base", name, &header->base, error))
		return FALSE;
	header->key_id = g_strdup(kiln_json_string_or_null(root, "key"));
	if (!(payload = kiln_json_object(root, "payload", name, error)) || !get_digest(payload, "digest", name, &header->payload, error) ||
	    !get_count(payload, "bytes", name, &bytes, error) || !get_count(payload, "inflated", name, &inflated, error))
		return FALSE;
	header->payload_bytes = (guint64)bytes;
	header->inflated_bytes = (guint64)inflated;
	if (header->payload_bytes > KILN_LIMIT_EXPORT_BYTES || header->inflated_bytes > KILN_LIMIT_EXPORT_INFLATED_BYTES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: %" G_GINT64_FORMAT " bytes that inflate to %" G_GINT64_FORMAT "; accepted are %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT, name,
		                 bytes, inflated, KILN_LIMIT_EXPORT_BYTES, KILN_LIMIT_EXPORT_INFLATED_BYTES);
	if (!(sources = kiln_json_array(root, "sources", name, error)))
		return FALSE;
	json_array_foreach(sources, i, source)
		if (!parse_source(header, source, name, error))
			return FALSE;
	return TRUE;
}

ExportHeader *export_header_parse(const void *bytes, gsize length, const char *name, GError **error)
{
	g_autoptr(json_t) root = kiln_json_parse(length ? bytes : "", length, name, error);
	g_autoptr(ExportHeader) header = export_header_new();
	return root && parse_root(header, root, name, error) ? g_steal_pointer(&header) : NULL;
}

static guint32 number_at(const guint8 *bytes)
{
	return (guint32)bytes[0] | (guint32)bytes[1] << 8 | (guint32)bytes[2] << 16 | (guint32)bytes[3] << 24;
}

gboolean export_beginning_read(int fd, const char *name, ExportBeginning *beginning, GError **error)
{
	guint8 fixed[EXPORT_FIXED_BYTES];
	g_autoptr(KilnReader) reader = kiln_reader_new_range(fd, 0, G_MAXUINT64);
	*beginning = (ExportBeginning){ 0 };
	if (!kiln_reader_read_exactly(reader, fixed, sizeof fixed, NULL) || memcmp(fixed, EXPORT_MAGIC, EXPORT_MAGIC_BYTES) != 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: no exported database; kiln db export writes one", name);
	guint32 header_bytes = number_at(fixed + EXPORT_MAGIC_BYTES), signature_bytes = number_at(fixed + EXPORT_MAGIC_BYTES + 4);
	if (header_bytes > KILN_LIMIT_EXPORT_HEADER_BYTES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: a header of %u bytes; accepted are %" G_GUINT64_FORMAT, name, header_bytes, KILN_LIMIT_EXPORT_HEADER_BYTES);
	if (signature_bytes != 0 && signature_bytes != KILN_SIGNATURE_BYTES)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: a signature of %u bytes; it has %d, or none", name, signature_bytes, KILN_SIGNATURE_BYTES);
	g_autofree guint8 *bytes = g_malloc(sizeof fixed + header_bytes);
	memcpy(bytes, fixed, sizeof fixed);
	if (!kiln_reader_read_exactly(reader, bytes + sizeof fixed, header_bytes, error) || !kiln_reader_read_exactly(reader, beginning->signature, signature_bytes, error)) {
		g_prefix_error(error, "%s: ", name);
		return FALSE;
	}
	beginning->has_signature = signature_bytes > 0;
	beginning->payload_offset = sizeof fixed + header_bytes + signature_bytes;
	beginning->signed_bytes = g_bytes_new_take(g_steal_pointer(&bytes), sizeof fixed + header_bytes);
	return TRUE;
}

void export_beginning_clear(ExportBeginning *beginning)
{
	g_clear_pointer(&beginning->signed_bytes, g_bytes_unref);
}

ExportHeader *export_beginning_parse(const ExportBeginning *beginning, const char *name, GError **error)
{
	gsize length;
	const char *bytes = g_bytes_get_data(beginning->signed_bytes, &length);
	return export_header_parse(bytes + EXPORT_FIXED_BYTES, length - EXPORT_FIXED_BYTES, name, error);
}
