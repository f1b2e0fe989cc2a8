/* SPDX-License-Identifier: Apache-2.0 */
/* clock_test.c: times as archives and images write them; expected seconds are from date(1). */
#include "base/clock.h"
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_print_and_parse(void **state)
{
	char text[KILN_TIME_TEXT_MAX];
	gint64 time;
	assert_string_equal(kiln_time_print(1700043133, text), "2023-11-15T10:12:13Z");
	assert_string_equal(kiln_time_print(-5, text), "1970-01-01T00:00:00Z");
	assert_true(kiln_time_parse("2023-11-15T10:12:13Z", &time, NULL) && time == 1700043133);
	assert_true(kiln_time_parse("2023-11-15T12:12:13.5+02:00", &time, NULL) && time == 1700043133);
	assert_false(kiln_time_parse("yesterday", &time, NULL));
}

static void test_release_dates(void **state)
{
	gint64 time;
	assert_true(kiln_time_parse_release("Wed, 15 Nov 2023 10:12:13 UTC", &time, NULL) && time == 1700043133);
	assert_true(kiln_time_parse_release("Wed, 15 Nov 2023 10:12:13 +0000", &time, NULL) && time == 1700043133);
	static const char *const bad[] = { "", "Wed, 15 Nov 2023 10:12:13", "Wed, 15 Nov 2023 10:12:13 CET", "Wed, 31 Feb 2023 10:12:13 UTC",
		                           "Wed, 15 Foo 2023 10:12:13 UTC", "Wed, 15 Nov 2023 10:12:13 UTC x", "Wed, 15 Nov 2023 25:12:13 UTC" };
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		assert_false(kiln_time_parse_release(bad[i], &time, &error));
		assert_int_equal(error->code, KILN_ERROR_SYNTAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_print_and_parse), cmocka_unit_test(test_release_dates) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
