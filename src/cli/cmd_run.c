/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_run.c: kiln run: an image in the foreground, started the hardened way. */
#include "base/error.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/interrupt.h"
#include "cli/starting.h"

#include <signal.h>
#include <string.h>

/* What the thread that hands signals on knows. */
typedef struct {
	KilnContainer *container;
	const KilnContext *context;
	guint interrupts;
} Forwarding;

/* A program may ignore what asks it to stop; whoever presses Ctrl-C a second time means it. */
static void forward(int number, gpointer user_data)
{
	Forwarding *forwarding = user_data;
	gboolean insists = number == SIGINT && ++forwarding->interrupts > 1;
	if (!kiln_container_signal(forwarding->container, insists ? SIGKILL : number) && number != SIGWINCH)
		g_cancellable_cancel(forwarding->context->cancellable);
}

/* NAME=VALUE, or NAME alone for the caller's own value. */
static gboolean add_variable(GStrvBuilder *variables, const char *text, GError **error)
{
	const char *own = strchr(text, '=') ? NULL : g_getenv(text);
	if (*text == '\0' || *text == '=')
		return kiln_fail(error, KILN_ERROR_SYNTAX, "--env \"%s\": write NAME=VALUE, or NAME for the value that it has here", text);
	g_autofree char *whole = own ? g_strconcat(text, "=", own, NULL) : g_strdup(text);
	if (strchr(whole, '='))
		g_strv_builder_add(variables, whole);
	return TRUE;
}

static char **environment_of(const KilnInvocation *invocation, gboolean terminal, GError **error)
{
	g_autoptr(GStrvBuilder) variables = g_strv_builder_new();
	g_autofree char *kind = g_strconcat("TERM=", g_getenv("TERM") ? g_getenv("TERM") : "xterm", NULL);
	if (terminal)
		g_strv_builder_add(variables, kind);
	for (const char *const *text = kiln_option_list(invocation, "env"); *text; text++)
		if (!add_variable(variables, *text, error))
			return NULL;
	return g_strv_builder_end(variables);
}

static gboolean run_options(const KilnInvocation *invocation, KilnRunOptions *options, GError **error)
{
	const char *network = kiln_option_string(invocation, "network");
	const char *const *publish = kiln_option_list(invocation, "publish");
	options->arguments = (const char *const *)invocation->rest;
	options->user = kiln_option_string(invocation, "user");
	options->working_directory = kiln_option_string(invocation, "workdir");
	options->interactive = kiln_option_flag(invocation, "interactive");
	options->terminal = kiln_option_flag(invocation, "tty");
	options->host_network = g_strcmp0(network, "host") == 0;
	options->publish = publish;
	if (*publish && network)
		return kiln_fail(error, KILN_ERROR_SYNTAX, options->host_network ? "--network host reaches every port as it is: leave out --publish %s"
		                                                                 : "--network none lets nobody in: leave it out to --publish %s", *publish);
	return kiln_starting_options(invocation, options, error);
}

static gboolean run_image(KilnInvocation *invocation, const KilnRunOptions *options, int *exit_status, GError **error)
{
	const KilnContext *context = &invocation->context;
	g_autoptr(KilnImage) image = kiln_starting_image(invocation, invocation->arguments[0], error);
	g_autoptr(KilnContainer) container = image ? kiln_container_prepare(image, context, invocation->run_path, options, error) : NULL;
	if (!container)
		return FALSE;
	if (invocation->verbose)
		kiln_starting_explain(invocation, kiln_container_hardening(container));
	kiln_output_begin(invocation);
	Forwarding forwarding = { container, context, 0 };
	kiln_interrupt_forward(forward, &forwarding);
	gboolean ok = kiln_container_run(container, exit_status, error);
	kiln_interrupt_forward(NULL, NULL);
	return ok;
}

static int run(KilnInvocation *invocation, GError **error)
{
	KilnRunOptions options = { 0 };
	int exit_status;
	const char *program[] = { kiln_option_string(invocation, "entrypoint"), NULL };
	g_auto(GStrv) environment = environment_of(invocation, kiln_option_flag(invocation, "tty"), error);
	options.environment = (const char *const *)environment;
	options.entrypoint = program[0] ? program : NULL;
	if (!environment || !run_options(invocation, &options, error) || !run_image(invocation, &options, &exit_status, error))
		return KILN_EXIT_ERROR;
	return exit_status;
}

static const char *const networks[] = { "none", "host", NULL };

static const KilnOption options_of_run[] = {
	{ .name = "publish", .letter = 'p', .kind = KILN_OPTION_LIST, .value = "HOST:PORT", .help = "lead 127.0.0.1:HOST to the image's TCP port" },
	{ .name = "env", .letter = 'e', .kind = KILN_OPTION_LIST, .value = "NAME=VALUE", .help = "set a variable; NAME alone hands on your own" },
	{ .name = "user", .letter = 'u', .kind = KILN_OPTION_STRING, .value = "USER", .help = "name or uid[:gid] instead of the image's" },
	{ .name = "workdir", .letter = 'w', .kind = KILN_OPTION_STRING, .value = "DIR", .help = "directory in the image to start in" },
	{ .name = "entrypoint", .kind = KILN_OPTION_STRING, .value = "PROGRAM", .help = "start this instead of the image's program" },
	{ .name = "interactive", .letter = 'i', .kind = KILN_OPTION_FLAG, .help = "hand standard input on; else it is empty" },
	{ .name = "tty", .letter = 't', .kind = KILN_OPTION_FLAG, .help = "give it a terminal, with your input" },
	{ .name = "network", .kind = KILN_OPTION_STRING, .value = "NAME", .help = "none (own, loopback only) or host", .complete = KILN_COMPLETE_WORDS, .words = networks },
	KILN_STARTING_OPTIONS,
	{ .name = NULL },
};

const KilnCommand kiln_cmd_run = {
	.name = "run",
	.group = "run",
	.summary = "start an image here, the hardened way",
	.arguments = "IMAGE",
	.options = options_of_run,
	.needs = KILN_NEED_STORE,
	.run = run,
	.description = "Starts the image in the foreground with runc or crun, as root or rootless, and exits as its program does. It sees a read-only "
	               "root; its writable paths are empty or hold what the image has there, and end with it. It has no capability, cannot gain "
	               "privileges, and may make only the system calls that programs need. --verbose says what is in force.\n\n"
	               "It has a network of its own, in which it may listen on any port, and which only --publish leads into. "
	               "Signals are handed on to it; a second Ctrl-C kills it.",
	.example = "$ kiln run -p 8080:80 nginx\n$ kiln run nginx -- -t\n$ kiln run -it --entrypoint /bin/sh nginx-debug\n",
	.arguments_min = 1,
	.arguments_max = 1,
	.complete_arguments = KILN_COMPLETE_IMAGE,
	.rest = "ARGUMENT...",
};
