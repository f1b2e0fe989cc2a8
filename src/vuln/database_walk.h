/* SPDX-License-Identifier: Apache-2.0 */
/* database_walk.h: all that a database says, source by source, as lines of JSON in an order of their own. Internal to this module.
 *
 * The lines of a source are the same whatever order its records came in; docs/formats/database-export.md says what they are.
 */
#pragma once
#include "base/context.h"
#include "data/sql.h"
#include "vuln/database.h"

/** The connection and the file of an open database. Borrowed. */
KilnSql *database_connection(const KilnDatabase *database);
const char *database_path(const KilnDatabase *database);

/** @line: with its newline */
typedef gboolean (*DatabaseVisit)(const KilnDatabaseSource *source, const char *line, gsize length, gpointer user_data, GError **error);

/**
 * Call @visit for each line of the sources called @names (a set; NULL: all), in the order of the sources' names.
 * Errors: KILN_ERROR_SYNTAX the file is damaged, KILN_ERROR_CANCELLED, those of @visit.
 */
gboolean database_walk(const KilnDatabase *database, GHashTable *names, const KilnContext *context, DatabaseVisit visit, gpointer user_data,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
