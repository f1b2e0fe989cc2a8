/* SPDX-License-Identifier: Apache-2.0 */
/* database_write.c: a new database, under a temporary name until it is whole. */
#include "base/error.h"
#include "crypto/hash.h"
#include "data/json.h"
#include "vuln/database.h"
#include "vuln/database_record.h"
#include "vuln/database_schema.h"
#include "vuln/database_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
	gsize offset;
	const char *text;
} statements[] = {
	{ G_STRUCT_OFFSET(KilnDatabaseWriter, source), "INSERT INTO source(name, reader, origin, licence, digest, newest, fetched) VALUES(?,?,?,?,?,?,?)" },
	{ G_STRUCT_OFFSET(KilnDatabaseWriter, counts), "UPDATE source SET records=?, skipped=?, newest=?, fetched=?, digest=? WHERE id=?" },
	{ G_STRUCT_OFFSET(KilnDatabaseWriter, again), "SELECT id, records, skipped, newest, fetched, digest FROM source WHERE name=? AND reader=?" },
	{ G_STRUCT_OFFSET(KilnDatabaseWriter, advisory), "INSERT INTO advisory(source, record, data) VALUES(?,?,?)" },
	{ G_STRUCT_OFFSET(KilnDatabaseWriter, name), "INSERT OR IGNORE INTO name VALUES(?,?)" },
	{ G_STRUCT_OFFSET(KilnDatabaseWriter, ecosystem), "INSERT INTO ecosystem(name) VALUES(?)" },
	{ G_STRUCT_OFFSET(KilnDatabaseWriter, affected), "INSERT INTO affected VALUES(?,?,?,?,?)" },
	{ G_STRUCT_OFFSET(KilnDatabaseWriter, exploited), "INSERT INTO exploitation(cve, exploited, ransomware, since, due) VALUES(?1,1,?2,?3,?4) "
	  "ON CONFLICT(cve) DO UPDATE SET exploited=1, ransomware=?2, since=?3, due=?4" },
	{ G_STRUCT_OFFSET(KilnDatabaseWriter, scored), "INSERT INTO exploitation(cve, epss, percentile, epss_date) VALUES(?1,?2,?3,?4) "
	  "ON CONFLICT(cve) DO UPDATE SET epss=?2, percentile=?3, epss_date=?4" },
	{ G_STRUCT_OFFSET(KilnDatabaseWriter, ends), "INSERT OR REPLACE INTO end_of_life VALUES(?,?,?,?,?)" },
};

static KilnSqlStatement **statement_at(KilnDatabaseWriter *writer, gsize i)
{
	return (KilnSqlStatement **)(void *)((char *)writer + statements[i].offset);
}

/* An empty file beside @path with a name of its own. */
static char *temporary_beside(const char *path, GError **error)
{
	g_autofree char *directory = g_path_get_dirname(path);
	char *temporary = g_build_filename(directory, ".kiln-new-XXXXXX", NULL);
	int fd = g_mkstemp_full(temporary, O_RDWR | O_CLOEXEC, 0644);
	if (fd >= 0) {
		close(fd);
		return temporary;
	}
	kiln_fail_errno(error, errno, "%s", directory);
	g_free(temporary);
	return NULL;
}

KilnDatabaseWriter *kiln_database_writer_new(const char *path, GError **error)
{
	g_autoptr(KilnDatabaseWriter) writer = g_new0(KilnDatabaseWriter, 1);
	writer->path = g_strdup(path);
	writer->ecosystems = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	writer->source_names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	writer->temporary = temporary_beside(path, error);
	writer->sql = writer->temporary ? kiln_sql_create(writer->temporary, error) : NULL;
	if (!writer->sql || !kiln_sql_execute(writer->sql, DATABASE_TABLES "BEGIN", error))
		return NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(statements); i++)
		if (!(*statement_at(writer, i) = kiln_sql_prepare(writer->sql, statements[i].text, error)))
			return NULL;
	return g_steal_pointer(&writer);
}

void kiln_database_writer_free(KilnDatabaseWriter *writer)
{
	if (!writer)
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(statements); i++)
		kiln_sql_statement_free(*statement_at(writer, i));
	kiln_sql_close(writer->sql);
	if (writer->temporary)
		unlink(writer->temporary);
	g_hash_table_unref(writer->ecosystems);
	g_hash_table_unref(writer->source_names);
	g_free(writer->temporary);
	g_free(writer->path);
	g_free(writer);
}

/* Write down what the source that is ending had. */
gboolean database_writer_end_source(KilnDatabaseWriter *writer, GError **error)
{
	if (!writer->source_id)
		return TRUE;
	kiln_sql_bind_integer(writer->counts, 1, (gint64)writer->records);
	kiln_sql_bind_integer(writer->counts, 2, (gint64)writer->skipped);
	kiln_sql_bind_integer(writer->counts, 3, writer->newest_unix_s);
	kiln_sql_bind_integer(writer->counts, 4, writer->fetched_unix_s);
	kiln_sql_bind_blob(writer->counts, 5, writer->digest.sha256, sizeof writer->digest.sha256);
	kiln_sql_bind_integer(writer->counts, 6, writer->source_id);
	writer->source_id = 0;
	gboolean ok = kiln_sql_run(writer->counts, error);
	writer->records = writer->skipped = 0; /* what is skipped from here on is of the source that begins next */
	return ok;
}

gboolean kiln_database_writer_begin(KilnDatabaseWriter *writer, const KilnDatabaseSource *source, GError **error)
{
	if (!database_writer_end_source(writer, error))
		return FALSE;
	if (!g_hash_table_add(writer->source_names, g_strdup(source->name)))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: the source \"%s\" was read before; name each feed once", source->origin, source->name);
	kiln_sql_bind_text(writer->source, 1, source->name);
	kiln_sql_bind_text(writer->source, 2, source->reader);
	kiln_sql_bind_text(writer->source, 3, source->origin);
	kiln_sql_bind_text(writer->source, 4, source->licence);
	kiln_sql_bind_blob(writer->source, 5, source->digest.sha256, sizeof source->digest.sha256);
	kiln_sql_bind_integer(writer->source, 6, source->newest_unix_s);
	kiln_sql_bind_integer(writer->source, 7, source->fetched_unix_s);
	if (!kiln_sql_run(writer->source, error))
		return FALSE;
	writer->source_id = kiln_sql_last_id(writer->sql);
	writer->newest_unix_s = source->newest_unix_s;
	writer->fetched_unix_s = source->fetched_unix_s;
	writer->digest = source->digest;
	writer->skipped += source->skipped;
	return TRUE;
}

/* Go back to a source that was ended. *found: whether there was one. */
static gboolean resume(KilnDatabaseWriter *writer, const KilnDatabaseSource *source, gboolean *found, GError **error)
{
	kiln_sql_bind_text(writer->again, 1, source->name);
	kiln_sql_bind_text(writer->again, 2, source->reader);
	gboolean ok = kiln_sql_step(writer->again, found, error);
	if (ok && *found) {
		gsize length;
		writer->source_id = kiln_sql_integer(writer->again, 0);
		writer->records += (guint64)kiln_sql_integer(writer->again, 1);
		writer->skipped += (guint64)kiln_sql_integer(writer->again, 2);
		writer->newest_unix_s = kiln_sql_integer(writer->again, 3);
		writer->fetched_unix_s = kiln_sql_integer(writer->again, 4);
		const void *digest = kiln_sql_blob(writer->again, 5, &length);
		memcpy(writer->digest.sha256, digest, MIN(length, sizeof writer->digest.sha256));
	}
	kiln_sql_reset(writer->again);
	return ok;
}

gboolean kiln_database_writer_go_on(KilnDatabaseWriter *writer, const KilnDatabaseSource *source, GError **error)
{
	gboolean found = FALSE;
	KilnDigest both[2];
	if (!g_hash_table_contains(writer->source_names, source->name))
		return kiln_database_writer_begin(writer, source, error);
	if (!database_writer_end_source(writer, error) || !resume(writer, source, &found, error))
		return FALSE;
	if (!found)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: the source \"%s\" was read before from another kind of feed", source->origin, source->name);
	both[0] = writer->digest;
	both[1] = source->digest;
	kiln_hash_bytes(both, sizeof both, &writer->digest);
	writer->newest_unix_s = MAX(writer->newest_unix_s, source->newest_unix_s);
	writer->fetched_unix_s = MAX(writer->fetched_unix_s, source->fetched_unix_s);
	return TRUE;
}

void kiln_database_writer_skip(KilnDatabaseWriter *writer)
{
	writer->skipped++;
}

void kiln_database_writer_set_records(KilnDatabaseWriter *writer, guint64 records)
{
	writer->records = records;
}

static gboolean ecosystem_id(KilnDatabaseWriter *writer, const char *name, gint64 *id, GError **error)
{
	const gint64 *known = g_hash_table_lookup(writer->ecosystems, name);
	if (!known) {
		kiln_sql_bind_text(writer->ecosystem, 1, name);
		if (!kiln_sql_run(writer->ecosystem, error))
			return FALSE;
		gint64 added = kiln_sql_last_id(writer->sql);
		known = g_memdup2(&added, sizeof added);
		g_hash_table_insert(writer->ecosystems, g_strdup(name), (gpointer)known);
	}
	*id = *known;
	return TRUE;
}

static gboolean add_name(KilnDatabaseWriter *writer, const char *name, gint64 advisory, GError **error)
{
	kiln_sql_bind_text(writer->name, 1, name);
	kiln_sql_bind_integer(writer->name, 2, advisory);
	return kiln_sql_run(writer->name, error);
}

static gboolean add_affected(KilnDatabaseWriter *writer, const KilnAffected *affected, gint64 advisory, guint number, GError **error)
{
	gint64 ecosystem;
	if (!ecosystem_id(writer, affected->ecosystem, &ecosystem, error))
		return FALSE;
	g_autoptr(GBytes) data = database_affected_write(affected);
	kiln_sql_bind_integer(writer->affected, 1, ecosystem);
	kiln_sql_bind_text(writer->affected, 2, affected->name);
	kiln_sql_bind_integer(writer->affected, 3, advisory);
	kiln_sql_bind_integer(writer->affected, 4, number);
	kiln_sql_bind_blob(writer->affected, 5, g_bytes_get_data(data, NULL), g_bytes_get_size(data));
	return kiln_sql_run(writer->affected, error);
}

gboolean kiln_database_writer_add(KilnDatabaseWriter *writer, const KilnAdvisory *advisory, GError **error)
{
	g_autoptr(GBytes) data = database_record_write(advisory);
	g_return_val_if_fail(writer->source_id, FALSE);
	kiln_sql_bind_integer(writer->advisory, 1, writer->source_id);
	kiln_sql_bind_text(writer->advisory, 2, advisory->id);
	kiln_sql_bind_blob(writer->advisory, 3, g_bytes_get_data(data, NULL), g_bytes_get_size(data));
	if (!kiln_sql_run(writer->advisory, error))
		return FALSE;
	gint64 id = kiln_sql_last_id(writer->sql);
	gboolean ok = add_name(writer, advisory->id, id, error);
	for (guint i = 0; ok && i < advisory->aliases->len; i++)
		ok = add_name(writer, advisory->aliases->pdata[i], id, error);
	for (guint i = 0; ok && i < advisory->upstream->len; i++)
		ok = add_name(writer, advisory->upstream->pdata[i], id, error);
	for (guint i = 0; ok && i < advisory->affected->len; i++)
		ok = add_affected(writer, advisory->affected->pdata[i], id, i, error);
	writer->records++;
	writer->newest_unix_s = MAX(writer->newest_unix_s, MAX(advisory->modified_unix_s, advisory->published_unix_s));
	return ok;
}

gboolean kiln_database_writer_add_exploitation(KilnDatabaseWriter *writer, const char *cve, const KilnExploitation *what, GError **error)
{
	writer->records++;
	if (what->exploited) {
		kiln_sql_bind_text(writer->exploited, 1, cve);
		kiln_sql_bind_integer(writer->exploited, 2, what->ransomware);
		kiln_sql_bind_integer(writer->exploited, 3, what->exploited_since_unix_s);
		kiln_sql_bind_integer(writer->exploited, 4, what->due_unix_s);
		if (!kiln_sql_run(writer->exploited, error))
			return FALSE;
		writer->newest_unix_s = MAX(writer->newest_unix_s, what->exploited_since_unix_s);
	}
	if (!what->has_epss)
		return TRUE;
	kiln_sql_bind_text(writer->scored, 1, cve);
	kiln_sql_bind_integer(writer->scored, 2, what->epss_millionths);
	kiln_sql_bind_integer(writer->scored, 3, what->epss_percentile_millionths);
	kiln_sql_bind_integer(writer->scored, 4, what->epss_unix_s);
	writer->newest_unix_s = MAX(writer->newest_unix_s, what->epss_unix_s);
	return kiln_sql_run(writer->scored, error);
}

gboolean kiln_database_writer_add_end_of_life(KilnDatabaseWriter *writer, const char *product, const char *cycle, const KilnEndOfLife *what, GError **error)
{
	writer->records++;
	kiln_sql_bind_text(writer->ends, 1, product);
	kiln_sql_bind_text(writer->ends, 2, cycle);
	kiln_sql_bind_integer(writer->ends, 3, what->support_ends_unix_s);
	kiln_sql_bind_integer(writer->ends, 4, what->ends_unix_s);
	kiln_sql_bind_integer(writer->ends, 5, what->ended_undated);
	return kiln_sql_run(writer->ends, error);
}

/* All that answers depend on, in an order of its own: neither the order in which feeds were read nor when or where counts. */
static const char *const content[] = {
	"SELECT name, reader, hex(digest), newest FROM source ORDER BY 1",
	"SELECT s.name, a.record, CAST(a.data AS TEXT) FROM advisory a JOIN source s ON s.id=a.source ORDER BY 1, 2, 3",
	"SELECT e.name, f.package, s.name, a.record, f.number, CAST(f.data AS TEXT) FROM affected f JOIN ecosystem e ON e.id=f.ecosystem "
	"JOIN advisory a ON a.id=f.advisory JOIN source s ON s.id=a.source ORDER BY 1, 2, 3, 4, 5, 6",
	"SELECT * FROM exploitation ORDER BY cve",
	"SELECT * FROM end_of_life ORDER BY product, cycle",
};
static const int columns[] = { 4, 3, 6, 8, 5 };

static gboolean hash_content(KilnDatabaseWriter *writer, KilnDigest *out, GError **error)
{
	g_autoptr(KilnHash) hash = kiln_hash_new();
	for (gsize i = 0; i < G_N_ELEMENTS(content); i++) {
		g_autoptr(KilnSqlStatement) rows = kiln_sql_prepare(writer->sql, content[i], error);
		gboolean row = rows != NULL;
		while (row) {
			if (!kiln_sql_step(rows, &row, error))
				return FALSE;
			for (int column = 0; row && column < columns[i]; column++) {
				const char *text = kiln_sql_text(rows, column);
				kiln_hash_update(hash, text ? text : "", text ? strlen(text) + 1 : 1);
			}
		}
		if (!rows)
			return FALSE;
	}
	kiln_hash_finish(hash, out);
	return TRUE;
}

/* @expected: NULL for whatever it is. */
static gboolean write_meta(KilnDatabaseWriter *writer, const KilnDigest *expected, GError **error)
{
	KilnDigest digest;
	char is[KILN_DIGEST_TEXT_MAX], wanted[KILN_DIGEST_TEXT_MAX];
	if (!hash_content(writer, &digest, error))
		return FALSE;
	if (expected && !kiln_digest_equal(&digest, expected))
		return kiln_fail(error, KILN_ERROR_MISMATCH, "%s: the new database would be %s, but %s was promised; it stays as it was", writer->path, kiln_digest_print(&digest, is),
		                 kiln_digest_print(expected, wanted));
	g_autoptr(KilnSqlStatement) meta = kiln_sql_prepare(writer->sql, "INSERT INTO meta VALUES('schema', ?), ('digest', ?)", error);
	if (!meta)
		return FALSE;
	kiln_sql_bind_integer(meta, 1, KILN_DATABASE_SCHEMA_VERSION);
	kiln_sql_bind_blob(meta, 2, digest.sha256, sizeof digest.sha256);
	return kiln_sql_run(meta, error);
}

static gboolean flush_and_rename(KilnDatabaseWriter *writer, GError **error)
{
	int fd = open(writer->temporary, O_RDONLY | O_CLOEXEC);
	gboolean flushed = fd >= 0 && fsync(fd) == 0;
	int failed = errno;
	if (fd >= 0)
		close(fd);
	if (!flushed)
		return kiln_fail_errno(error, failed, "%s", writer->temporary);
	if (rename(writer->temporary, writer->path) != 0)
		return kiln_fail_errno(error, errno, "%s", writer->path);
	g_clear_pointer(&writer->temporary, g_free);
	return TRUE;
}

gboolean kiln_database_writer_finish_as(KilnDatabaseWriter *writer, const KilnDigest *expected, GError **error)
{
	static const char coverage[] = "INSERT INTO coverage SELECT DISTINCT f.ecosystem, a.source FROM affected f JOIN advisory a ON a.id=f.advisory";
	if (!database_writer_end_source(writer, error) || !write_meta(writer, expected, error) || !kiln_sql_execute(writer->sql, coverage, error) || !kiln_sql_execute(writer->sql, "COMMIT", error))
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(statements); i++)
		g_clear_pointer(statement_at(writer, i), kiln_sql_statement_free);
	if (!kiln_sql_execute(writer->sql, "ANALYZE; PRAGMA locking_mode=NORMAL", error))
		return FALSE;
	g_clear_pointer(&writer->sql, kiln_sql_close);
	return flush_and_rename(writer, error);
}

gboolean kiln_database_writer_finish(KilnDatabaseWriter *writer, GError **error)
{
	return kiln_database_writer_finish_as(writer, NULL, error);
}
