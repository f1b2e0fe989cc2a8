/* SPDX-License-Identifier: Apache-2.0 */
/* elf_fuzz.c: facts of hostile bytes: an error or well-formed facts, the same twice. */
#include "elf/facts.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void check_sorted(char **list)
{
	for (; list[0] && list[1]; list++)
		if (strcmp(list[0], list[1]) >= 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnElfFacts) facts = kiln_elf_facts_read(bytes, length, &error);
	if (!facts != (error != NULL))
		abort();
	if (!facts)
		return 0;
	check_sorted(facts->imports);
	check_sorted(facts->paths);
	check_sorted(facts->sonames);
	for (char **path = facts->paths; *path; path++)
		if (**path != '/' || strlen(*path) < 2 || strpbrk(*path, "%: \n"))
			abort();
	for (char **name = facts->sonames; *name; name++)
		if (strchr(*name, '/') || !strstr(*name, ".so"))
			abort();
	return 0;
}
