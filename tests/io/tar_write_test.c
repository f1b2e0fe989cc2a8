/* SPDX-License-Identifier: Apache-2.0 */
/* tar_write_test.c: GNU tar, bsdtar and Python's tarfile read what kiln wrote, and GNU tar writes the same bytes. */
#include "base/error.h"
#include "io/tar.h"
#include "scratch.h"

#include <stdio.h>

#define TIME 1700043133 /* 2023-11-15 10:12:13 UTC by date(1) */
#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
#define HUNDRED FIFTY FIFTY

static const KilnXattr capability[] = { { "security.capability", "\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20 } };
static const KilnXattr two[] = { { "user.a", "eins", 4 }, { "user.b", "z=w\ni", 5 } };

/* Each way to need a header field, its last value that fits and the first that does not. */
static const struct {
	KilnTarEntry entry;
	const char *content;
} rows[] = {
	{ { .path = "", .type = KILN_FILE_DIRECTORY, .mode = 0755, .mtime_s = TIME }, NULL },
	{ { .path = "etc", .type = KILN_FILE_DIRECTORY, .mode = 01777, .mtime_s = 0 }, NULL },
	{ { .path = "etc/file", .type = KILN_FILE_REGULAR, .mode = 0644, .uid = 65532, .gid = 7, .size = 5, .mtime_s = TIME }, "hello" },
	{ { .path = "etc/empty", .type = KILN_FILE_REGULAR, .mode = 04755, .mtime_s = TIME }, "" },
	{ { .path = "etc/link", .type = KILN_FILE_SYMLINK, .mode = 0777, .mtime_s = TIME, .link_target = "../up and/away" }, NULL },
	{ { .path = "etc/hard", .type = KILN_FILE_HARDLINK, .mode = 0644, .uid = 65532, .gid = 7, .mtime_s = TIME, .link_target = "etc/file" }, NULL },
	{ { .path = "dev/null", .type = KILN_FILE_CHARACTER_DEVICE, .mode = 0666, .mtime_s = TIME, .device_major = 1, .device_minor = 3 }, NULL },
	{ { .path = "dev/disk", .type = KILN_FILE_BLOCK_DEVICE, .mode = 0600, .mtime_s = TIME, .device_major = 259, .device_minor = 1048575 }, NULL },
	{ { .path = "run/pipe", .type = KILN_FILE_FIFO, .mode = 0600, .mtime_s = TIME }, NULL },
	{ { .path = HUNDRED, .type = KILN_FILE_REGULAR, .mode = 0644, .size = 1, .mtime_s = TIME }, "x" },
	{ { .path = HUNDRED "1", .type = KILN_FILE_REGULAR, .mode = 0644, .size = 1, .mtime_s = TIME }, "x" },
	{ { .path = FIFTY "/" FIFTY "/" FIFTY "/" HUNDRED, .type = KILN_FILE_REGULAR, .mode = 0644, .size = 1, .mtime_s = TIME }, "x" },
	{ { .path = FIFTY "/" FIFTY "/" FIFTY "/" FIFTY "/" FIFTY, .type = KILN_FILE_DIRECTORY, .mode = 0755, .mtime_s = TIME }, NULL },
	{ { .path = FIFTY "/" HUNDRED, .type = KILN_FILE_DIRECTORY, .mode = 0755, .mtime_s = TIME }, NULL },
	{ { .path = HUNDRED FIFTY TEN "/" FIFTY, .type = KILN_FILE_REGULAR, .mode = 0644, .mtime_s = TIME }, "" },
	{ { .path = "l", .type = KILN_FILE_SYMLINK, .mode = 0777, .mtime_s = TIME, .link_target = HUNDRED }, NULL },
	{ { .path = "long-link", .type = KILN_FILE_SYMLINK, .mode = 0777, .mtime_s = TIME, .link_target = HUNDRED "1" }, NULL },
	{ { .path = "caf\xc3\xa9", .type = KILN_FILE_REGULAR, .mode = 0644, .size = 1, .mtime_s = TIME }, "x" },
	{ { .path = HUNDRED "caf\xc3\xa9", .type = KILN_FILE_REGULAR, .mode = 0644, .size = 1, .mtime_s = TIME }, "x" },
	{ { .path = "big-ids", .type = KILN_FILE_REGULAR, .mode = 0644, .uid = 2097152, .gid = 4294967294, .size = 1, .mtime_s = TIME }, "x" },
	{ { .path = "late", .type = KILN_FILE_REGULAR, .mode = 0644, .mtime_s = 8589934592 }, "" },
	{ { .path = "last-octal", .type = KILN_FILE_REGULAR, .mode = 0644, .uid = 2097151, .gid = 2097151, .mtime_s = 8589934591 }, "" },
	{ { .path = "capable", .type = KILN_FILE_REGULAR, .mode = 0755, .size = 1, .mtime_s = TIME, .xattrs = capability, .xattr_count = 1 }, "x" },
	{ { .path = "two", .type = KILN_FILE_REGULAR, .mode = 0644, .mtime_s = TIME, .xattrs = two, .xattr_count = 2 }, "" },
};

static void append_rows(GByteArray *out)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		kiln_tar_append_header(out, &rows[i].entry);
		if (rows[i].content) {
			g_byte_array_append(out, (const guint8 *)rows[i].content, (guint)rows[i].entry.size);
			kiln_tar_append_padding(out, rows[i].entry.size);
		}
	}
	kiln_tar_append_end(out);
}

static void write_rows(const Scratch *scratch)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	append_rows(out);
	assert_int_equal(out->len % 512, 0);
	scratch_write(scratch, "made.tar", out->data, out->len);
}

static void test_python_reads_it(void **state)
{
	const Scratch *scratch = *state;
	static const char script[] =
		"exec python3 - made.tar <<'END'\n"
		"import sys, tarfile\n"
		"for t in tarfile.open(sys.argv[1]):\n"
		"    body = tarfile.open(sys.argv[1]).extractfile(t).read().decode() if t.isreg() else ''\n"
		"    xattrs = ''.join(k[13:] + '=' + str(len(v)) + ';' for k, v in sorted(t.pax_headers.items()) if k.startswith('SCHILY.xattr.'))\n"
		"    print(t.name, t.type.decode(), oct(t.mode), t.uid, t.gid, t.size, int(t.mtime), t.linkname, t.uname + t.gname,\n"
		"          '%d,%d' % (t.devmajor, t.devminor), body, xattrs, sep='|')\n"
		"END";
	static const char letters[] = { [KILN_FILE_REGULAR] = '0', [KILN_FILE_DIRECTORY] = '5', [KILN_FILE_SYMLINK] = '2', [KILN_FILE_HARDLINK] = '1',
		                        [KILN_FILE_CHARACTER_DEVICE] = '3', [KILN_FILE_BLOCK_DEVICE] = '4', [KILN_FILE_FIFO] = '6' };
	if (!scratch_has("python3"))
		skip();
	write_rows(scratch);
	g_autofree char *listed = scratch_run(scratch, script, NULL);
	assert_non_null(listed);
	g_autoptr(GString) expected = g_string_new(NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const KilnTarEntry *entry = &rows[i].entry;
		g_string_append_printf(expected, "%s|%c|0o%o|%d|%" G_GUINT64_FORMAT "|%d|%" G_GINT64_FORMAT "|%s||%u,%u|%s|", *entry->path ? entry->path : ".",
		                       letters[entry->type], entry->mode, (int)entry->uid, entry->gid, (int)entry->size, entry->mtime_s,
		                       entry->link_target ? entry->link_target : "", entry->device_major, entry->device_minor,
		                       rows[i].content ? rows[i].content : "");
		for (gsize x = 0; x < entry->xattr_count; x++)
			g_string_append_printf(expected, "%s=%d;", entry->xattrs[x].name, (int)entry->xattrs[x].length);
		g_string_append_c(expected, '\n');
	}
	assert_string_equal(listed, expected->str);
}

/* The line of `tar -tvv`, single blanks between its words. */
static void append_listed(GString *out, const KilnTarEntry *entry)
{
	static const char letters[] = { [KILN_FILE_REGULAR] = '-', [KILN_FILE_DIRECTORY] = 'd', [KILN_FILE_SYMLINK] = 'l', [KILN_FILE_HARDLINK] = 'h',
		                        [KILN_FILE_CHARACTER_DEVICE] = 'c', [KILN_FILE_BLOCK_DEVICE] = 'b', [KILN_FILE_FIFO] = 'p' };
	gboolean device = entry->type == KILN_FILE_CHARACTER_DEVICE || entry->type == KILN_FILE_BLOCK_DEVICE;
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(entry->mtime_s);
	g_autofree char *date = g_date_time_format(time, "%Y-%m-%d %H:%M:%S");
	char mode[10] = "rwxrwxrwx";
	for (int bit = 0; bit < 9; bit++)
		if (!(entry->mode & (0400u >> bit)))
			mode[bit] = '-';
	if (entry->mode & 04000)
		mode[2] = 's';
	if (entry->mode & 01000)
		mode[8] = 't';
	g_string_append_printf(out, "%c%s %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT, letters[entry->type], mode, entry->uid, entry->gid);
	if (device)
		g_string_append_printf(out, " %u,%u", entry->device_major, entry->device_minor);
	else
		g_string_append_printf(out, " %d", (int)entry->size);
	g_string_append_printf(out, " %s %s%s", date, *entry->path ? entry->path : ".", entry->type == KILN_FILE_DIRECTORY ? "/" : "");
	if (entry->link_target)
		g_string_append_printf(out, " %s %s", entry->type == KILN_FILE_SYMLINK ? "->" : "link to", entry->link_target);
	g_string_append_c(out, '\n');
	for (gsize i = 0; i < entry->xattr_count; i++)
		g_string_append_printf(out, " x: %d %s\n", (int)entry->xattrs[i].length, entry->xattrs[i].name);
}

static void test_gnu_tar_reads_it(void **state)
{
	const Scratch *scratch = *state;
	g_autofree char *version = scratch_run(scratch, "tar --version | grep GNU", NULL);
	if (!version)
		skip();
	write_rows(scratch);
	g_autofree char *listed = scratch_run(scratch,
		"tar -tvvf made.tar --numeric-owner --full-time --quoting-style=literal --xattrs --xattrs-include='*' | sed -e 's/^\\(.[rwxstST-]*\\)\\*/\\1/' -e 's/  */ /g'", NULL);
	assert_non_null(listed);
	g_autoptr(GString) expected = g_string_new(NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		append_listed(expected, &rows[i].entry);
	assert_string_equal(listed, expected->str);
}

static void test_bsdtar_reads_it(void **state)
{
	const Scratch *scratch = *state;
	if (!scratch_has("bsdtar"))
		skip();
	write_rows(scratch);
	g_autofree char *listed = scratch_run(scratch, "bsdtar -tf made.tar", NULL);
	assert_non_null(listed);
	g_autoptr(GString) expected = g_string_new(NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		g_string_append_printf(expected, "%s%s\n", *rows[i].entry.path ? rows[i].entry.path : ".", rows[i].entry.type == KILN_FILE_DIRECTORY ? "/" : "");
	assert_string_equal(listed, expected->str);
}

/* Empty device numbers, as GNU tar writes them since 1.35 for what is no device. */
static void empty_device(guint8 *header)
{
	char sum[9];
	header[148 + 6] = '\0';
	g_snprintf(sum, sizeof sum, "%06o", (guint)strtoul((const char *)header + 148, NULL, 8) - 14 * '0');
	memcpy(header + 148, sum, 7);
	memset(header + 329, 0, 16);
}

/* What ustar can say, GNU tar writes in the same bytes. */
static void test_gnu_tar_writes_the_same(void **state)
{
	const Scratch *scratch = *state;
	g_autofree char *version = scratch_run(scratch, "tar --version | grep GNU", NULL);
	if (!version)
		skip();
	static const char build[] =
		"umask 022; mkdir -p " FIFTY "/" FIFTY "/" FIFTY "; printf hello > " FIFTY "/file; ln -s file " FIFTY "/link; : > " FIFTY "/" FIFTY "/" FIFTY "/" HUNDRED ";"
		"tar --format=ustar --sort=name --mtime=@" G_STRINGIFY(TIME) " --owner=:65532 --group=:7 --numeric-owner -b 2 -cf gnu.tar " FIFTY;
	const KilnTarEntry entries[] = {
		{ .path = FIFTY, .type = KILN_FILE_DIRECTORY, .mode = 0755, .uid = 65532, .gid = 7, .mtime_s = TIME },
		{ .path = FIFTY "/" FIFTY, .type = KILN_FILE_DIRECTORY, .mode = 0755, .uid = 65532, .gid = 7, .mtime_s = TIME },
		{ .path = FIFTY "/" FIFTY "/" FIFTY, .type = KILN_FILE_DIRECTORY, .mode = 0755, .uid = 65532, .gid = 7, .mtime_s = TIME },
		{ .path = FIFTY "/" FIFTY "/" FIFTY "/" HUNDRED, .type = KILN_FILE_REGULAR, .mode = 0644, .uid = 65532, .gid = 7, .mtime_s = TIME },
		{ .path = FIFTY "/file", .type = KILN_FILE_REGULAR, .mode = 0644, .uid = 65532, .gid = 7, .size = 5, .mtime_s = TIME },
		{ .path = FIFTY "/link", .type = KILN_FILE_SYMLINK, .mode = 0777, .uid = 65532, .gid = 7, .mtime_s = TIME, .link_target = "file" },
	};
	g_autofree char *built = scratch_run(scratch, build, NULL);
	assert_non_null(built);
	g_autoptr(GBytes) gnu = scratch_read(scratch, "gnu.tar");
	g_autoptr(GByteArray) out = g_byte_array_new();
	gboolean empty = ((const char *)g_bytes_get_data(gnu, NULL))[329] == '\0';
	for (gsize i = 0; i < G_N_ELEMENTS(entries); i++) {
		gsize start = out->len;
		kiln_tar_append_header(out, &entries[i]);
		if (empty)
			empty_device(out->data + start);
		if (entries[i].size) {
			g_byte_array_append(out, (const guint8 *)"hello", 5);
			kiln_tar_append_padding(out, 5);
		}
	}
	kiln_tar_append_end(out);
	assert_true(out->len <= g_bytes_get_size(gnu)); /* GNU fills its last record */
	assert_memory_equal(out->data, g_bytes_get_data(gnu, NULL), out->len);
}

static gboolean same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static void test_kiln_reads_it(void **state)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	append_rows(out);
	g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(g_steal_pointer(&out));
	g_autoptr(KilnReader) source = kiln_reader_new_bytes(bytes);
	g_autoptr(KilnTarReader) reader = kiln_tar_reader_new(source, "made", NULL);
	const KilnTarEntry *entry;
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const KilnTarEntry *row = &rows[i].entry;
		assert_true(kiln_tar_reader_next(reader, &entry, NULL));
		assert_non_null(entry);
		assert_string_equal(entry->path, row->path);
		assert_true(same_text(entry->link_target, row->link_target));
		assert_int_equal(entry->type, row->type);
		assert_int_equal(entry->mode, row->mode);
		assert_int_equal(entry->uid, row->uid);
		assert_int_equal(entry->gid, row->gid);
		assert_int_equal(entry->size, row->size);
		assert_int_equal(entry->mtime_s, row->mtime_s);
		assert_int_equal(entry->device_major, row->device_major);
		assert_int_equal(entry->device_minor, row->device_minor);
		assert_int_equal(entry->xattr_count, row->xattr_count);
		for (gsize x = 0; x < row->xattr_count; x++) {
			assert_string_equal(entry->xattrs[x].name, row->xattrs[x].name);
			assert_int_equal(entry->xattrs[x].length, row->xattrs[x].length);
			assert_memory_equal(entry->xattrs[x].value, row->xattrs[x].value, row->xattrs[x].length);
		}
	}
	assert_true(kiln_tar_reader_next(reader, &entry, NULL));
	assert_null(entry);
}

/* Bytes that are no UTF-8 in a name too long for ustar: marked as binary, and kept. */
static void test_name_in_no_charset(void **state)
{
	const Scratch *scratch = *state;
	const KilnTarEntry odd = { .path = HUNDRED "\xff\xfe", .type = KILN_FILE_REGULAR, .mode = 0644 };
	g_autoptr(GByteArray) out = g_byte_array_new();
	kiln_tar_append_header(out, &odd);
	kiln_tar_append_end(out);
	scratch_write(scratch, "odd.tar", out->data, out->len);
	g_autofree char *listed = scratch_run(scratch, "tar -tf odd.tar --quoting-style=literal --warning=no-unknown-keyword", NULL);
	if (listed)
		assert_string_equal(listed, HUNDRED "\xff\xfe\n");
	g_autoptr(GBytes) bytes = scratch_read(scratch, "odd.tar");
	g_autoptr(KilnReader) source = kiln_reader_new_bytes(bytes);
	g_autoptr(KilnTarReader) reader = kiln_tar_reader_new(source, "odd", NULL);
	const KilnTarEntry *entry;
	assert_true(kiln_tar_reader_next(reader, &entry, NULL));
	assert_string_equal(entry->path, odd.path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_python_reads_it), scratch_test(test_gnu_tar_reads_it), scratch_test(test_bsdtar_reads_it),
		scratch_test(test_gnu_tar_writes_the_same), cmocka_unit_test(test_kiln_reads_it), scratch_test(test_name_in_no_charset),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
