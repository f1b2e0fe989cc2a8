/* SPDX-License-Identifier: Apache-2.0 */
/* stream_test.c: what is deflated inflates to the same; damaged, cut and exploding streams are errors. */
#include "base/error.h"
#include "io/deflate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define CONTENT_BYTES 300000

static void fill(guint8 *content)
{
	for (guint i = 0; i < CONTENT_BYTES; i++)
		content[i] = (guint8)((i * i) >> 7);
}

static GBytes *inflate(GBytes *packed, KilnCompression compression, guint64 max, GError **error)
{
	g_autoptr(KilnReader) reader = kiln_reader_new_inflate(kiln_reader_new_bytes(packed), compression, max, error);
	return reader ? kiln_reader_read_all(reader, G_MAXUINT32, error) : NULL;
}

static GBytes *deflate_twice(KilnCompression compression)
{
	g_autofree guint8 *content = g_malloc(CONTENT_BYTES);
	g_autoptr(KilnDeflater) deflater = kiln_deflater_new(compression, NULL);
	GByteArray *out = g_byte_array_new();
	fill(content);
	assert_true(kiln_deflater_append(deflater, content, CONTENT_BYTES / 2, out, NULL));
	assert_true(kiln_deflater_append(deflater, content + CONTENT_BYTES / 2, CONTENT_BYTES / 2, out, NULL));
	return g_byte_array_free_to_bytes(out);
}

static void test_joined_members(void **state)
{
	static const KilnCompression kinds[] = { KILN_COMPRESSION_GZIP, KILN_COMPRESSION_ZSTD };
	g_autofree guint8 *content = g_malloc(CONTENT_BYTES);
	fill(content);
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autoptr(GBytes) packed = deflate_twice(kinds[i]);
		g_autoptr(GBytes) again = deflate_twice(kinds[i]);
		g_autoptr(GBytes) plain = inflate(packed, kinds[i], CONTENT_BYTES, NULL);
		assert_true(g_bytes_equal(packed, again));
		assert_non_null(plain);
		assert_int_equal(g_bytes_get_size(plain), CONTENT_BYTES);
		assert_memory_equal(g_bytes_get_data(plain, NULL), content, CONTENT_BYTES);
		assert_int_equal(kiln_compression_detect(g_bytes_get_data(packed, NULL), 6), kinds[i]);
	}
}

static void test_every_cut_is_an_error(void **state)
{
	static const KilnCompression kinds[] = { KILN_COMPRESSION_GZIP, KILN_COMPRESSION_ZSTD };
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autoptr(GBytes) packed = deflate_twice(kinds[i]);
		gsize length = g_bytes_get_size(packed);
		for (gsize cut = 1; cut < 12; cut++) {
			g_autoptr(GBytes) part = g_bytes_new_from_bytes(packed, 0, length - cut);
			g_autoptr(GError) error = NULL;
			g_autoptr(GBytes) plain = inflate(part, kinds[i], G_MAXUINT32, &error);
			assert_null(plain);
			assert_int_equal(error->code, KILN_ERROR_SYNTAX);
		}
	}
}

static void test_garbage_after_the_end(void **state)
{
	static const KilnCompression kinds[] = { KILN_COMPRESSION_GZIP, KILN_COMPRESSION_ZSTD };
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autoptr(GBytes) packed = deflate_twice(kinds[i]);
		GByteArray *longer = g_byte_array_new();
		g_byte_array_append(longer, g_bytes_get_data(packed, NULL), (guint)g_bytes_get_size(packed));
		g_byte_array_append(longer, (const guint8 *)"garbage", 7);
		g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(longer);
		g_autoptr(GError) error = NULL;
		g_autoptr(GBytes) plain = inflate(bytes, kinds[i], G_MAXUINT32, &error);
		assert_null(plain);
		assert_int_equal(error->code, KILN_ERROR_SYNTAX);
	}
}

static void test_flipped_bit(void **state)
{
	g_autoptr(GBytes) packed = deflate_twice(KILN_COMPRESSION_GZIP);
	gsize length = g_bytes_get_size(packed);
	g_autofree guint8 *copy = g_memdup2(g_bytes_get_data(packed, NULL), length);
	copy[length - 6] ^= 1; /* in the stored CRC of the last member */
	g_autoptr(GBytes) bytes = g_bytes_new(copy, length);
	g_autoptr(GError) error = NULL;
	assert_null(inflate(bytes, KILN_COMPRESSION_GZIP, G_MAXUINT32, &error));
	assert_int_equal(error->code, KILN_ERROR_SYNTAX);
}

static void test_limits(void **state)
{
	g_autoptr(GBytes) packed = deflate_twice(KILN_COMPRESSION_GZIP);
	g_autoptr(GError) error = NULL;
	assert_null(inflate(packed, KILN_COMPRESSION_GZIP, CONTENT_BYTES - 1, &error));
	assert_int_equal(error->code, KILN_ERROR_LIMIT);
}

static void test_bomb(void **state)
{
	g_autofree guint8 *zeros = g_malloc0(32 << 20);
	g_autoptr(KilnDeflater) deflater = kiln_deflater_new(KILN_COMPRESSION_ZSTD, NULL);
	GByteArray *out = g_byte_array_new();
	for (int i = 0; i < 4; i++)
		assert_true(kiln_deflater_append(deflater, zeros, 32 << 20, out, NULL));
	g_autoptr(GBytes) packed = g_byte_array_free_to_bytes(out);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) plain = inflate(packed, KILN_COMPRESSION_ZSTD, G_MAXUINT32, &error);
	assert_null(plain);
	assert_int_equal(error->code, KILN_ERROR_LIMIT);
}

static void test_unsupported(void **state)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static("BZh91AY", 7);
	g_autoptr(GError) error = NULL;
	assert_int_equal(kiln_compression_detect((const guint8 *)"BZh91AY", 7), KILN_COMPRESSION_BZIP2);
	assert_null(inflate(bytes, KILN_COMPRESSION_BZIP2, 100, &error));
	assert_int_equal(error->code, KILN_ERROR_UNSUPPORTED);
	g_clear_error(&error);
	assert_null(kiln_deflater_new(KILN_COMPRESSION_XZ, &error));
	assert_int_equal(error->code, KILN_ERROR_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_joined_members), cmocka_unit_test(test_every_cut_is_an_error),
		cmocka_unit_test(test_garbage_after_the_end), cmocka_unit_test(test_flipped_bit),
		cmocka_unit_test(test_limits), cmocka_unit_test(test_bomb), cmocka_unit_test(test_unsupported),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
