/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_test.c: the tree with its places, and every refusal with line and column. */
#include "base/error.h"
#include "data/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_tree(void **state)
{
	static const char text[] = "name: nginx\npackages: [a, 'b']\nnested:\n  - key: \"1\"\n    other: |\n      line\n";
	g_autoptr(KilnYaml) yaml = kiln_yaml_parse(text, strlen(text), "x.yaml", NULL);
	assert_non_null(yaml);
	const KilnYamlNode *root = kiln_yaml_root(yaml), *packages = kiln_yaml_get(root, "packages");
	assert_int_equal(root->type, KILN_YAML_MAPPING);
	assert_int_equal(root->count, 3);
	assert_string_equal(kiln_yaml_get(root, "name")->text, "nginx");
	assert_int_equal(packages->type, KILN_YAML_SEQUENCE);
	assert_int_equal(packages->key_line, 2);
	assert_int_equal(packages->key_column, 1);
	assert_false(packages->children->quoted);
	assert_true(packages->children->next->quoted);
	const KilnYamlNode *item = kiln_yaml_get(root, "nested")->children;
	assert_string_equal(kiln_yaml_get(item, "key")->text, "1");
	assert_string_equal(kiln_yaml_get(item, "other")->text, "line\n");
	assert_int_equal(kiln_yaml_get(item, "key")->line, 4);
}

static void test_alias_is_a_copy(void **state)
{
	static const char text[] = "a: &x [1, 2]\nb: *x\n";
	g_autoptr(KilnYaml) yaml = kiln_yaml_parse(text, strlen(text), "x.yaml", NULL);
	const KilnYamlNode *copy = kiln_yaml_get(kiln_yaml_root(yaml), "b");
	assert_int_equal(copy->count, 2);
	assert_string_equal(copy->children->next->text, "2");
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *place;
		KilnError code;
	} rows[] = {
		{ "a: 1\nb: 2\na: 3\n", "x.yaml:3:1: ", KILN_ERROR_SYNTAX },
		{ "a: [1, 2\n", "x.yaml:", KILN_ERROR_SYNTAX },
		{ "a: 1\n---\nb: 2\n", "x.yaml:2:1: ", KILN_ERROR_UNSUPPORTED },
		{ "a: !!python/object 1\n", "x.yaml:1:", KILN_ERROR_UNSUPPORTED },
		{ "? [a, b]\n: 1\n", "x.yaml:1:3: ", KILN_ERROR_UNSUPPORTED },
		{ "a: *nowhere\n", "x.yaml:1:", KILN_ERROR_SYNTAX },
		{ "a: &x [*x]\n", "x.yaml:1:", KILN_ERROR_SYNTAX },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		assert_null(kiln_yaml_parse(rows[i].text, strlen(rows[i].text), "x.yaml", &error));
		assert_non_null(error);
		assert_int_equal(error->code, rows[i].code);
		if (!g_str_has_prefix(error->message, rows[i].place))
			fail_msg("%s", error->message);
	}
}

static void test_bombs(void **state)
{
	g_autoptr(GString) aliases = g_string_new("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
	for (int i = 1; i < 9; i++) {
		g_string_append_printf(aliases, "a%d: &a%d [", i, i);
		for (int j = 0; j < 10; j++)
			g_string_append_printf(aliases, "%s*a%d", j ? "," : "", i - 1);
		g_string_append(aliases, "]\n");
	}
	g_autoptr(GString) deep = g_string_new("a: ");
	for (int i = 0; i < 5000; i++)
		g_string_append_c(deep, '[');
	const GString *const texts[] = { aliases, deep };
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;
		assert_null(kiln_yaml_parse(texts[i]->str, texts[i]->len, "x.yaml", &error));
		assert_int_equal(error->code, KILN_ERROR_LIMIT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_tree), cmocka_unit_test(test_alias_is_a_copy),
		                            cmocka_unit_test(test_refused), cmocka_unit_test(test_bombs) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
