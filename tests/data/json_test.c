/* SPDX-License-Identifier: Apache-2.0 */
/* json_test.c: one canonical form, and refusals. */
#include "base/error.h"
#include "data/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_canonical(void **state)
{
	static const char text[] = "{ \"b\" : [1, true, null, \"x\\u00e9\"], \"a\": {} }";
	static const char expected[] = "{\"a\":{},\"b\":[1,true,null,\"x\xc3\xa9\"]}";
	g_autoptr(json_t) value = kiln_json_parse(text, strlen(text), "x", NULL);
	g_autoptr(GBytes) bytes = kiln_json_compact(value);
	assert_int_equal(g_bytes_get_size(bytes), strlen(expected));
	assert_memory_equal(g_bytes_get_data(bytes, NULL), expected, strlen(expected));
}

static void test_refused(void **state)
{
	g_autofree char *deep = g_strnfill(100000, '[');
	const struct {
		const char *text;
		KilnError code;
	} rows[] = { { "{\"a\":1,\"a\":2}", KILN_ERROR_SYNTAX }, { "{}x", KILN_ERROR_SYNTAX }, { "", KILN_ERROR_SYNTAX },
		     { "\"\\u0000\"", KILN_ERROR_SYNTAX }, { "{\"a\":", KILN_ERROR_SYNTAX }, { deep, KILN_ERROR_LIMIT } };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		assert_null(kiln_json_parse(rows[i].text, strlen(rows[i].text), "x", &error));
		assert_int_equal(error->code, rows[i].code);
		assert_true(g_str_has_prefix(error->message, "x:"));
	}
}

static void test_members(void **state)
{
	static const char text[] = "{\"s\":\"v\",\"n\":7}";
	g_autoptr(json_t) value = kiln_json_parse(text, strlen(text), "x", NULL);
	g_autoptr(GError) error = NULL;
	gint64 number;
	assert_string_equal(kiln_json_string(value, "s", "x", NULL), "v");
	assert_true(kiln_json_integer(value, "n", "x", &number, NULL) && number == 7);
	assert_null(kiln_json_string(value, "n", "x", &error));
	assert_string_equal(error->message, "x: \"n\" must be a string");
	assert_null(kiln_json_string_or_null(value, "missing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_canonical), cmocka_unit_test(test_refused), cmocka_unit_test(test_members) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
