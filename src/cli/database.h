/* SPDX-License-Identifier: Apache-2.0 */
/* database.h: where the vulnerability database is: --db, or beside the store's images. */
#pragma once
#include "cli/command.h"

/** New string. */
char *kiln_database_path(const KilnInvocation *invocation);
