/* SPDX-License-Identifier: Apache-2.0 */
/* subprocess.c: other programs: no shell, a named environment, bounded output, a time limit. */
#include "io/subprocess.h"
#include "base/error.h"
#include "io/file.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define GRACE_MS 2000 /* between SIGTERM and SIGKILL */
#define GROUP_POLL_US 5000
#define EXIT_CANNOT_PREPARE 126
#define DRAIN_BYTES 16384

typedef struct {
	const KilnCommandLine *command;
	GCancellable *cancellable;
	pid_t pid;
	KilnFd pid_fd;          /* readable once the program ended */
	KilnFd pipes[2];        /* read ends of stdout and stderr; -1 when closed */
	GByteArray *captured[2];
	gint64 deadline_us; /* of the time limit, then of the grace; G_MAXINT64: none */
	int signalled;      /* the last signal sent, 0 before */
	gboolean timed_out;
	GError *failure; /* why the program was stopped, if not for the time limit */
} Child;

/* Runs between fork and exec: only async-signal-safe calls. */
static void prepare_child(gpointer user_data)
{
	const KilnCommandLine *command = user_data;
	sigset_t none;
	sigemptyset(&none);
	for (int number = 1; number < 32; number++)
		signal(number, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if ((!command->inherit_output && setpgid(0, 0) != 0) || prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 ||
	    (command->working_directory_fd >= 0 && fchdir(command->working_directory_fd) != 0))
		_exit(EXIT_CANNOT_PREPARE);
}

static gboolean spawn(Child *child, GError **error)
{
	static const char *const path_only[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	const KilnCommandLine *command = child->command;
	gboolean inherits = command->inherit_output;
	GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH | G_SPAWN_CLOEXEC_PIPES;
	g_autoptr(GError) reason = NULL;
	if (inherits)
		flags |= G_SPAWN_CHILD_INHERITS_STDIN;
	if (!g_spawn_async_with_pipes(NULL, (char **)command->argv, (char **)(command->environment ? command->environment : path_only),
	                              flags, prepare_child, (gpointer)command, &child->pid, NULL, inherits ? NULL : &child->pipes[0],
	                              inherits ? NULL : &child->pipes[1], &reason)) {
		gboolean missing = g_error_matches(reason, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT);
		return kiln_fail(error, missing ? KILN_ERROR_NOT_FOUND : KILN_ERROR_IO, "cannot start %s: %s", command->argv[0], reason->message);
	}
	child->pid_fd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	if (child->pid_fd >= 0)
		return TRUE;
	kiln_fail_errno(error, errno, "cannot watch %s (pidfd_open needs Linux 5.3)", command->argv[0]);
	kill(child->pid, SIGKILL);
	while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
		;
	return FALSE;
}

static void send_signal(Child *child, int number)
{
	kill(child->command->inherit_output ? child->pid : -child->pid, number);
	child->signalled = number;
	child->deadline_us = number == SIGTERM ? g_get_monotonic_time() + GRACE_MS * 1000 : G_MAXINT64;
}

/* Take what is there. Once more than the limit came, the rest is thrown away and the program stopped. */
static void drain(Child *child, int which)
{
	guint8 buffer[DRAIN_BYTES];
	ssize_t count = read(child->pipes[which], buffer, sizeof buffer);
	if (count < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (count <= 0) {
		kiln_fd_close(&child->pipes[which]);
		return;
	}
	if (child->captured[which]->len + (gsize)count <= child->command->output_max_bytes) {
		g_byte_array_append(child->captured[which], buffer, (guint)count);
	} else if (!child->failure) {
		kiln_fail(&child->failure, KILN_ERROR_LIMIT, "%s printed more than %" G_GSIZE_FORMAT " bytes on std%s and was stopped",
		          child->command->argv[0], child->command->output_max_bytes, which == 0 ? "out" : "err");
		if (!child->signalled)
			send_signal(child, SIGTERM);
	}
}

static void check_time(Child *child)
{
	if (child->cancellable && !child->failure && g_cancellable_is_cancelled(child->cancellable)) {
		kiln_fail(&child->failure, KILN_ERROR_CANCELLED, "stopped while %s ran", child->command->argv[0]);
		if (!child->signalled)
			send_signal(child, SIGTERM);
	}
	if (g_get_monotonic_time() < child->deadline_us)
		return;
	if (!child->signalled)
		child->timed_out = TRUE;
	send_signal(child, child->signalled ? SIGKILL : SIGTERM);
}

static int poll_ms(const Child *child)
{
	if (child->deadline_us == G_MAXINT64)
		return -1;
	gint64 left_us = child->deadline_us - g_get_monotonic_time();
	return left_us <= 0 ? 0 : (int)MIN(left_us / 1000 + 1, (gint64)G_MAXINT);
}

/* Feed on the pipes until the program ends; what it left in them is taken, but nobody waits for a daemon that keeps them open. */
static void attend(Child *child)
{
	enum { STDOUT, STDERR, END, CANCEL, COUNT };
	struct pollfd polled[COUNT] = { [END] = { child->pid_fd, POLLIN, 0 }, [CANCEL] = { -1, POLLIN, 0 } };
	GPollFD cancel_fd;
	gboolean watches = child->cancellable && g_cancellable_make_pollfd(child->cancellable, &cancel_fd);
	for (gboolean ended = FALSE;;) {
		for (int i = STDOUT; i <= STDERR; i++)
			polled[i] = (struct pollfd){ child->pipes[i], POLLIN, 0 };
		polled[CANCEL].fd = watches && !child->failure ? cancel_fd.fd : -1;
		int ready = poll(polled, COUNT, ended ? 0 : poll_ms(child));
		gboolean drained = TRUE;
		for (int i = STDOUT; ready > 0 && i <= STDERR; i++)
			if (polled[i].fd >= 0 && polled[i].revents) {
				drain(child, i);
				drained = FALSE;
			}
		if (ended && drained)
			break;
		ended = ended || (ready > 0 && polled[END].revents);
		if (ended)
			polled[END].fd = -1;
		else
			check_time(child);
	}
	if (watches)
		g_cancellable_release_fd(child->cancellable);
}

/* The program is gone, after a signal of ours; those it left in its group get the rest of the grace, then SIGKILL. */
static void end_group(const Child *child)
{
	if (!child->signalled || child->command->inherit_output)
		return;
	while (kill(-child->pid, 0) == 0 && g_get_monotonic_time() < child->deadline_us && child->signalled == SIGTERM)
		g_usleep(GROUP_POLL_US);
	kill(-child->pid, SIGKILL);
}

static GBytes *take(GByteArray **captured)
{
	return g_byte_array_free_to_bytes(g_steal_pointer(captured));
}

gboolean kiln_command_run(const KilnCommandLine *command, GCancellable *cancellable, KilnCommandResult *result, GError **error)
{
	Child child = { .command = command, .cancellable = cancellable, .pid_fd = -1, .pipes = { -1, -1 }, .deadline_us = G_MAXINT64 };
	if (cancellable && g_cancellable_is_cancelled(cancellable))
		return kiln_fail(error, KILN_ERROR_CANCELLED, "stopped before %s was started", command->argv[0]);
	if (!spawn(&child, error))
		return FALSE;
	if (command->timeout_ms)
		child.deadline_us = g_get_monotonic_time() + (gint64)command->timeout_ms * 1000;
	child.captured[0] = g_byte_array_new();
	child.captured[1] = g_byte_array_new();
	attend(&child);

	int status = 0;
	pid_t reaped;
	do
		reaped = waitpid(child.pid, &status, 0);
	while (reaped < 0 && errno == EINTR);
	end_group(&child);
	kiln_fd_close(&child.pid_fd);
	kiln_fd_close(&child.pipes[0]);
	kiln_fd_close(&child.pipes[1]);
	g_autoptr(GBytes) output = take(&child.captured[0]);
	g_autoptr(GBytes) error_output = take(&child.captured[1]);
	if (reaped < 0 && !child.failure)
		kiln_fail(&child.failure, KILN_ERROR_INTERNAL, "somebody else reaped %s", command->argv[0]);
	if (child.failure) {
		g_propagate_error(error, child.failure);
		return FALSE;
	}
	*result = (KilnCommandResult){ .exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
		                       .timed_out = child.timed_out };
	if (!command->inherit_output) {
		result->output = g_steal_pointer(&output);
		result->error_output = g_steal_pointer(&error_output);
	}
	return TRUE;
}

void kiln_command_result_clear(KilnCommandResult *result)
{
	g_clear_pointer(&result->output, g_bytes_unref);
	g_clear_pointer(&result->error_output, g_bytes_unref);
}
