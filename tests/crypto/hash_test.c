/* SPDX-License-Identifier: Apache-2.0 */
/* hash_test.c: known answers (FIPS 180-4 examples, RFC 1321) and the host's own sha256sum. */
#include "crypto/hash.h"
#include "base/error.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SHA256_EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SHA256_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void assert_digest(const KilnDigest *digest, const char *expected)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	assert_string_equal(kiln_digest_print_hex(digest, hex), expected);
}

static void test_bytes(void **state)
{
	KilnDigest digest;
	kiln_hash_bytes(NULL, 0, &digest);
	assert_digest(&digest, SHA256_EMPTY);
	kiln_hash_bytes("abc", 3, &digest);
	assert_digest(&digest, SHA256_ABC);
}

static void test_stream_and_start_again(void **state)
{
	g_autoptr(KilnHash) hash = kiln_hash_new();
	KilnDigest digest;
	for (int round = 0; round < 2; round++) {
		kiln_hash_update(hash, "a", 1);
		kiln_hash_update(hash, NULL, 0);
		kiln_hash_update(hash, "bc", 2);
		kiln_hash_finish(hash, &digest);
		assert_digest(&digest, SHA256_ABC);
	}
	kiln_hash_finish(hash, &digest);
	assert_digest(&digest, SHA256_EMPTY);
}

static void test_sha1(void **state)
{
	static const guint8 abc[20] = { 0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a, 0xba, 0x3e,
		                        0x25, 0x71, 0x78, 0x50, 0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d };
	g_autoptr(KilnHash) hash = kiln_hash_new_sha1();
	guint8 made[20];
	kiln_hash_update(hash, "abc", 3);
	kiln_hash_finish_sha1(hash, made);
	assert_memory_equal(made, abc, sizeof abc);
}

static void test_file(void **state)
{
	char *output = NULL;
	int fd = open("/usr/bin/env", O_RDONLY | O_CLOEXEC);
	const char *const judge[] = { "sh", "-c", "sha256sum < /usr/bin/env; wc -c < /usr/bin/env", NULL };
	if (fd < 0 || !g_spawn_sync(NULL, (char **)judge, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, NULL, NULL))
		skip();
	g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
	KilnDigest digest;
	guint64 size;
	char byte;
	assert_int_equal(read(fd, &byte, 1), 1);
	assert_true(kiln_hash_fd(fd, &digest, &size, NULL));
	lines[0][KILN_DIGEST_HEX_LENGTH] = '\0';
	assert_digest(&digest, lines[0]);
	assert_int_equal(size, g_ascii_strtoull(lines[1], NULL, 10));
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 1); /* the position is the caller's */
	close(fd);
	g_free(output);
}

static void test_unreadable(void **state)
{
	g_autoptr(GError) error = NULL;
	KilnDigest digest = { { 42 } };
	guint64 size = 42;
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_false(kiln_hash_fd(fd, &digest, &size, &error));
	assert_int_equal(error->code, KILN_ERROR_IO);
	assert_int_equal(digest.sha256[0], 42);
	assert_int_equal(size, 42);
	close(fd);
}

static void test_older_hashes(void **state)
{
	static const struct {
		const char *algorithm, *text, *hex;
	} rows[] = {
		{ "md5", "", "d41d8cd98f00b204e9800998ecf8427e" },
		{ "md5", "abc", "900150983cd24fb0d6963f7d28e17f72" },
		{ "sha1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ "sha256", "abc", SHA256_ABC },
		{ "sha512", "abc",
		  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *hex = kiln_hash_hex(rows[i].algorithm, rows[i].text, strlen(rows[i].text), NULL);
		assert_string_equal(hex, rows[i].hex);
	}
	g_autoptr(GError) error = NULL;
	assert_null(kiln_hash_hex("crc32", "abc", 3, &error));
	assert_int_equal(error->code, KILN_ERROR_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes), cmocka_unit_test(test_stream_and_start_again), cmocka_unit_test(test_sha1),
		cmocka_unit_test(test_file), cmocka_unit_test(test_unreadable), cmocka_unit_test(test_older_hashes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
