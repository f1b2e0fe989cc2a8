/* SPDX-License-Identifier: Apache-2.0 */
/* database_import.h: an exported database takes the place of the one that is there, once somebody who is trusted signed it and every digest holds. */
#pragma once
#include "vuln/database_export.h"

/**
 * Put what the file @path has in the place of the database at @database_path, which may not be there yet. Nothing of the file is parsed before its signature
 * holds, and nothing takes the place of anything before all digests hold.
 *
 * @keys: KilnKey, one of which must have signed; NULL: nobody need have signed, and a signature is not looked at
 * @out: may be NULL
 * Errors: KILN_ERROR_UNTRUSTED none of the keys signed it, it is not signed, or it is older than what is there; KILN_ERROR_MISMATCH a digest or a length is not
 * what the header promises; KILN_ERROR_NOT_FOUND it is a delta and its base is not there; KILN_ERROR_SYNTAX, KILN_ERROR_UNSUPPORTED, KILN_ERROR_LIMIT,
 * KILN_ERROR_IO, KILN_ERROR_CANCELLED.
 */
gboolean kiln_database_import(const char *path, const char *database_path, const GPtrArray *keys, const KilnContext *context, KilnDatabaseExport *out,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
