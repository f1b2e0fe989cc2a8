/* SPDX-License-Identifier: Apache-2.0 */
/* db_export.h: kiln db export and kiln db import: the database as one signed file, out and in. */
#pragma once
#include "cli/command.h"

/** Write the database at @path to the file that the arguments name, signed with --key. An exit code. */
int kiln_db_export(KilnInvocation *invocation, const char *path, GError **error);
/** Put the exported database that the arguments name in the place of the one at @path. Errors: those of kiln_database_import(). */
gboolean kiln_db_import(KilnInvocation *invocation, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
