/* SPDX-License-Identifier: Apache-2.0 */
/* system_test.c: facts of this machine's own programs and libraries, judged by readelf and nm. */
#include "elf/facts.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define FILES_PER_DIRECTORY 60

typedef struct {
	GPtrArray *needed, *imports;
	char *soname, *search, *interpreter, *build_id;
	gboolean bind_now, is_pie, relro, executable_stack;
} Judged;

static void judged_clear(Judged *judged)
{
	g_ptr_array_unref(judged->needed);
	g_ptr_array_unref(judged->imports);
	g_free(judged->soname);
	g_free(judged->search);
	g_free(judged->interpreter);
	g_free(judged->build_id);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Judged, judged_clear)

static char **run(const char *program, const char *option, const char *path)
{
	const char *argv[] = { program, option, "-W", path, NULL };
	if (strcmp(program, "nm") == 0)
		argv[2] = "--undefined-only";
	g_autofree char *output = NULL;
	char *environment[] = { (char *)"LC_ALL=C", (char *)"PATH=/usr/bin:/bin", NULL };
	if (!g_spawn_sync(NULL, (char **)argv, environment, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output, NULL, NULL, NULL))
		return NULL;
	return g_strsplit(output, "\n", -1);
}

/* The text between "[" and the last "]" of a line. */
static char *bracketed(const char *line)
{
	const char *open = strchr(line, '['), *close = strrchr(line, ']');
	return open && close && close > open ? g_strndup(open + 1, (gsize)(close - open - 1)) : NULL;
}

static void judge_line(Judged *judged, const char *line)
{
	char *found;
	if (strstr(line, "(NEEDED)"))
		g_ptr_array_add(judged->needed, bracketed(line));
	else if (strstr(line, "(SONAME)"))
		judged->soname = bracketed(line);
	else if (strstr(line, "(RUNPATH)") || (strstr(line, "(RPATH)") && !judged->search)) {
		g_free(judged->search);
		judged->search = bracketed(line);
	} else if ((found = strstr(line, "program interpreter: ")))
		judged->interpreter = g_strndup(found + 21, strcspn(found + 21, "]"));
	else if ((found = strstr(line, "Build ID: ")))
		judged->build_id = g_strdup(found + 10);
	else if (strstr(line, "GNU_RELRO"))
		judged->relro = TRUE;
	else if (strstr(line, "GNU_STACK"))
		judged->executable_stack = strstr(line, "RWE") != NULL;
	if (strstr(line, "(BIND_NOW)") || (strstr(line, "(FLAGS") && strstr(line, "NOW")))
		judged->bind_now = TRUE;
	if (strstr(line, "(FLAGS_1)") && strstr(line, "PIE"))
		judged->is_pie = TRUE;
}

static int compare_strings(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void judge(Judged *judged, const char *path)
{
	g_auto(GStrv) lines = run("readelf", "-dln", path);
	g_auto(GStrv) symbols = run("nm", "-D", path);
	*judged = (Judged){ .needed = g_ptr_array_new_with_free_func(g_free), .imports = g_ptr_array_new_with_free_func(g_free), .executable_stack = TRUE };
	for (char **line = lines; line && *line; line++)
		judge_line(judged, *line);
	for (char **line = symbols; line && *line; line++) {
		g_auto(GStrv) words = g_strsplit(g_strstrip(*line), " ", 2);
		if (words[0] && words[1])
			g_ptr_array_add(judged->imports, g_strndup(words[1], strcspn(words[1], "@")));
	}
	g_ptr_array_sort(judged->imports, compare_strings);
	for (guint i = judged->imports->len; i > 1; i--)
		if (strcmp(judged->imports->pdata[i - 1], judged->imports->pdata[i - 2]) == 0)
			g_ptr_array_remove_index(judged->imports, i - 1);
	g_ptr_array_add(judged->imports, NULL);
	g_ptr_array_add(judged->needed, NULL);
}

static void assert_same(const char *path, const char *what, const char *ours, const char *theirs)
{
	if (g_strcmp0(ours, theirs) != 0)
		fail_msg("%s: %s: kiln says \"%s\", the judge \"%s\"", path, what, ours, theirs);
}

static void assert_same_list(const char *path, const char *what, char **ours, char **theirs)
{
	g_autofree char *a = g_strjoinv("\n", ours), *b = g_strjoinv("\n", theirs);
	assert_same(path, what, a, b);
}

static void assert_sorted(char **list)
{
	for (; list[0] && list[1]; list++)
		assert_true(strcmp(list[0], list[1]) < 0);
}

static void compare(const char *path, const KilnElfFacts *facts)
{
	g_auto(Judged) judged = { 0 };
	judge(&judged, path);
	assert_same_list(path, "needed", facts->needed, (char **)judged.needed->pdata);
	assert_same_list(path, "imports", facts->imports, (char **)judged.imports->pdata);
	assert_same(path, "soname", facts->soname, judged.soname);
	assert_same(path, "interpreter", facts->interpreter, judged.interpreter);
	assert_same(path, "build id", facts->build_id, judged.build_id);
	g_autofree char *search = facts->search[0] ? g_strjoinv(":", facts->search) : NULL;
	if (judged.search && !strstr(judged.search, "::"))
		assert_same(path, "search", search, judged.search);
	assert_int_equal(facts->hardening.bind_now, judged.bind_now);
	assert_int_equal(facts->hardening.relro, !judged.relro ? KILN_ELF_RELRO_NONE : judged.bind_now ? KILN_ELF_RELRO_FULL : KILN_ELF_RELRO_PARTIAL);
	assert_int_equal(facts->hardening.executable_stack, judged.executable_stack);
	if (judged.is_pie)
		assert_int_equal(facts->kind, KILN_ELF_EXECUTABLE);
	if (judged.soname)
		assert_int_equal(facts->kind, KILN_ELF_LIBRARY);
	assert_sorted(facts->imports);
	assert_sorted(facts->paths);
	assert_sorted(facts->sonames);
}

static gboolean compare_file(const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);
	const char *bytes = file ? g_mapped_file_get_contents(file) : NULL;
	gsize length = bytes ? g_mapped_file_get_length(file) : 0;
	if (!kiln_elf_is(bytes, length))
		return FALSE;
	g_autoptr(KilnElfFacts) facts = kiln_elf_facts_read(bytes, length, &error);
	if (!facts)
		fail_msg("%s: %s", path, error->message);
	if (facts->kind != KILN_ELF_OTHER)
		compare(path, facts);
	return facts->kind != KILN_ELF_OTHER;
}

/* Evenly spread over the directory, so that every kind of name is met. */
static guint compare_directory(const char *directory)
{
	g_autoptr(GDir) open = g_dir_open(directory, 0, NULL);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	const char *name;
	guint count = 0;
	while (open && (name = g_dir_read_name(open)))
		g_ptr_array_add(names, g_build_filename(directory, name, NULL));
	g_ptr_array_sort(names, compare_strings);
	guint step = MAX(names->len / FILES_PER_DIRECTORY, 1);
	for (guint i = 0; i < names->len; i += step)
		if (g_file_test(names->pdata[i], G_FILE_TEST_IS_REGULAR))
			count += compare_file(names->pdata[i]);
	print_message("# %s: %u files\n", directory, count);
	return count;
}

static void test_against_readelf(void **state)
{
	g_autofree char *readelf = g_find_program_in_path("readelf"), *nm = g_find_program_in_path("nm");
	if (!readelf || !nm)
		skip();
	guint count = compare_directory("/usr/bin") + compare_directory("/usr/sbin") + compare_directory("/usr/lib/x86_64-linux-gnu") +
	              compare_directory("/usr/lib/aarch64-linux-gnu") + compare_directory("/usr/lib");
	assert_true(count > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_against_readelf) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
