/* SPDX-License-Identifier: Apache-2.0 */
/* packages.h: real packages of an archive for tests, fetched once into the user's cache. */
#pragma once
#include <glib.h>
#include <stdlib.h>

/* The directory that holds the .debs, or NULL when they can not be had here. @names: package names, NULL-terminated. */
static inline char *test_packages(const char *purpose, const char *suite, const char *const *names)
{
	g_autofree char *program = g_build_filename(g_getenv("KILN_TEST_DATA"), "..", "fetch-packages", NULL);
	char *directory = g_build_filename(g_get_user_cache_dir(), "kiln-tests", purpose, suite, NULL);
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	int status = -1;
	g_ptr_array_add(argv, program);
	g_ptr_array_add(argv, directory);
	g_ptr_array_add(argv, (gpointer)suite);
	for (; *names; names++)
		g_ptr_array_add(argv, (gpointer)*names);
	g_ptr_array_add(argv, NULL);
	if (g_spawn_sync(NULL, (char **)argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, NULL) && status == 0)
		return directory;
	g_free(directory);
	return NULL;
}

/* The .deb of @name in @directory, or NULL. */
static inline char *test_package(const char *directory, const char *name)
{
	g_autoptr(GDir) open = g_dir_open(directory, 0, NULL);
	g_autofree char *prefix = g_strconcat(name, "_", NULL);
	const char *entry;
	while (open && (entry = g_dir_read_name(open)))
		if (g_str_has_prefix(entry, prefix) && g_str_has_suffix(entry, ".deb"))
			return g_build_filename(directory, entry, NULL);
	return NULL;
}
