/* SPDX-License-Identifier: Apache-2.0 */
/* version_table_test.c: every order against its table, tests/data/pkg/version_NAME.txt, and apk's against apk's own. */
#include "base/error.h"
#include "pkg/version.h"
#include "pkg/version_apk.h"
#include "pkg/version_range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct {
	const KilnVersionOrder *order;
	char *row; /* "A OPERATOR B", "A" or "!A" */
	char *name;
} Row;

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

static void assert_order(const KilnVersionOrder *order, const char *a, const char *operator, const char *b)
{
	int expected = *operator == '<' ? -1 : *operator == '>' ? 1 : 0;
	assert_int_equal(sign(order->compare(kiln_text(a), kiln_text(b))), expected);
	assert_int_equal(sign(order->compare(kiln_text(b), kiln_text(a))), -expected);
	assert_true(order->check(kiln_text(a), NULL));
	assert_true(order->check(kiln_text(b), NULL));
}

static void test_row(void **state)
{
	const Row *row = *state;
	g_auto(GStrv) words = g_strsplit(row->row, " ", -1);
	g_autoptr(GError) error = NULL;
	if (row->row[0] == '!') {
		assert_false(row->order->check(kiln_text(row->row + 1), &error));
		assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_SYNTAX));
	} else if (g_strv_length(words) == 3 && strchr("<=>", *words[1])) {
		assert_order(row->order, words[0], words[1], words[2]);
	} else {
		assert_true(row->order->check(kiln_text(row->row), &error));
	}
}

/* apk's table also holds malformed versions in comparisons, "!" before operators, and operators with a tilde. */
static void test_apk_row(void **state)
{
	const Row *row = *state;
	g_auto(GStrv) words = g_strsplit(row->row, " ", -1);
	if (g_strv_length(words) != 3) {
		gboolean malformed = row->row[0] == '!';
		assert_int_equal(row->order->check(kiln_text(row->row + malformed), NULL), !malformed);
		return;
	}
	gboolean negated = *words[1] == '!';
	const char *operator = words[1] + negated;
	gboolean checks = row->order->check(kiln_text(words[0]), NULL) && row->order->check(kiln_text(words[2]), NULL);
	if (!checks) { /* ranges refuse them, but they have an order all the same */
		int expected = *operator == '<' ? -1 : *operator == '>' ? 1 : 0;
		if (*operator == '~')
			assert_int_equal(kiln_version_apk_begins_with(kiln_text(words[0]), kiln_text(words[2])), !negated);
		else
			assert_int_equal(sign(row->order->compare(kiln_text(words[0]), kiln_text(words[2]))), expected);
		return;
	}
	gboolean inside;
	g_autofree char *text = g_strconcat(operator, words[2], NULL);
	g_autoptr(KilnVersionRange) range = kiln_version_range_parse("apk", kiln_text(text), NULL);
	assert_non_null(range);
	assert_true(kiln_version_range_contains(range, kiln_text(words[0]), &inside, NULL));
	assert_int_equal(inside, !negated);
}

static void test_any_bytes_have_an_order(void **state)
{
	static const KilnText odd[] = { { NULL, 0 },     { "", 0 },      { "\0", 1 },    { "1\0a", 3 },  { ":", 1 },   { "-", 1 },
		                        { "~", 1 },      { "^", 1 },     { "1:", 2 },    { ":1", 2 },    { "1-", 2 },  { "\xff", 1 },
		                        { "\x80\x81", 2 }, { " ", 1 },   { "1 0", 3 },   { "1.", 2 },    { ".1", 2 },  { "v", 1 },
		                        { "go", 2 },     { "dev-", 4 },  { "1.x-dev", 7 }, { "!", 1 },   { "1!", 2 },  { "+", 1 },
		                        { "1+", 2 },     { "1.0-\0", 5 }, { "_", 1 },    { "1_", 2 },    { "@dev", 4 }, { "1.0", 3 } };
	for (gsize index = 0; kiln_version_order_at(index); index++) {
		const KilnVersionOrder *order = kiln_version_order_at(index);
		for (gsize i = 0; i < G_N_ELEMENTS(odd); i++) {
			assert_int_equal(order->compare(odd[i], odd[i]), 0);
			for (gsize j = 0; j < G_N_ELEMENTS(odd); j++)
				assert_int_equal(sign(order->compare(odd[i], odd[j])), -sign(order->compare(odd[j], odd[i])));
		}
	}
}

static void test_length_has_a_limit(void **state)
{
	g_autofree char *text = g_strnfill(5000, '1');
	for (gsize index = 0; kiln_version_order_at(index); index++) {
		const KilnVersionOrder *order = kiln_version_order_at(index);
		g_autoptr(GError) error = NULL;
		assert_false(order->check(kiln_text(text), &error));
		assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_LIMIT));
		g_clear_error(&error);
		assert_false(order->check((KilnText){ NULL, 0 }, &error));
		assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_SYNTAX));
		assert_ptr_equal(kiln_version_order(order->name), order);
	}
	assert_null(kiln_version_order("no-such-order"));
	assert_null(kiln_version_order(NULL));
}

static void test_apk_has_no_table(void **state)
{
	print_message("# the table of apk-tools is not here: $KILN_SHARED_DATA/vectors/versions/apk.txt\n");
	skip();
}

static void row_free(gpointer data)
{
	Row *row = data;
	g_free(row->row);
	g_free(row->name);
	g_free(row);
}

/* Add the rows of @path; FALSE when there is no such file. */
static gboolean add_rows(GArray *tests, GPtrArray *kept, const char *path, const KilnVersionOrder *order, CMUnitTestFunction test)
{
	g_autofree char *text = NULL;
	if (!g_file_get_contents(path, &text, NULL, NULL))
		return FALSE;
	g_auto(GStrv) rows = g_strsplit(text, "\n", -1);
	for (guint i = 0; rows[i]; i++) {
		char *comment = strchr(rows[i], '#');
		if (comment)
			*comment = '\0';
		if (!*g_strchomp(rows[i]))
			continue;
		Row *row = g_new(Row, 1);
		*row = (Row){ order, g_strdup(rows[i]), g_strdup_printf("%s: %s", order->name, rows[i]) };
		g_ptr_array_add(kept, row);
		struct CMUnitTest one = { row->name, test, NULL, NULL, row };
		g_array_append_val(tests, one);
	}
	return TRUE;
}

int main(void)
{
	g_autoptr(GArray) tests = g_array_new(FALSE, FALSE, sizeof(struct CMUnitTest));
	g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(row_free); /* what the tests point to */
	for (gsize i = 0; kiln_version_order_at(i); i++) {
		const KilnVersionOrder *order = kiln_version_order_at(i);
		g_autofree char *name = g_strdup_printf("version_%s.txt", order->name);
		g_autofree char *path = g_build_filename(g_getenv("KILN_TEST_DATA"), "pkg", name, NULL);
		if (!add_rows(tests, kept, path, order, test_row))
			return 2;
	}
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_any_bytes_have_an_order),
		cmocka_unit_test(test_length_has_a_limit),
		cmocka_unit_test(test_apk_has_no_table),
	};
	const char *shared = g_getenv("KILN_SHARED_DATA");
	g_autofree char *apk = g_build_filename(shared ? shared : "/nonexistent", "vectors", "versions", "apk.txt", NULL);
	gboolean have_apk = add_rows(tests, kept, apk, &kiln_version_order_apk, test_apk_row);
	g_array_append_vals(tests, others, have_apk ? 2 : 3);
	return _cmocka_run_group_tests("version_table", (const struct CMUnitTest *)(void *)tests->data, tests->len, NULL, NULL);
}
