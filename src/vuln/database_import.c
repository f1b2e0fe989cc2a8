/* SPDX-License-Identifier: Apache-2.0 */
/* database_import.c: an exported database takes the place of the one that is there, once all that it promises holds. */
#include "vuln/database_import.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "data/json.h"
#include "io/file.h"
#include "io/reader.h"
#include "vuln/database_export_header.h"
#include "vuln/database_record.h"
#include "vuln/database_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES (256 * 1024)

typedef struct {
	const char *path;
	const KilnContext *context;
	const ExportHeader *header;
	KilnDatabaseWriter *writer;
	KilnDatabase *base;           /* what is there; NULL: nothing */
	const ExportSource *present;  /* whose lines are being read */
	GHashTable *begun;            /* names of sources */
	KilnHash *hash;               /* of its lines */
	guint64 done;                 /* bytes, inflated */
} Import;

static gboolean malformed(const Import *import, GError **error)
{
	return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: a line of %s is not what docs/formats/database-export.md says; export it anew", import->path,
	                 import->present ? import->present->source.name : "no source");
}

/* Who signed it, before anything of it is parsed. */
static gboolean check_signature(const char *path, const ExportBeginning *beginning, const GPtrArray *keys, GError **error)
{
	gsize length;
	const void *bytes = g_bytes_get_data(beginning->signed_bytes, &length);
	if (!keys)
		return TRUE;
	if (!beginning->has_signature)
		return kiln_fail(error, KILN_ERROR_UNTRUSTED, "%s: nobody signed it; have it signed (kiln db export --key), or accept that with --unsigned", path);
	for (guint i = 0; i < keys->len; i++)
		if (kiln_key_verify(keys->pdata[i], bytes, length, beginning->signature))
			return TRUE;
	g_autoptr(GString) ids = g_string_new(NULL);
	for (guint i = 0; i < keys->len; i++)
		g_string_append_printf(ids, "%s%.16s", i ? ", " : "", kiln_key_id(keys->pdata[i]));
	return kiln_fail(error, KILN_ERROR_UNTRUSTED, "%s: none of the trusted keys (%s) signed this header: it was changed, or another key did; fetch it again, or name that key with --key",
	                 path, ids->str);
}

/* The bytes behind the header are those that were signed for; nothing is inflated before. */
static gboolean check_payload(const Import *import, int fd, guint64 offset, GError **error)
{
	KilnDigest digest;
	struct stat status;
	char is[KILN_DIGEST_TEXT_MAX], promised[KILN_DIGEST_TEXT_MAX];
	const ExportHeader *header = import->header;
	if (fstat(fd, &status) != 0)
		return kiln_fail_errno(error, errno, "%s", import->path);
	if ((guint64)status.st_size - offset != header->payload_bytes)
		return kiln_fail(error, KILN_ERROR_MISMATCH, "%s: %" G_GUINT64_FORMAT " bytes behind its header, which promises %" G_GUINT64_FORMAT "; fetch it again", import->path,
		                 (guint64)status.st_size - offset, header->payload_bytes);
	g_autoptr(KilnHash) hash = kiln_hash_new();
	g_autoptr(KilnReader) reader = kiln_reader_new_range(fd, offset, header->payload_bytes);
	g_autofree guint8 *buffer = g_malloc(READ_BYTES);
	for (gssize got; (got = kiln_reader_read(reader, buffer, READ_BYTES, error)) != 0; kiln_hash_update(hash, buffer, (gsize)got))
		if (got < 0 || !kiln_context_check(import->context, error))
			return FALSE;
	kiln_hash_finish(hash, &digest);
	return kiln_digest_equal(&digest, &header->payload) ||
	       kiln_fail(error, KILN_ERROR_MISMATCH, "%s: what is behind its header is %s, which promises %s; fetch it again", import->path, kiln_digest_print(&digest, is),
	                 kiln_digest_print(&header->payload, promised));
}

static gint64 said_unix_s(const KilnDatabaseSource *source)
{
	return MAX(source->newest_unix_s, source->fetched_unix_s);
}

/* A database that was true once may be put forward again to hide what is known since. */
static gboolean check_age(const Import *import, const char *database_path, GError **error)
{
	const GPtrArray *sources = import->base ? kiln_database_sources(import->base) : NULL;
	for (guint i = 0; sources && i < sources->len; i++) {
		char time[KILN_TIME_TEXT_MAX], since[KILN_TIME_TEXT_MAX];
		const KilnDatabaseSource *old = sources->pdata[i];
		const ExportSource *entry = export_header_find(import->header, old->name);
		if (!entry) {
			kiln_context_notice(import->context, "%s has no %s, which is in %s now: it goes", import->path, old->name, database_path);
			continue;
		}
		if (said_unix_s(&entry->source) < said_unix_s(old) && !kiln_digest_equal(&entry->source.digest, &old->digest))
			return kiln_fail(error, KILN_ERROR_UNTRUSTED, "%s: its %s is of %s, older than that of %s in %s; export a newer one, or remove %s first if the older one is wanted", import->path,
			                 old->name, kiln_time_print(said_unix_s(&entry->source), time), kiln_time_print(said_unix_s(old), since), database_path, database_path);
	}
	return TRUE;
}

static gboolean check_base(const Import *import, const char *database_path, GError **error)
{
	char needed[KILN_DIGEST_TEXT_MAX], is[KILN_DIGEST_TEXT_MAX];
	if (!import->header->is_delta)
		return TRUE;
	kiln_digest_print(&import->header->base, needed);
	if (!import->base)
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: says only what differs from the database %s, and there is none at %s; import that one first, or a whole one", import->path, needed,
		                 database_path);
	KilnDigest digest = kiln_database_digest(import->base);
	return kiln_digest_equal(&digest, &import->header->base) ||
	       kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: says only what differs from the database %s, and %s is %s; import that one first, or a whole one", import->path, needed, database_path,
	                 kiln_digest_print(&digest, is));
}

static gboolean end_source(Import *import, GError **error)
{
	KilnDigest digest;
	const ExportSource *entry = import->present;
	if (!entry)
		return TRUE;
	kiln_hash_finish(import->hash, &digest);
	kiln_database_writer_set_records(import->writer, entry->source.records);
	if (!kiln_digest_equal(&digest, &entry->content))
		return kiln_fail(error, KILN_ERROR_MISMATCH, "%s: what it has of %s is not what its header promises; export it anew", import->path, entry->source.name);
	import->present = NULL;
	return TRUE;
}

static gboolean begin_source(Import *import, const ExportSource *entry, GError **error)
{
	const GPtrArray *sources = import->base ? kiln_database_sources(import->base) : NULL;
	KilnDatabaseSource source = entry->source;
	if (!end_source(import, error))
		return FALSE;
	/* Who asked later that nothing has changed is right here, too. */
	for (guint i = 0; sources && i < sources->len; i++) {
		const KilnDatabaseSource *old = sources->pdata[i];
		if (strcmp(old->name, source.name) == 0 && kiln_digest_equal(&old->digest, &source.digest))
			source.fetched_unix_s = MAX(source.fetched_unix_s, old->fetched_unix_s);
	}
	import->present = entry;
	return g_hash_table_add(import->begun, entry->source.name) ? kiln_database_writer_begin(import->writer, &source, error) : malformed(import, error);
}

static gboolean add_affected(const Import *import, KilnAdvisory *advisory, const json_t *item, GError **error)
{
	const char *ecosystem = json_string_value(json_array_get(item, 0)), *package = json_string_value(json_array_get(item, 1));
	const json_t *data = json_array_get(item, 2);
	if (!ecosystem || !package || !json_is_object(data) || json_array_size(item) != 3)
		return malformed(import, error);
	g_autoptr(GBytes) bytes = kiln_json_compact(data);
	return database_affected_read(kiln_advisory_add_affected(advisory, ecosystem, package, KILN_VERDICT_AFFECTED), g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), import->path, error);
}

static gboolean add_advisory(const Import *import, const json_t *line, GError **error)
{
	const char *record = kiln_json_string_or_null(line, "record");
	const json_t *data = json_object_get(line, "data"), *affected = json_object_get(line, "affected"), *item;
	size_t i;
	if (!record || !json_is_object(data) || !json_is_array(affected))
		return malformed(import, error);
	g_autoptr(KilnAdvisory) advisory = kiln_advisory_new(import->present->source.name, record);
	g_autoptr(GBytes) bytes = kiln_json_compact(data);
	if (!database_record_read(advisory, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), import->path, error))
		return FALSE;
	json_array_foreach(affected, i, item)
		if (!add_affected(import, advisory, item, error))
			return FALSE;
	return kiln_database_writer_add(import->writer, advisory, error);
}

/* The numbers of a list behind @texts texts. */
static gboolean get_numbers(const json_t *list, size_t texts, gint64 *numbers, size_t count)
{
	if (json_array_size(list) != texts + count)
		return FALSE;
	for (size_t i = 0; i < texts; i++)
		if (!json_is_string(json_array_get(list, i)))
			return FALSE;
	for (size_t i = 0; i < count; i++) {
		if (!json_is_integer(json_array_get(list, texts + i)))
			return FALSE;
		numbers[i] = json_integer_value(json_array_get(list, texts + i));
	}
	return TRUE;
}

static gboolean add_other(const Import *import, const json_t *line, GError **error)
{
	gint64 n[3];
	const json_t *exploited = json_object_get(line, "exploited"), *epss = json_object_get(line, "epss"), *ends = json_object_get(line, "ends");
	if (exploited && get_numbers(exploited, 1, n, 3)) {
		const KilnExploitation what = { .exploited = TRUE, .ransomware = n[0] != 0, .exploited_since_unix_s = n[1], .due_unix_s = n[2] };
		return kiln_database_writer_add_exploitation(import->writer, json_string_value(json_array_get(exploited, 0)), &what, error);
	}
	if (epss && get_numbers(epss, 1, n, 3) && n[0] >= 0 && n[0] <= 1000000 && n[1] >= 0 && n[1] <= 1000000) {
		const KilnExploitation what = { .has_epss = TRUE, .epss_millionths = (guint)n[0], .epss_percentile_millionths = (guint)n[1], .epss_unix_s = n[2] };
		return kiln_database_writer_add_exploitation(import->writer, json_string_value(json_array_get(epss, 0)), &what, error);
	}
	if (ends && get_numbers(ends, 2, n, 3)) {
		const KilnEndOfLife what = { n[0], n[1], n[2] != 0 };
		return kiln_database_writer_add_end_of_life(import->writer, json_string_value(json_array_get(ends, 0)), json_string_value(json_array_get(ends, 1)), &what, error);
	}
	return malformed(import, error);
}

static gboolean add_line(Import *import, const char *line, gsize length, GError **error)
{
	g_autoptr(json_t) object = kiln_json_parse(line, length, import->path, error);
	if (!object)
		return FALSE;
	const char *begins = kiln_json_string_or_null(object, "source");
	if (begins) {
		const ExportSource *entry = export_header_find(import->header, begins);
		return entry && entry->is_included ? begin_source(import, entry, error) : malformed(import, error);
	}
	if (!import->present)
		return malformed(import, error);
	kiln_hash_update(import->hash, line, length);
	return json_object_get(object, "record") ? add_advisory(import, object, error) : add_other(import, object, error);
}

/* All whole lines of @buffer; what is left of it is the beginning of the next. */
static gboolean add_lines(Import *import, GByteArray *buffer, GError **error)
{
	guint begin = 0;
	for (const guint8 *end; begin < buffer->len && (end = memchr(buffer->data + begin, '\n', buffer->len - begin));) {
		guint length = (guint)(end - (buffer->data + begin)) + 1;
		if (!add_line(import, (const char *)buffer->data + begin, length, error))
			return FALSE;
		begin += length;
	}
	if (begin)
		g_byte_array_remove_range(buffer, 0, begin);
	return buffer->len <= KILN_LIMIT_EXPORT_LINE_BYTES ||
	       kiln_fail(error, KILN_ERROR_LIMIT, "%s: a line of more than %" G_GUINT64_FORMAT " bytes", import->path, KILN_LIMIT_EXPORT_LINE_BYTES);
}

static gboolean add_payload(Import *import, int fd, guint64 offset, GError **error)
{
	const ExportHeader *header = import->header;
	g_autoptr(GByteArray) buffer = g_byte_array_new();
	g_autofree guint8 *read = g_malloc(READ_BYTES);
	g_autoptr(KilnReader) reader = kiln_reader_new_inflate(kiln_reader_new_range(fd, offset, header->payload_bytes), KILN_COMPRESSION_ZSTD, header->inflated_bytes, error);
	if (!reader)
		return FALSE;
	while (header->payload_bytes) {
		gssize got = kiln_reader_read(reader, read, READ_BYTES, error);
		if (got < 0)
			g_prefix_error(error, "%s: ", import->path);
		if (got < 0 || !kiln_context_check(import->context, error))
			return FALSE;
		if (got == 0)
			break;
		import->done += (guint64)got;
		KilnProgress progress = { .phase = "import", .item = import->present ? import->present->source.name : NULL, .done = import->done, .total = header->inflated_bytes, .unit = KILN_UNIT_BYTES };
		kiln_context_progress(import->context, &progress);
		g_byte_array_append(buffer, read, (guint)got);
		if (!add_lines(import, buffer, error))
			return FALSE;
	}
	if (buffer->len || import->done != header->inflated_bytes)
		return kiln_fail(error, KILN_ERROR_MISMATCH, "%s: inflates to %" G_GUINT64_FORMAT " bytes, but %" G_GUINT64_FORMAT " were promised; export it anew", import->path, import->done,
		                 header->inflated_bytes);
	return end_source(import, error);
}

static gboolean on_base_line(const KilnDatabaseSource *source, const char *line, gsize length, gpointer user_data, GError **error)
{
	Import *import = user_data;
	const ExportSource *entry = export_header_find(import->header, source->name);
	if (entry != import->present && !begin_source(import, entry, error))
		return FALSE;
	return add_line(import, line, length, error);
}

/* What a delta leaves out is as in the database that is there. */
static gboolean add_base(Import *import, GError **error)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < import->header->sources->len; i++) {
		const ExportSource *entry = import->header->sources->pdata[i];
		if (!entry->is_included)
			g_hash_table_add(names, entry->source.name);
	}
	return g_hash_table_size(names) == 0 || (database_walk(import->base, names, import->context, on_base_line, import, error) && end_source(import, error));
}

/* Sources without a single line have none to begin with. */
static gboolean add_empty(Import *import, GError **error)
{
	for (guint i = 0; i < import->header->sources->len; i++) {
		const ExportSource *entry = import->header->sources->pdata[i];
		if (!g_hash_table_contains(import->begun, entry->source.name) && (!begin_source(import, entry, error) || !end_source(import, error)))
			return FALSE;
	}
	return TRUE;
}

static gboolean replace(Import *import, int fd, guint64 offset, const char *database_path, GError **error)
{
	g_autoptr(KilnDatabaseWriter) writer = import->writer = kiln_database_writer_new(database_path, error);
	g_autoptr(GHashTable) begun = import->begun = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(KilnHash) hash = import->hash = kiln_hash_new();
	return writer && add_payload(import, fd, offset, error) && add_base(import, error) && add_empty(import, error) &&
	       kiln_database_writer_finish_as(writer, &import->header->database, error);
}

static gboolean import_descriptor(int fd, const char *path, const char *database_path, const GPtrArray *keys, const KilnContext *context, KilnDatabaseExport *out, GError **error)
{
	struct stat status;
	g_auto(ExportBeginning) beginning = { 0 };
	Import import = { .path = path, .context = context };
	if (fstat(fd, &status) != 0)
		return kiln_fail_errno(error, errno, "%s", path);
	if (!S_ISREG(status.st_mode))
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: not a regular file", path);
	if (!export_beginning_read(fd, path, &beginning, error) || !check_signature(path, &beginning, keys, error))
		return FALSE;
	g_autoptr(ExportHeader) header = export_beginning_parse(&beginning, path, error);
	import.header = header;
	if (!header || !check_payload(&import, fd, beginning.payload_offset, error))
		return FALSE;
	g_autoptr(KilnDatabase) base = access(database_path, F_OK) == 0 ? kiln_database_open(database_path, error) : NULL;
	import.base = base;
	if (access(database_path, F_OK) == 0 && !base)
		return FALSE;
	if (!check_base(&import, database_path, error) || !check_age(&import, database_path, error) || !replace(&import, fd, beginning.payload_offset, database_path, error))
		return FALSE;
	if (out)
		export_header_tell(header, (guint64)status.st_size, out);
	return TRUE;
}

gboolean kiln_database_import(const char *path, const char *database_path, const GPtrArray *keys, const KilnContext *context, KilnDatabaseExport *out, GError **error)
{
	g_auto(KilnFd) fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? kiln_fail_errno(error, errno, "%s", path) : import_descriptor(fd, path, database_path, keys, context, out, error);
}
