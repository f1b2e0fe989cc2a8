/* SPDX-License-Identifier: Apache-2.0 */
/* db_update.h: kiln db update: what signed archives say, into the database that is there. */
#pragma once
#include "cli/command.h"

/** Replace the database at @path by one with the archives of --from-archive read anew. Errors: those of the archive and of the writer. */
gboolean kiln_db_update(KilnInvocation *invocation, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
