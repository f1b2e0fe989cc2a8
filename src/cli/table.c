/* SPDX-License-Identifier: Apache-2.0 */
/* table.c: the list of all commands, in the order and groups of kiln --help. */
#include "cli/commands.h"

#include <string.h>

static const KilnCommand *const commands[] = {
	&kiln_cmd_build,
	&kiln_cmd_lock,
	&kiln_cmd_rebuild,
	&kiln_cmd_inspect,
	&kiln_cmd_diff,
	&kiln_cmd_why,
	&kiln_cmd_sbom,
	&kiln_cmd_scan,
	&kiln_cmd_vex,
	&kiln_cmd_db,
	&kiln_cmd_run,
	&kiln_cmd_test,
	&kiln_cmd_help,
	&kiln_cmd_version,
	&kiln_cmd_completion,
	&kiln_cmd_man,
	NULL,
};

KilnCommandTable kiln_commands(void)
{
	return commands;
}

const KilnCommand *kiln_command_find(const char *name)
{
	for (KilnCommandTable command = commands; *command; command++)
		if (strcmp((*command)->name, name) == 0)
			return *command;
	return NULL;
}
