/* SPDX-License-Identifier: Apache-2.0 */
/* inflate.c: a reader that inflates another one, within a size and a ratio. */
#include "base/error.h"
#include "base/limits.h"
#include "io/codec.h"
#include "io/reader.h"

#define INPUT_BYTES (64 * 1024)

typedef struct {
	KilnReader *source; /* owned */
	const KilnCodec *codec;
	gpointer state;
	guint64 max_bytes;
	guint64 consumed, produced; /* compressed and inflated bytes so far */
	guint64 members;            /* complete ones */
	gboolean between_members;   /* the last one is complete, the next has not begun */
	gboolean source_ended;
	gsize input_at, input_end; /* what of the buffer is not consumed yet */
	guint8 input[INPUT_BYTES];
} Inflation;

static void inflation_free(gpointer state)
{
	Inflation *inflation = state;
	kiln_reader_free(inflation->source);
	if (inflation->state)
		inflation->codec->end(inflation->state);
	g_free(inflation);
}

static gboolean refill(Inflation *inflation, GError **error)
{
	if (inflation->input_at < inflation->input_end || inflation->source_ended)
		return TRUE;
	gssize got = kiln_reader_read(inflation->source, inflation->input, sizeof inflation->input, error);
	if (got < 0)
		return FALSE;
	inflation->source_ended = got == 0;
	inflation->input_at = 0;
	inflation->input_end = (gsize)got;
	return TRUE;
}

static gboolean check_limits(const Inflation *inflation, GError **error)
{
	if (inflation->produced > inflation->max_bytes)
		return kiln_fail(error, KILN_ERROR_LIMIT, "inflates to more than the %" G_GUINT64_FORMAT " bytes that are accepted",
		                 inflation->max_bytes);
	if (inflation->produced > KILN_LIMIT_INFLATE_RATIO_FROM_BYTES &&
	    inflation->produced / KILN_LIMIT_INFLATE_RATIO > inflation->consumed)
		return kiln_fail(error, KILN_ERROR_LIMIT,
		                 "inflates to more than %d times its size (%" G_GUINT64_FORMAT " bytes from %" G_GUINT64_FORMAT "): a decompression bomb?",
		                 KILN_LIMIT_INFLATE_RATIO, inflation->produced, inflation->consumed);
	return TRUE;
}

/* One step of the codec; @made becomes how much it put out. */
static gboolean advance(Inflation *inflation, guint8 *buffer, gsize size, gsize *made, GError **error)
{
	gsize given = inflation->input_end - inflation->input_at;
	KilnCodecStep step = { inflation->input + inflation->input_at, given, buffer, size, FALSE };
	if (!inflation->codec->step(inflation->state, &step, error)) {
		if (inflation->members > 0 && inflation->between_members)
			g_prefix_error(error, "garbage behind the end of the data: ");
		return FALSE;
	}
	gsize taken = given - step.input_left;
	*made = size - step.output_left;
	inflation->input_at += taken;
	inflation->consumed += taken;
	inflation->produced += *made;
	if (taken > 0 || *made > 0)
		inflation->between_members = FALSE;
	if (step.ended) {
		inflation->members++;
		inflation->between_members = TRUE;
		return !inflation->codec->repeats || inflation->codec->restart(inflation->state, error);
	}
	if (taken == 0 && *made == 0 && given > 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s data is damaged: it leads nowhere",
		                 kiln_compression_name(inflation->codec->compression));
	return TRUE;
}

static gssize inflation_read(gpointer state, void *buffer, gsize size, GError **error)
{
	Inflation *inflation = state;
	/* One byte beyond the limit is let through, to see that there is one. */
	guint64 room = inflation->max_bytes - inflation->produced;
	if (room < G_MAXUINT64)
		room++;
	size = (gsize)MIN((guint64)MIN(size, (gsize)G_MAXSSIZE), room);
	for (;;) {
		if (!refill(inflation, error))
			return -1;
		gboolean empty = inflation->input_at == inflation->input_end;
		if (inflation->between_members && inflation->members > 0) {
			if (empty)
				return 0;
			if (!inflation->codec->repeats) {
				kiln_fail(error, KILN_ERROR_SYNTAX, "garbage behind the end of the data");
				return -1;
			}
		}
		gsize made = 0;
		gboolean ended_before = inflation->between_members;
		if (!advance(inflation, buffer, size, &made, error) || !check_limits(inflation, error))
			return -1;
		if (made > 0)
			return (gssize)made;
		if (empty && !(inflation->between_members && !ended_before)) {
			kiln_fail(error, KILN_ERROR_SYNTAX, "%s data ends early", kiln_compression_name(inflation->codec->compression));
			return -1;
		}
	}
}

static gssize counted_read(gpointer state, void *buffer, gsize size, GError **error)
{
	Inflation *inflation = state;
	gssize got = kiln_reader_read(inflation->source, buffer, size, error);
	if (got < 0)
		return -1;
	inflation->produced += (guint64)got;
	if (inflation->produced > inflation->max_bytes) {
		kiln_fail(error, KILN_ERROR_LIMIT, "has more than the %" G_GUINT64_FORMAT " bytes that are accepted", inflation->max_bytes);
		return -1;
	}
	return got;
}

KilnReader *kiln_reader_new_inflate(KilnReader *source, KilnCompression compression, guint64 max_bytes, GError **error)
{
	static const KilnReaderMethods inflate_methods = { inflation_read, inflation_free };
	static const KilnReaderMethods count_methods = { counted_read, inflation_free };
	Inflation *inflation = g_new0(Inflation, 1);
	inflation->source = source;
	inflation->max_bytes = max_bytes;
	if (compression == KILN_COMPRESSION_NONE)
		return kiln_reader_new_custom(&count_methods, inflation);

	inflation->codec = kiln_codec_find(compression);
	if (!inflation->codec)
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "compression %s is not supported", kiln_compression_name(compression));
	else
		inflation->state = inflation->codec->start(error);
	if (!inflation->state) {
		inflation_free(inflation);
		return NULL;
	}
	return kiln_reader_new_custom(&inflate_methods, inflation);
}
