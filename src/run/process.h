/* SPDX-License-Identifier: Apache-2.0 */
/* process.h: one long-running program in a session of its own, with given descriptors, watched until it ends. */
#pragma once
#include <gio/gio.h>

typedef struct KilnProcess KilnProcess;

/**
 * @argv: argv[0] is a path
 * @environment: the whole of it
 * @stdio: borrowed; become 0, 1 and 2 of the program
 *
 * The program gets SIGTERM when the calling thread ends. Errors: KILN_ERROR_NOT_FOUND, KILN_ERROR_IO.
 */
KilnProcess *kiln_process_start(const char *const *argv, const char *const *environment, const int stdio[3], GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef enum { KILN_WAIT_ENDED, KILN_WAIT_TIMEOUT, KILN_WAIT_CANCELLED } KilnWait;

/** Wait until the program ended, @timeout_ms passed (-1: never) or @cancellable (may be NULL) fired. */
KilnWait kiln_process_wait(KilnProcess *process, gint timeout_ms, GCancellable *cancellable);
/** 0..255, or 128 + signal; -1 while it runs. */
int kiln_process_status(KilnProcess *process);
/** FALSE once somebody has waited for its end. Any thread. */
gboolean kiln_process_runs(KilnProcess *process);
/** Send a signal to the program alone. Harmless when it ended. Any thread. */
void kiln_process_signal(KilnProcess *process, int number);
/** Kills the whole session's process group first when it still runs. */
void kiln_process_free(KilnProcess *process);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnProcess, kiln_process_free)
