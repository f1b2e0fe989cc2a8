/* SPDX-License-Identifier: Apache-2.0 */
/* database_export.h: a database as one file that is carried elsewhere, signed; there it takes the place of the one before.
 *
 * The same database, key and base give the same bytes. Shape: docs/formats/database-export.md.
 */
#pragma once
#include "base/context.h"
#include "crypto/signature.h"
#include "vuln/database.h"

/** What an exported database is, as its header tells. */
typedef struct {
	KilnDigest database, base; /* digests of contents */
	gboolean is_delta;         /* only what differs from the database whose digest is @base */
	guint sources, left_out;   /* @left_out are as in the base */
	guint64 records;           /* of those that are included */
	guint64 size_bytes;
	char key_id[KILN_KEY_ID_LENGTH + 1]; /* "": not signed */
} KilnDatabaseExport;

/**
 * Write @database to the file @path, which appears when it is whole.
 *
 * @key: signs it; NULL: it is not signed
 * @since: an earlier export: what it says of a source that is the same is left out; NULL: all is written
 * @out: may be NULL
 * Errors: KILN_ERROR_SYNTAX the database is damaged, @since is no exported database; KILN_ERROR_LIMIT, KILN_ERROR_NOT_FOUND, KILN_ERROR_IO, KILN_ERROR_CANCELLED.
 */
gboolean kiln_database_export(const KilnDatabase *database, const char *path, const KilnKey *key, const char *since, const KilnContext *context, KilnDatabaseExport *out,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
