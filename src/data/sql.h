/* SPDX-License-Identifier: Apache-2.0 */
/* sql.h: SQLite: one file, prepared statements. Files from outside are hostile: nothing in a schema is ever run. */
#pragma once
#include <glib.h>

typedef struct KilnSql KilnSql;
typedef struct KilnSqlStatement KilnSqlStatement;

/**
 * Open the existing file at @path for reading only. One connection belongs to one thread at a time.
 * Errors: KILN_ERROR_NOT_FOUND, KILN_ERROR_IO, KILN_ERROR_SYNTAX it is no database.
 */
KilnSql *kiln_sql_open(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * The database whose file is in memory, for reading only; @bytes are copied. What a log beside the file (WAL) has is not in it.
 * Errors: KILN_ERROR_SYNTAX.
 */
KilnSql *kiln_sql_open_bytes(const void *bytes, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** A new database at @path, written without a journal: if anything fails the file is of no use, so it must be a temporary one. */
KilnSql *kiln_sql_create(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_sql_close(KilnSql *sql);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnSql, kiln_sql_close)

/** Run statements that give no rows. Errors: KILN_ERROR_IO, KILN_ERROR_SYNTAX a damaged file. */
gboolean kiln_sql_execute(KilnSql *sql, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Errors: KILN_ERROR_SYNTAX: the file lacks what @text names, or is damaged. Freed before the connection is closed. */
KilnSqlStatement *kiln_sql_prepare(KilnSql *sql, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_sql_statement_free(KilnSqlStatement *statement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnSqlStatement, kiln_sql_statement_free)

/** Parameters count from 1. Values must live until the statement is reset or freed; NULL text is SQL's NULL. */
void kiln_sql_bind_text(KilnSqlStatement *statement, int parameter, const char *text);
void kiln_sql_bind_blob(KilnSqlStatement *statement, int parameter, const void *bytes, gsize length);
void kiln_sql_bind_integer(KilnSqlStatement *statement, int parameter, gint64 value);

/** The next row: *row is FALSE after the last, and the statement is then reset. Errors: as kiln_sql_execute(). */
gboolean kiln_sql_step(KilnSqlStatement *statement, gboolean *row, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Step once, expect no row, reset: for INSERT and the like. */
gboolean kiln_sql_run(KilnSqlStatement *statement, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_sql_reset(KilnSqlStatement *statement);

/** Columns count from 0; borrowed until the next step. NULL for SQL's NULL. */
const char *kiln_sql_text(KilnSqlStatement *statement, int column);
const void *kiln_sql_blob(KilnSqlStatement *statement, int column, gsize *length);
gint64 kiln_sql_integer(KilnSqlStatement *statement, int column);
/** The id that the last INSERT gave. */
gint64 kiln_sql_last_id(KilnSql *sql);
