/* SPDX-License-Identifier: Apache-2.0 */
/* interrupt.c: signals that ask to stop. */
#include "cli/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* Written by the handler only; a handler can reach nothing but static storage. */
static volatile sig_atomic_t signal_that_came;
static int wake_fds[2] = { -1, -1 };

static void on_stop(int number)
{
	int saved = errno;
	signal_that_came = number;
	(void)!write(wake_fds[1], "", 1);
	errno = saved;
}

/* A broken pipe is an error of write(); a handler, unlike SIG_IGN, is not inherited by programs that kiln starts. */
static void on_pipe(int number)
{
}

/* g_cancellable_cancel() takes locks and may not be called in a handler. */
static gpointer wait_for_signal(gpointer cancellable)
{
	char byte;
	while (read(wake_fds[0], &byte, 1) < 0 && errno == EINTR)
		;
	g_cancellable_cancel(cancellable);
	g_object_unref(cancellable);
	return NULL;
}

void kiln_interrupt_watch(GCancellable *cancellable)
{
	static const int stops[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction ignore = { .sa_handler = on_pipe, .sa_flags = SA_RESTART };
	sigaction(SIGPIPE, &ignore, NULL);
	if (pipe2(wake_fds, O_CLOEXEC) != 0)
		return; /* then signals end the process as they always did */
	g_thread_unref(g_thread_new("signals", wait_for_signal, g_object_ref(cancellable)));
	for (gsize i = 0; i < G_N_ELEMENTS(stops); i++) {
		struct sigaction before, stop = { .sa_handler = on_stop, .sa_flags = (int)SA_RESETHAND | SA_RESTART };
		sigaction(stops[i], NULL, &before);
		if (before.sa_handler != SIG_IGN) /* nohup, background jobs */
			sigaction(stops[i], &stop, NULL);
	}
}

int kiln_interrupt_signal(void)
{
	return signal_that_came;
}

void kiln_interrupt_finish(void)
{
	if (!signal_that_came)
		return;
	signal(signal_that_came, SIG_DFL);
	raise(signal_that_came);
}
