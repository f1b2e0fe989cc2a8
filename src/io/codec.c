/* SPDX-License-Identifier: Apache-2.0 */
/* codec.c: the inflaters of isa-l, liblzma and libzstd behind one table. */
#include "io/codec.h"
#include "base/error.h"
#include "base/limits.h"

#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

/* isa-l counts in 32 bits. */
#define GZIP_STEP_BYTES_MAX (1U << 30)

static gpointer gzip_start(GError **error)
{
	struct inflate_state *state = g_new(struct inflate_state, 1);
	isal_inflate_init(state);
	state->crc_flag = ISAL_GZIP;
	return state;
}

static gboolean gzip_restart(gpointer codec, GError **error)
{
	struct inflate_state *state = codec;
	isal_inflate_reset(state);
	state->crc_flag = ISAL_GZIP;
	return TRUE;
}

static const char *gzip_error_text(int code)
{
	switch (code) {
	case ISAL_INVALID_BLOCK:
		return "an invalid block";
	case ISAL_INVALID_SYMBOL:
		return "an invalid symbol";
	case ISAL_INVALID_LOOKBACK:
		return "a reference to before the beginning";
	case ISAL_INVALID_WRAPPER:
		return "no gzip header";
	case ISAL_UNSUPPORTED_METHOD:
		return "an unknown method";
	case ISAL_INCORRECT_CHECKSUM:
		return "a wrong checksum or length";
	default:
		return "an unknown error";
	}
}

static gboolean gzip_step(gpointer codec, KilnCodecStep *step, GError **error)
{
	struct inflate_state *state = codec;
	guint32 input_given = (guint32)MIN(step->input_left, GZIP_STEP_BYTES_MAX);
	guint32 output_given = (guint32)MIN(step->output_left, GZIP_STEP_BYTES_MAX);
	state->next_in = (guint8 *)step->input;
	state->avail_in = input_given;
	state->next_out = step->output;
	state->avail_out = output_given;
	int result = isal_inflate(state);
	if (result < 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "gzip data is damaged: %s", gzip_error_text(result));
	step->input += input_given - state->avail_in;
	step->input_left -= input_given - state->avail_in;
	step->output += output_given - state->avail_out;
	step->output_left -= output_given - state->avail_out;
	step->ended = state->block_state == ISAL_BLOCK_FINISH;
	return TRUE;
}

typedef struct {
	lzma_stream stream;
	gboolean alone; /* .lzma of before 2009 */
} Lzma;

static void lzma_codec_end(gpointer codec)
{
	Lzma *lzma = codec;
	lzma_end(&lzma->stream);
	g_free(lzma);
}

static gboolean lzma_codec_restart(gpointer codec, GError **error)
{
	Lzma *lzma = codec;
	lzma_ret result = lzma->alone ? lzma_alone_decoder(&lzma->stream, KILN_LIMIT_INFLATE_WINDOW_BYTES)
	                              : lzma_stream_decoder(&lzma->stream, KILN_LIMIT_INFLATE_WINDOW_BYTES, LZMA_TELL_UNSUPPORTED_CHECK);
	return result == LZMA_OK || kiln_fail(error, KILN_ERROR_INTERNAL, "liblzma does not start (code %d)", (int)result);
}

static gpointer lzma_codec_start(gboolean alone, GError **error)
{
	Lzma *lzma = g_new0(Lzma, 1);
	lzma->alone = alone;
	if (lzma_codec_restart(lzma, error))
		return lzma;
	lzma_codec_end(lzma);
	return NULL;
}

static gpointer xz_start(GError **error)
{
	return lzma_codec_start(FALSE, error);
}

static gpointer alone_start(GError **error)
{
	return lzma_codec_start(TRUE, error);
}

static gboolean lzma_codec_step(gpointer codec, KilnCodecStep *step, GError **error)
{
	Lzma *lzma = codec;
	lzma->stream.next_in = step->input;
	lzma->stream.avail_in = step->input_left;
	lzma->stream.next_out = step->output;
	lzma->stream.avail_out = step->output_left;
	lzma_ret result = lzma_code(&lzma->stream, LZMA_RUN);
	switch (result) {
	case LZMA_OK:
	case LZMA_STREAM_END:
	case LZMA_BUF_ERROR: /* nothing to do with what is at hand; the caller brings more */
		break;
	case LZMA_MEMLIMIT_ERROR:
		return kiln_fail(error, KILN_ERROR_LIMIT, "xz data needs more than %d MiB of memory to inflate",
		                 (int)(KILN_LIMIT_INFLATE_WINDOW_BYTES / KILN_MIB));
	case LZMA_MEM_ERROR:
		return kiln_fail(error, KILN_ERROR_LIMIT, "not enough memory to inflate xz data");
	case LZMA_UNSUPPORTED_CHECK:
	case LZMA_OPTIONS_ERROR:
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "xz data uses a check or filter that is not known");
	case LZMA_FORMAT_ERROR:
		return kiln_fail(error, KILN_ERROR_SYNTAX, "xz data is damaged: no %s header", lzma->alone ? "lzma" : "xz");
	default:
		return kiln_fail(error, KILN_ERROR_SYNTAX, "xz data is damaged (liblzma code %d)", (int)result);
	}
	step->input = lzma->stream.next_in;
	step->input_left = lzma->stream.avail_in;
	step->output = lzma->stream.next_out;
	step->output_left = lzma->stream.avail_out;
	step->ended = result == LZMA_STREAM_END;
	return TRUE;
}

#define ZSTD_MAGIC_BYTES 4

typedef struct {
	ZSTD_DCtx *context;
	guint8 magic[ZSTD_MAGIC_BYTES];
	gsize magic_length; /* how much of it this frame has shown */
} Zstd;

static void zstd_end(gpointer codec)
{
	Zstd *zstd = codec;
	ZSTD_freeDCtx(zstd->context);
	g_free(zstd);
}

static gpointer zstd_start(GError **error)
{
	Zstd *zstd = g_new0(Zstd, 1);
	zstd->context = ZSTD_createDCtx();
	if (zstd->context && !ZSTD_isError(ZSTD_DCtx_setParameter(zstd->context, ZSTD_d_windowLogMax, KILN_LIMIT_INFLATE_WINDOW_LOG)))
		return zstd;
	zstd_end(zstd);
	kiln_fail(error, KILN_ERROR_INTERNAL, "libzstd does not start");
	return NULL;
}

static gboolean zstd_restart(gpointer codec, GError **error)
{
	Zstd *zstd = codec;
	zstd->magic_length = 0;
	ZSTD_DCtx_reset(zstd->context, ZSTD_reset_session_only);
	return TRUE;
}

/* Only frames of RFC 8878, data or skippable: distributions build libzstd with the decoders of its seven older formats, which nobody needs. */
static gboolean zstd_check_magic(Zstd *zstd, const KilnCodecStep *step, GError **error)
{
	static const guint8 data[ZSTD_MAGIC_BYTES] = { 0x28, 0xb5, 0x2f, 0xfd };
	static const guint8 skippable[ZSTD_MAGIC_BYTES] = { 0x50, 0x2a, 0x4d, 0x18 }; /* the lowest four bits are free */
	for (gsize i = 0; i < step->input_left && zstd->magic_length < ZSTD_MAGIC_BYTES; i++)
		zstd->magic[zstd->magic_length++] = step->input[i];
	guint8 first = zstd->magic[0];
	zstd->magic[0] = (first & 0xf0) == skippable[0] ? skippable[0] : first;
	gboolean good = memcmp(zstd->magic, data, zstd->magic_length) == 0 || memcmp(zstd->magic, skippable, zstd->magic_length) == 0;
	zstd->magic[0] = first;
	return good || kiln_fail(error, KILN_ERROR_SYNTAX, "zstd data is damaged: no zstd frame");
}

static gboolean zstd_step(gpointer codec, KilnCodecStep *step, GError **error)
{
	Zstd *zstd = codec;
	if (!zstd_check_magic(zstd, step, error))
		return FALSE;
	ZSTD_inBuffer input = { step->input, step->input_left, 0 };
	ZSTD_outBuffer output = { step->output, step->output_left, 0 };
	size_t result = ZSTD_decompressStream(zstd->context, &output, &input);
	if (ZSTD_isError(result)) {
		gboolean too_large = ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge;
		return kiln_fail(error, too_large ? KILN_ERROR_LIMIT : KILN_ERROR_SYNTAX, "zstd data %s: %s",
		                 too_large ? "needs too large a window" : "is damaged", ZSTD_getErrorName(result));
	}
	step->input += input.pos;
	step->input_left -= input.pos;
	step->output += output.pos;
	step->output_left -= output.pos;
	step->ended = result == 0;
	return TRUE;
}

const KilnCodec *kiln_codec_find(KilnCompression compression)
{
	static const KilnCodec rows[] = {
		{ KILN_COMPRESSION_GZIP, TRUE, gzip_start, gzip_restart, gzip_step, g_free },
		{ KILN_COMPRESSION_XZ, TRUE, xz_start, lzma_codec_restart, lzma_codec_step, lzma_codec_end },
		{ KILN_COMPRESSION_ZSTD, TRUE, zstd_start, zstd_restart, zstd_step, zstd_end },
		{ KILN_COMPRESSION_LZMA, FALSE, alone_start, lzma_codec_restart, lzma_codec_step, lzma_codec_end },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].compression == compression)
			return &rows[i];
	return NULL;
}
