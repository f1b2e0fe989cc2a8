/* SPDX-License-Identifier: Apache-2.0 */
/* terminal.h: the caller's terminal in front of a program's own, and as it was before when the program has ended. */
#pragma once
#include "run/process.h"
#include "run/pump.h"

typedef struct KilnTerminal KilnTerminal;

/**
 * Take stdin and stdout, which must be a terminal.
 *
 * @socket_path: where the runtime will send the program's terminal to; NULL when it moves the bytes itself
 *
 * Errors: KILN_ERROR_UNSUPPORTED there is no terminal; KILN_ERROR_IO.
 */
KilnTerminal *kiln_terminal_take(const char *socket_path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * With a socket: wait until the runtime @process has sent the program's terminal, and let @pump move bytes between both. Returns
 * as well when the runtime ended without, which its caller has to look at.
 */
void kiln_terminal_connect(KilnTerminal *terminal, KilnProcess *process, KilnPump *pump, GCancellable *cancellable);
/** Make the program's terminal as large as the caller's. FALSE without a socket: the runtime does it on SIGWINCH. Any thread. */
gboolean kiln_terminal_resize(KilnTerminal *terminal);
/** Give the terminal back as it was. */
void kiln_terminal_release(KilnTerminal *terminal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnTerminal, kiln_terminal_release)
