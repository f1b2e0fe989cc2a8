/* SPDX-License-Identifier: Apache-2.0 */
/* interrupt.c: signals that ask to stop. */
#include "cli/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static const int stops[] = { SIGINT, SIGTERM, SIGHUP };

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

/* Whom signals are forwarded to; the thread calls it with the mutex held. */
static GMutex forward_mutex;
static KilnForwardFunction forward_function;
static gpointer forward_data;

static void on_forward(int number)
{
	int saved = errno;
	char byte = (char)number;
	(void)!write(wake_fds[1], &byte, 1);
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
	gssize count;
	while ((count = read(wake_fds[0], &byte, 1)) > 0 || (count < 0 && errno == EINTR)) {
		if (count < 0)
			continue;
		g_mutex_lock(&forward_mutex);
		if (byte == 0)
			g_cancellable_cancel(cancellable);
		else if (forward_function)
			forward_function(byte, forward_data);
		g_mutex_unlock(&forward_mutex);
	}
	g_object_unref(cancellable);
	return NULL;
}

static void set_handlers(const int *numbers, gsize count, const struct sigaction *action)
{
	for (gsize i = 0; i < count; i++) {
		struct sigaction before;
		sigaction(numbers[i], NULL, &before);
		if (before.sa_handler != SIG_IGN) /* nohup, background jobs */
			sigaction(numbers[i], action, NULL);
	}
}

void kiln_interrupt_watch(GCancellable *cancellable)
{
	struct sigaction ignore = { .sa_handler = on_pipe, .sa_flags = SA_RESTART };
	struct sigaction stop = { .sa_handler = on_stop, .sa_flags = (int)SA_RESETHAND | SA_RESTART };
	sigaction(SIGPIPE, &ignore, NULL);
	if (pipe2(wake_fds, O_CLOEXEC) != 0)
		return; /* then signals end the process as they always did */
	g_thread_unref(g_thread_new("signals", wait_for_signal, g_object_ref(cancellable)));
	set_handlers(stops, G_N_ELEMENTS(stops), &stop);
}

void kiln_interrupt_forward(KilnForwardFunction forward, gpointer user_data)
{
	static const int others[] = { SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH };
	struct sigaction handed_on = { .sa_handler = on_forward, .sa_flags = SA_RESTART };
	struct sigaction stop = { .sa_handler = on_stop, .sa_flags = (int)SA_RESETHAND | SA_RESTART }, none = { .sa_handler = SIG_DFL };
	if (wake_fds[1] < 0)
		return;
	g_mutex_lock(&forward_mutex);
	forward_function = forward;
	forward_data = user_data;
	g_mutex_unlock(&forward_mutex);
	set_handlers(stops, G_N_ELEMENTS(stops), forward ? &handed_on : &stop);
	set_handlers(others, G_N_ELEMENTS(others), forward ? &handed_on : &none);
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
