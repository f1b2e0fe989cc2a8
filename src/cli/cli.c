/* SPDX-License-Identifier: Apache-2.0 */
/* cli.c: the program as one function. */
#include "cli/cli.h"

int kiln_cli_main(int argc, char **argv)
{
	return 2;
}
