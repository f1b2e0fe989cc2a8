/* SPDX-License-Identifier: Apache-2.0 */
/* sql.c: SQLite, the only place that knows it. */
#include "data/sql.h"
#include "base/error.h"

#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

struct KilnSql {
	sqlite3 *connection;
	char *path;
};

struct KilnSqlStatement {
	KilnSql *sql; /* borrowed */
	sqlite3_stmt *statement;
};

static KilnError code_of(int status)
{
	switch (status & 0xff) {
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
	case SQLITE_SCHEMA:
	case SQLITE_ERROR:
	case SQLITE_FORMAT: return KILN_ERROR_SYNTAX;
	default: return KILN_ERROR_IO;
	}
}

static gboolean fail(KilnSql *sql, int status, GError **error)
{
	return kiln_fail(error, code_of(status), "%s: %s", sql->path, sql->connection ? sqlite3_errmsg(sql->connection) : sqlite3_errstr(status));
}

static KilnSql *open_with(const char *path, int flags, const char *pragmas, GError **error)
{
	g_autoptr(KilnSql) sql = g_new0(KilnSql, 1);
	sql->path = g_strdup(path);
	int status = sqlite3_open_v2(path, &sql->connection, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (status != SQLITE_OK) {
		fail(sql, status, error);
		return NULL;
	}
	sqlite3_db_config(sql->connection, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(sql->connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(sql->connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(sql->connection, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	return kiln_sql_execute(sql, pragmas, error) ? g_steal_pointer(&sql) : NULL;
}

KilnSql *kiln_sql_open(const char *path, GError **error)
{
	if (access(path, F_OK) != 0) {
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: no such file", path);
		return NULL;
	}
	return open_with(path, SQLITE_OPEN_READONLY, "PRAGMA cell_size_check=ON; PRAGMA mmap_size=268435456; PRAGMA query_only=ON", error);
}

/* Bytes 18 and 19 of a file say which version may write and read it; 2 means that a log belongs to it, which memory has not. */
KilnSql *kiln_sql_open_bytes(const void *bytes, gsize length, GError **error)
{
	g_autoptr(KilnSql) sql = open_with(":memory:", SQLITE_OPEN_READWRITE, "PRAGMA temp_store=MEMORY", error);
	guint8 *copy = sql ? sqlite3_malloc64(length + 1) : NULL;
	if (!copy)
		return NULL;
	memcpy(copy, bytes, length);
	if (length > 20 && copy[18] == 2 && copy[19] == 2)
		copy[18] = copy[19] = 1;
	int status = sqlite3_deserialize(sql->connection, "main", copy, (sqlite3_int64)length, (sqlite3_int64)length, SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY);
	if (status != SQLITE_OK) {
		fail(sql, status, error);
		return NULL;
	}
	return kiln_sql_execute(sql, "PRAGMA cell_size_check=ON; PRAGMA query_only=ON", error) ? g_steal_pointer(&sql) : NULL;
}

KilnSql *kiln_sql_create(const char *path, GError **error)
{
	return open_with(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; "
	                 "PRAGMA cache_size=-32768; PRAGMA encoding='UTF-8'", error);
}

void kiln_sql_close(KilnSql *sql)
{
	if (!sql)
		return;
	sqlite3_close_v2(sql->connection);
	g_free(sql->path);
	g_free(sql);
}

gboolean kiln_sql_execute(KilnSql *sql, const char *text, GError **error)
{
	int status = sqlite3_exec(sql->connection, text, NULL, NULL, NULL);
	return status == SQLITE_OK || fail(sql, status, error);
}

KilnSqlStatement *kiln_sql_prepare(KilnSql *sql, const char *text, GError **error)
{
	KilnSqlStatement *statement = g_new0(KilnSqlStatement, 1);
	statement->sql = sql;
	int status = sqlite3_prepare_v3(sql->connection, text, -1, SQLITE_PREPARE_PERSISTENT, &statement->statement, NULL);
	if (status == SQLITE_OK)
		return statement;
	fail(sql, status, error);
	kiln_sql_statement_free(statement);
	return NULL;
}

void kiln_sql_statement_free(KilnSqlStatement *statement)
{
	if (!statement)
		return;
	sqlite3_finalize(statement->statement);
	g_free(statement);
}

void kiln_sql_bind_text(KilnSqlStatement *statement, int parameter, const char *text)
{
	sqlite3_bind_text(statement->statement, parameter, text, -1, SQLITE_STATIC);
}

void kiln_sql_bind_blob(KilnSqlStatement *statement, int parameter, const void *bytes, gsize length)
{
	sqlite3_bind_blob64(statement->statement, parameter, bytes, length, SQLITE_STATIC);
}

void kiln_sql_bind_integer(KilnSqlStatement *statement, int parameter, gint64 value)
{
	sqlite3_bind_int64(statement->statement, parameter, value);
}

gboolean kiln_sql_step(KilnSqlStatement *statement, gboolean *row, GError **error)
{
	int status = sqlite3_step(statement->statement);
	if (status != SQLITE_ROW && status != SQLITE_DONE) {
		fail(statement->sql, status, error);
		sqlite3_reset(statement->statement);
		return FALSE;
	}
	*row = status == SQLITE_ROW;
	if (!*row)
		sqlite3_reset(statement->statement);
	return TRUE;
}

gboolean kiln_sql_run(KilnSqlStatement *statement, GError **error)
{
	gboolean row;
	if (!kiln_sql_step(statement, &row, error))
		return FALSE;
	sqlite3_reset(statement->statement);
	return TRUE;
}

void kiln_sql_reset(KilnSqlStatement *statement)
{
	sqlite3_reset(statement->statement);
}

const char *kiln_sql_text(KilnSqlStatement *statement, int column)
{
	return (const char *)sqlite3_column_text(statement->statement, column);
}

const void *kiln_sql_blob(KilnSqlStatement *statement, int column, gsize *length)
{
	const void *bytes = sqlite3_column_blob(statement->statement, column);
	*length = (gsize)sqlite3_column_bytes(statement->statement, column);
	return bytes;
}

gint64 kiln_sql_integer(KilnSqlStatement *statement, int column)
{
	return sqlite3_column_int64(statement->statement, column);
}

gint64 kiln_sql_last_id(KilnSql *sql)
{
	return sqlite3_last_insert_rowid(sql->connection);
}
