/* SPDX-License-Identifier: Apache-2.0 */
/* database_copy.c: what other databases have, into one that is being written, source by source. */
#include "base/error.h"
#include "data/json.h"
#include "vuln/database_writer.h"

/*
 * The sources that are wanted get new ids, their advisories ids behind those that are there. What says who is exploited comes from sources of
 * the readers kev and epss, and ends of life from those named after the product: it is copied with them.
 */
static const char copy_all[] =
        "CREATE TEMP TABLE chosen(old INTEGER PRIMARY KEY, new INT, reader TEXT);"
        "CREATE TEMP TABLE behind AS SELECT COALESCE(MAX(id), 0) AS id FROM main.advisory;"
        "INSERT INTO main.source(name, reader, origin, licence, digest, records, skipped, newest, fetched) SELECT name, reader, origin, licence, digest, records, skipped, newest, "
        " fetched FROM old.source WHERE name NOT IN (SELECT value FROM json_each(?1)) ORDER BY id;"
        "INSERT INTO temp.chosen SELECT o.id, s.id, s.reader FROM old.source o JOIN main.source s ON s.name=o.name WHERE o.name NOT IN (SELECT value FROM json_each(?1));"
        "INSERT INTO main.advisory SELECT a.id+b.id, c.new, a.record, a.data FROM old.advisory a JOIN temp.chosen c ON c.old=a.source, temp.behind b;"
        "INSERT INTO main.name SELECT n.name, n.advisory+b.id FROM old.name n, temp.behind b WHERE n.advisory IN (SELECT id FROM old.advisory WHERE source IN (SELECT old FROM temp.chosen));"
        "INSERT OR IGNORE INTO main.ecosystem(name) SELECT name FROM old.ecosystem WHERE id IN (SELECT f.ecosystem FROM old.affected f JOIN old.advisory a ON a.id=f.advisory "
        " WHERE a.source IN (SELECT old FROM temp.chosen)) ORDER BY id;"
        "INSERT INTO main.affected SELECT e.id, f.package, f.advisory+b.id, f.number, f.data FROM old.affected f JOIN old.ecosystem o ON o.id=f.ecosystem JOIN main.ecosystem e ON e.name=o.name, "
        " temp.behind b WHERE f.advisory IN (SELECT id FROM old.advisory WHERE source IN (SELECT old FROM temp.chosen));"
        "INSERT INTO main.exploitation(cve, exploited, ransomware, since, due) SELECT cve, exploited, ransomware, since, due FROM old.exploitation WHERE exploited "
        " AND EXISTS(SELECT 1 FROM temp.chosen WHERE reader='kev') ON CONFLICT(cve) DO UPDATE SET exploited=1, ransomware=excluded.ransomware, since=excluded.since, due=excluded.due;"
        "INSERT INTO main.exploitation(cve, epss, percentile, epss_date) SELECT cve, epss, percentile, epss_date FROM old.exploitation WHERE epss IS NOT NULL "
        " AND EXISTS(SELECT 1 FROM temp.chosen WHERE reader='epss') ON CONFLICT(cve) DO UPDATE SET epss=excluded.epss, percentile=excluded.percentile, epss_date=excluded.epss_date;"
        "INSERT OR REPLACE INTO main.end_of_life SELECT * FROM old.end_of_life WHERE 'endoflife/'||product IN (SELECT s.name FROM main.source s JOIN temp.chosen c ON c.new=s.id);"
        "DROP TABLE temp.chosen;"
        "DROP TABLE temp.behind";

static gboolean copy_tables(KilnDatabaseWriter *writer, const char *const *except, GError **error)
{
	g_autoptr(json_t) names = kiln_json_from_strv(except);
	g_autoptr(GBytes) list = kiln_json_compact(names);
	g_autofree char *text = g_strndup(g_bytes_get_data(list, NULL), g_bytes_get_size(list));
	g_auto(GStrv) parts = g_strsplit(copy_all, ";", -1);
	for (char **part = parts; *part; part++) {
		g_autoptr(KilnSqlStatement) statement = kiln_sql_prepare(writer->sql, *part, error);
		if (!statement)
			return FALSE;
		if (strstr(*part, "?1"))
			kiln_sql_bind_text(statement, 1, text);
		if (!kiln_sql_run(statement, error))
			return FALSE;
	}
	return TRUE;
}

/* What was copied, as if it had been added. */
static gboolean learn_names(KilnDatabaseWriter *writer, GError **error)
{
	g_autoptr(KilnSqlStatement) sources = kiln_sql_prepare(writer->sql, "SELECT name FROM main.source", error);
	g_autoptr(KilnSqlStatement) ecosystems = sources ? kiln_sql_prepare(writer->sql, "SELECT name, id FROM main.ecosystem", error) : NULL;
	gboolean row = ecosystems != NULL;
	while (row) {
		if (!kiln_sql_step(sources, &row, error))
			return FALSE;
		if (row)
			g_hash_table_add(writer->source_names, g_strdup(kiln_sql_text(sources, 0)));
	}
	for (row = ecosystems != NULL; row;) {
		if (!kiln_sql_step(ecosystems, &row, error))
			return FALSE;
		gint64 id = row ? kiln_sql_integer(ecosystems, 1) : 0;
		if (row)
			g_hash_table_insert(writer->ecosystems, g_strdup(kiln_sql_text(ecosystems, 0)), g_memdup2(&id, sizeof id));
	}
	return ecosystems != NULL;
}

static gboolean check_names(const KilnDatabaseWriter *writer, const KilnDatabase *old, const char *path, const char *const *except, GError **error)
{
	const GPtrArray *sources = kiln_database_sources(old);
	for (guint i = 0; i < sources->len; i++) {
		const char *name = ((const KilnDatabaseSource *)sources->pdata[i])->name;
		if (!g_strv_contains(except, name) && g_hash_table_contains(writer->source_names, name))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: the source \"%s\" was read before; name each feed once", path, name);
	}
	return TRUE;
}

gboolean kiln_database_writer_copy(KilnDatabaseWriter *writer, const char *path, const char *const *except, GError **error)
{
	g_autoptr(KilnDatabase) old = kiln_database_open(path, error); /* of the right schema, and no foreign file */
	if (!old || !check_names(writer, old, path, except, error) || !database_writer_end_source(writer, error) || !kiln_sql_execute(writer->sql, "COMMIT", error))
		return FALSE;
	g_autoptr(KilnSqlStatement) attach = kiln_sql_prepare(writer->sql, "ATTACH ? AS old", error);
	if (!attach)
		return FALSE;
	kiln_sql_bind_text(attach, 1, path);
	if (!kiln_sql_run(attach, error) || !kiln_sql_execute(writer->sql, "BEGIN", error))
		return FALSE;
	return copy_tables(writer, except, error) && learn_names(writer, error) && kiln_sql_execute(writer->sql, "COMMIT; DETACH old; BEGIN", error);
}

gboolean kiln_database_writer_fetched(KilnDatabaseWriter *writer, const char *const *names, gint64 fetched_unix_s, GError **error)
{
	g_autoptr(json_t) list = kiln_json_from_strv(names);
	g_autoptr(GBytes) bytes = kiln_json_compact(list);
	g_autofree char *text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	g_autoptr(KilnSqlStatement) statement = kiln_sql_prepare(writer->sql, "UPDATE source SET fetched=?1 WHERE name IN (SELECT value FROM json_each(?2))", error);
	if (!statement)
		return FALSE;
	kiln_sql_bind_integer(statement, 1, fetched_unix_s);
	kiln_sql_bind_text(statement, 2, text);
	return kiln_sql_run(statement, error);
}
