/* SPDX-License-Identifier: Apache-2.0 */
/* cli.h: the program as one function. */
#pragma once

/** Parse, dispatch, print errors to stderr. Returns the exit code. */
int kiln_cli_main(int argc, char **argv);
