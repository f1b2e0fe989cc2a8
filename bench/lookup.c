/* SPDX-License-Identifier: Apache-2.0 */
/* lookup.c: how long the database takes to say what it knows of one package: lookup DATABASE ECOSYSTEM, names on standard input. */
#include "vuln/database.h"

#include <stdio.h>
#include <string.h>

#define ROUNDS 3

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnDatabase) database = argc == 3 ? kiln_database_open(argv[1], &error) : NULL;
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	char line[512];
	guint records = 0;
	if (!database) {
		fprintf(stderr, "%s\n", error ? error->message : "usage: lookup DATABASE ECOSYSTEM <NAMES");
		return 2;
	}
	while (fgets(line, sizeof line, stdin))
		g_ptr_array_add(names, g_strdup(g_strchomp(line)));
	gint64 begin_us = g_get_monotonic_time();
	for (guint round = 0; round < ROUNDS; round++)
		for (guint i = 0; i < names->len; i++) {
			g_autoptr(GPtrArray) advisories = NULL;
			if (!kiln_database_lookup(database, argv[2], names->pdata[i], &advisories, &error)) {
				fprintf(stderr, "%s\n", error->message);
				return 2;
			}
			records += advisories->len;
		}
	printf("%u packages, %u records, %.1f us each\n", names->len, records / ROUNDS, (double)(g_get_monotonic_time() - begin_us) / ROUNDS / MAX(names->len, 1));
	return 0;
}
