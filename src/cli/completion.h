/* SPDX-License-Identifier: Apache-2.0 */
/* completion.h: completion scripts for shells, made from the command table. */
#pragma once
#include "cli/command.h"

typedef struct {
	const char *shell; /* "bash" */
	char *(*script)(KilnCommandTable commands, const KilnOption *global); /* new string */
} KilnCompletion;

/** Every shell that is known, ended by one with a NULL name. Static. */
const KilnCompletion *kiln_completions(void);
