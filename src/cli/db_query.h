/* SPDX-License-Identifier: Apache-2.0 */
/* db_query.h: kiln db query: what sources say of a vulnerability or a package. */
#pragma once
#include "cli/command.h"

/** Print it. An exit code: KILN_EXIT_CANNOT_TELL when nothing is known. Errors: those of the database. */
int kiln_db_query(KilnInvocation *invocation, const char *path, GError **error);
