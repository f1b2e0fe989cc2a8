/* SPDX-License-Identifier: Apache-2.0 */
/* database.c: look up advisories by package, by id, and what else is known of a CVE or a release. */
#include "vuln/database.h"
#include "base/error.h"
#include "data/sql.h"
#include "vuln/database_record.h"
#include "vuln/database_walk.h"

#include <string.h>

struct KilnDatabase {
	KilnSql *sql;
	char *path;
	KilnDigest digest;
	GPtrArray *sources;
	GHashTable *sources_by_id; /* borrowed from @sources */
	KilnSqlStatement *by_package, *by_name, *affected_of, *covers, *exploitation, *end_of_life;
};

#define BY_PACKAGE "SELECT a.id, a.source, a.record, a.data, e.name, f.package, f.data FROM affected f JOIN ecosystem e ON e.id=f.ecosystem "                 \
	           "JOIN advisory a ON a.id=f.advisory WHERE e.name=? AND f.package=? ORDER BY a.id, f.number"
#define BY_NAME "SELECT a.id, a.source, a.record, a.data FROM name n JOIN advisory a ON a.id=n.advisory WHERE n.name=? ORDER BY a.id"
#define COVERS "SELECT c.source FROM coverage c JOIN ecosystem e ON e.id=c.ecosystem WHERE e.name=? ORDER BY c.source"
#define AFFECTED_OF "SELECT e.name, f.package, f.data FROM affected f JOIN ecosystem e ON e.id=f.ecosystem WHERE f.advisory=? ORDER BY f.number"

static void source_free(gpointer data)
{
	KilnDatabaseSource *source = data;
	g_free(source->name);
	g_free(source->reader);
	g_free(source->origin);
	g_free(source->licence);
	g_free(source);
}

gint64 kiln_database_source_age_days(const KilnDatabaseSource *source, gint64 now_unix_s)
{
	gint64 newest_unix_s = MAX(source->newest_unix_s, source->fetched_unix_s);
	return newest_unix_s ? MAX(now_unix_s - newest_unix_s, 0) / (24 * 60 * 60) : -1;
}

static gboolean damaged(const KilnDatabase *database, GError **error)
{
	return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: damaged; build or update the database again", database->path);
}

static gboolean digest_at(KilnSqlStatement *row, int column, KilnDigest *out)
{
	gsize length;
	const void *bytes = kiln_sql_blob(row, column, &length);
	if (!bytes || length != sizeof out->sha256)
		return FALSE;
	memcpy(out->sha256, bytes, length);
	return TRUE;
}

static gboolean read_meta(KilnDatabase *database, GError **error)
{
	gboolean row = FALSE;
	g_autoptr(KilnSqlStatement) meta = kiln_sql_prepare(database->sql, "SELECT s.value, d.value FROM meta s, meta d WHERE s.key='schema' AND d.key='digest'", error);
	if (!meta || !kiln_sql_step(meta, &row, error))
		return FALSE;
	if (!row)
		return damaged(database, error);
	if (kiln_sql_integer(meta, 0) != KILN_DATABASE_SCHEMA_VERSION)
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: of schema %" G_GINT64_FORMAT ", this kiln reads %d; build or update the database again", database->path,
		                 kiln_sql_integer(meta, 0), KILN_DATABASE_SCHEMA_VERSION);
	return digest_at(meta, 1, &database->digest) || damaged(database, error);
}

static gboolean read_sources(KilnDatabase *database, GError **error)
{
	g_autoptr(KilnSqlStatement) rows = kiln_sql_prepare(database->sql, "SELECT id, name, reader, origin, licence, digest, records, skipped, newest, fetched "
	                                                    "FROM source ORDER BY name", error);
	for (gboolean row = rows != NULL; row;) {
		if (!kiln_sql_step(rows, &row, error))
			return FALSE;
		if (!row)
			return TRUE;
		KilnDatabaseSource *source = g_new0(KilnDatabaseSource, 1);
		g_ptr_array_add(database->sources, source);
		*source = (KilnDatabaseSource){ g_strdup(kiln_sql_text(rows, 1)), g_strdup(kiln_sql_text(rows, 2)), g_strdup(kiln_sql_text(rows, 3)), g_strdup(kiln_sql_text(rows, 4)) };
		if (!source->name || !source->reader || !digest_at(rows, 5, &source->digest))
			return damaged(database, error);
		source->records = (guint64)kiln_sql_integer(rows, 6);
		source->skipped = (guint64)kiln_sql_integer(rows, 7);
		source->newest_unix_s = kiln_sql_integer(rows, 8);
		source->fetched_unix_s = kiln_sql_integer(rows, 9);
		g_hash_table_insert(database->sources_by_id, GINT_TO_POINTER((gint)kiln_sql_integer(rows, 0)), source);
	}
	return FALSE;
}

static gboolean prepare_all(KilnDatabase *database, GError **error)
{
	KilnSql *sql = database->sql;
	return (database->by_package = kiln_sql_prepare(sql, BY_PACKAGE, error)) && (database->by_name = kiln_sql_prepare(sql, BY_NAME, error)) &&
	       (database->affected_of = kiln_sql_prepare(sql, AFFECTED_OF, error)) &&
	       (database->covers = kiln_sql_prepare(sql, COVERS, error)) &&
	       (database->exploitation = kiln_sql_prepare(sql, "SELECT exploited, ransomware, since, due, epss, percentile, epss_date FROM exploitation WHERE cve=?", error)) &&
	       (database->end_of_life = kiln_sql_prepare(sql, "SELECT support_ends, ends, ended FROM end_of_life WHERE product=? AND cycle=?", error));
}

KilnDatabase *kiln_database_open(const char *path, GError **error)
{
	g_autoptr(GError) reason = NULL;
	g_autoptr(KilnDatabase) database = g_new0(KilnDatabase, 1);
	database->path = g_strdup(path);
	database->sources = g_ptr_array_new_with_free_func(source_free);
	database->sources_by_id = g_hash_table_new(NULL, NULL);
	database->sql = kiln_sql_open(path, &reason);
	if (!database->sql) {
		if (g_error_matches(reason, KILN_ERROR, KILN_ERROR_NOT_FOUND))
			kiln_fail(error, KILN_ERROR_NOT_FOUND, "there is no vulnerability database at %s; make one: kiln db update fetches public feeds, with --from-archive debian/trixie it needs a mirror alone, and kiln db build FEED... reads files", path);
		else
			g_propagate_error(error, g_steal_pointer(&reason));
		return NULL;
	}
	return read_meta(database, error) && read_sources(database, error) && prepare_all(database, error) ? g_steal_pointer(&database) : NULL;
}

void kiln_database_close(KilnDatabase *database)
{
	if (!database)
		return;
	KilnSqlStatement *statements[] = { database->by_package, database->by_name, database->affected_of, database->covers, database->exploitation, database->end_of_life };
	for (gsize i = 0; i < G_N_ELEMENTS(statements); i++)
		kiln_sql_statement_free(statements[i]);
	kiln_sql_close(database->sql);
	g_hash_table_unref(database->sources_by_id);
	g_ptr_array_unref(database->sources);
	g_free(database->path);
	g_free(database);
}

KilnDigest kiln_database_digest(const KilnDatabase *database)
{
	return database->digest;
}

KilnSql *database_connection(const KilnDatabase *database)
{
	return database->sql;
}

const char *database_path(const KilnDatabase *database)
{
	return database->path;
}

const GPtrArray *kiln_database_sources(const KilnDatabase *database)
{
	return database->sources;
}

GPtrArray *kiln_database_covering(KilnDatabase *database, const char *ecosystem, GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new();
	kiln_sql_bind_text(database->covers, 1, ecosystem);
	for (gboolean row = TRUE; row;) {
		if (!kiln_sql_step(database->covers, &row, error))
			return NULL;
		KilnDatabaseSource *source = row ? g_hash_table_lookup(database->sources_by_id, GINT_TO_POINTER((gint)kiln_sql_integer(database->covers, 0))) : NULL;
		if (source)
			g_ptr_array_add(found, source);
	}
	return g_steal_pointer(&found);
}

/* Columns id, source, record, data of @row, from @first on. */
static KilnAdvisory *advisory_at(const KilnDatabase *database, KilnSqlStatement *row, GError **error)
{
	const KilnDatabaseSource *source = g_hash_table_lookup(database->sources_by_id, GINT_TO_POINTER((gint)kiln_sql_integer(row, 1)));
	const char *record = kiln_sql_text(row, 2);
	gsize length;
	const void *data = kiln_sql_blob(row, 3, &length);
	if (!source || !record) {
		damaged(database, error);
		return NULL;
	}
	g_autoptr(KilnAdvisory) advisory = kiln_advisory_new(source->name, record);
	return database_record_read(advisory, data, length, database->path, error) ? g_steal_pointer(&advisory) : NULL;
}

/* Columns ecosystem, package, data of @row, from @first on. */
static gboolean add_affected(const KilnDatabase *database, KilnAdvisory *advisory, KilnSqlStatement *row, int first, GError **error)
{
	const char *ecosystem = kiln_sql_text(row, first), *package = kiln_sql_text(row, first + 1);
	gsize length;
	const void *data = kiln_sql_blob(row, first + 2, &length);
	if (!ecosystem || !package)
		return damaged(database, error);
	KilnAffected *affected = kiln_advisory_add_affected(advisory, ecosystem, package, KILN_VERDICT_AFFECTED);
	return database_affected_read(affected, data, length, database->path, error);
}

static gint by_source_and_id(gconstpointer a, gconstpointer b)
{
	const KilnAdvisory *first = *(KilnAdvisory *const *)a, *second = *(KilnAdvisory *const *)b;
	int order = strcmp(first->source, second->source);
	return order ? order : strcmp(first->id, second->id);
}

gboolean kiln_database_lookup(KilnDatabase *database, const char *ecosystem, const char *package, GPtrArray **advisories, GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_advisory_free);
	KilnAdvisory *advisory = NULL;
	gint64 id = -1;
	kiln_sql_bind_text(database->by_package, 1, ecosystem);
	kiln_sql_bind_text(database->by_package, 2, package);
	for (gboolean row = TRUE; row;) {
		if (!kiln_sql_step(database->by_package, &row, error))
			return FALSE;
		if (row && kiln_sql_integer(database->by_package, 0) != id) {
			id = kiln_sql_integer(database->by_package, 0);
			advisory = advisory_at(database, database->by_package, error);
			if (advisory)
				g_ptr_array_add(found, advisory);
		}
		if (row && (!advisory || !add_affected(database, advisory, database->by_package, 4, error))) {
			kiln_sql_reset(database->by_package);
			return FALSE;
		}
	}
	g_ptr_array_sort(found, by_source_and_id);
	*advisories = g_steal_pointer(&found);
	return TRUE;
}

static gboolean read_affected_of(KilnDatabase *database, gint64 id, KilnAdvisory *advisory, GError **error)
{
	kiln_sql_bind_integer(database->affected_of, 1, id);
	for (gboolean row = TRUE; row;) {
		if (!kiln_sql_step(database->affected_of, &row, error))
			return FALSE;
		if (row && !add_affected(database, advisory, database->affected_of, 0, error)) {
			kiln_sql_reset(database->affected_of);
			return FALSE;
		}
	}
	return TRUE;
}

gboolean kiln_database_find(KilnDatabase *database, const char *id, GPtrArray **advisories, GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_advisory_free);
	kiln_sql_bind_text(database->by_name, 1, id);
	for (gboolean row = TRUE; row;) {
		if (!kiln_sql_step(database->by_name, &row, error))
			return FALSE;
		KilnAdvisory *advisory = row ? advisory_at(database, database->by_name, error) : NULL;
		if (advisory)
			g_ptr_array_add(found, advisory);
		if (row && (!advisory || !read_affected_of(database, kiln_sql_integer(database->by_name, 0), advisory, error))) {
			kiln_sql_reset(database->by_name);
			return FALSE;
		}
	}
	g_ptr_array_sort(found, by_source_and_id);
	*advisories = g_steal_pointer(&found);
	return TRUE;
}

gboolean kiln_database_exploitation(KilnDatabase *database, const char *cve, KilnExploitation *out, GError **error)
{
	gboolean row = FALSE;
	KilnSqlStatement *statement = database->exploitation;
	*out = (KilnExploitation){ 0 };
	kiln_sql_bind_text(statement, 1, cve);
	if (!kiln_sql_step(statement, &row, error))
		return FALSE;
	if (!row)
		return TRUE;
	out->exploited = kiln_sql_integer(statement, 0) != 0;
	out->ransomware = kiln_sql_integer(statement, 1) != 0;
	out->exploited_since_unix_s = kiln_sql_integer(statement, 2);
	out->due_unix_s = kiln_sql_integer(statement, 3);
	out->has_epss = kiln_sql_text(statement, 4) != NULL;
	out->epss_millionths = (guint)kiln_sql_integer(statement, 4);
	out->epss_percentile_millionths = (guint)kiln_sql_integer(statement, 5);
	out->epss_unix_s = kiln_sql_integer(statement, 6);
	kiln_sql_reset(statement);
	return TRUE;
}

gboolean kiln_database_end_of_life(KilnDatabase *database, const char *product, const char *cycle, KilnEndOfLife *out, gboolean *known, GError **error)
{
	KilnSqlStatement *statement = database->end_of_life;
	*known = FALSE;
	kiln_sql_bind_text(statement, 1, product);
	kiln_sql_bind_text(statement, 2, cycle);
	if (!kiln_sql_step(statement, known, error))
		return FALSE;
	if (*known) {
		*out = (KilnEndOfLife){ kiln_sql_integer(statement, 0), kiln_sql_integer(statement, 1), kiln_sql_integer(statement, 2) != 0 };
		kiln_sql_reset(statement);
	}
	return TRUE;
}
