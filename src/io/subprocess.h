/* SPDX-License-Identifier: Apache-2.0 */
/* subprocess.h: other programs (runc, crun): no shell, a named environment, bounded output, a time limit. */
#pragma once
#include <gio/gio.h>

typedef struct {
	const char *const *argv;        /* argv[0] is looked up in $PATH unless it has a slash */
	const char *const *environment; /* NULL: empty except PATH */
	int working_directory_fd;       /* -1: the caller's (0 is a descriptor: say -1) */
	guint timeout_ms;               /* 0: none */
	gsize output_max_bytes;         /* of each of stdout and stderr; more is KILN_ERROR_LIMIT */
	gboolean inherit_output;        /* stdin, stdout, stderr are the caller's; nothing is captured */
} KilnCommandLine;

typedef struct {
	int exit_status; /* 0..255, or 128 + signal */
	gboolean timed_out;
	GBytes *output;       /* stdout; NULL when inherited */
	GBytes *error_output; /* stderr; NULL when inherited */
} KilnCommandResult;

/**
 * Run a program to its end.
 *
 * Captured, it gets its own process group and an empty stdin. With inherit_output it stays in the caller's group, so that the
 * terminal's signals reach it directly; the caller must then survive them (handle SIGINT, SIGQUIT by @cancellable) to see the result.
 * When time is up, too much is printed or @cancellable says so, the group (inherited: the program) gets SIGTERM, and SIGKILL two
 * seconds later. It also gets SIGTERM when the calling thread dies. Signals it was to ignore or block are reset for it.
 *
 * @result: written on success only, which includes any exit status and a passed time limit
 *
 * Errors: KILN_ERROR_NOT_FOUND no such program, KILN_ERROR_LIMIT, KILN_ERROR_CANCELLED, KILN_ERROR_IO it cannot be started.
 */
gboolean kiln_command_run(const KilnCommandLine *command, GCancellable *cancellable, KilnCommandResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_command_result_clear(KilnCommandResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KilnCommandResult, kiln_command_result_clear)
