/* SPDX-License-Identifier: Apache-2.0 */
/* cvss_test.c: CVSS scores against tests/data/vuln/cvss.txt and the vectors in the shared data. */
#include "vuln/cvss.h"
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

/* "9.8" as 98; "-0.0" is 0; "None" is -1. */
static int tenths(const char *text)
{
	g_autoptr(GString) digits = g_string_new(NULL);
	for (; *text; text++)
		if (g_ascii_isdigit(*text))
			g_string_append_c(digits, *text);
	return digits->len ? atoi(digits->str) : -1;
}

/* What is printed is the same vector. */
static void assert_prints(const KilnCvss *cvss)
{
	KilnCvss again;
	char text[KILN_CVSS_TEXT_MAX], second[KILN_CVSS_TEXT_MAX];
	kiln_cvss_print(cvss, text);
	assert_true(kiln_cvss_parse(kiln_text(text), &again, NULL));
	kiln_cvss_print(&again, second);
	assert_string_equal(text, second);
	KilnCvssScores scores = kiln_cvss_score(cvss), scores_again = kiln_cvss_score(&again);
	assert_int_equal(scores.overall_tenths, scores_again.overall_tenths);
	assert_int_equal(scores.environmental_tenths, scores_again.environmental_tenths);
}

static void test_row(void **state)
{
	g_auto(GStrv) words = g_strsplit(*state, " ", -1);
	KilnCvss cvss;
	g_autoptr(GError) error = NULL;
	if (*words[0] == '!') {
		assert_false(kiln_cvss_parse(kiln_text(words[0] + 1), &cvss, &error));
		assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_SYNTAX) || g_error_matches(error, KILN_ERROR, KILN_ERROR_UNSUPPORTED));
		return;
	}
	if (!kiln_cvss_parse(kiln_text(words[0]), &cvss, &error))
		fail_msg("%s", error->message);
	KilnCvssScores scores = kiln_cvss_score(&cvss);
	assert_int_equal(scores.base_tenths, tenths(words[1]));
	assert_int_equal(scores.temporal_tenths, tenths(words[2]));
	if (scores.has_environmental || cvss.version != KILN_CVSS_2_0)
		assert_int_equal(scores.environmental_tenths, tenths(words[3]));
	assert_int_equal(scores.overall_tenths, scores.has_environmental ? scores.environmental_tenths
	                                        : scores.has_temporal    ? scores.temporal_tenths
	                                                                 : scores.base_tenths);
	if (words[4])
		assert_string_equal(kiln_severity_name(kiln_cvss_severity(cvss.version, scores.base_tenths)), words[4]);
	assert_prints(&cvss);
}

/* "VECTOR - (base, temporal, environmental)", or "VECTOR - (score,)" for 4.0. */
static void assert_shared_row(const char *row)
{
	g_auto(GStrv) halves = g_strsplit(row, " - ", 2), scores_text = g_strsplit(halves[1], ",", -1);
	KilnCvss cvss;
	if (!kiln_cvss_parse(kiln_text(halves[0]), &cvss, NULL))
		fail_msg("%s", row);
	KilnCvssScores scores = kiln_cvss_score(&cvss);
	const int mine[] = { (int)scores.base_tenths, (int)scores.temporal_tenths, (int)scores.environmental_tenths };
	if (cvss.version == KILN_CVSS_4_0 && (int)scores.overall_tenths != tenths(scores_text[0]))
		fail_msg("%s: %u", row, scores.overall_tenths);
	for (guint i = 0; i < 3 && cvss.version != KILN_CVSS_4_0; i++)
		if (tenths(scores_text[i]) >= 0 && tenths(scores_text[i]) != mine[i])
			fail_msg("%s: %d", row, mine[i]);
	assert_prints(&cvss);
}

static void test_shared_vectors(void **state)
{
	g_autofree char *path = g_build_filename(g_getenv("KILN_SHARED_DATA"), "vectors", "cvss", *state, NULL), *text = NULL;
	if (!g_file_get_contents(path, &text, NULL, NULL)) {
		print_message("# not here: $KILN_SHARED_DATA/vectors/cvss/%s\n", (const char *)*state);
		skip();
	}
	g_auto(GStrv) rows = g_strsplit(text, "\n", -1);
	guint count = 0;
	for (guint i = 0; rows[i]; i++) {
		if (*g_strchomp(rows[i])) {
			assert_shared_row(rows[i]);
			count++;
		}
	}
	assert_true(count > 500);
}

static void test_other_versions_are_named(void **state)
{
	KilnCvss cvss = { .version = KILN_CVSS_3_0 };
	g_autoptr(GError) error = NULL;
	assert_false(kiln_cvss_parse(KILN_TEXT("CVSS:5.0/AV:N"), &cvss, &error));
	assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_UNSUPPORTED));
	assert_int_equal(cvss.version, KILN_CVSS_3_0); /* nothing was written */
	g_clear_error(&error);
	assert_false(kiln_cvss_parse(KILN_TEXT("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H"), &cvss, &error));
	assert_non_null(strstr(error->message, "lacks the base metric A"));
	g_clear_error(&error);
	assert_false(kiln_cvss_parse((KilnText){ NULL, 0 }, &cvss, &error));
	assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_SYNTAX));
}

static void test_the_longest_vector_fits(void **state)
{
	KilnCvss cvss;
	char text[KILN_CVSS_TEXT_MAX];
	static const char longest[] = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:A/CR:H/IR:H/AR:H/MAV:N/MAC:L/MAT:N/MPR:N/"
	                              "MUI:N/MVC:H/MVI:H/MVA:H/MSC:H/MSI:H/MSA:H/S:P/AU:Y/R:A/V:C/RE:H/U:Clear";
	assert_true(kiln_cvss_parse(KILN_TEXT(longest), &cvss, NULL));
	kiln_cvss_print(&cvss, text);
	assert_string_equal(text, longest);
}

static void test_words_for_scores(void **state)
{
	static const struct {
		guint tenths;
		const char *v2, *v3;
	} rows[] = { { 0, "low", "none" }, { 1, "low", "low" }, { 39, "low", "low" }, { 40, "medium", "medium" }, { 69, "medium", "medium" },
		     { 70, "high", "high" }, { 89, "high", "high" }, { 90, "high", "critical" }, { 100, "high", "critical" } };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		assert_string_equal(kiln_severity_name(kiln_cvss_severity(KILN_CVSS_2_0, rows[i].tenths)), rows[i].v2);
		for (guint version = KILN_CVSS_3_0; version <= KILN_CVSS_4_0; version++)
			assert_string_equal(kiln_severity_name(kiln_cvss_severity(version, rows[i].tenths)), rows[i].v3);
	}
	assert_string_equal(kiln_severity_name(KILN_SEVERITY_UNKNOWN), "unknown");
	assert_string_equal(kiln_cvss_version_name(KILN_CVSS_3_1), "3.1");
}

int main(void)
{
	g_autofree char *path = g_build_filename(g_getenv("KILN_TEST_DATA"), "vuln", "cvss.txt", NULL);
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
		{ "shared vectors of 2.0", test_shared_vectors, NULL, NULL, (void *)"simple2.txt" },
		{ "shared vectors of 3.0", test_shared_vectors, NULL, NULL, (void *)"simple3.txt" },
		{ "shared vectors of 3.1", test_shared_vectors, NULL, NULL, (void *)"simple31.txt" },
		{ "shared vectors of 4.0", test_shared_vectors, NULL, NULL, (void *)"simple4.txt" },
		cmocka_unit_test(test_other_versions_are_named),
		cmocka_unit_test(test_the_longest_vector_fits),
		cmocka_unit_test(test_words_for_scores),
	};
	g_array_append_vals(tests, others, G_N_ELEMENTS(others));
	return _cmocka_run_group_tests("cvss", (const struct CMUnitTest *)(void *)tests->data, tests->len, NULL, NULL);
}
