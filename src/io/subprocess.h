/* SPDX-License-Identifier: Apache-2.0 */
/* subprocess.h: other programs (runc, crun): no shell, a named environment, bounded output, a time limit. */
#pragma once
#include <gio/gio.h>

typedef struct {
	const char *const *argv;        /* argv[0] is looked up in $PATH unless it has a slash */
	const char *const *environment; /* NULL: empty except PATH */
	int working_directory_fd;       /* -1: the caller's */
	guint timeout_ms;               /* 0: none; then the child and its group are killed */
	gsize output_max_bytes;         /* of each of stdout and stderr; more is KILN_ERROR_LIMIT */
	gboolean inherit_output;        /* stdin, stdout, stderr are the caller's; nothing is captured */
} KilnCommandLine;

typedef struct {
	int exit_status; /* 0..255, or 128 + signal */
	gboolean timed_out;
	GBytes *output;       /* stdout; NULL when inherited */
	GBytes *error_output; /* stderr; NULL when inherited */
} KilnCommandResult;

gboolean kiln_command_run(const KilnCommandLine *command, GCancellable *cancellable, KilnCommandResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_command_result_clear(KilnCommandResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KilnCommandResult, kiln_command_result_clear)
