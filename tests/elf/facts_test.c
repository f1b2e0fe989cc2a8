/* SPDX-License-Identifier: Apache-2.0 */
/* facts_test.c: facts of libraries that were written for it, and refusal of damaged ones. */
#include "base/error.h"
#include "elf/facts.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char *data_path(const char *directory, const char *name)
{
	return g_build_filename(g_getenv("KILN_TEST_DATA"), directory, name, NULL);
}

static GBytes *read_bytes(const char *path)
{
	char *bytes;
	gsize length;
	g_autoptr(GError) error = NULL;
	if (!g_file_get_contents(path, &bytes, &length, &error))
		fail_msg("%s", error->message);
	return g_bytes_new_take(bytes, length);
}

static KilnElfFacts *read_facts(GBytes *bytes)
{
	g_autoptr(GError) error = NULL;
	KilnElfFacts *facts = kiln_elf_facts_read(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &error);
	if (!facts)
		fail_msg("%s", error->message);
	return facts;
}

static void assert_list(char **list, const char *expected)
{
	g_autofree char *joined = g_strjoinv(" ", list);
	assert_string_equal(joined, expected);
}

/* build/tests/elf/facts_test -> the library that meson built there */
static GBytes *fixture(void)
{
	g_autofree char *program = g_path_get_dirname(g_getenv("KILN_PROGRAM"));
	g_autofree char *path = g_build_filename(program, "tests", "elf", "libkilnfixture.so.7", NULL);
	return read_bytes(path);
}

static void assert_fixture(const KilnElfFacts *facts)
{
	assert_int_equal(facts->kind, KILN_ELF_LIBRARY);
	assert_int_equal(facts->class_bits, 64);
	assert_null(facts->interpreter);
	assert_string_equal(facts->soname, "libkilnfixture.so.7");
	assert_list(facts->search, "$ORIGIN/../kiln /opt/kiln");
	assert_true(facts->search_is_runpath);
	assert_true(g_strv_contains((const char *const *)facts->imports, "kiln_fixture_import"));
	assert_true(g_strv_contains((const char *const *)facts->imports, "kiln_fixture_weak"));
	assert_false(g_strv_contains((const char *const *)facts->imports, "kiln_fixture_export"));
	assert_list(facts->paths, "/a/b /c/d /etc/kiln-fixture.conf /opt/kiln-fixture/data /usr/lib/kiln-fixture/modules");
	assert_list(facts->sonames, "kiln_plugin.so libkilnfixture.so.4.2");
	assert_string_equal(facts->build_id, "c0ffee00");
	assert_true(facts->hardening.bind_now && facts->hardening.position_independent);
	assert_int_equal(facts->hardening.relro, KILN_ELF_RELRO_FULL);
	assert_false(facts->hardening.executable_stack || facts->hardening.writable_code);
	assert_int_equal(facts->dlopen_notes->len, 2);
	const KilnElfDlopen *optional = facts->dlopen_notes->pdata[0], *other = facts->dlopen_notes->pdata[1];
	assert_list(optional->sonames, "libkilnopt.so.2 libkilnopt.so.1");
	assert_string_equal(optional->feature, "opt");
	assert_int_equal(optional->priority, 0);
	assert_list(other->sonames, "libkilnreq.so.1");
	assert_null(other->feature);
	assert_int_equal(other->priority, 1); /* recommended, when nothing is said */
}

static void test_fixture(void **state)
{
	g_autoptr(GBytes) bytes = fixture();
	g_autoptr(KilnElfFacts) facts = read_facts(bytes);
	assert_fixture(facts);
}

/* The loader needs no section headers, so neither do the facts. */
static void test_fixture_without_sections(void **state)
{
	g_autoptr(GBytes) bytes = fixture();
	gsize length = g_bytes_get_size(bytes);
	g_autofree guint8 *copy = g_memdup2(g_bytes_get_data(bytes, NULL), length);
	memset(copy + G_STRUCT_OFFSET(Elf64_Ehdr, e_shoff), 0, sizeof(Elf64_Off));
	memset(copy + G_STRUCT_OFFSET(Elf64_Ehdr, e_shnum), 0, 4); /* e_shnum and e_shstrndx */
	g_autoptr(GBytes) bare = g_bytes_new(copy, length);
	g_autoptr(KilnElfFacts) facts = read_facts(bare);
	assert_fixture(facts);
}

/* Other classes and byte orders: the same small library four times, two of them without sections. */
static void test_small(void **state)
{
	static const struct {
		const char *file;
		guint machine, class_bits;
		const char *soname, *needed, *imports, *paths, *sonames;
		guint notes;
	} rows[] = {
		{ "small64.so", EM_X86_64, 64, "libsmall.so.3", "", "outside", "/etc/small.conf", "libsmall.so.1", 1 },
		{ "small32.so", EM_386, 32, "libsmall.so.3", "", "outside", "/etc/small.conf", "libsmall.so.1", 1 },
		{ "bare64.so", EM_X86_64, 64, "libbig.so.2", "libneeded.so.1", "imported", "/etc/big.conf", "libplug.so", 0 },
		{ "big64.so", EM_PPC64, 64, "libbig.so.2", "libneeded.so.1", "imported", "/etc/big.conf", "libplug.so", 0 },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *path = data_path("elf", rows[i].file);
		g_autoptr(GBytes) bytes = read_bytes(path);
		g_autoptr(KilnElfFacts) facts = read_facts(bytes);
		print_message("# %s\n", rows[i].file);
		assert_int_equal(facts->kind, KILN_ELF_LIBRARY);
		assert_int_equal(facts->machine, rows[i].machine);
		assert_int_equal(facts->class_bits, rows[i].class_bits);
		assert_string_equal(facts->soname, rows[i].soname);
		assert_list(facts->needed, rows[i].needed);
		assert_list(facts->imports, rows[i].imports);
		assert_list(facts->paths, rows[i].paths);
		assert_list(facts->sonames, rows[i].sonames);
		assert_int_equal(facts->dlopen_notes->len, rows[i].notes);
	}
}

static void test_kinds(void **state)
{
	g_autofree char *path = data_path("elf", "small64.so");
	g_autoptr(GBytes) bytes = read_bytes(path);
	gsize length = g_bytes_get_size(bytes);
	g_autofree guint8 *copy = g_memdup2(g_bytes_get_data(bytes, NULL), length);
	const struct {
		guint8 type;
		KilnElfKind kind;
	} rows[] = { { ET_REL, KILN_ELF_OTHER }, { ET_EXEC, KILN_ELF_EXECUTABLE }, { ET_DYN, KILN_ELF_LIBRARY }, { ET_CORE, KILN_ELF_OTHER } };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		copy[G_STRUCT_OFFSET(Elf64_Ehdr, e_type)] = rows[i].type;
		g_autoptr(KilnElfFacts) facts = kiln_elf_facts_read(copy, length, NULL);
		assert_non_null(facts);
		assert_int_equal(facts->kind, rows[i].kind);
		assert_non_null(facts->needed);
		assert_non_null(facts->paths);
	}
}

/* The machine's own triplet, as the compiler that built this test knows it. */
static void test_triplets(void **state)
{
#if defined(__x86_64__)
	assert_string_equal(kiln_elf_triplet(EM_X86_64), "x86_64-linux-gnu");
#elif defined(__aarch64__)
	assert_string_equal(kiln_elf_triplet(EM_AARCH64), "aarch64-linux-gnu");
#endif
	assert_null(kiln_elf_triplet(EM_AVR));
	assert_null(kiln_elf_triplet(0));
}

static guint8 hex_byte(const char *digits)
{
	assert_true(g_ascii_isxdigit(digits[0]) && g_ascii_isxdigit(digits[1]));
	return (guint8)(g_ascii_xdigit_value(digits[0]) << 4 | g_ascii_xdigit_value(digits[1]));
}

static void apply_patch(guint8 *bytes, gsize *length, const char *patch)
{
	char *value;
	if (g_str_has_prefix(patch, "cut=")) {
		*length = g_ascii_strtoull(patch + 4, NULL, 16);
		return;
	}
	guint64 offset = g_ascii_strtoull(patch, &value, 16);
	assert_int_equal(*value, '=');
	for (value++; *value; value += 2, offset++) {
		assert_true(offset < *length);
		bytes[offset] = hex_byte(value);
	}
}

static void check_reject(char **words)
{
	g_autofree char *path = data_path("elf", words[1]);
	g_autoptr(GBytes) bytes = read_bytes(path);
	g_autoptr(GError) error = NULL;
	gsize length = g_bytes_get_size(bytes);
	g_autofree guint8 *copy = g_memdup2(g_bytes_get_data(bytes, NULL), length);
	for (char **patch = words + 3; *patch; patch++)
		apply_patch(copy, &length, *patch);
	/* An exact copy, so that a sanitizer sees a read of one byte too many. */
	g_autofree guint8 *exact = g_memdup2(copy, length);
	g_autoptr(KilnElfFacts) facts = kiln_elf_facts_read(exact, length, &error);
	if (facts)
		fail_msg("%s was accepted", words[0]);
	print_message("# %s: %s\n", words[0], error->message);
	assert_int_equal(error->domain, KILN_ERROR);
	assert_string_equal(kiln_error_name(error->code), words[2]);
}

static void test_rejects(void **state)
{
	g_autofree char *path = data_path("reject/elf", "cases.txt");
	g_autoptr(GBytes) bytes = read_bytes(path);
	g_autofree char *text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	guint count = 0;
	for (char **line = lines; *line; line++) {
		g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
		g_auto(GStrv) pieces = g_strsplit_set(*line, " \t", -1);
		if (**line == '#' || **line == '\0')
			continue;
		for (char **piece = pieces; *piece; piece++)
			if (**piece)
				g_strv_builder_add(builder, *piece);
		g_auto(GStrv) words = g_strv_builder_end(builder);
		assert_true(g_strv_length(words) > 3);
		check_reject(words);
		count++;
	}
	assert_true(count > 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixture),  cmocka_unit_test(test_fixture_without_sections), cmocka_unit_test(test_small),
		cmocka_unit_test(test_kinds),    cmocka_unit_test(test_triplets),                 cmocka_unit_test(test_rejects),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
