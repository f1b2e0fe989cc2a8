/* SPDX-License-Identifier: Apache-2.0 */
/* main.c: the program's door; everything else is in cli/. */
#include "cli/cli.h"

int main(int argc, char **argv)
{
	return kiln_cli_main(argc, argv);
}
