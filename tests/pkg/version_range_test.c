/* SPDX-License-Identifier: Apache-2.0 */
/* version_range_test.c: ranges of every dialect against tests/data/pkg/version_ranges.txt. */
#include "pkg/version_range.h"
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* "introduced 0, fixed 1.2": the events of an OSV range. */
static KilnVersionRange *parse_events(const char *order, const char *text, GError **error)
{
	static const char *const kinds[] = { "introduced ", "fixed ", "last_affected ", "limit " };
	g_auto(GStrv) words = g_strsplit(text, ", ", -1);
	g_autoptr(GArray) events = g_array_new(FALSE, FALSE, sizeof(KilnVersionEvent));
	for (guint i = 0; words[i]; i++) {
		for (guint kind = 0; kind < G_N_ELEMENTS(kinds); kind++) {
			if (!g_str_has_prefix(words[i], kinds[kind]))
				continue;
			KilnVersionEvent event = { kind, kiln_text(words[i] + strlen(kinds[kind])) };
			g_array_append_val(events, event);
		}
		assert_int_equal(*words[i] ? events->len : i + 1, i + 1);
	}
	return kiln_version_range_from_events(kiln_version_order(order), (const KilnVersionEvent *)(void *)events->data, events->len, error);
}

static KilnVersionRange *parse(const char *dialect, const char *text, GError **error)
{
	if (g_str_has_prefix(dialect, "events:"))
		return parse_events(strchr(dialect, ':') + 1, text, error);
	if (g_str_has_prefix(dialect, "comparators:"))
		return kiln_version_range_parse_comparators(kiln_version_order(strchr(dialect, ':') + 1), kiln_text(text), error);
	return kiln_version_range_parse(dialect, kiln_text(text), error);
}

/* "dialect<tab>range<tab>words": +V is inside, -V outside, V>E: for V the inside ends at E, V>: nobody says where; "!": malformed. */
static void test_row(void **state)
{
	g_auto(GStrv) columns = g_strsplit(*state, "\t", -1);
	assert_int_equal(g_strv_length(columns), 3);
	g_auto(GStrv) words = g_strsplit(columns[2], " ", -1);
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnVersionRange) range = parse(columns[0], columns[1], &error);
	if (strcmp(columns[2], "!") == 0) {
		assert_null(range);
		assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_SYNTAX));
		return;
	}
	if (!range)
		fail_msg("%s", error->message);
	for (guint i = 0; words[i]; i++) {
		gboolean inside;
		char *end = strchr(words[i], '>');
		if (end) {
			*end++ = '\0';
			g_autofree char *found = kiln_version_range_end(range, kiln_text(words[i]));
			assert_string_equal(found ? found : "", end);
			continue;
		}
		assert_true(kiln_version_range_contains(range, kiln_text(words[i] + 1), &inside, &error));
		if (inside != (*words[i] == '+'))
			fail_msg("%s", words[i]);
	}
}

static void test_malformed_versions_are_neither_inside_nor_outside(void **state)
{
	static const char *const dialects[] = { "npm", "npm-audit", "pep440", "maven", "gem", "nuget", "apk" };
	static const char *const ranges[] = { "<2.0.0", "<2.0.0", "<2.0.0", "(,2.0.0)", "<2.0.0", "[1.0,2.0.0)", "<2.0.0" };
	for (gsize i = 0; i < G_N_ELEMENTS(dialects); i++) {
		gboolean inside = 77;
		g_autoptr(GError) error = NULL;
		g_autoptr(KilnVersionRange) range = kiln_version_range_parse(dialects[i], kiln_text(ranges[i]), NULL);
		assert_non_null(range);
		assert_false(kiln_version_range_contains(range, KILN_TEXT("1 0/"), &inside, &error));
		assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_SYNTAX));
		assert_int_equal(inside, 77);
	}
}

static void test_what_a_range_cannot_say_is_named(void **state)
{
	g_autoptr(GError) error = NULL;
	assert_null(kiln_version_range_parse("nuget", KILN_TEXT("1.*"), &error));
	assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_UNSUPPORTED));
	g_clear_error(&error);
	assert_null(kiln_version_range_parse("cobol", KILN_TEXT("1"), &error));
	assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_UNSUPPORTED));
	g_clear_error(&error);
	g_autofree char *long_text = g_strnfill(70000, ' ');
	assert_null(kiln_version_range_parse("npm", kiln_text(long_text), &error));
	assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_LIMIT));
	g_clear_error(&error);
	g_autoptr(GString) many = g_string_new("<1");
	for (guint i = 0; i < 11000; i++)
		g_string_append(many, " <1");
	assert_null(kiln_version_range_parse_comparators(&kiln_version_order_deb, (KilnText){ many->str, many->len }, &error));
	assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_LIMIT));
}

static void test_bounds_given_one_by_one(void **state)
{
	gboolean inside;
	g_autoptr(KilnVersionRange) range = kiln_version_range_new(kiln_version_order("rpm"));
	assert_true(kiln_version_range_contains(range, KILN_TEXT("1.0-1"), &inside, NULL));
	assert_false(inside); /* no alternative, no version */
	kiln_version_range_begin(range);
	assert_true(kiln_version_range_require(range, KILN_VERSION_GREATER_OR_EQUAL, KILN_TEXT("1.0-1"), NULL));
	assert_true(kiln_version_range_require(range, KILN_VERSION_LESS, KILN_TEXT("1.0-5"), NULL));
	assert_false(kiln_version_range_require(range, KILN_VERSION_LESS, KILN_TEXT("1.0-"), NULL));
	assert_true(kiln_version_range_contains(range, KILN_TEXT("1.0-4.el9"), &inside, NULL));
	assert_true(inside);
	g_autofree char *end = kiln_version_range_end(range, KILN_TEXT("1.0-4.el9"));
	assert_string_equal(end, "1.0-5");
	assert_ptr_equal(kiln_version_range_order(range), kiln_version_order("rpm"));
	kiln_version_range_begin(range);
	assert_true(kiln_version_range_contains(range, KILN_TEXT("9-1"), &inside, NULL));
	assert_true(inside); /* an alternative without clauses holds everything */
}

int main(void)
{
	g_autofree char *path = g_build_filename(g_getenv("KILN_TEST_DATA"), "pkg", "version_ranges.txt", NULL);
	g_autofree char *text = NULL;
	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 2;
	g_auto(GStrv) rows = g_strsplit(text, "\n", -1);
	g_autoptr(GArray) tests = g_array_new(FALSE, FALSE, sizeof(struct CMUnitTest));
	for (guint i = 0; rows[i]; i++) {
		struct CMUnitTest row = { rows[i], test_row, NULL, NULL, rows[i] };
		if (*rows[i] && *rows[i] != '#')
			g_array_append_val(tests, row);
	}
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_malformed_versions_are_neither_inside_nor_outside),
		cmocka_unit_test(test_what_a_range_cannot_say_is_named),
		cmocka_unit_test(test_bounds_given_one_by_one),
	};
	g_array_append_vals(tests, others, G_N_ELEMENTS(others));
	return _cmocka_run_group_tests("version_range", (const struct CMUnitTest *)(void *)tests->data, tests->len, NULL, NULL);
}
