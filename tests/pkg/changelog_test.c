/* SPDX-License-Identifier: Apache-2.0 */
/* changelog_test.c: entries of changelogs, and the vulnerabilities that they name, as real ones write them. */
#include "pkg/changelog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char changelog[] =
	"nginx (1.26.3-3+deb13u2) trixie-security; urgency=medium\n\n"
	"  * Backport upstream fixes for CVE-2026-11111, CVE-2026-\n"
	"    22222 and CVE 2026-33333 (Closes: #1)\n\n"
	" -- A Person <a@example.org>  Sat, 15 Aug 2026 10:12:13 +0200\n\n"
	"nginx (1.26.3-3) unstable experimental; urgency=high, binary-only=yes\n"
	"  * no trailer\n"
	"nginx (1:1.0-1) unstable; urgency=low\n\n"
	"  * CAN-2004-0001: old name\n\n"
	" -- B Person <b@example.org>  Mon,  1 Jan 2024 00:00:00 +0000\n\n"
	"Old Changelog:\n"
	"1997 somebody (did) something\n"
	"Local variables:\n";

static void entries(void **state)
{
	static const struct {
		const char *version, *distributions;
		gint64 date_unix_s;
		guint line;
	} rows[] = {
		{ "1.26.3-3+deb13u2", "trixie-security", 1786788733, 1 },
		{ "1.26.3-3", "unstable experimental", 0, 8 },
		{ "1:1.0-1", "unstable", 1704067200, 10 },
	};
	KilnChangelog cursor = { KILN_TEXT(changelog), 1 };
	KilnChangelogEntry entry;
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		assert_true(kiln_changelog_next(&cursor, &entry));
		assert_true(kiln_text_is(entry.package, "nginx"));
		assert_true(kiln_text_is(entry.version, rows[i].version));
		assert_true(kiln_text_is(entry.distributions, rows[i].distributions));
		assert_int_equal(entry.date_unix_s, rows[i].date_unix_s);
		assert_int_equal(entry.line, rows[i].line);
	}
	assert_false(kiln_changelog_next(&cursor, &entry));
}

static void vulnerabilities(void **state)
{
	static const struct {
		const char *text, *names, *last_line;
	} rows[] = {
		{ "  * CVE-2026-11111, CVE-2026-\n    22222 and cve 2026-33333 (x)\n", "CVE-2026-11111 CVE-2026-22222 CVE-2026-33333", "22222 and cve 2026-33333 (x)" },
		{ "CVE\n  2026-1234", "CVE-2026-1234", "2026-1234" },
		{ "CAN-2004-0001", "CVE-2004-0001", "CAN-2004-0001" },
		{ "CVE-2026-123", "", NULL },
		{ "CVE-26-1234 CVE- CVE CVE-2026 CVE2026-1234", "", NULL },
		{ "XCVE-2026-1234 (CVE-2026-1235)", "CVE-2026-1235", NULL },
		{ "CVE-2026-12345678901234567890", "", NULL },
		{ "", "", NULL },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		KilnText line = { 0 };
		gsize at = 0;
		char cve[KILN_CVE_TEXT_MAX];
		g_autoptr(GString) names = g_string_new(NULL);
		while (kiln_changelog_next_cve(kiln_text(rows[i].text), &at, cve, &line))
			g_string_append_printf(names, "%s%s", names->len ? " " : "", cve);
		assert_string_equal(names->str, rows[i].names);
		assert_true(!rows[i].last_line || kiln_text_is(line, rows[i].last_line));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(entries), cmocka_unit_test(vulnerabilities) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
