/* SPDX-License-Identifier: Apache-2.0 */
/* database_writer.h: what the files that write a database share. Internal to this module. */
#pragma once
#include "data/sql.h"
#include "vuln/database.h"

struct KilnDatabaseWriter {
	KilnSql *sql;
	char *path, *temporary;
	KilnSqlStatement *source, *counts, *again, *advisory, *name, *ecosystem, *affected, *exploited, *scored, *ends;
	GHashTable *ecosystems; /* name to id */
	GHashTable *source_names;
	gint64 source_id, newest_unix_s, fetched_unix_s;
	KilnDigest digest;
	guint64 records, skipped;
};

/** Write down what the source that is ending had; nothing when there is none. */
gboolean database_writer_end_source(KilnDatabaseWriter *writer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
