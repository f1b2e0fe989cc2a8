/* SPDX-License-Identifier: Apache-2.0 */
/* interrupt.h: SIGINT, SIGTERM and SIGHUP as a cancellable, or handed on to a program that runs in the foreground. */
#pragma once
#include <gio/gio.h>

/**
 * From now on the first of these signals cancels @cancellable (a reference is kept until the process ends), so that the
 * work stops at a clean point; the second one ends the process at once. Call once.
 */
void kiln_interrupt_watch(GCancellable *cancellable);
/** Called in a thread of its own; must return soon. */
typedef void (*KilnForwardFunction)(int number, gpointer user_data);

/**
 * From now on those signals, and SIGQUIT, SIGUSR1, SIGUSR2 and SIGWINCH, go to @forward and stop nothing; with NULL all is as
 * before. When this returns, no call with earlier @user_data is under way.
 */
void kiln_interrupt_forward(KilnForwardFunction forward, gpointer user_data);
/** The signal that came, or 0; none that was handed on. */
int kiln_interrupt_signal(void);
/** End the process by the signal that came, as the shell expects. Returns when none came. */
void kiln_interrupt_finish(void);
