/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_help.c: kiln help. */
#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/help.h"
#include "cli/render.h"

static int run(KilnInvocation *invocation, GError **error)
{
	const char *name = invocation->arguments[0];
	const KilnCommand *command = name ? kiln_command_find(name) : NULL;
	if (name && !command) {
		g_autoptr(GPtrArray) names = g_ptr_array_new();
		for (KilnCommandTable other = kiln_commands(); *other; other++)
			g_ptr_array_add(names, (gpointer)(*other)->name);
		g_ptr_array_add(names, NULL);
		const char *nearest = kiln_text_nearest(name, (const char *const *)names->pdata);
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "there is no command \"%s\"%s%s%s", name, nearest ? "; did you mean \"" : "",
		          nearest ? nearest : "", nearest ? "\"?" : "");
		return KILN_EXIT_ERROR;
	}
	g_autofree char *text = command ? kiln_help_command(command, kiln_global_options(), invocation->colour)
	                                : kiln_help_overview(kiln_commands(), invocation->colour);
	fputs(text, stdout);
	return KILN_EXIT_CLEAN;
}

const KilnCommand kiln_cmd_help = {
	.name = "help",
	.group = "help",
	.summary = "show all commands, or the help of one",
	.arguments = "[COMMAND]",
	.needs = KILN_NEED_NO_SETTINGS,
	.run = run,
	.description = "Without COMMAND it lists all commands; with one it shows its options and an example, as --help does.",
	.example = "$ kiln help version\n",
	.arguments_max = 1,
	.complete_arguments = KILN_COMPLETE_COMMAND,
};
