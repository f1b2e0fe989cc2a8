/* SPDX-License-Identifier: Apache-2.0 */
/* recipe_docs_test.c: schema and documentation are what the parser's table says, and a JSON Schema validator agrees with the parser. */
#include "build/recipe.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#define KEYS_BEGIN "<!-- keys -->\n"
#define KEYS_END "<!-- end of keys -->"

static char *root_path(const char *name)
{
	return g_build_filename(g_getenv("KILN_TEST_DATA"), "../..", name, NULL);
}

static char *read_text(const char *name)
{
	g_autofree char *path = root_path(name);
	char *text = NULL;
	if (!g_file_get_contents(path, &text, NULL, NULL))
		fail_msg("%s cannot be read", path);
	return text;
}

/* The text before and after the generated part. */
static char *with_keys(const char *text, const char *keys)
{
	const char *begin = strstr(text, KEYS_BEGIN), *end = strstr(text, KEYS_END);
	assert_true(begin && end && begin < end);
	g_autofree char *before = g_strndup(text, (gsize)(begin - text) + strlen(KEYS_BEGIN));
	return g_strconcat(before, "\n", keys, "\n", end, NULL);
}

static void test_schema_file(void **state)
{
	g_autofree char *committed = read_text("docs/recipe.schema.json");
	g_autoptr(GBytes) made = kiln_recipe_schema();
	g_autofree char *text = g_strndup(g_bytes_get_data(made, NULL), g_bytes_get_size(made));
	assert_string_equal(committed, text);
}

static void test_reference(void **state)
{
	g_autofree char *committed = read_text("docs/recipe.md"), *keys = kiln_recipe_reference();
	g_autofree char *expected = with_keys(committed, keys);
	assert_string_equal(committed, expected);
}

/* A complete recipe in the text (one that starts with "name:") is read as it stands. */
static void test_recipes_in_text(void **state)
{
	g_autofree char *text = read_text("docs/recipe.md"), *path = NULL;
	g_auto(GStrv) blocks = g_strsplit(text, "```yaml\n", -1);
	guint count = 0;
	int fd = g_file_open_tmp("kiln-recipe-XXXXXX", &path, NULL);
	assert_true(fd >= 0 && g_close(fd, NULL));
	for (char **block = blocks + 1; *block; block++) {
		g_autoptr(GError) error = NULL;
		char *end = strstr(*block, "```");
		assert_non_null(end);
		*end = '\0';
		if (!g_str_has_prefix(*block, "name:"))
			continue;
		assert_true(g_file_set_contents(path, *block, -1, NULL));
		g_autoptr(KilnRecipe) recipe = kiln_recipe_load(path, NULL, &error);
		if (!recipe)
			fail_msg("%s\n%s", error->message, *block);
		count++;
	}
	g_unlink(path);
	assert_true(count >= 5);
}

/*
 * Judge: the Python packages jsonschema and yaml. What the parser takes the schema takes; what the parser refuses for its shape
 * (the reject files whose names are given) the schema refuses.
 */
static void test_validator_agrees(void **state)
{
	static const char judge[] =
		"import json, sys, glob, os\n"
		"try:\n"
		"    import jsonschema, yaml\n"
		"except ImportError:\n"
		"    sys.exit(77)\n"
		"root, data = sys.argv[1:3]\n"
		"schema = json.load(open(root + '/docs/recipe.schema.json'))\n"
		"jsonschema.Draft202012Validator.check_schema(schema)\n"
		"validator = jsonschema.Draft202012Validator(schema)\n"
		"good = glob.glob(data + '/recipe/*.yaml') + glob.glob(data + '/recipe/shared/*.yaml') + glob.glob(root + '/recipes/*.yaml')\n"
		"assert len(good) >= 3\n"
		"for path in good:\n"
		"    for error in validator.iter_errors(yaml.safe_load(open(path))):\n"
		"        sys.exit(path + ': ' + error.message)\n"
		"bad = sys.argv[3:]\n"
		"for name in bad:\n"
		"    if validator.is_valid(yaml.safe_load(open(data + '/reject/recipe/' + name + '.yaml'))):\n"
		"        sys.exit(name + ': the schema takes it')\n";
	g_autofree char *root = root_path("."), *said = NULL;
	const char *arguments[] = { "python3", "-c", judge, root, g_getenv("KILN_TEST_DATA"), "unknown-key", "unknown-nested", "type-list", "type-scalar",
		                    "type-mapping", "type-truth-name", "type-null", "duplicate-package", "name-missing", "name-empty", "no-mapping",
		                    "file-both", "file-neither", "file-path-missing", "mode", "uid-range", "uid-negative", "compression", "writable-kind",
		                    "size", "duration", "test-two-kinds", "test-no-kind", "test-port", "test-command", "from-type", "variants-type",
		                    "variant-name", "variant-unknown-key", "variant-nested", NULL };
	gint status;
	if (!g_spawn_sync(NULL, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &said, &status, NULL)) {
		skip();
		return;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		skip();
		return;
	}
	if (status != 0)
		fail_msg("%s", said);
}

/* Writes both files anew after a change of the table. */
static int write_files(void)
{
	g_autofree char *schema_path = root_path("docs/recipe.schema.json"), *text_path = root_path("docs/recipe.md"), *text = NULL;
	g_autofree char *keys = kiln_recipe_reference();
	g_autoptr(GBytes) schema = kiln_recipe_schema();
	if (!g_file_get_contents(text_path, &text, NULL, NULL))
		return 1;
	g_autofree char *whole = with_keys(text, keys);
	return g_file_set_contents(schema_path, g_bytes_get_data(schema, NULL), (gssize)g_bytes_get_size(schema), NULL) &&
	               g_file_set_contents(text_path, whole, -1, NULL)
	           ? 0 : 1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_schema_file), cmocka_unit_test(test_reference),
		                            cmocka_unit_test(test_recipes_in_text), cmocka_unit_test(test_validator_agrees) };
	if (argc == 2 && strcmp(argv[1], "--write") == 0)
		return write_files();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
