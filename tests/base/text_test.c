/* SPDX-License-Identifier: Apache-2.0 */
/* text_test.c: borrowed text and the nearest known word. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_cut(void **state)
{
	KilnText rest = KILN_TEXT("a,,b");
	assert_true(kiln_text_is(kiln_text_cut(&rest, ','), "a"));
	assert_true(kiln_text_is(kiln_text_cut(&rest, ','), ""));
	assert_true(kiln_text_is(kiln_text_cut(&rest, ','), "b"));
	assert_int_equal(rest.length, 0);
	assert_null(rest.data);
}

static void test_strip(void **state)
{
	assert_true(kiln_text_is(kiln_text_strip(KILN_TEXT(" \t a b \r\n")), "a b"));
	assert_int_equal(kiln_text_strip(KILN_TEXT(" \n ")).length, 0);
	assert_int_equal(kiln_text_strip((KilnText){ NULL, 0 }).length, 0);
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		gboolean good;
		guint64 value;
	} rows[] = { { "0", TRUE, 0 }, { "18446744073709551615", TRUE, G_MAXUINT64 }, { "18446744073709551616", FALSE, 0 },
		     { "", FALSE, 0 }, { "-1", FALSE, 0 }, { "+1", FALSE, 0 }, { " 1", FALSE, 0 }, { "1x", FALSE, 0 }, { "007", TRUE, 7 } };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		guint64 value = 42;
		assert_int_equal(kiln_text_to_u64(kiln_text(rows[i].text), &value), rows[i].good);
		assert_true(value == (rows[i].good ? rows[i].value : 42));
	}
}

static void test_nearest(void **state)
{
	static const char *const words[] = { "entrypoint", "env", "exclude", "packages", "ports", NULL };
	assert_string_equal(kiln_text_nearest("entrypont", words), "entrypoint");
	assert_string_equal(kiln_text_nearest("pakcages", words), "packages");
	assert_string_equal(kiln_text_nearest("ENV", words), "env");
	assert_null(kiln_text_nearest("zzzzzz", words));
	g_autofree char *longer = g_strnfill(5000, 'e');
	assert_null(kiln_text_nearest(longer, words));
}

static void test_suggest(void **state)
{
	static const char *const words[] = { "env", "exclude", NULL }, *const nothing[] = { NULL };
	const char *many[70] = { NULL };
	for (guint i = 0; i < 69; i++)
		many[i] = "word";
	g_autofree char *near = kiln_text_suggest("exlude", words, "known are"), *far = kiln_text_suggest("zzzzzz", words, "known are");
	g_autofree char *none = kiln_text_suggest("zzzzzz", nothing, "it has"), *capped = kiln_text_suggest("zzzzzz", many, "known are");
	assert_string_equal(near, "did you mean \"exclude\"?");
	assert_string_equal(far, "known are env, exclude");
	assert_string_equal(none, "it has none");
	assert_true(g_str_has_suffix(capped, ", word and 19 more"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_strip),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_suggest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
