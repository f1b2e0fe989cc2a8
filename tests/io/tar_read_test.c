/* SPDX-License-Identifier: Apache-2.0 */
/* tar_read_test.c: what GNU tar and Python wrote is read as it was meant; what is damaged or hostile is refused by name. */
#include "base/error.h"
#include "base/limits.h"
#include "io/tar.h"
#include "scratch.h"

#include <locale.h>
#include <stdio.h>

static const char letters[] = { [KILN_FILE_REGULAR] = 'f', [KILN_FILE_DIRECTORY] = 'd', [KILN_FILE_SYMLINK] = 'l', [KILN_FILE_HARDLINK] = 'h',
	                        [KILN_FILE_CHARACTER_DEVICE] = 'c', [KILN_FILE_BLOCK_DEVICE] = 'b', [KILN_FILE_FIFO] = 'p' };

/* "type mode uid/gid size mtime path -> target sum" of each entry in a line; NULL on error. The content is read in pieces of 7. */
static char *describe(GBytes *bytes, GError **error)
{
	g_autoptr(KilnReader) source = kiln_reader_new_bytes(bytes);
	g_autoptr(KilnTarReader) reader = kiln_tar_reader_new(source, "some.tar", error);
	g_autoptr(GString) out = g_string_new(NULL);
	const KilnTarEntry *entry;
	if (!reader)
		return NULL;
	for (;;) {
		guint8 piece[7];
		guint64 total = 0, sum = 0;
		gssize got;
		if (!kiln_tar_reader_next(reader, &entry, error))
			return NULL;
		if (!entry)
			return g_string_free(g_steal_pointer(&out), FALSE);
		g_string_append_printf(out, "%c %o %d/%d %d %d %s", letters[entry->type], entry->mode, (int)entry->uid, (int)entry->gid, (int)entry->size,
		                       (int)entry->mtime_s, entry->path);
		if (entry->link_target)
			g_string_append_printf(out, " -> %s", entry->link_target);
		while (entry->type == KILN_FILE_REGULAR && (got = kiln_tar_reader_read(reader, piece, sizeof piece, error)) != 0) {
			if (got < 0)
				return NULL;
			for (gssize i = 0; i < got; i++)
				sum += piece[i];
			total += (guint64)got;
		}
		assert_int_equal(total, entry->size);
		g_string_append_printf(out, " %d\n", (int)sum);
	}
}

static void test_gnu_tar_wrote_it(void **state)
{
	const Scratch *scratch = *state;
	static const char *const formats[] = { "v7", "oldgnu", "gnu", "ustar", "pax" };
	static const char build[] =
		"umask 022; if [ ! -d d ]; then mkdir d; printf abc > d/file; ln -s ../else/where d/link; ln d/file d/hard; : > d/caf\xc3\xa9; fi;"
		"tar --format=$1 --sort=name --mtime=@1700043133 --owner=:5 --group=:6 --numeric-owner -cf made.tar ./d";
	static const char expected[] = "d 755 5/6 0 1700043133 d 0\n"
				       "f 644 5/6 0 1700043133 d/caf\xc3\xa9 0\n"
				       "f 644 5/6 3 1700043133 d/file 294\n"
				       "h 644 5/6 0 1700043133 d/hard -> d/file 0\n"
				       "l 777 5/6 0 1700043133 d/link -> ../else/where 0\n";
	g_autofree char *version = scratch_run(scratch, "tar --version | grep GNU", NULL);
	if (!version)
		skip();
	for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
		g_autofree char *built = scratch_run(scratch, build, formats[i]);
		assert_non_null(built);
		g_autoptr(GBytes) bytes = scratch_read(scratch, "made.tar");
		g_autofree char *described = describe(bytes, NULL);
		assert_non_null(described);
		assert_string_equal(described, expected);
	}
}

/* Long names, names beyond ASCII, in the format of each: GNU's own headers and pax ones, which claim to be UTF-8. */
static void test_long_names(void **state)
{
	const Scratch *scratch = *state;
	static const char *const formats[] = { "oldgnu", "gnu", "pax" };
	static const char build[] =
		"n=0123456789; n=$n$n$n$n$n$n$n$n$n$n; n=${n}\xc3\xa9; mkdir -p $n/$n; printf a > $n/$n/$n; ln -s $n$n l; printf a > caf\xc3\xa9;"
		"tar --format=$1 --sort=name --mode=0644 --mtime=@1 --owner=:0 --group=:0 -cf made.tar $n/$n/$n l caf\xc3\xa9; printf %s $n";
	if (!scratch_has("tar"))
		skip();
	for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
		g_autofree char *again = scratch_run(scratch, "rm -rf ./*", NULL);
		assert_non_null(again);
		g_autofree char *name = scratch_run(scratch, build, formats[i]);
		assert_non_null(name);
		g_autofree char *expected = g_strdup_printf("f 644 0/0 1 1 %s/%s/%s 97\nl 644 0/0 0 1 l -> %s%s 0\nf 644 0/0 1 1 caf\xc3\xa9 97\n", name, name, name, name, name);
		g_autoptr(GBytes) bytes = scratch_read(scratch, "made.tar");
		/* The program runs in the locale C, as kiln does; another one of the caller's must not matter either. */
		g_autofree char *described = describe(bytes, NULL);
		assert_string_equal(described, expected);
		locale_t before = uselocale((locale_t)0), utf8 = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0);
		uselocale(utf8);
		g_autofree char *in_utf8 = describe(bytes, NULL);
		assert_true(uselocale((locale_t)0) == utf8);
		uselocale(before);
		freelocale(utf8);
		assert_string_equal(in_utf8, expected);
	}
}

static void test_sparse_files_are_filled(void **state)
{
	const Scratch *scratch = *state;
	static const char *const options[] = { "--format=gnu", "--format=pax --sparse-version=0.0", "--format=pax --sparse-version=0.1", "--format=pax --sparse-version=1.0" };
	g_autofree char *built = scratch_run(scratch,
		"printf head > a; truncate -s 1000000 a; printf tail >> a; printf head > b; truncate -s 1000000 b; truncate -s 1000000 c; chmod 644 ?", NULL);
	assert_non_null(built);
	for (gsize i = 0; i < G_N_ELEMENTS(options); i++) {
		g_autofree char *made = scratch_run(scratch, "tar -S $1 --mtime=@1 --owner=:0 --group=:0 -cf made.tar a b c; test $(wc -c < made.tar) -lt 500000", options[i]);
		if (!made)
			skip(); /* no GNU tar, or a file system without holes */
		g_autoptr(GBytes) bytes = scratch_read(scratch, "made.tar");
		g_autofree char *described = describe(bytes, NULL);
		/* The letters of "head" and "tail" added up; a hole at the end, nothing but a hole. */
		assert_string_equal(described, "f 644 0/0 1000004 1 a 828\nf 644 0/0 1000000 1 b 402\nf 644 0/0 1000000 1 c 0\n");
	}
}

static void test_extended_attributes(void **state)
{
	const Scratch *scratch = *state;
	static const char build[] =
		"exec python3 - <<'END'\n"
		"import tarfile, io\n"
		"t = tarfile.TarInfo('file'); t.size = 1\n"
		"t.pax_headers = {'SCHILY.xattr.user.b': 'second', 'SCHILY.xattr.user.a': 'first', 'LIBARCHIVE.creationtime': '1'}\n"
		"with tarfile.open('made.tar', 'w', format=tarfile.PAX_FORMAT) as a: a.addfile(t, io.BytesIO(b'x'))\n"
		"END";
	g_autofree char *built = scratch_run(scratch, build, NULL);
	if (!built)
		skip();
	g_autoptr(GBytes) bytes = scratch_read(scratch, "made.tar");
	g_autoptr(KilnReader) source = kiln_reader_new_bytes(bytes);
	g_autoptr(KilnTarReader) reader = kiln_tar_reader_new(source, "made.tar", NULL);
	const KilnTarEntry *entry;
	assert_true(kiln_tar_reader_next(reader, &entry, NULL));
	assert_int_equal(entry->xattr_count, 2);
	assert_string_equal(entry->xattrs[0].name, "user.a");
	assert_int_equal(entry->xattrs[0].length, 5);
	assert_memory_equal(entry->xattrs[0].value, "first", 5);
	assert_string_equal(entry->xattrs[1].name, "user.b");
}

static void test_too_large_attributes(void **state)
{
	g_autofree char *value = g_strnfill(KILN_LIMIT_XATTR_BYTES, 'v');
	const KilnXattr xattr = { "user.a", value, KILN_LIMIT_XATTR_BYTES };
	const KilnTarEntry entry = { .path = "file", .type = KILN_FILE_REGULAR, .xattrs = &xattr, .xattr_count = 1 };
	g_autoptr(GByteArray) out = g_byte_array_new();
	kiln_tar_append_header(out, &entry);
	kiln_tar_append_end(out);
	g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(g_steal_pointer(&out));
	g_autoptr(GError) error = NULL;
	assert_null(describe(bytes, &error));
	assert_int_equal(error->code, KILN_ERROR_LIMIT);
}

/* What the source cannot give is the source's error, not "a damaged tar". */
static void test_the_source_fails(void **state)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	const KilnTarEntry entry = { .path = "file", .type = KILN_FILE_REGULAR, .size = 1 << 20 };
	static const guint8 zeros[1 << 20];
	kiln_tar_append_header(out, &entry);
	g_byte_array_append(out, zeros, sizeof zeros);
	kiln_tar_append_end(out);
	g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(g_steal_pointer(&out));
	g_autoptr(KilnReader) source = kiln_reader_new_inflate(kiln_reader_new_bytes(bytes), KILN_COMPRESSION_NONE, 1 << 19, NULL);
	g_autoptr(KilnTarReader) reader = kiln_tar_reader_new(source, "some.tar", NULL);
	g_autoptr(GError) error = NULL;
	const KilnTarEntry *read;
	guint8 buffer[4096];
	gssize got;
	assert_true(kiln_tar_reader_next(reader, &read, NULL));
	while ((got = kiln_tar_reader_read(reader, buffer, sizeof buffer, &error)) > 0)
		;
	assert_int_equal(got, -1);
	assert_int_equal(error->code, KILN_ERROR_LIMIT);
}

/* Files called "<code>.<what>.tar": reading them to the end must fail with that code. */
static void test_refused(void **state)
{
	g_autofree char *path = g_build_filename(g_getenv("KILN_TEST_DATA"), "reject", "tar", NULL);
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name;
	guint count = 0;
	assert_non_null(directory);
	while ((name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *file = g_build_filename(path, name, NULL);
		g_autofree char *code = g_strndup(name, strcspn(name, "."));
		g_autoptr(GError) error = NULL;
		char *content = NULL;
		gsize length;
		assert_true(g_file_get_contents(file, &content, &length, NULL));
		g_autoptr(GBytes) bytes = g_bytes_new_take(content, length);
		g_autofree char *described = describe(bytes, &error);
		if (described || strcmp(kiln_error_name(error->code), code) != 0)
			fail_msg("%s gave %s: %s", name, described ? "no error" : kiln_error_name(error->code), described ? described : error->message);
		assert_non_null(strstr(error->message, "some.tar"));
		count++;
	}
	assert_true(count > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_gnu_tar_wrote_it), scratch_test(test_long_names), scratch_test(test_sparse_files_are_filled),
		scratch_test(test_extended_attributes), cmocka_unit_test(test_too_large_attributes), cmocka_unit_test(test_the_source_fails),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
