/* SPDX-License-Identifier: Apache-2.0 */
/* deflate_fuzz.c: what is packed unpacks to the same, stays within its bound, and comes out the same from a writer used before. */
#include "io/deflate.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length)
{
	static const KilnCompression kinds[] = { KILN_COMPRESSION_GZIP, KILN_COMPRESSION_ZSTD };
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autoptr(KilnDeflater) deflater = kiln_deflater_new(kinds[i], NULL);
		g_autoptr(GByteArray) packed = g_byte_array_new();
		g_assert(kiln_deflater_append(deflater, bytes, length, packed, NULL));
		guint once = packed->len;
		g_assert(once <= length + length / 1024 + 64);
		g_assert(kiln_deflater_append(deflater, bytes, length, packed, NULL));
		g_assert(packed->len == 2 * once && memcmp(packed->data, packed->data + once, once) == 0);
		g_autoptr(GBytes) input = g_bytes_new(packed->data, once);
		g_autoptr(KilnReader) reader = kiln_reader_new_inflate(kiln_reader_new_bytes(input), kinds[i], length, NULL);
		g_autoptr(GBytes) plain = kiln_reader_read_all(reader, length, NULL);
		g_assert(plain && g_bytes_get_size(plain) == length);
		g_assert(length == 0 || memcmp(g_bytes_get_data(plain, NULL), bytes, length) == 0);
	}
	return 0;
}
