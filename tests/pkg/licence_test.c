/* SPDX-License-Identifier: Apache-2.0 */
/* licence_test.c: licence names, synopses, whole copyright files, and every copyright file of this host. */
#include "pkg/licence.h"
#include "pkg/licence_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define HEADER "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"

static KilnLicence *read_text(const char *text)
{
	return kiln_licence_from_debian_copyright(text, strlen(text), "example");
}

/* The eight digits that end each LicenseRef become "#". */
static char *without_digits(const char *expression)
{
	g_autoptr(GRegex) digits = g_regex_new("(LicenseRef-debian-[A-Za-z0-9.-]*?)-[0-9a-f]{8}(?![0-9A-Za-z.-])", 0, 0, NULL);
	return g_regex_replace(digits, expression, -1, 0, "\\1-#", 0, NULL);
}

/* SPDX 2.3 annex D: idstrings, WITH behind a licence, AND, OR and parentheses in their places. */
static gboolean is_expression(const char *text)
{
	g_autoptr(GRegex) token = g_regex_new("^(?:[A-Za-z0-9.-]+\\+?(?: WITH [A-Za-z0-9.-]+)?)", 0, 0, NULL);
	int depth = 0;
	gboolean want_operand = TRUE;
	while (*text) {
		g_autoptr(GMatchInfo) match = NULL;
		if (want_operand && *text == '(') {
			depth++;
			text++;
		} else if (want_operand && g_regex_match(token, text, 0, &match)) {
			int end;
			g_match_info_fetch_pos(match, 0, NULL, &end);
			text += end;
			want_operand = FALSE;
		} else if (!want_operand && *text == ')' && depth > 0) {
			depth--;
			text++;
		} else if (!want_operand && (g_str_has_prefix(text, " AND ") || g_str_has_prefix(text, " OR "))) {
			text += text[1] == 'A' ? 5 : 4;
			want_operand = TRUE;
		} else {
			return FALSE;
		}
	}
	return !want_operand && depth == 0;
}

static void test_expression_judge(void **state)
{
	assert_true(is_expression("(A OR B-1.0+) AND LicenseRef-x WITH y"));
	static const char *const bad[] = { "", "A B", "A AND", "(A", "A)", "A OR OR B", "OR A", "A AND (B", "A, B", NULL };
	for (gsize i = 0; bad[i]; i++)
		assert_false(is_expression(bad[i]));
}

static void test_synopses(void **state)
{
	g_autofree char *path = g_build_filename(g_getenv("KILN_TEST_DATA"), "pkg", "licence-synopses.txt", NULL);
	g_autofree char *table = NULL;
	guint rows = 0, failed = 0;
	assert_true(g_file_get_contents(path, &table, NULL, NULL));
	g_auto(GStrv) lines = g_strsplit(table, "\n", -1);
	for (gsize i = 0; lines[i]; i++) {
		g_auto(GStrv) parts = g_strsplit(lines[i], " => ", 2);
		if (lines[i][0] == '#' || !parts[0] || !parts[1])
			continue;
		g_autofree char *text = g_strdup_printf(HEADER "Files: *\nCopyright: 2020 A. Person\nLicense: %s\n", parts[0]);
		g_autoptr(KilnLicence) licence = read_text(text);
		g_autofree char *shown = licence->expression ? without_digits(licence->expression) : g_strdup("raw");
		rows++;
		if (strcmp(shown, parts[1]) != 0) {
			print_message("# %s: got \"%s\", expected \"%s\"\n", parts[0], shown, parts[1]);
			failed++;
		}
	}
	assert_true(rows > 40);
	assert_int_equal(failed, 0);
}

static void test_stanzas(void **state)
{
	g_autoptr(KilnLicence) licence = read_text(
		HEADER
		"Files: *\nCopyright: 2001-2020 First Holder\n           2005 Second Holder\nLicense: GPL-2+ or Artistic\n\n"
		"Files: lib/*\nCopyright: 2005 Second Holder\nLicense: weird\n\n"
		"Files: test/*\nCopyright: none\nLicense: weird\n Another text under the same name.\n .\n Second paragraph.\n\n"
		"Files: doc/*\nCopyright: none\nLicense: GPL-2+ or Artistic\n\n"
		"License: Artistic\n The text is in /usr/share/common-licenses/Artistic.\n\n"
		"License: weird\n You may do\n   strange things.\n\n"
		"License: unused\n Never named above.\n");
	assert_non_null(licence->expression);
	assert_null(licence->raw);
	g_autofree char *shown = without_digits(licence->expression);
	assert_string_equal(shown, "(GPL-2.0-or-later OR Artistic-1.0-Perl) AND LicenseRef-debian-weird-# AND LicenseRef-debian-weird-#");
	assert_int_equal(licence->extracted->len, 2);
	KilnExtractedLicence *first = g_ptr_array_index(licence->extracted, 0), *second = g_ptr_array_index(licence->extracted, 1);
	assert_string_equal(first->text, "You may do\n  strange things.");
	assert_string_equal(second->text, "Another text under the same name.\n\nSecond paragraph.");
	assert_string_not_equal(first->id, second->id);
	assert_string_equal(first->name, "weird");
	assert_int_equal(licence->holders->len, 3);
	assert_string_equal(g_ptr_array_index(licence->holders, 0), "2001-2020 First Holder");
	assert_string_equal(g_ptr_array_index(licence->holders, 1), "2005 Second Holder");
}

/* One identifier must mean one text in a document that joins many packages. */
static void test_reference_depends_on_text_only(void **state)
{
	const char *one = HEADER "Files: *\nCopyright: A\nLicense: odd\n Text one.\n";
	const char *two = HEADER "Files: x\nCopyright: B\nLicense: odd\n Text two.\n";
	g_autoptr(KilnLicence) a = read_text(one), b = read_text(two);
	g_autoptr(KilnLicence) c = kiln_licence_from_debian_copyright(one, strlen(one), "another");
	assert_string_equal(a->expression, c->expression);
	assert_string_not_equal(a->expression, b->expression);
}

#define EXPAT_TEXT \
	" Permission is hereby granted, free of charge, to any person obtaining a copy\n of this software and associated documentation " \
	"files (the \"Software\"), to\n deal in the Software without restriction, including without limitation the\n rights to use, copy, " \
	"modify, merge, publish, distribute, sublicense, and/or\n sell copies of the Software, and to permit persons to whom the Software " \
	"is\n furnished to do so, subject to the following conditions:\n .\n The above copyright notice and this permission notice shall " \
	"be included in\n all copies or substantial portions of the Software.\n .\n THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY " \
	"OF ANY KIND, EXPRESS OR\n IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,\n FITNESS FOR A PARTICULAR " \
	"PURPOSE AND NONINFRINGEMENT.\n"

static void test_mit_is_judged_by_its_text(void **state)
{
	g_autoptr(KilnLicence) expat = read_text(HEADER "Files: *\nCopyright: A\nLicense: MIT\n" EXPAT_TEXT);
	assert_string_equal(expat->expression, "MIT");
	g_autoptr(KilnLicence) x11 = read_text(HEADER "Files: *\nCopyright: A\nLicense: MIT\n" EXPAT_TEXT
	                                       " .\n Except as contained in this notice, the name of A shall not be used.\n");
	assert_true(g_str_has_prefix(x11->expression, "LicenseRef-debian-MIT-"));
}

static void test_expressions(void **state)
{
	static const struct {
		const char *text, *expression; /* NULL: raw */
	} rows[] = {
		{ "MIT", "MIT" },
		{ "GPL-2.0-only", "GPL-2.0-only" },
		{ "gpl-2.0+ and MIT", NULL },
		{ "MIT AND (GPL-2.0+ OR BSD-3-Clause)", "MIT AND (GPL-2.0-or-later OR BSD-3-Clause)" },
		{ "Apache-2.0 WITH LLVM-exception", "Apache-2.0 WITH LLVM-exception" },
		{ "MPL-2.0 GPL-2.0-or-later", NULL },
		{ "custom", NULL },
		{ "(MIT", NULL },
		{ "MIT)", NULL },
		{ "MIT AND", NULL },
		{ "AND MIT", NULL },
		{ "MIT WITH", NULL },
		{ "()", NULL },
		{ "", NULL },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(KilnLicence) licence = kiln_licence_from_expression(rows[i].text);
		if (g_strcmp0(licence->expression, rows[i].expression) != 0)
			fail_msg("%s: %s", rows[i].text, licence->expression ? licence->expression : "raw");
		assert_true(rows[i].expression || strcmp(licence->raw, rows[i].text) == 0);
	}
}

static void test_raw(void **state)
{
	static const char *const raw[] = {
		"",
		"This package was put together by hand.\n\nIt is under the GPL.\n",
		"Format: http://dep.debian.net/deps/dep5\n\nFiles: *\nCopyright: A\nLicense: GPL-2\n", /* a draft, not 1.0 */
		HEADER,                                                 /* names no licence */
		HEADER "Files: *\nCopyright: A\n",                      /* a stanza without one */
		HEADER "Files: *\nLicense: GPL-2\n\nno colon here\n",   /* no deb822 */
		HEADER "License: GPL-2\n Only a text.\n",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(raw); i++) {
		g_autoptr(KilnLicence) licence = read_text(raw[i]);
		assert_null(licence->expression);
		assert_string_equal(licence->raw, raw[i]);
		assert_int_equal(licence->extracted->len, 0);
		assert_int_equal(licence->holders->len, 0);
	}
}

static void test_bytes_that_are_no_text(void **state)
{
	static const char bytes[] = HEADER "Files: *\nCopyright: J\xf6rg\nLicense: od\0d\n x\xff\n";
	g_autoptr(KilnLicence) licence = kiln_licence_from_debian_copyright(bytes, sizeof bytes - 1, "example");
	assert_non_null(licence->expression);
	KilnExtractedLicence *extracted = g_ptr_array_index(licence->extracted, 0);
	assert_true(g_utf8_validate(extracted->text, -1, NULL));
	assert_true(g_utf8_validate(g_ptr_array_index(licence->holders, 0), -1, NULL));
}

static void test_ids_are_published(void **state)
{
	g_autofree char *path = g_build_filename(g_getenv("KILN_SHARED_DATA"), "schemas", "spdx.schema.json", NULL);
	g_autofree char *schema = NULL;
	gboolean there = g_file_get_contents(path, &schema, NULL, NULL);
	g_clear_pointer(&path, g_free); /* skip() jumps over cleanups */
	if (!there)
		skip();
	const char *const *lists[] = { kiln_licence_known_ids(), kiln_licence_known_exceptions() };
	for (gsize list = 0; list < G_N_ELEMENTS(lists); list++)
		for (const char *const *id = lists[list]; *id; id++) {
			g_autofree char *quoted = g_strdup_printf("\"%s\"", *id);
			if (!strstr(schema, quoted))
				fail_msg("%s is not in the SPDX licence list", quoted);
		}
	static const char *const gnu[] = { "GPL-1", "GPL-2+", "LGPL-2", "LGPL-3+", "AGPL-1", "AGPL-3+", "GFDL-1.1", "GFDL-NIV-1.2+" };
	for (gsize i = 0; i < G_N_ELEMENTS(gnu); i++) {
		g_autofree char *id = kiln_licence_name_to_spdx(gnu[i]);
		g_autofree char *quoted = g_strdup_printf("\"%s\"", id);
		assert_non_null(strstr(schema, quoted));
	}
}

/* Read by hand from the files, which say the same in Debian 12 and 13. */
static const struct {
	const char *package, *expression;
} real[] = {
	{ "base-passwd", "GPL-2.0-only AND LicenseRef-debian-public-domain-#" },
	{ "ca-certificates", "GPL-2.0-or-later AND MPL-2.0" },
	{ "coreutils", "GPL-3.0-or-later AND BSD-4-Clause-UC AND ISC AND FSFULLR AND GFDL-1.3-no-invariants-only" },
	{ "dash", "BSD-3-Clause AND LicenseRef-debian-public-domain-# AND GPL-2.0-or-later" },
	{ "debconf", "BSD-2-Clause" },
	{ "grep", "GPL-3.0-or-later" },
	{ "gzip", "GPL-3.0-or-later AND LicenseRef-debian-GFDL-1.3-no-invariant-# AND LicenseRef-debian-FSF-manpages-#" },
	{ "hostname", "GPL-2.0-only" },
	{ "libacl1", "GPL-2.0-or-later AND LGPL-2.0-or-later" },
	{ "libattr1", "GPL-2.0-or-later AND LGPL-2.0-or-later" },
	{ "libcap2", "(BSD-3-Clause OR GPL-2.0-only) AND (BSD-3-Clause OR GPL-2.0-or-later)" },
	{ "libzstd1", "(BSD-3-Clause OR GPL-2.0-only) AND Zlib AND MIT" },
	{ "openssl", "Apache-2.0 AND (Artistic-1.0-Perl OR GPL-1.0-or-later)" },
	{ "sed", "GPL-3.0-or-later AND LicenseRef-debian-X11-# AND GFDL-1.3-no-invariants-or-later AND ISC AND BSD-4-Clause-UC AND BSL-1.0 AND "
	         "LicenseRef-debian-pcre-#" },
	{ "tzdata", "LicenseRef-debian-public-domain-#" },
	{ "zlib1g", "Zlib" },
};

static KilnLicence *read_installed(const char *package)
{
	g_autofree char *path = g_build_filename("/usr/share/doc", package, "copyright", NULL);
	g_autofree char *text = NULL;
	gsize length;
	if (!g_file_get_contents(path, &text, &length, NULL))
		return NULL;
	return kiln_licence_from_debian_copyright(text, length, package);
}

static void test_real_packages(void **state)
{
	guint seen = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(real); i++) {
		g_autoptr(KilnLicence) licence = read_installed(real[i].package);
		if (!licence)
			continue;
		seen++;
		g_autofree char *shown = without_digits(licence->expression ? licence->expression : "raw");
		assert_string_equal(shown, real[i].expression);
	}
	if (seen == 0)
		skip();
}

static void test_every_file_of_this_host(void **state)
{
	g_autoptr(GDir) directory = g_dir_open("/usr/share/doc", 0, NULL);
	const char *package;
	guint seen = 0;
	if (!directory)
		skip();
	while ((package = g_dir_read_name(directory)) != NULL) {
		g_autoptr(KilnLicence) licence = read_installed(package);
		if (!licence)
			continue;
		seen++;
		assert_true((licence->expression != NULL) != (licence->raw != NULL));
		if (licence->expression && !is_expression(licence->expression))
			fail_msg("%s: \"%s\" is no SPDX expression", package, licence->expression);
		for (guint i = 0; i < licence->extracted->len; i++) {
			KilnExtractedLicence *extracted = g_ptr_array_index(licence->extracted, i);
			assert_non_null(strstr(licence->expression, extracted->id));
			assert_true(*extracted->text != '\0');
		}
	}
	if (seen == 0)
		skip();
	print_message("# %u copyright files read\n", seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expression_judge),
		cmocka_unit_test(test_synopses),
		cmocka_unit_test(test_stanzas),
		cmocka_unit_test(test_reference_depends_on_text_only),
		cmocka_unit_test(test_mit_is_judged_by_its_text),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_expressions),
		cmocka_unit_test(test_bytes_that_are_no_text),
		cmocka_unit_test(test_ids_are_published),
		cmocka_unit_test(test_real_packages),
		cmocka_unit_test(test_every_file_of_this_host),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
