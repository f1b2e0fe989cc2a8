/* SPDX-License-Identifier: Apache-2.0 */
/* interrupt.h: SIGINT, SIGTERM and SIGHUP as a cancellable. */
#pragma once
#include <gio/gio.h>

/**
 * From now on the first of these signals cancels @cancellable (a reference is kept until the process ends), so that the
 * work stops at a clean point; the second one ends the process at once. Call once.
 */
void kiln_interrupt_watch(GCancellable *cancellable);
/** The signal that came, or 0. */
int kiln_interrupt_signal(void);
/** End the process by the signal that came, as the shell expects. Returns when none came. */
void kiln_interrupt_finish(void);
