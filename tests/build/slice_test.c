/* SPDX-License-Identifier: Apache-2.0 */
/* slice_test.c: the tables that slicing reads: globs, the skip table, interpreters, reasons. */
#include "build/reason.h"
#include "build/skip.h"
#include "pkg/program.h"
#include "build/slice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_globs(void **state)
{
	static const struct {
		const char *pattern, *path;
		gboolean matches;
	} rows[] = { { "usr/bin/x", "usr/bin/x", TRUE }, { "usr/*/x", "usr/bin/x", TRUE }, { "usr/*/x", "usr/bin/y/x", FALSE },
		     { "usr/**", "usr/bin/y/x", TRUE }, { "usr/**/x", "usr/bin/y/x", TRUE }, { "*", "usr/x", FALSE }, { "libssl3*", "libssl3t64", TRUE },
		     { "a*b*c", "aXXbYYc", TRUE }, { "a*b*c", "aXXbYY", FALSE }, { "", "", TRUE }, { "", "a", FALSE } };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (kiln_glob_matches(rows[i].pattern, rows[i].path) != rows[i].matches)
			fail_msg("%s against %s", rows[i].pattern, rows[i].path);
}

static void test_skip_table(void **state)
{
	static const char *const german[] = { "de_DE.UTF-8", NULL };
	assert_string_equal(kiln_skip_rule("usr/share/doc/nginx/README", NULL), "documentation");
	assert_null(kiln_skip_rule("usr/share/doc/nginx/copyright", NULL));
	assert_string_equal(kiln_skip_rule("usr/share/man/man8/nginx.8.gz", NULL), "manual");
	assert_string_equal(kiln_skip_rule("usr/share/locale/de/LC_MESSAGES/x.mo", NULL), "translation");
	assert_null(kiln_skip_rule("usr/share/locale/de/LC_MESSAGES/x.mo", german));
	assert_string_equal(kiln_skip_rule("usr/share/locale/fr/LC_MESSAGES/x.mo", german), "translation");
	assert_string_equal(kiln_skip_rule("usr/lib/systemd/system/nginx.service", NULL), "init");
	assert_string_equal(kiln_skip_rule("etc/cron.daily/x", NULL), "cron");
	assert_null(kiln_skip_rule("etc/nginx/nginx.conf", NULL));
	assert_string_equal(kiln_skip_rule("etc/skel", NULL), "host");
	assert_null(kiln_skip_rule("etc/skeleton", NULL));
	assert_string_equal(kiln_skip_rule("usr/share/nodejs/undici/types/index.d.ts", NULL), "development");
	assert_null(kiln_skip_rule("usr/share/nodejs/undici/types/index.ts", NULL));
	assert_string_equal(kiln_skip_rule("usr/lib/python3.13/test/support/__init__.py", NULL), "test-suite");
	assert_null(kiln_skip_rule("usr/lib/python3.13/unittest/__init__.py", NULL));
	assert_true(kiln_program_is_shell("usr/bin/bash"));
	assert_false(kiln_program_is_shell("usr/bin/bashful"));
	assert_true(kiln_program_is_interpreter("usr/bin/python3.13"));
	assert_false(kiln_program_is_interpreter("usr/bin/python3-config"));
	assert_true(kiln_skip_is_general_directory("usr/lib/x86_64-linux-gnu"));
	assert_false(kiln_skip_is_general_directory("usr/lib/x86_64-linux-gnu/ossl-modules"));
	assert_true(kiln_skip_is_general_directory("run/log"));
	assert_false(kiln_skip_is_general_directory("runner"));
}

static void test_every_rule_has_words(void **state)
{
	for (const KilnRule *rule = kiln_rules(); rule->id; rule++) {
		assert_true(rule->text && rule->text[0]);
		assert_true(rule->keeps || rule->key || strcmp(rule->id, "special-file") == 0 || strcmp(rule->id, "dropped") == 0);
		assert_true(rule->keeps == !rule->summary);
		assert_ptr_equal(kiln_rule(rule->id), rule);
	}
	assert_null(kiln_rule("no such rule"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_globs), cmocka_unit_test(test_skip_table), cmocka_unit_test(test_every_rule_has_words) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
