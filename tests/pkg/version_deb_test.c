/* SPDX-License-Identifier: Apache-2.0 */
/* version_deb_test.c: dpkg itself judges the order of Debian versions; its Perl library does in version_oracle_test.c. */
#include "base/error.h"
#include "pkg/version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gio/gio.h>

#define DPKG_PAIRS 200 /* judged by one dpkg process each */
#define SEED 20250809

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

static int order(const char *a, const char *b)
{
	return sign(kiln_version_order("deb")->compare(kiln_text(a), kiln_text(b)));
}

static gboolean dpkg_says(const char *a, const char *relation, const char *b)
{
	const char *argv[] = { "dpkg", "--compare-versions", a, relation, b, NULL };
	g_autoptr(GError) error = NULL;
	int status;
	gboolean ran = g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
	                            NULL, &status, &error);
	assert_true(ran);
	return g_spawn_check_wait_status(status, NULL);
}

static gboolean have(const char *program)
{
	g_autofree char *path = g_find_program_in_path(program);
	return path != NULL;
}

static void test_row(void **state)
{
	g_auto(GStrv) words = g_strsplit(*state, " ", -1);
	assert_int_equal(g_strv_length(words), 3);
	int expected = *words[1] == '<' ? -1 : *words[1] == '>' ? 1 : 0;
	assert_int_equal(order(words[0], words[2]), expected);
	assert_int_equal(order(words[2], words[0]), -expected);
	assert_true(kiln_version_order("deb")->check(kiln_text(words[0]), NULL));
	if (have("dpkg")) {
		static const char *const relations[] = { "lt", "eq", "gt" };
		assert_true(dpkg_says(words[0], relations[expected + 1], words[2]));
	}
}

static void append_random(GRand *random, GString *out)
{
	static const char bytes[] = "0001223459aAbzZ~~++..--";
	static const char *const pieces[] = { "1.0", "2.10", "~rc1", "+deb12u1", "-1", "+b1", "~bpo12+1", ".dfsg", "ubuntu0.1", "0" };
	if (g_rand_int_range(random, 0, 5) == 0)
		g_string_append_printf(out, "%d:", g_rand_int_range(random, 0, 12));
	g_string_append_c(out, (char)g_rand_int_range(random, '0', '9' + 1));
	for (int left = g_rand_int_range(random, 0, 6); left > 0; left--) {
		if (g_rand_boolean(random))
			g_string_append(out, pieces[g_rand_int_range(random, 0, G_N_ELEMENTS(pieces))]);
		else
			g_string_append_c(out, bytes[g_rand_int_range(random, 0, sizeof bytes - 1)]);
	}
	if (out->str[out->len - 1] == '-')
		g_string_append_c(out, '0');
}

/* Two versions, often with a common beginning. */
static void random_pair(GRand *random, char **a, char **b)
{
	g_autoptr(GString) first = g_string_new(NULL), second = g_string_new(NULL);
	append_random(random, first);
	append_random(random, second);
	if (g_rand_int_range(random, 0, 3) > 0 && first->len > 2) {
		g_string_truncate(second, 0);
		g_string_append_len(second, first->str, g_rand_int_range(random, 1, (gint32)first->len));
		if (second->str[second->len - 1] == ':')
			g_string_append_c(second, '1');
		g_string_append_c(second, "~+.a0"[g_rand_int_range(random, 0, 5)]);
	}
	*a = g_string_free(g_steal_pointer(&first), FALSE);
	*b = g_string_free(g_steal_pointer(&second), FALSE);
}

static void test_random_against_dpkg(void **state)
{
	if (!have("dpkg"))
		skip();
	g_autoptr(GRand) random = g_rand_new_with_seed(SEED);
	for (guint i = 0; i < DPKG_PAIRS; i++) {
		g_autofree char *a = NULL, *b = NULL;
		random_pair(random, &a, &b);
		static const char *const relations[] = { "lt", "eq", "gt" };
		if (!dpkg_says(a, relations[order(a, b) + 1], b))
			fail_msg("dpkg does not agree that %s %s %s", a, relations[order(a, b) + 1], b);
	}
}

static void test_bad_versions_are_named(void **state)
{
	static const char *const bad[] = { "",     "a1",     "1.0-",         ":1",  "a:1",  "-1:1", "99999999999:1", "2147483648:1",
		                           "1 0",  "1_0",    "1.0-1_",       "1:",  "-1",   "1:-1", "1.0\xc3\xa9",   "1/0" };
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		assert_false(kiln_version_order("deb")->check(kiln_text(bad[i]), &error));
		assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_SYNTAX));
		if (bad[i][0] && bad[i][0] != '-' && have("dpkg")) {
			const char *argv[] = { "dpkg", "--validate-version", bad[i], NULL };
			int status = 0;
			assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
			                         NULL, NULL, NULL, &status, NULL));
			assert_int_not_equal(status, 0);
		}
	}
	assert_true(kiln_version_order("deb")->check(KILN_TEXT("2147483647:1:2-3-4+~."), NULL));
}

int main(void)
{
	g_autofree char *path = g_build_filename(g_getenv("KILN_TEST_DATA"), "pkg", "version_deb.txt", NULL);
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
		cmocka_unit_test(test_random_against_dpkg),
		cmocka_unit_test(test_bad_versions_are_named),
	};
	g_array_append_vals(tests, others, G_N_ELEMENTS(others));
	return _cmocka_run_group_tests("version_deb", (const struct CMUnitTest *)(void *)tests->data, tests->len, NULL, NULL);
}
