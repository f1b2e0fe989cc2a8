/* SPDX-License-Identifier: Apache-2.0 */
/* man.h: manual pages in roff, made from the command table. */
#pragma once
#include "cli/command.h"

/** kiln(1). New string. */
char *kiln_man_overview(KilnCommandTable commands, const KilnOption *global);
/** kiln-COMMAND(1). New string. */
char *kiln_man_command(const KilnCommand *command);
