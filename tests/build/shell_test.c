/* SPDX-License-Identifier: Apache-2.0 */
/* shell_test.c: scripts that leave marks, followed by kiln and run by the real shell: the marks must be the same. */
#include "build/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib/gstdio.h>

static char *data_path(const char *name)
{
	return g_build_filename(g_getenv("KILN_TEST_DATA"), "build", "shell", name, NULL);
}

/* Run @script with a mkdir that only writes its argument down. */
static char *marks_of_real_shell(const char *script)
{
	g_autofree char *directory = g_dir_make_tmp("kiln-shell-XXXXXX", NULL);
	g_autofree char *program = g_build_filename(directory, "mkdir", NULL);
	g_autofree char *marks = g_build_filename(directory, "marks", NULL);
	g_autofree char *stub = g_strdup_printf("#!/bin/sh\nprintf '%%s\\n' \"$1\" >> '%s'\n", marks);
	g_autofree char *path = g_strdup_printf("PATH=%s:/usr/bin:/bin", directory);
	const char *argv[] = { "/bin/sh", script, "configure", "", NULL };
	char *environment[] = { path, NULL };
	char *text = NULL;
	int status;
	assert_true(g_file_set_contents(program, stub, -1, NULL));
	assert_int_equal(g_chmod(program, 0755), 0);
	assert_true(g_spawn_sync("/", (char **)argv, environment, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, NULL));
	assert_int_equal(status, 0);
	assert_true(g_file_get_contents(marks, &text, NULL, NULL));
	g_unlink(marks);
	g_unlink(program);
	g_rmdir(directory);
	return text;
}

static char *marks_of_kiln(const char *script)
{
	g_autofree char *text = NULL;
	gsize length;
	GString *marks = g_string_new(NULL);
	assert_true(g_file_get_contents(script, &text, &length, NULL));
	g_autoptr(KilnScript) read = kiln_script_read(text, length, "postinst", "sample", "amd64");
	for (guint i = 0; i < read->unknown->len; i++)
		print_message("# %s\n", (char *)read->unknown->pdata[i]);
	assert_int_equal(read->unknown->len, 0);
	for (guint i = 0; i < read->effects->len; i++) {
		const KilnEffect *effect = read->effects->pdata[i];
		assert_int_equal(effect->kind, KILN_EFFECT_DIRECTORY);
		assert_false(effect->conditional);
		g_string_append_printf(marks, "%s\n", effect->path);
	}
	return g_string_free(marks, FALSE);
}

static void compare(const char *name)
{
	g_autofree char *script = data_path(name);
	g_autofree char *theirs = marks_of_real_shell(script), *ours = marks_of_kiln(script);
	g_auto(GStrv) their_lines = g_strsplit(theirs, "\n", -1), our_lines = g_strsplit(ours, "\n", -1);
	for (guint i = 0; their_lines[i] && our_lines[i]; i++)
		if (strcmp(their_lines[i], our_lines[i]) != 0)
			fail_msg("%s, mark %u: the shell makes \"%s\", kiln \"%s\"", name, i + 1, their_lines[i], our_lines[i]);
	assert_int_equal(g_strv_length(their_lines), g_strv_length(our_lines));
	assert_true(g_strv_length(their_lines) > 20);
}

static void test_words(void **state)
{
	compare("words.sh");
}

static void test_control(void **state)
{
	compare("control.sh");
}

static void test_functions(void **state)
{
	compare("functions.sh");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_words), cmocka_unit_test(test_control), cmocka_unit_test(test_functions) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
