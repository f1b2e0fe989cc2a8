/* SPDX-License-Identifier: Apache-2.0 */
/* ar_test.c: archives as ar(1) and dpkg-deb write them; damaged ones are refused by name. */
#include "base/error.h"
#include "io/ar.h"
#include "scratch.h"

#define HEADER(name, size) name "0           0     0     100644  " size "`\n"
#define NAME "file            "

/* "name:content," of every member, or NULL. */
static char *read_members(GBytes *bytes, GError **error)
{
	g_autoptr(KilnReader) source = kiln_reader_new_bytes(bytes);
	g_autoptr(KilnAr) ar = kiln_ar_new(source, "some.deb", error);
	g_autoptr(GString) all = g_string_new(NULL);
	const char *name;
	guint64 size;
	if (!ar)
		return NULL;
	for (;;) {
		if (!kiln_ar_next(ar, &name, &size, error))
			return NULL;
		if (!name)
			return g_string_free(g_steal_pointer(&all), FALSE);
		g_string_append_printf(all, "%s:", name);
		g_autoptr(KilnReader) member = kiln_ar_member_reader(ar);
		g_autoptr(GBytes) content = kiln_reader_read_all(member, 1 << 20, error);
		if (!content)
			return NULL;
		assert_int_equal(g_bytes_get_size(content), size);
		if (size > 0)
			g_string_append_len(all, g_bytes_get_data(content, NULL), (gssize)size);
		g_string_append_c(all, ',');
	}
}

static void test_written_by_ar(void **state)
{
	const Scratch *scratch = *state;
	g_autofree char *built = scratch_run(scratch, "printf odd > one; printf even > two; : > empty; ar rcD made one empty two", NULL);
	if (!built)
		skip(); /* no ar here */
	g_autoptr(GBytes) bytes = scratch_read(scratch, "made");
	g_autofree char *members = read_members(bytes, NULL);
	assert_string_equal(members, "one:odd,empty:,two:even,");
}

static void test_written_by_dpkg_deb(void **state)
{
	const Scratch *scratch = *state;
	g_autofree char *built = scratch_run(scratch,
		"mkdir -p p/DEBIAN; printf 'Package: a\\nVersion: 1\\nArchitecture: all\\nMaintainer: a <a@b>\\nDescription: a\\n' > p/DEBIAN/control;"
		"dpkg-deb --build --root-owner-group p made >&2; ar t made | tr '\\n' ' '", NULL);
	if (!built)
		skip(); /* no dpkg-deb here */
	g_autoptr(GBytes) bytes = scratch_read(scratch, "made");
	g_autoptr(KilnReader) source = kiln_reader_new_bytes(bytes);
	g_autoptr(KilnAr) ar = kiln_ar_new(source, "made", NULL);
	g_autoptr(GString) names = g_string_new(NULL);
	const char *name;
	guint64 size;
	/* Not read at all, a member is skipped. */
	for (assert_true(kiln_ar_next(ar, &name, &size, NULL)); name; assert_true(kiln_ar_next(ar, &name, &size, NULL)))
		g_string_append_printf(names, "%s ", name);
	assert_string_equal(names->str, built);
	/* After the end stays the end. */
	assert_true(kiln_ar_next(ar, &name, &size, NULL));
	assert_null(name);
}

static void test_half_read_member_is_skipped(void **state)
{
	static const char text[] = "!<arch>\n" HEADER(NAME, "5         ") "12345\n" HEADER("next/           ", "1         ") "x";
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, sizeof text - 1);
	g_autoptr(KilnReader) source = kiln_reader_new_bytes(bytes);
	g_autoptr(KilnAr) ar = kiln_ar_new(source, "a", NULL);
	const char *name;
	guint64 size;
	char two[2];
	assert_true(kiln_ar_next(ar, &name, &size, NULL));
	KilnReader *member = kiln_ar_member_reader(ar);
	assert_true(kiln_reader_read_exactly(member, two, sizeof two, NULL));
	kiln_reader_free(member);
	assert_true(kiln_ar_next(ar, &name, &size, NULL));
	assert_string_equal(name, "next"); /* GNU ends a name with a slash */
	assert_int_equal(size, 1);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		gsize length;
		KilnError code;
	} rows[] = {
#define ROW(literal, code) { literal, sizeof(literal) - 1, code }
		ROW("", KILN_ERROR_SYNTAX),
		ROW("!<arch>", KILN_ERROR_SYNTAX),
		ROW("!<thin>\n", KILN_ERROR_SYNTAX),
		ROW("!<arch>\nfile", KILN_ERROR_SYNTAX),
		ROW("!<arch>\n" HEADER(NAME, "5         ") "1234", KILN_ERROR_SYNTAX),
		ROW("!<arch>\n" HEADER(NAME, "9999999999") "1234", KILN_ERROR_SYNTAX),
		ROW("!<arch>\n" HEADER(NAME, "3         ") "123X", KILN_ERROR_SYNTAX),
		ROW("!<arch>\n" HEADER(NAME, "-1        "), KILN_ERROR_SYNTAX),
		ROW("!<arch>\n" HEADER(NAME, "+4        ") "1234", KILN_ERROR_SYNTAX),
		ROW("!<arch>\n" HEADER(NAME, "0x4       ") "1234", KILN_ERROR_SYNTAX),
		ROW("!<arch>\n" HEADER(NAME, "1 2       ") "1234", KILN_ERROR_SYNTAX),
		ROW("!<arch>\n" HEADER(NAME, "          "), KILN_ERROR_SYNTAX),
		ROW("!<arch>\n" HEADER("                ", "0         "), KILN_ERROR_SYNTAX),
		ROW("!<arch>\n" HEADER("a\0b             ", "0         "), KILN_ERROR_SYNTAX),
		ROW("!<arch>\n" HEADER("a b             ", "0         "), KILN_ERROR_SYNTAX),
		ROW("!<arch>\n" HEADER("#1/20           ", "20        ") "a-name-of-20-letters", KILN_ERROR_UNSUPPORTED),
		ROW("!<arch>\n" HEADER("//              ", "2         ") "a\n", KILN_ERROR_UNSUPPORTED),
		ROW("!<arch>\n" HEADER("/0              ", "0         "), KILN_ERROR_UNSUPPORTED),
		ROW("!<arch>\n" NAME "0           0     0     100644  0         XX", KILN_ERROR_SYNTAX),
#undef ROW
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GBytes) bytes = g_bytes_new_static(rows[i].text, rows[i].length);
		g_autoptr(GError) error = NULL;
		g_autofree char *members = read_members(bytes, &error);
		assert_null(members);
		assert_int_equal(error->code, rows[i].code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_written_by_ar), scratch_test(test_written_by_dpkg_deb), cmocka_unit_test(test_half_read_member_is_skipped),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
