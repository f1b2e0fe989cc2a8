/* SPDX-License-Identifier: Apache-2.0 */
/* file_catalog_test.c: each folder of tests/data/catalog is a file system; its file "expected" says what catalogers of files find in it.
 *
 * A line "type name version", and where they are known " licence=...", " declared", " arch=...", " confidence=low|medium", is a package; lines that begin with
 * two blanks are what it claims; "remark kind text" is a remark. Files are read in the order of their paths.
 */
#include "pkg/file_cataloger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static gint by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Paths of all files below @root. */
static GPtrArray *walk(const char *root)
{
	GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) waiting = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(waiting, g_strdup(""));
	while (waiting->len) {
		g_autofree char *directory = g_ptr_array_steal_index_fast(waiting, waiting->len - 1), *path = g_build_filename(root, directory, NULL);
		g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
		const char *name;
		assert_non_null(dir);
		while ((name = g_dir_read_name(dir))) {
			char *below = *directory ? g_build_filename(directory, name, NULL) : g_strdup(name);
			g_autofree char *whole = g_build_filename(root, below, NULL);
			g_ptr_array_add(g_file_test(whole, G_FILE_TEST_IS_DIR) ? waiting : files, below);
		}
	}
	g_ptr_array_sort(files, by_text);
	return files;
}

static void print_package(GString *out, const KilnInventoryPackage *package)
{
	static const char *const confidences[] = { " confidence=low", " confidence=medium", "" };
	g_string_append_printf(out, "%s %s %s", package->identity.type, package->identity.name, package->identity.version);
	if (package->licence)
		g_string_append_printf(out, " licence=%s", package->licence);
	if (package->identity.architecture)
		g_string_append_printf(out, " arch=%s", package->identity.architecture);
	g_string_append_printf(out, "%s%s\n", package->declared ? " declared" : "", confidences[package->confidence]);
	for (guint i = 0; package->claims && i < package->claims->len; i++)
		g_string_append_printf(out, "  %s\n", (const char *)package->claims->pdata[i]);
}

static void read_one(const char *root, const char *path, GString *out)
{
	g_autofree char *whole = g_build_filename(root, path, NULL), *text = NULL;
	gsize length;
	assert_true(g_file_get_contents(whole, &text, &length, NULL));
	KilnSeenFile file = { path, (const guint8 *)text, MIN(length, 4096), length };
	if (!kiln_file_notes_wanted(&file))
		return;
	g_autoptr(GBytes) packed = kiln_file_notes_read(&file, (KilnText){ text, length });
	if (!packed)
		return;
	g_autoptr(KilnFileNotes) notes = kiln_file_notes_unpack(path, packed);
	assert_non_null(notes);
	for (guint i = 0; i < notes->packages->len; i++)
		print_package(out, notes->packages->pdata[i]);
	for (guint i = 0; i < notes->remarks->len; i++) {
		const KilnFileRemark *remark = notes->remarks->pdata[i];
		g_string_append_printf(out, "remark %s %s\n", remark->kind, remark->what);
	}
}

static void test_case(void **state)
{
	const char *root = *state;
	g_autoptr(GPtrArray) files = walk(root);
	g_autoptr(GString) found = g_string_new(NULL);
	g_autofree char *expected = NULL, *path = g_build_filename(root, "expected", NULL);
	assert_true(g_file_get_contents(path, &expected, NULL, NULL));
	for (guint i = 0; i < files->len; i++)
		if (strcmp(files->pdata[i], "expected") != 0)
			read_one(root, files->pdata[i], found);
	assert_string_equal(found->str, expected);
}

/* Every cut of what was packed, and every changed byte, is refused or harmless. */
static void test_damaged_notes(void **state)
{
	static const char text[] = "Name: a\nVersion: 1\n\n";
	KilnSeenFile file = { "a-1.dist-info/METADATA", (const guint8 *)text, sizeof text - 1, sizeof text - 1 };
	g_autoptr(GBytes) packed = kiln_file_notes_read(&file, KILN_TEXT(text));
	gsize length;
	const guint8 *bytes = g_bytes_get_data(packed, &length);
	for (gsize i = 0; i < length; i++) {
		g_autoptr(GBytes) cut = g_bytes_new(bytes, i);
		assert_null(kiln_file_notes_unpack(file.path, cut));
		g_autofree guint8 *changed = g_memdup2(bytes, length);
		changed[i] ^= 0x80;
		g_autoptr(GBytes) other = g_bytes_new(changed, length);
		kiln_file_notes_free(kiln_file_notes_unpack(file.path, other));
	}
}

static void add_cases(GArray *tests, GPtrArray *texts, const char *cataloger)
{
	g_autofree char *folder = g_build_filename(g_getenv("KILN_TEST_DATA"), "catalog", cataloger, NULL);
	g_autoptr(GDir) cases = g_dir_open(folder, 0, NULL);
	const char *name;
	while (cases && (name = g_dir_read_name(cases))) {
		char *title = g_strdup_printf("%s: %s", cataloger, name), *path = g_build_filename(folder, name, NULL);
		g_ptr_array_add(texts, title);
		g_ptr_array_add(texts, path);
		struct CMUnitTest test = { .name = title, .test_func = test_case, .initial_state = path };
		g_array_append_val(tests, test);
	}
}

int main(void)
{
	g_autoptr(GArray) tests = g_array_new(FALSE, FALSE, sizeof(struct CMUnitTest));
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	struct CMUnitTest damaged = cmocka_unit_test(test_damaged_notes);
	g_array_append_val(tests, damaged);
	for (const KilnFileCataloger *const *cataloger = kiln_file_catalogers; *cataloger; cataloger++)
		add_cases(tests, texts, (*cataloger)->name);
	return _cmocka_run_group_tests("file catalogers", (const struct CMUnitTest *)tests->data, tests->len, NULL, NULL);
}
