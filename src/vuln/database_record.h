/* SPDX-License-Identifier: Apache-2.0 */
/* database_record.h: advisories as the database keeps them: compact JSON, one document a record and one a package. Internal to this module. */
#pragma once
#include "vuln/advisory.h"

/** All but id, source and affected. */
GBytes *database_record_write(const KilnAdvisory *advisory);
/** Into an advisory that has its id and source. Errors: KILN_ERROR_SYNTAX, with @name. */
gboolean database_record_read(KilnAdvisory *advisory, const void *bytes, gsize length, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** All but ecosystem and name. */
GBytes *database_affected_write(const KilnAffected *affected);
gboolean database_affected_read(KilnAffected *affected, const void *bytes, gsize length, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
