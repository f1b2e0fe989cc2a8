/* SPDX-License-Identifier: Apache-2.0 */
/* exit.h: exit codes of the program; part of its public surface. */
#pragma once
#include <glib.h>

typedef enum {
	KILN_EXIT_CLEAN = 0,
	KILN_EXIT_FINDINGS = 1,    /* findings, a failed test, a difference, or policy said no */
	KILN_EXIT_ERROR = 2,       /* usage or internal error */
	KILN_EXIT_CANNOT_TELL = 3,
	KILN_EXIT_NETWORK = 4,
	KILN_EXIT_UNTRUSTED = 5,
} KilnExit;

/** NETWORK and AUTH: 4; UNTRUSTED and MISMATCH: 5; all else: 2. */
int kiln_exit_of_error(const GError *error);
/** What an exit code means, for help and manual; NULL past the last. Static. */
const char *kiln_exit_meaning(int code);
