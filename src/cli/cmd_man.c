/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_man.c: kiln man. */
#include "base/error.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/man.h"
#include "io/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static const KilnOption options[] = {
	{ "directory", 'd', KILN_OPTION_STRING, "DIR", "write every page into DIR instead", KILN_COMPLETE_DIRECTORY, NULL },
	{ 0 },
};

static gboolean write_page(int directory_fd, const char *name, const char *page, GError **error)
{
	g_autofree char *file = g_strconcat(name, ".1", NULL);
	return kiln_file_write_at(directory_fd, file, page, strlen(page), error);
}

static gboolean write_all(const char *directory, GError **error)
{
	g_auto(KilnFd) fd = kiln_directory_make_at(AT_FDCWD, directory, 0755, error);
	if (fd < 0)
		return FALSE;
	g_autofree char *overview = kiln_man_overview(kiln_commands(), kiln_global_options());
	if (!write_page(fd, "kiln", overview, error))
		return FALSE;
	for (KilnCommandTable command = kiln_commands(); *command; command++) {
		g_autofree char *name = g_strconcat("kiln-", (*command)->name, NULL);
		g_autofree char *page = kiln_man_command(*command);
		if (!write_page(fd, name, page, error))
			return FALSE;
	}
	return TRUE;
}

static int run(KilnInvocation *invocation, GError **error)
{
	const char *directory = kiln_option_string(invocation, "directory"), *name = invocation->arguments[0];
	const KilnCommand *command = name ? kiln_command_find(name) : NULL;
	if (directory)
		return write_all(directory, error) ? KILN_EXIT_CLEAN : KILN_EXIT_ERROR;
	if (name && !command) {
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "there is no command \"%s\"; \"kiln help\" lists them", name);
		return KILN_EXIT_ERROR;
	}
	g_autofree char *page = command ? kiln_man_command(command) : kiln_man_overview(kiln_commands(), kiln_global_options());
	fputs(page, stdout);
	return KILN_EXIT_CLEAN;
}

const KilnCommand kiln_cmd_man = {
	.name = "man",
	.group = "help",
	.summary = "print a manual page",
	.arguments = "[COMMAND]",
	.options = options,
	.needs = KILN_NEED_NO_SETTINGS,
	.run = run,
	.description = "Prints the manual page of kiln or of one command in roff. An installed kiln has them where man finds them.",
	.example = "$ kiln man version | man -l -\n",
	.arguments_max = 1,
	.complete_arguments = KILN_COMPLETE_COMMAND,
};
