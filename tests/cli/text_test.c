/* SPDX-License-Identifier: Apache-2.0 */
/* text_test.c: counts, durations, harmless text, tables and the progress line, against values worked out by hand. */
#include "cli/progress.h"
#include "cli/render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_counts(void **state)
{
	static const struct {
		guint64 count;
		const char *number, *files, *libraries;
	} rows[] = {
		{ 0, "0", "0 files", "0 libraries" }, { 1, "1", "1 file", "1 library" }, { 999, "999", "999 files", "999 libraries" },
		{ 1000, "1,000", "1,000 files", "1,000 libraries" }, { 1234567, "1,234,567", "1,234,567 files", "1,234,567 libraries" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *number = kiln_count_text(rows[i].count), *files = kiln_plural(rows[i].count, "file", NULL);
		g_autofree char *libraries = kiln_plural(rows[i].count, "library", "libraries");
		assert_string_equal(number, rows[i].number);
		assert_string_equal(files, rows[i].files);
		assert_string_equal(libraries, rows[i].libraries);
	}
}

static void test_durations(void **state)
{
	static const struct {
		guint64 ms;
		const char *text;
	} rows[] = {
		{ 0, "0.0 s" }, { 49, "0.0 s" }, { 50, "0.1 s" }, { 3249, "3.2 s" }, { 59949, "59.9 s" }, { 59950, "1 min 00 s" },
		{ 65000, "1 min 05 s" }, { 3599499, "59 min 59 s" }, { 3599500, "1 h 00 min" }, { 7380000, "2 h 03 min" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text = kiln_duration_text(rows[i].ms);
		assert_string_equal(text, rows[i].text);
	}
}

static void test_printable(void **state)
{
	static const struct {
		const char *text, *line, *lines;
	} rows[] = {
		{ "plain ü 日本", "plain ü 日本", "plain ü 日本" },
		{ "\033[31mred", "\\x1B[31mred", "\\x1B[31mred" },
		{ "a\nb\tc\r", "a\\x0Ab\\x09c\\x0D", "a\nb\tc\\x0D" },
		{ "bad\xff\xc3", "bad\\xFF\\xC3", "bad\\xFF\\xC3" },
		{ "\u202Eevil", "\\u{202E}evil", "\\u{202E}evil" },
		{ "\xc2\x9b" "31m", "\\u{9B}31m", "\\u{9B}31m" },
		{ "\x7f", "\\x7F", "\\x7F" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *line = kiln_printable(rows[i].text, FALSE), *lines = kiln_printable(rows[i].text, TRUE);
		assert_string_equal(line, rows[i].line);
		assert_string_equal(lines, rows[i].lines);
	}
	assert_int_equal(kiln_text_columns("aü日e\u0301"), 5);
}

static void test_wrap(void **state)
{
	g_autofree char *text = kiln_text_wrap("one two  three\nfour\n\nlast averyveryverylongword", 2, 12);
	assert_string_equal(text, "  one two\n  three four\n\n  last\n  averyveryverylongword\n");
}

static char *print_table(const KilnTable *table, guint indent, guint width, gboolean colour)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	kiln_table_print(table, out, indent, width, colour);
	fclose(out);
	return text;
}

static void test_table(void **state)
{
	static const char *const headings[] = { "package", "size", "from" };
	g_autoptr(KilnTable) table = kiln_table_new(headings, "lrl");
	kiln_table_add(table, "nginx", "1.2 MB", "main", NULL);
	kiln_table_add(table, "日本", "9 B", "a\033b", NULL);
	kiln_table_style(table, KILN_STYLE_GOOD);
	kiln_table_add(table, "short", NULL);
	g_autofree char *plain = print_table(table, 1, 0, FALSE), *narrow = print_table(table, 0, 19, FALSE), *coloured = print_table(table, 0, 0, TRUE);
	assert_string_equal(plain, " package    size  from\n nginx    1.2 MB  main\n 日本        9 B  a\\x1Bb\n short\n");
	assert_string_equal(narrow, "package    size  f…\nnginx    1.2 MB  m…\n日本        9 B  a…\nshort\n");
	assert_string_equal(coloured, "\033[1mpackage    size  from\033[0m\nnginx    1.2 MB  main\n\033[32m日本        9 B  a\\x1Bb\033[0m\nshort\n");
}

static void test_progress(void **state)
{
	static const struct {
		KilnProgress progress;
		guint64 elapsed_ms;
		guint width;
		const char *text;
	} rows[] = {
		{ { "fetch", NULL, 0, 0, KILN_UNIT_BYTES }, 0, 79, "fetch    0 B" },
		{ { "fetch", "nginx", 5000000, 20000000, KILN_UNIT_BYTES }, 2000, 79,
		  "fetch    [=====>              ] 5.0 MB of 20.0 MB  2.5 MB/s  7 s left  nginx" },
		{ { "unpack", NULL, 30, 60, KILN_UNIT_ITEMS }, 500, 79, "unpack   [==========>         ] 30 of 60" },
		{ { "unpack", NULL, 60, 60, KILN_UNIT_ITEMS }, 3000, 79, "unpack   [====================] 60 of 60  20/s" },
		{ { "solve", "a\rb", 1200, 0, KILN_UNIT_ITEMS }, 0, 79, "solve    1,200  a\\x0Db" },
		{ { "solve", "日本語", 1, 0, KILN_UNIT_ITEMS }, 0, 16, "solve    1  日本" },
		{ { "solve", "日本語", 1, 0, KILN_UNIT_ITEMS }, 0, 15, "solve    1  日" },
		{ { "fetch", NULL, 1000, 1000000, KILN_UNIT_BYTES }, 1000, 79, "fetch    [>                   ] 1.0 kB of 1.0 MB  1.0 kB/s  16 min 40 s left" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text = kiln_progress_text(&rows[i].progress, rows[i].elapsed_ms, rows[i].width);
		assert_string_equal(text, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts), cmocka_unit_test(test_durations), cmocka_unit_test(test_printable),
		cmocka_unit_test(test_wrap),   cmocka_unit_test(test_table),     cmocka_unit_test(test_progress),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
