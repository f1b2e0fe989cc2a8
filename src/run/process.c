/* SPDX-License-Identifier: Apache-2.0 */
/* process.c: start, watch by pidfd, and end one program. */
#include "run/process.h"
#include "base/error.h"
#include "io/file.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_CANNOT_PREPARE 126

struct KilnProcess {
	pid_t pid;
	KilnFd pid_fd;
	int status; /* -1 while it runs */
};

/* Between fork and exec: async-signal-safe calls only. An own session keeps the terminal's signals away: the caller decides what they mean. */
static void prepare_child(gpointer user_data)
{
	sigset_t none;
	sigemptyset(&none);
	for (int number = 1; number < 32; number++)
		signal(number, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (setsid() < 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
		_exit(EXIT_CANNOT_PREPARE);
}

KilnProcess *kiln_process_start(const char *const *argv, const char *const *environment, const int stdio[3], GError **error)
{
	g_autoptr(GError) reason = NULL;
	KilnProcess *process = g_new0(KilnProcess, 1);
	process->status = -1;
	if (!g_spawn_async_with_fds(NULL, (char **)argv, (char **)environment, G_SPAWN_DO_NOT_REAP_CHILD, prepare_child, NULL, &process->pid,
	                            stdio[0], stdio[1], stdio[2], &reason)) {
		gboolean missing = g_error_matches(reason, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT);
		kiln_fail(error, missing ? KILN_ERROR_NOT_FOUND : KILN_ERROR_IO, "cannot start %s: %s", argv[0], reason->message);
		g_free(process);
		return NULL;
	}
	process->pid_fd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	if (process->pid_fd < 0) {
		kiln_fail_errno(error, errno, "cannot watch %s (pidfd_open needs Linux 5.3)", argv[0]);
		kiln_process_free(process);
		return NULL;
	}
	return process;
}

static void reap(KilnProcess *process, int options)
{
	int status;
	pid_t reaped;
	if (process->status >= 0)
		return;
	do
		reaped = waitpid(process->pid, &status, options);
	while (reaped < 0 && errno == EINTR);
	if (reaped == process->pid)
		g_atomic_int_set(&process->status, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	else if (reaped < 0)
		g_atomic_int_set(&process->status, 128 + SIGKILL); /* somebody else reaped it: gone is all that is known */
}

KilnWait kiln_process_wait(KilnProcess *process, gint timeout_ms, GCancellable *cancellable)
{
	gint64 deadline_us = timeout_ms < 0 ? G_MAXINT64 : g_get_monotonic_time() + (gint64)timeout_ms * 1000;
	GPollFD cancel_fd = { -1, 0, 0 };
	gboolean watches = cancellable && g_cancellable_make_pollfd(cancellable, &cancel_fd);
	KilnWait result = KILN_WAIT_TIMEOUT;
	for (;;) {
		gint64 left_us = deadline_us - g_get_monotonic_time();
		int wait_ms = deadline_us == G_MAXINT64 ? -1 : left_us <= 0 ? 0 : (int)MIN(left_us / 1000 + 1, (gint64)G_MAXINT);
		struct pollfd polled[] = { { process->pid_fd, POLLIN, 0 }, { watches ? cancel_fd.fd : -1, POLLIN, 0 } };
		if (process->status < 0)
			poll(polled, G_N_ELEMENTS(polled), wait_ms);
		reap(process, WNOHANG);
		if (process->status >= 0)
			result = KILN_WAIT_ENDED;
		else if (cancellable && g_cancellable_is_cancelled(cancellable))
			result = KILN_WAIT_CANCELLED;
		else if (g_get_monotonic_time() < deadline_us)
			continue;
		break;
	}
	if (watches)
		g_cancellable_release_fd(cancellable);
	return result;
}

int kiln_process_status(KilnProcess *process)
{
	reap(process, WNOHANG);
	return process->status;
}

gboolean kiln_process_runs(KilnProcess *process)
{
	return g_atomic_int_get(&process->status) < 0;
}

void kiln_process_signal(KilnProcess *process, int number)
{
	if (kiln_process_runs(process))
		syscall(SYS_pidfd_send_signal, process->pid_fd, number, NULL, 0);
}

void kiln_process_free(KilnProcess *process)
{
	if (!process)
		return;
	if (process->status < 0) {
		kill(-process->pid, SIGKILL);
		kill(process->pid, SIGKILL);
		reap(process, 0);
	}
	kiln_fd_close(&process->pid_fd);
	g_free(process);
}
