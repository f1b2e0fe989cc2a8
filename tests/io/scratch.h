/* SPDX-License-Identifier: Apache-2.0 */
/* scratch.h: an empty directory for each test, and programs that judge what kiln wrote into it. */
#pragma once
#include <fcntl.h>
#include <gio/gio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct {
	char *path;
	int fd;
} Scratch;

static inline int scratch_setup(void **state)
{
	Scratch *scratch = g_new0(Scratch, 1);
	scratch->path = g_dir_make_tmp("kiln-test-XXXXXX", NULL);
	scratch->fd = scratch->path ? open(scratch->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	*state = scratch;
	return scratch->fd >= 0 ? 0 : -1;
}

static inline int scratch_teardown(void **state)
{
	Scratch *scratch = *state;
	const char *const argv[] = { "rm", "-rf", "--", scratch->path, NULL };
	g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
	close(scratch->fd);
	g_free(scratch->path);
	g_free(scratch);
	return 0;
}

/* Run @script by sh in the scratch directory, "$1" being @argument; its stdout, or NULL when it fails. Times are UTC, texts English. */
static inline char *scratch_run(const Scratch *scratch, const char *script, const char *argument)
{
	const char *const argv[] = { "sh", "-euc", script, "sh", argument ? argument : "", NULL };
	g_auto(GStrv) environment = g_environ_setenv(g_environ_setenv(g_get_environ(), "LC_ALL", "C.UTF-8", TRUE), "TZ", "UTC", TRUE);
	char *output = NULL;
	int status = -1;
	if (!g_spawn_sync(scratch->path, (char **)argv, environment, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, &status, NULL) || status != 0)
		g_clear_pointer(&output, g_free);
	return output;
}

static inline gboolean scratch_has(const char *program)
{
	g_autofree char *path = g_find_program_in_path(program);
	return path != NULL;
}

static inline void scratch_write(const Scratch *scratch, const char *name, const void *bytes, gsize length)
{
	g_autofree char *path = g_build_filename(scratch->path, name, NULL);
	assert_true(g_file_set_contents(path, bytes, (gssize)length, NULL));
}

static inline GBytes *scratch_read(const Scratch *scratch, const char *name)
{
	g_autofree char *path = g_build_filename(scratch->path, name, NULL);
	char *bytes = NULL;
	gsize length = 0;
	assert_true(g_file_get_contents(path, &bytes, &length, NULL));
	return g_bytes_new_take(bytes, length);
}

#define scratch_test(function) cmocka_unit_test_setup_teardown(function, scratch_setup, scratch_teardown)
