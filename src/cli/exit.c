/* SPDX-License-Identifier: Apache-2.0 */
/* exit.c: which exit code an error is. */
#include "cli/exit.h"

#include "base/error.h"

int kiln_exit_of_error(const GError *error)
{
	if (error->domain != KILN_ERROR)
		return KILN_EXIT_ERROR;
	switch ((KilnError)error->code) {
	case KILN_ERROR_NETWORK:
	case KILN_ERROR_AUTH:
		return KILN_EXIT_NETWORK;
	case KILN_ERROR_UNTRUSTED:
	case KILN_ERROR_MISMATCH:
		return KILN_EXIT_UNTRUSTED;
	default:
		return KILN_EXIT_ERROR;
	}
}

const char *kiln_exit_meaning(int code)
{
	static const char *const meanings[] = {
		[KILN_EXIT_CLEAN] = "done, and nothing to complain of",
		[KILN_EXIT_FINDINGS] = "done, with findings: a test failed, something differs, or a policy said no",
		[KILN_EXIT_ERROR] = "not done: wrong usage, bad input, or something failed",
		[KILN_EXIT_CANNOT_TELL] = "cannot tell: what was asked for cannot be judged",
		[KILN_EXIT_NETWORK] = "not done: a server could not be reached, or wants other credentials",
		[KILN_EXIT_UNTRUSTED] = "not trusted: a signature, a date or a digest is not what it must be",
	};
	return code >= 0 && code < (int)G_N_ELEMENTS(meanings) ? meanings[code] : NULL;
}
