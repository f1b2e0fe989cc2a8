/* SPDX-License-Identifier: Apache-2.0 */
/* cli.c: the program as one function: parse, open, run, say how it ended. */
#include "cli/cli.h"

#include "base/error.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/help.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/session.h"
#include "read/reader.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static gboolean given(const KilnArguments *arguments, const char *option)
{
	const GPtrArray *values = g_hash_table_lookup(arguments->values, option);
	return values && g_strcmp0(values->pdata[0], "true") == 0;
}

static gboolean colour_on(int fd, const KilnArguments *arguments)
{
	return kiln_message_colour(fd) && !given(arguments, "no-color");
}

static int fail_usage(const KilnArguments *arguments, const GError *error)
{
	kiln_message_error(error, colour_on(STDERR_FILENO, arguments), given(arguments, "verbose"));
	fprintf(stderr, "\"kiln%s%s --help\" shows what there is.\n", arguments->command ? " " : "",
	        arguments->command ? arguments->command->name : "");
	return KILN_EXIT_ERROR;
}

/* What needs no session: help, version, and no command at all. -1: none of these. */
static int answer_at_once(const KilnArguments *arguments)
{
	gboolean colour = colour_on(STDOUT_FILENO, arguments);
	if (arguments->command && arguments->help) {
		g_autofree char *help = kiln_help_command(arguments->command, kiln_global_options(), colour);
		fputs(help, stdout);
		return KILN_EXIT_CLEAN;
	}
	if (arguments->command && !given(arguments, "version"))
		return -1;
	if (given(arguments, "version")) {
		KilnInvocation invocation = { .command = &kiln_cmd_version };
		return kiln_cmd_version.run(&invocation, NULL);
	}
	g_autofree char *overview = kiln_help_overview(kiln_commands(), arguments->help ? colour : colour_on(STDERR_FILENO, arguments));
	fputs(overview, arguments->help ? stdout : stderr);
	return arguments->help ? KILN_EXIT_CLEAN : KILN_EXIT_ERROR;
}

static int run_command(KilnArguments **arguments)
{
	g_autoptr(GError) error = NULL;
	gboolean colour = colour_on(STDERR_FILENO, *arguments), verbose = given(*arguments, "verbose");
	g_autoptr(KilnSession) session = kiln_session_new(g_steal_pointer(arguments), &error);
	if (!session) {
		kiln_message_error(error, colour, verbose);
		return kiln_exit_of_error(error);
	}
	KilnInvocation *invocation = &session->invocation;
	int code = invocation->command->run(invocation, &error);
	kiln_output_begin(invocation);
	if (!error)
		return code;
	fflush(stdout); /* what was printed before the error stands before it */
	if (!(kiln_interrupt_signal() && g_error_matches(error, KILN_ERROR, KILN_ERROR_CANCELLED)))
		kiln_message_error(error, session->colour_errors, invocation->verbose);
	return kiln_exit_of_error(error);
}

/* An answer that did not reach its reader is no success. */
static int check_output(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	if (errno == EPIPE) { /* the reader has seen enough, as with "| head" */
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	g_autoptr(GError) error = NULL;
	kiln_fail_errno(&error, errno, "cannot write to standard output");
	kiln_message_error(error, kiln_message_colour(STDERR_FILENO), FALSE);
	return KILN_EXIT_ERROR;
}

int kiln_cli_main(int argc, char **argv)
{
	if (argc > 0 && strcmp(argv[0], KILN_READER_NAME) == 0) /* started by kiln itself, see read/reader.h */
		return kiln_reader_main();
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnArguments) arguments = NULL;
	if (!kiln_arguments_parse(kiln_commands(), kiln_global_options(), argv + 1, &arguments, &error))
		return fail_usage(arguments, error);
	int code = answer_at_once(arguments);
	if (code < 0)
		code = run_command(&arguments);
	code = check_output(code);
	kiln_interrupt_finish();
	return code;
}
