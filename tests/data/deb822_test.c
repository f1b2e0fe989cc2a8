/* SPDX-License-Identifier: Apache-2.0 */
/* deb822_test.c: stanzas, folded values and refusals. */
#include "base/error.h"
#include "data/deb822.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_stanzas(void **state)
{
	static const char text[] = "\n# comment\nPackage: a\nDescription: short\n long 1\n .\n  long 2\nEmpty:\n\n\npackage:b\n";
	KilnDeb822 cursor = { text, sizeof text - 1, "x", 1 };
	g_autofree KilnDeb822Stanza *stanza = g_new(KilnDeb822Stanza, 1);
	gboolean found;
	assert_true(kiln_deb822_next(&cursor, stanza, &found, NULL) && found);
	assert_int_equal(stanza->count, 3);
	assert_int_equal(stanza->line, 3);
	assert_true(kiln_text_is(kiln_deb822_get(stanza, "PACKAGE"), "a"));
	g_autofree char *long_text = kiln_deb822_unfold(kiln_deb822_get(stanza, "Description"));
	assert_string_equal(long_text, "short\nlong 1\n\n long 2");
	assert_non_null(kiln_deb822_get(stanza, "Empty").data);
	assert_null(kiln_deb822_get(stanza, "Missing").data);
	assert_true(kiln_deb822_next(&cursor, stanza, &found, NULL) && found);
	assert_true(kiln_text_is(kiln_deb822_get(stanza, "Package"), "b"));
	assert_true(kiln_deb822_next(&cursor, stanza, &found, NULL) && !found);
}

/* deb822(5): a comment may stand between continuation lines and is no part of the value. */
static void test_folded(void **state)
{
	static const char text[] = "Depends:\n a,\n# not b\n c\nLast: 1\n";
	KilnDeb822 cursor = { text, sizeof text - 1, "x", 1 };
	g_autofree KilnDeb822Stanza *stanza = g_new(KilnDeb822Stanza, 1);
	gboolean found;
	assert_true(kiln_deb822_next(&cursor, stanza, &found, NULL) && found);
	assert_int_equal(stanza->count, 2);
	g_autofree char *depends = kiln_deb822_unfold(kiln_deb822_get(stanza, "Depends"));
	assert_string_equal(depends, "\na,\nc");
	assert_int_equal(stanza->fields[1].line, 5);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *place;
	} rows[] = { { "A: 1\nno colon\n", "x:2: " }, { "A: 1\na: 2\n", "x:2: " }, { " B: 1\n", "x:1: " }, { ": 1\n", "x:1: " }, { "A: 1\nB C: 2\n", "x:2: " },
		     { "-A: 1\n", "x:1: " }, { "\xc3\xa4: 1\n", "x:1: " } };
	g_autofree KilnDeb822Stanza *stanza = g_new(KilnDeb822Stanza, 1);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		KilnDeb822 cursor = { rows[i].text, strlen(rows[i].text), "x", 1 };
		gboolean found;
		g_autoptr(GError) error = NULL;
		assert_false(kiln_deb822_next(&cursor, stanza, &found, &error));
		assert_int_equal(error->code, KILN_ERROR_SYNTAX);
		assert_true(g_str_has_prefix(error->message, rows[i].place));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_stanzas), cmocka_unit_test(test_folded), cmocka_unit_test(test_refused) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
