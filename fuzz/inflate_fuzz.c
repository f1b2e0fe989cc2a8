/* SPDX-License-Identifier: Apache-2.0 */
/* inflate_fuzz.c: the first byte chooses a compression; in large and in small pieces the rest inflates to the same. */
#include "io/reader.h"

#define OUTPUT_MAX (1 << 22)

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

typedef struct {
	GBytes *bytes;
	gsize at;
} Drip;

static gssize drip_read(gpointer state, void *buffer, gsize size, GError **error)
{
	Drip *drip = state;
	gsize length;
	const guint8 *data = g_bytes_get_data(drip->bytes, &length);
	if (drip->at == length)
		return 0;
	*(guint8 *)buffer = data[drip->at++];
	return 1;
}

/* Inflate at most OUTPUT_MAX; NULL on any error. @small: input comes byte by byte, output goes in pieces of 13. */
static GBytes *inflate(GBytes *bytes, KilnCompression compression, gboolean small)
{
	static const KilnReaderMethods drips = { drip_read, g_free };
	Drip *drip = g_new0(Drip, 1);
	drip->bytes = bytes;
	KilnReader *source = small ? kiln_reader_new_custom(&drips, drip) : kiln_reader_new_bytes(bytes);
	if (!small)
		g_free(drip);
	g_autoptr(KilnReader) reader = kiln_reader_new_inflate(source, compression, OUTPUT_MAX, NULL);
	if (!reader)
		return NULL;
	if (!small)
		return kiln_reader_read_all(reader, G_MAXUINT32, NULL);
	g_autoptr(GByteArray) out = g_byte_array_new();
	guint8 piece[13];
	gssize got;
	while ((got = kiln_reader_read(reader, piece, sizeof piece, NULL)) > 0)
		g_byte_array_append(out, piece, (guint)got);
	return got == 0 ? g_byte_array_free_to_bytes(g_steal_pointer(&out)) : NULL;
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length)
{
	static const KilnCompression kinds[] = { KILN_COMPRESSION_GZIP, KILN_COMPRESSION_XZ, KILN_COMPRESSION_ZSTD, KILN_COMPRESSION_LZMA, KILN_COMPRESSION_NONE };
	if (length == 0)
		return 0;
	KilnCompression compression = kinds[bytes[0] % G_N_ELEMENTS(kinds)];
	g_autoptr(GBytes) input = g_bytes_new(bytes + 1, length - 1);
	g_autoptr(GBytes) large = inflate(input, compression, FALSE);
	g_autoptr(GBytes) small = inflate(input, compression, TRUE);
	g_assert((large == NULL) == (small == NULL));
	g_assert(!large || g_bytes_equal(large, small));
	return 0;
}
