/* SPDX-License-Identifier: Apache-2.0 */
/* subprocess.c: other programs: no shell, a named environment, bounded output, a time limit. */
#include "io/subprocess.h"

#include "base/error.h"
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define POLL_MS 50

typedef struct {
	const KilnCommandLine *command;
	pid_t pid;
	int pipes[2];          /* read ends of stdout and stderr; -1 when closed */
	GByteArray *captured[2];
	gboolean killed;
} Child;

static void prepare_child(gpointer user_data)
{
	const KilnCommandLine *command = user_data;
	if (!command->inherit_output)
		setpgid(0, 0); /* so that a time limit reaches grandchildren too */
	if (command->working_directory_fd >= 0)
		(void)!fchdir(command->working_directory_fd);
}

static gboolean spawn(Child *child, GError **error)
{
	static const char *const path_only[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	const KilnCommandLine *command = child->command;
	GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH | G_SPAWN_CLOEXEC_PIPES;
	g_autoptr(GError) local = NULL;
	if (command->inherit_output)
		flags |= G_SPAWN_CHILD_INHERITS_STDIN;
	gboolean good = g_spawn_async_with_pipes(NULL, (char **)command->argv,
	                                         (char **)(command->environment ? command->environment : path_only), flags, prepare_child,
	                                         (gpointer)command, &child->pid, NULL, command->inherit_output ? NULL : &child->pipes[0],
	                                         command->inherit_output ? NULL : &child->pipes[1], &local);
	if (good)
		return TRUE;
	gboolean missing = g_error_matches(local, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT);
	return kiln_fail(error, missing ? KILN_ERROR_NOT_FOUND : KILN_ERROR_IO, "cannot start %s: %s", command->argv[0], local->message);
}

static void kill_child(Child *child)
{
	kill(child->command->inherit_output ? child->pid : -child->pid, SIGKILL);
	child->killed = TRUE;
}

/* Read what is there. FALSE only when the limit is passed. */
static gboolean drain(Child *child, int which, GError **error)
{
	guint8 buffer[16384];
	gssize count = read(child->pipes[which], buffer, sizeof buffer);
	if (count < 0 && (errno == EINTR || errno == EAGAIN))
		return TRUE;
	if (count <= 0) {
		kiln_fd_close(&child->pipes[which]);
		return TRUE;
	}
	if (child->captured[which]->len + (gsize)count > child->command->output_max_bytes)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s printed more than %" G_GSIZE_FORMAT " bytes", child->command->argv[0],
		                 child->command->output_max_bytes);
	g_byte_array_append(child->captured[which], buffer, (guint)count);
	return TRUE;
}

static gboolean wait_for_end(Child *child, GCancellable *cancellable, int *status, gboolean *timed_out, GError **error)
{
	gint64 deadline = g_get_monotonic_time() + (gint64)child->command->timeout_ms * 1000;
	gboolean good = TRUE, ended = FALSE;
	while (!ended || child->pipes[0] >= 0 || child->pipes[1] >= 0) {
		struct pollfd polled[2] = { { child->pipes[0], POLLIN, 0 }, { child->pipes[1], POLLIN, 0 } };
		/* A daemon that keeps the pipe open after the program ended must not hold us. */
		if (poll(polled, 2, ended ? 0 : POLL_MS) == 0 && ended)
			break;
		for (int i = 0; i < 2; i++)
			if (child->pipes[i] >= 0 && polled[i].revents && good && !drain(child, i, error)) {
				good = FALSE;
				kill_child(child);
			}
		if (!good) {
			kiln_fd_close(&child->pipes[0]);
			kiln_fd_close(&child->pipes[1]);
		}
		if (!ended)
			ended = waitpid(child->pid, status, WNOHANG) == child->pid;
		if (ended || child->killed)
			continue;
		*timed_out = child->command->timeout_ms && g_get_monotonic_time() > deadline;
		if (*timed_out || (cancellable && g_cancellable_is_cancelled(cancellable)))
			kill_child(child);
	}
	return good;
}

gboolean kiln_command_run(const KilnCommandLine *command, GCancellable *cancellable, KilnCommandResult *result, GError **error)
{
	Child child = { .command = command, .pipes = { -1, -1 } };
	int status = 0;
	gboolean timed_out = FALSE;
	if (!spawn(&child, error))
		return FALSE;
	child.captured[0] = g_byte_array_new();
	child.captured[1] = g_byte_array_new();
	gboolean good = wait_for_end(&child, cancellable, &status, &timed_out, error);
	kiln_fd_close(&child.pipes[0]);
	kiln_fd_close(&child.pipes[1]);
	g_autoptr(GBytes) output = g_byte_array_free_to_bytes(child.captured[0]);
	g_autoptr(GBytes) error_output = g_byte_array_free_to_bytes(child.captured[1]);
	if (!good)
		return FALSE;
	if (cancellable && g_cancellable_is_cancelled(cancellable))
		return kiln_fail(error, KILN_ERROR_CANCELLED, "stopped while %s ran", command->argv[0]);
	result->exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	result->timed_out = timed_out;
	result->output = command->inherit_output ? NULL : g_steal_pointer(&output);
	result->error_output = command->inherit_output ? NULL : g_steal_pointer(&error_output);
	return TRUE;
}

void kiln_command_result_clear(KilnCommandResult *result)
{
	g_clear_pointer(&result->output, g_bytes_unref);
	g_clear_pointer(&result->error_output, g_bytes_unref);
}
