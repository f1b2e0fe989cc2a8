/* SPDX-License-Identifier: Apache-2.0 */
/* help.h: what --help prints, made from the command table. */
#pragma once
#include "cli/command.h"

#define KILN_HELP_COLUMNS 80
#define KILN_HELP_LINES 24 /* kiln --help fits one screen */

/** One sentence that says what kiln is. Static. */
const char *kiln_help_sentence(void);
/** All commands, grouped. New string. */
char *kiln_help_overview(KilnCommandTable commands, gboolean colour);
/** One command with its options and an example. New string. */
char *kiln_help_command(const KilnCommand *command, const KilnOption *global, gboolean colour);
/** "kiln build RECIPE... [OPTION...] [-- ARGUMENT...]". New string. */
char *kiln_help_usage(const KilnCommand *command);
