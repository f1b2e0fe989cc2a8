/* SPDX-License-Identifier: Apache-2.0 */
/* rpm_database.c: which of the three kinds of files a database of rpm is. SQLite's is read here. */
#include "data/sql.h"
#include "pkg/rpm_database_internal.h"

#define SQLITE_MAGIC "SQLite format 3"

static gboolean each_sqlite(KilnText file, KilnRpmVisit visit, gpointer user_data, GError **error)
{
	g_autoptr(KilnSql) sql = kiln_sql_open_bytes(file.data, file.length, error);
	g_autoptr(KilnSqlStatement) statement = sql ? kiln_sql_prepare(sql, "SELECT blob FROM Packages", error) : NULL;
	for (gboolean row = TRUE; statement;) {
		gsize length;
		if (!kiln_sql_step(statement, &row, error))
			return FALSE;
		if (!row)
			return TRUE;
		const void *blob = kiln_sql_blob(statement, 0, &length);
		if (!visit((KilnText){ blob, blob ? length : 0 }, user_data, error))
			return FALSE;
	}
	return FALSE;
}

gboolean kiln_rpm_database_each(KilnText file, KilnRpmVisit visit, gpointer user_data, GError **error)
{
	if (rpm_database_is_berkeley(file))
		return rpm_database_each_berkeley(file, visit, user_data, error);
	if (rpm_database_is_ndb(file))
		return rpm_database_each_ndb(file, visit, user_data, error);
	if (kiln_text_starts(file, SQLITE_MAGIC))
		return each_sqlite(file, visit, user_data, error);
	return kiln_fail(error, KILN_ERROR_SYNTAX, "it is no database of rpm: neither SQLite, nor ndb, nor Berkeley DB");
}
