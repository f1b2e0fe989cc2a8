/* SPDX-License-Identifier: Apache-2.0 */
/* inflate.c: gzip, xz, lzma and zstd as readers over readers, with limits on what comes out. */
#include "base/error.h"
#include "base/limits.h"
#include "io/reader_internal.h"

#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <string.h>
#include <zstd.h>

#define INPUT_BYTES (64 * 1024)
#define RATIO_FREE_BYTES (64 * KILN_MIB) /* the ratio is not looked at before so much came out */
#define XZ_MEMORY_BYTES (160 * KILN_MIB) /* a dictionary of 64 MiB (xz -9) and room */
#define ZSTD_WINDOW_LOG 27               /* 128 MiB */

typedef struct Inflate Inflate;

struct Inflate {
	/* Inflate from input[used..filled) into @out; *made says how much came. FALSE with @error on damage. */
	gboolean (*step)(Inflate *inflate, guint8 *out, gsize size, gsize *made, GError **error);
	KilnReader *source;
	KilnCompression compression;
	guint64 max_bytes, total_in, total_out;
	guint8 input[INPUT_BYTES];
	gsize used, filled;
	gboolean source_ended;
	gboolean between; /* at the start of the input or after a complete member */
	struct inflate_state gzip;
	lzma_stream xz;
	ZSTD_DStream *zstd;
};

KilnCompression kiln_compression_detect(const guint8 *bytes, gsize length)
{
	static const struct {
		const char *magic;
		gsize length;
		KilnCompression compression;
	} rows[] = {
		{ "\x1f\x8b", 2, KILN_COMPRESSION_GZIP },  { "\xfd" "7zXZ\0", 6, KILN_COMPRESSION_XZ },
		{ "\x28\xb5\x2f\xfd", 4, KILN_COMPRESSION_ZSTD }, { "BZh", 3, KILN_COMPRESSION_BZIP2 },
		{ "\x5d\0\0", 3, KILN_COMPRESSION_LZMA },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (length >= rows[i].length && memcmp(bytes, rows[i].magic, rows[i].length) == 0)
			return rows[i].compression;
	return KILN_COMPRESSION_NONE;
}

const char *kiln_compression_name(KilnCompression compression)
{
	static const char *const names[] = { "none", "gzip", "xz", "zstd", "bzip2", "lzma" };
	return (gsize)compression < G_N_ELEMENTS(names) ? names[compression] : "unknown";
}

static gboolean damaged(const Inflate *inflate, GError **error)
{
	return kiln_fail(error, KILN_ERROR_SYNTAX, "damaged %s data after %" G_GUINT64_FORMAT " bytes",
	                 kiln_compression_name(inflate->compression), inflate->total_in);
}

static gboolean gzip_step(Inflate *inflate, guint8 *out, gsize size, gsize *made, GError **error)
{
	struct inflate_state *state = &inflate->gzip;
	if (inflate->between) {
		isal_inflate_reset(state);
		state->crc_flag = ISAL_GZIP;
		inflate->between = FALSE;
	}
	state->next_in = inflate->input + inflate->used;
	state->avail_in = (guint32)(inflate->filled - inflate->used);
	state->next_out = out;
	state->avail_out = (guint32)MIN(size, G_MAXUINT32);
	int result = isal_inflate(state);
	inflate->used = inflate->filled - state->avail_in;
	*made = size - state->avail_out;
	if (result != ISAL_DECOMP_OK && result != ISAL_END_INPUT)
		return damaged(inflate, error);
	if (state->block_state == ISAL_BLOCK_FINISH)
		inflate->between = TRUE;
	return TRUE;
}

static gboolean xz_step(Inflate *inflate, guint8 *out, gsize size, gsize *made, GError **error)
{
	lzma_stream *stream = &inflate->xz;
	stream->next_in = inflate->input + inflate->used;
	stream->avail_in = inflate->filled - inflate->used;
	stream->next_out = out;
	stream->avail_out = size;
	lzma_ret result = lzma_code(stream, inflate->source_ended ? LZMA_FINISH : LZMA_RUN);
	inflate->used = inflate->filled - stream->avail_in;
	*made = size - stream->avail_out;
	if (result == LZMA_MEMLIMIT_ERROR)
		return kiln_fail(error, KILN_ERROR_LIMIT, "xz data asks for a dictionary above %u MiB", (guint)(XZ_MEMORY_BYTES / KILN_MIB));
	if (result == LZMA_STREAM_END)
		inflate->between = TRUE;
	else if (result != LZMA_OK && !(result == LZMA_BUF_ERROR && *made == 0))
		return damaged(inflate, error);
	else
		inflate->between = FALSE;
	return TRUE;
}

static gboolean zstd_step(Inflate *inflate, guint8 *out, gsize size, gsize *made, GError **error)
{
	ZSTD_inBuffer input = { inflate->input, inflate->filled, inflate->used };
	ZSTD_outBuffer output = { out, size, 0 };
	size_t result = ZSTD_decompressStream(inflate->zstd, &output, &input);
	inflate->used = input.pos;
	*made = output.pos;
	if (ZSTD_isError(result))
		return damaged(inflate, error);
	inflate->between = result == 0;
	return TRUE;
}

static gboolean fill(Inflate *inflate, GError **error)
{
	if (inflate->used < inflate->filled || inflate->source_ended)
		return TRUE;
	gssize count = kiln_reader_read(inflate->source, inflate->input, sizeof inflate->input, error);
	if (count < 0)
		return FALSE;
	inflate->used = 0;
	inflate->filled = (gsize)count;
	inflate->total_in += (guint64)count;
	inflate->source_ended = count == 0;
	return TRUE;
}

static gboolean check_limits(const Inflate *inflate, GError **error)
{
	if (inflate->total_out > inflate->max_bytes)
		return kiln_fail(error, KILN_ERROR_LIMIT, "inflates to more than %" G_GUINT64_FORMAT " bytes", inflate->max_bytes);
	if (inflate->total_out > RATIO_FREE_BYTES && inflate->total_out / KILN_LIMIT_INFLATE_RATIO > inflate->total_in)
		return kiln_fail(error, KILN_ERROR_LIMIT, "inflates more than %d-fold: a decompression bomb", KILN_LIMIT_INFLATE_RATIO);
	return TRUE;
}

static gssize read_inflate(KilnReader *reader, void *buffer, gsize size, GError **error)
{
	Inflate *inflate = reader->state;
	for (;;) {
		gsize made = 0, before;
		if (!fill(inflate, error))
			return -1;
		before = inflate->used;
		if (inflate->source_ended && inflate->used == inflate->filled && inflate->between)
			return 0;
		if (!inflate->step(inflate, buffer, size, &made, error))
			return -1;
		if (made) {
			inflate->total_out += made;
			return check_limits(inflate, error) ? (gssize)made : -1;
		}
		if (inflate->source_ended && inflate->used == before && !inflate->between) {
			kiln_fail(error, KILN_ERROR_SYNTAX, "%s data ends early, after %" G_GUINT64_FORMAT " bytes",
			          kiln_compression_name(inflate->compression), inflate->total_in);
			return -1;
		}
	}
}

static void close_inflate(KilnReader *reader)
{
	Inflate *inflate = reader->state;
	if (inflate->compression == KILN_COMPRESSION_XZ || inflate->compression == KILN_COMPRESSION_LZMA)
		lzma_end(&inflate->xz);
	ZSTD_freeDStream(inflate->zstd);
	kiln_reader_free(inflate->source);
	g_free(inflate);
}

static gboolean start(Inflate *inflate, GError **error)
{
	lzma_stream none = LZMA_STREAM_INIT;
	inflate->xz = none;
	inflate->between = TRUE;
	switch (inflate->compression) {
	case KILN_COMPRESSION_GZIP:
		isal_inflate_init(&inflate->gzip);
		inflate->step = gzip_step;
		return TRUE;
	case KILN_COMPRESSION_XZ:
	case KILN_COMPRESSION_LZMA:
		inflate->step = xz_step;
		inflate->between = FALSE; /* an empty file is not an xz file */
		return lzma_auto_decoder(&inflate->xz, XZ_MEMORY_BYTES, LZMA_CONCATENATED) == LZMA_OK ||
		       kiln_fail(error, KILN_ERROR_INTERNAL, "liblzma cannot start");
	case KILN_COMPRESSION_ZSTD:
		inflate->step = zstd_step;
		inflate->zstd = ZSTD_createDStream();
		return (inflate->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(inflate->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG))) ||
		       kiln_fail(error, KILN_ERROR_INTERNAL, "libzstd cannot start");
	default:
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s compression is not supported", kiln_compression_name(inflate->compression));
	}
}

KilnReader *kiln_reader_new_inflate(KilnReader *source, KilnCompression compression, guint64 max_bytes, GError **error)
{
	if (compression == KILN_COMPRESSION_NONE)
		return source;
	Inflate *inflate = g_new0(Inflate, 1);
	g_autoptr(KilnReader) reader = g_new0(KilnReader, 1);
	*reader = (KilnReader){ .read = read_inflate, .close = close_inflate, .fd = -1, .state = inflate };
	inflate->source = source;
	inflate->compression = compression;
	inflate->max_bytes = max_bytes;
	return start(inflate, error) ? g_steal_pointer(&reader) : NULL;
}
