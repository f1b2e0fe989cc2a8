/* SPDX-License-Identifier: Apache-2.0 */
/* size_test.c: sizes against values worked out by hand. */
#include "base/size.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_sizes(void **state)
{
	static const struct {
		guint64 bytes;
		const char *text;
	} rows[] = {
		{ 0, "0 B" }, { 999, "999 B" }, { 1000, "1.0 kB" }, { 1049, "1.0 kB" }, { 1050, "1.1 kB" }, { 999949, "999.9 kB" },
		{ 999950, "1.0 MB" }, { 14000000, "14.0 MB" }, { 1000000000, "1.0 GB" }, { 999949999, "999.9 MB" },
		{ 999950000, "1.0 GB" }, { G_MAXUINT64, "18.4 EB" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text = kiln_size_text(rows[i].bytes);
		assert_string_equal(text, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sizes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
