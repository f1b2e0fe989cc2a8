/* SPDX-License-Identifier: Apache-2.0 */
/* database_walk.c: all that a database says, source by source, as lines of JSON in an order of their own. */
#include "vuln/database_walk.h"
#include "base/error.h"
#include "data/json.h"

#include <string.h>

/* Sources in the order of kiln_database_sources(): both are sorted by byte. */
#define ADVISORIES "SELECT s.name, a.id, a.record, a.data FROM advisory a JOIN source s ON s.id=a.source WHERE s.name IN (SELECT value FROM json_each(?)) ORDER BY 1, 3, 4, 2"
#define AFFECTED "SELECT e.name, f.package, f.data FROM affected f JOIN ecosystem e ON e.id=f.ecosystem WHERE f.advisory=? ORDER BY f.number"

/* What is said beside advisories belongs to the sources of one reader each; ?1 is the source's name. */
static const struct {
	const char *reader, *key, *query;
	int columns; /* the first is one or two texts, the rest are numbers */
	int texts;
} others[] = {
	{ "kev", "exploited", "SELECT cve, ransomware, since, due FROM exploitation WHERE exploited=1 AND ?1 IS NOT NULL ORDER BY cve", 4, 1 },
	{ "epss", "epss", "SELECT cve, epss, percentile, epss_date FROM exploitation WHERE epss IS NOT NULL AND ?1 IS NOT NULL ORDER BY cve", 4, 1 },
	{ "endoflife", "ends", "SELECT product, cycle, support_ends, ends, ended FROM end_of_life WHERE 'endoflife/'||product=?1 ORDER BY cycle", 5, 2 },
};

typedef struct {
	const KilnDatabase *database;
	const KilnContext *context;
	DatabaseVisit visit;
	gpointer user_data;
	KilnSqlStatement *advisories, *affected;
	gboolean has_row; /* of @advisories */
	guint64 done, total;
} Walk;

static gboolean damaged(const Walk *walk, GError **error)
{
	return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: damaged; build or update the database again", database_path(walk->database));
}

static void append_data(GString *line, KilnSqlStatement *row, int column)
{
	gsize length;
	const char *data = kiln_sql_blob(row, column, &length);
	g_string_append_len(line, data ? data : "{}", data ? (gssize)length : 2);
}

/* [text, text..., without the bracket that ends it. */
static void append_open_list(GString *line, const char *first, const char *second)
{
	g_autoptr(json_t) list = json_array();
	json_array_append_new(list, json_string(first));
	if (second)
		json_array_append_new(list, json_string(second));
	g_autoptr(GBytes) bytes = kiln_json_compact(list);
	g_string_append_len(line, g_bytes_get_data(bytes, NULL), (gssize)g_bytes_get_size(bytes) - 1);
}

static gboolean append_affected(const Walk *walk, GString *line, gint64 advisory, GError **error)
{
	kiln_sql_bind_integer(walk->affected, 1, advisory);
	for (gboolean row = TRUE, first = TRUE; row; first = FALSE) {
		if (!kiln_sql_step(walk->affected, &row, error))
			return FALSE;
		if (!row)
			break;
		const char *ecosystem = kiln_sql_text(walk->affected, 0), *package = kiln_sql_text(walk->affected, 1);
		if (!ecosystem || !package || !g_utf8_validate(ecosystem, -1, NULL) || !g_utf8_validate(package, -1, NULL)) {
			kiln_sql_reset(walk->affected);
			return damaged(walk, error);
		}
		if (!first)
			g_string_append_c(line, ',');
		append_open_list(line, ecosystem, package);
		g_string_append_c(line, ',');
		append_data(line, walk->affected, 2);
		g_string_append_c(line, ']');
	}
	return TRUE;
}

static gboolean visit_advisory(Walk *walk, const KilnDatabaseSource *source, GError **error)
{
	g_autoptr(GString) line = g_string_new("{\"affected\":[");
	const char *record = kiln_sql_text(walk->advisories, 2);
	KilnProgress progress = { .phase = "list", .item = source->name, .done = ++walk->done, .total = walk->total, .unit = KILN_UNIT_ITEMS };
	if (!record || !g_utf8_validate(record, -1, NULL))
		return damaged(walk, error);
	if (!kiln_context_check(walk->context, error) || !append_affected(walk, line, kiln_sql_integer(walk->advisories, 1), error))
		return FALSE;
	kiln_context_progress(walk->context, &progress);
	g_string_append(line, "],\"data\":");
	append_data(line, walk->advisories, 3);
	g_string_append(line, ",\"record\":");
	g_autoptr(GString) id = g_string_new(NULL);
	append_open_list(id, record, NULL);
	g_string_append(line, id->str + 1); /* without the bracket that begins it */
	g_string_append(line, "}\n");
	return walk->visit(source, line->str, line->len, walk->user_data, error);
}

static gboolean visit_advisories(Walk *walk, const KilnDatabaseSource *source, GError **error)
{
	while (walk->has_row && g_strcmp0(kiln_sql_text(walk->advisories, 0), source->name) == 0)
		if (!visit_advisory(walk, source, error) || !kiln_sql_step(walk->advisories, &walk->has_row, error))
			return FALSE;
	return TRUE;
}

static gboolean visit_others(const Walk *walk, const KilnDatabaseSource *source, gsize kind, GError **error)
{
	g_autoptr(KilnSqlStatement) rows = kiln_sql_prepare(database_connection(walk->database), others[kind].query, error);
	if (!rows)
		return FALSE;
	kiln_sql_bind_text(rows, 1, source->name);
	for (gboolean row = TRUE; row;) {
		if (!kiln_sql_step(rows, &row, error))
			return FALSE;
		if (!row)
			break;
		g_autoptr(GString) line = g_string_new("{");
		const char *first = kiln_sql_text(rows, 0), *second = others[kind].texts > 1 ? kiln_sql_text(rows, 1) : NULL;
		if (!first || !g_utf8_validate(first, -1, NULL) || (others[kind].texts > 1 && (!second || !g_utf8_validate(second, -1, NULL))))
			return damaged(walk, error);
		g_string_append_printf(line, "\"%s\":", others[kind].key);
		append_open_list(line, first, second);
		for (int column = others[kind].texts; column < others[kind].columns; column++)
			g_string_append_printf(line, ",%" G_GINT64_FORMAT, kiln_sql_integer(rows, column));
		g_string_append(line, "]}\n");
		if (!walk->visit(source, line->str, line->len, walk->user_data, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean walk_source(Walk *walk, const KilnDatabaseSource *source, GError **error)
{
	if (!visit_advisories(walk, source, error))
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
		if (strcmp(source->reader, others[i].reader) == 0 && !visit_others(walk, source, i, error))
			return FALSE;
	return TRUE;
}

gboolean database_walk(const KilnDatabase *database, GHashTable *names, const KilnContext *context, DatabaseVisit visit, gpointer user_data, GError **error)
{
	const GPtrArray *sources = kiln_database_sources(database);
	Walk walk = { .database = database, .context = context, .visit = visit, .user_data = user_data };
	g_autoptr(json_t) wanted = json_array();
	for (guint i = 0; i < sources->len; i++) {
		const KilnDatabaseSource *source = sources->pdata[i];
		if (names && !g_hash_table_contains(names, source->name))
			continue;
		json_array_append_new(wanted, json_string(source->name));
		walk.total += source->records;
	}
	g_autoptr(GBytes) bytes = kiln_json_compact(wanted);
	g_autofree char *list = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	g_autoptr(KilnSqlStatement) advisories = walk.advisories = kiln_sql_prepare(database_connection(database), ADVISORIES, error);
	g_autoptr(KilnSqlStatement) affected = walk.affected = advisories ? kiln_sql_prepare(database_connection(database), AFFECTED, error) : NULL;
	if (!affected)
		return FALSE;
	kiln_sql_bind_text(advisories, 1, list);
	if (!kiln_sql_step(advisories, &walk.has_row, error))
		return FALSE;
	for (guint i = 0; i < sources->len; i++) {
		const KilnDatabaseSource *source = sources->pdata[i];
		if ((!names || g_hash_table_contains(names, source->name)) && !walk_source(&walk, source, error))
			return FALSE;
	}
	return TRUE;
}
