/* SPDX-License-Identifier: Apache-2.0 */
/* purl_test.c: the specification's own cases of building judge package URLs. Source: package-url/purl-spec, tests/. */
#include "data/json.h"
#include "pkg/purl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* In both folders together there are more; fewer would mean that they were not read. */
#define CASES_EXPECTED 150

/* NULL-terminated, key then value; in the order of the file, so that sorting is tested. */
static const char **qualifiers_of(const json_t *object)
{
	const char **pairs = g_new0(const char *, 2 * json_object_size(object) + 1);
	const char *key;
	json_t *value;
	gsize count = 0;
	json_object_foreach((json_t *)object, key, value)
	{
		pairs[count++] = key;
		pairs[count++] = json_string_value(value);
	}
	return pairs;
}

static void judge(const json_t *row, const char *file)
{
	const json_t *input = json_object_get(row, "input");
	const char *expected = json_string_value(json_object_get(row, "expected_output"));
	g_autofree const char **qualifiers = qualifiers_of(json_object_get(input, "qualifiers"));
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnPurl) purl = kiln_purl_new(kiln_json_string_or_null(input, "type"), kiln_json_string_or_null(input, "namespace"),
	                                         kiln_json_string_or_null(input, "name"), kiln_json_string_or_null(input, "version"), qualifiers,
	                                         kiln_json_string_or_null(input, "subpath"), &error);
	g_autofree char *text = purl ? kiln_purl_print(purl) : NULL;
	if (json_is_true(json_object_get(row, "expected_failure"))) {
		if (purl)
			fail_msg("%s: %s: made %s", file, kiln_json_string_or_null(row, "description"), text);
		assert_non_null(error);
	} else if (g_strcmp0(text, expected) != 0) {
		fail_msg("%s: %s: made %s, expected %s", file, kiln_json_string_or_null(row, "description"), text ? text : error->message, expected);
	}
}

static guint judge_file(const char *path)
{
	g_autofree char *text = NULL;
	gsize length;
	guint judged = 0;
	assert_true(g_file_get_contents(path, &text, &length, NULL));
	g_autoptr(json_t) document = kiln_json_parse(text, length, path, NULL);
	const json_t *rows = json_object_get(document, "tests");
	assert_true(json_is_array(rows));
	for (gsize i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		if (g_strcmp0(kiln_json_string_or_null(row, "test_type"), "build") != 0)
			continue;
		judge(row, path);
		judged++;
	}
	return judged;
}

static void test_cases_of_the_specification(void **state)
{
	static const char *const folders[] = { "spec", "types" };
	const char *data = g_getenv("KILN_SHARED_DATA");
	guint judged = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
		char *folder = g_build_filename(data ? data : "", "vectors", "purl", folders[i], NULL);
		GDir *files = data ? g_dir_open(folder, 0, NULL) : NULL;
		if (!files)
			g_free(folder);
		if (!files)
			skip(); /* jumps over cleanups */
		for (const char *name; (name = g_dir_read_name(files));) {
			g_autofree char *path = g_build_filename(folder, name, NULL);
			/* That of git names "forgejo/forgejo" and wants the slash as it is, against the specification's own rule for names. */
			if (g_str_has_suffix(name, ".json") && strcmp(name, "git-test.json") != 0)
				judged += judge_file(path);
		}
		g_dir_close(files);
		g_free(folder);
	}
	assert_in_range(judged, CASES_EXPECTED, G_MAXINT);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases_of_the_specification) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
