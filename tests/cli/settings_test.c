/* SPDX-License-Identifier: Apache-2.0 */
/* settings_test.c: kiln.yaml and KILN_* variables: what is taken, in which order, and what is refused where. */
#include "cli/settings.h"

#include "base/error.h"
#include "source/archive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *value(GHashTable *values, const char *name)
{
	const GPtrArray *list = g_hash_table_lookup(values, name);
	return list ? list->pdata[0] : "(none)";
}

static KilnSettings *parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	KilnSettings *settings = kiln_settings_parse(text, strlen(text), "kiln.yaml", &error);
	if (!settings)
		fail_msg("%s", error->message);
	return settings;
}

static void test_options(void **state)
{
	g_autoptr(KilnSettings) settings = parse("store: /srv/kiln\nno-progress: true\njobs: 3\nformat: json\nman:\n  directory: /tmp/m\n");
	GHashTable *man = g_hash_table_lookup(settings->commands, "man");
	assert_string_equal(value(settings->values, "store"), "/srv/kiln");
	assert_string_equal(value(settings->values, "no-progress"), "true");
	assert_string_equal(value(settings->values, "jobs"), "3");
	assert_string_equal(value(settings->values, "format"), "json");
	assert_string_equal(value(man, "directory"), "/tmp/m");
	g_autoptr(KilnSettings) empty = parse("# nothing\n");
	assert_int_equal(g_hash_table_size(empty->values), 0);
}

static gboolean has(char **list, const char *text)
{
	return g_strv_contains((const char *const *)list, text);
}

static void test_archives(void **state)
{
	g_autoptr(KilnSettings) settings = parse("archives:\n  debian:\n    mirrors: [http://one.example/debian, http://two.example/debian]\n"
	                                         "    security-mirrors: http://one.example/security\n    keyring: /k/d.gpg\n"
	                                         "  ubuntu:\n    mirrors: http://one.example/ubuntu\n");
	assert_int_equal(settings->sources->len, 3);
	const KilnAptSource *main = settings->sources->pdata[0], *security = settings->sources->pdata[1], *ubuntu = settings->sources->pdata[2];
	assert_string_equal(main->uris[1], "http://two.example/debian");
	assert_true(has(main->suites, "trixie") && !has(main->suites, "trixie-security") && !has(main->suites, "noble"));
	assert_string_equal(main->signed_by, "/k/d.gpg");
	assert_int_equal(main->line, 3);
	assert_string_equal(security->uris[0], "http://one.example/security");
	assert_true(has(security->suites, "trixie-security") && !has(security->suites, "trixie"));
	assert_true(has(ubuntu->suites, "noble") && has(ubuntu->suites, "noble-security"));
	assert_null(ubuntu->signed_by);

	/* What a build makes of them. */
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnArchive) archive = kiln_archive_resolve("debian/trixie", settings->sources, &error);
	assert_non_null(archive);
	for (guint i = 0; i < archive->suites->len; i++) {
		const KilnSuite *suite = archive->suites->pdata[i];
		gboolean is_security = g_str_has_suffix(suite->name, "-security");
		assert_string_equal(suite->uris[0], is_security ? "http://one.example/security" : "http://one.example/debian");
		assert_string_equal(suite->keyring, "/k/d.gpg");
	}
	g_autoptr(KilnArchive) noble = kiln_archive_resolve("ubuntu/noble", settings->sources, &error);
	assert_non_null(noble);
	assert_string_equal(((KilnSuite *)noble->suites->pdata[2])->uris[0], "http://one.example/ubuntu");
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "stroe: /x\n", "kiln.yaml:1:1: unknown key \"stroe\"; did you mean \"store\"?" },
		{ "man:\n  directry: x\n", "kiln.yaml:2:3: unknown key \"directry\"; did you mean \"directory\"?" },
		{ "man: 3\n", "kiln.yaml:1:6: \"man\" must be a mapping of options of kiln man" },
		{ "jobs: many\n", "kiln.yaml:1:7: jobs: \"many\" is not a whole number" },
		{ "offline: perhaps\n", "kiln.yaml:1:10: offline: \"perhaps\" is neither true nor false" },
		{ "store: [a]\n", "kiln.yaml:1:8: \"store\" must be one value" },
		{ "- a\n", "kiln.yaml:1:1: the settings must be a mapping, as in \"store: /srv/kiln\"" },
		{ "archives:\n  debain:\n    mirrors: x\n", "kiln.yaml:2:3: unknown key \"debain\"; did you mean \"debian\"?" },
		{ "archives:\n  debian:\n    mirors: x\n", "kiln.yaml:3:5: unknown key \"mirors\"; did you mean \"mirrors\"?" },
		{ "archives:\n  debian:\n    mirrors: []\n", "kiln.yaml:3:14: \"mirrors\" must not be empty" },
		{ "archives:\n  debian:\n    mirrors: x\n    keyring: k.gpg\n", "kiln.yaml:4:14: \"keyring\" must be an absolute path" },
		{ "help: true\n", NULL },
		{ "config: x\n", NULL },
		{ "store: a\nstore: b\n", NULL },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(KilnSettings) settings = kiln_settings_parse(rows[i].text, strlen(rows[i].text), "kiln.yaml", &error);
		assert_null(settings);
		assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_SYNTAX));
		if (rows[i].message)
			assert_string_equal(error->message, rows[i].message);
	}
}

static void test_precedence(void **state)
{
	g_autoptr(KilnSettings) settings = parse("store: /from/file\njobs: 1\nformat: json\n");
	g_autoptr(GHashTable) values = kiln_values_new();
	g_autoptr(GError) error = NULL;
	kiln_values_add(values, kiln_option_find(kiln_global_options(), "format"), g_strdup("table"));
	g_setenv("KILN_STORE", "/from/variable", TRUE);
	g_setenv("KILN_FORMAT", "json", TRUE);
	g_setenv("KILN_NO_PROGRESS", "1", TRUE);
	g_setenv("KILN_OFFLINE", "", TRUE); /* as good as not set */
	assert_true(kiln_settings_complete(settings, NULL, values, &error));
	assert_string_equal(value(values, "format"), "table");
	assert_string_equal(value(values, "store"), "/from/variable");
	assert_string_equal(value(values, "jobs"), "1");
	assert_string_equal(value(values, "no-progress"), "true");
	assert_string_equal(value(values, "offline"), "(none)");

	g_setenv("KILN_CACHE_DIR", "/c", TRUE);
	g_setenv("KILN_JOBS", "x", TRUE);
	g_autoptr(GHashTable) others = kiln_values_new();
	assert_false(kiln_settings_complete(settings, NULL, others, &error));
	assert_string_equal(error->message, "KILN_JOBS: \"x\" is not a whole number");
}

static void test_variable_names(void **state)
{
	g_autofree char *variable = kiln_option_variable(kiln_option_find(kiln_global_options(), "cache-dir"));
	assert_string_equal(variable, "KILN_CACHE_DIR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),    cmocka_unit_test(test_archives),       cmocka_unit_test(test_refused),
		cmocka_unit_test(test_precedence), cmocka_unit_test(test_variable_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
