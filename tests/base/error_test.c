/* SPDX-License-Identifier: Apache-2.0 */
/* error_test.c: codes, their names and the mapping of errno. */
#include "base/error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_names(void **state)
{
	for (int code = KILN_ERROR_SYNTAX; code <= KILN_ERROR_INTERNAL; code++)
		assert_string_not_equal(kiln_error_name(code), "unknown");
	assert_string_equal(kiln_error_name(KILN_ERROR_NOT_FOUND), "not-found");
	assert_string_equal(kiln_error_name(99), "unknown");
	assert_string_equal(kiln_error_name(-1), "unknown");
}

static void test_errno(void **state)
{
	static const struct {
		int number;
		KilnError code;
	} rows[] = { { ENOENT, KILN_ERROR_NOT_FOUND }, { EEXIST, KILN_ERROR_EXISTS }, { EAGAIN, KILN_ERROR_BUSY },
		     { ELOOP, KILN_ERROR_DENIED }, { ENOSPC, KILN_ERROR_IO }, { EACCES, KILN_ERROR_IO } };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		assert_false(kiln_fail_errno(&error, rows[i].number, "%s", "store"));
		assert_true(g_error_matches(error, KILN_ERROR, rows[i].code));
		assert_true(g_str_has_prefix(error->message, "store: "));
		assert_non_null(strstr(error->message, g_strerror(rows[i].number)));
	}
	assert_false(kiln_fail(NULL, KILN_ERROR_IO, "no place for it"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_names), cmocka_unit_test(test_errno) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
