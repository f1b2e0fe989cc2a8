/* SPDX-License-Identifier: Apache-2.0 */
/* zstd_literals.c: the literals of a zstd block by a prefix code of their own in one or four streams, or as they are. */
#include "io/fse_code.h"
#include "io/prefix_code.h"
#include "io/zstd_block.h"

#define LENGTH_MAX 11
#define SYMBOLS 256
#define WEIGHT_LOG_MAX 6
#define WEIGHTS_PLAIN_MAX 128
#define ONE_STREAM_BELOW 1024
#define LITERALS_MIN 64 /* fewer do not repay the description of a code */

enum { TYPE_RAW, TYPE_SAME, TYPE_CODED };

typedef struct {
	guint8 lengths[SYMBOLS];
	guint16 words[SYMBOLS];
	guint8 weights[SYMBOLS];
	guint weight_count; /* that are described: the last one follows from the others */
} Code;

/* zstd numbers code words from the longest to the shortest, unlike DEFLATE. */
static void make_words(Code *code, guint longest)
{
	guint word = 0;
	for (guint length = longest; length > 0; length--) {
		for (guint symbol = 0; symbol < SYMBOLS; symbol++)
			if (code->lengths[symbol] == length)
				code->words[symbol] = (guint16)word++;
		word >>= 1;
	}
}

static void make_code(const guint32 *counts, Code *code)
{
	guint longest = 0;
	prefix_code_lengths(counts, SYMBOLS, LENGTH_MAX, code->lengths);
	for (guint symbol = 0; symbol < SYMBOLS; symbol++)
		longest = MAX(longest, code->lengths[symbol]);
	for (guint symbol = 0; symbol < SYMBOLS; symbol++) {
		code->weights[symbol] = code->lengths[symbol] ? (guint8)(longest + 1 - code->lengths[symbol]) : 0;
		if (code->lengths[symbol])
			code->weight_count = symbol;
	}
	make_words(code, longest);
}

/* The weights from last to first, by two states in turns. Returns 0 when that is impossible. */
static gsize write_weights_coded(const Code *code, guint8 *out)
{
	guint32 counts[LENGTH_MAX + 1] = { 0 }, states[2] = { 0, 0 };
	gboolean started[2] = { FALSE, FALSE };
	guint used = 0;
	FseCode fse = { 0 };
	for (guint i = 0; i < code->weight_count; i++)
		used += counts[code->weights[i]]++ == 0;
	if (used < 2 || code->weight_count < 4)
		return 0;
	fse_code_make(&fse, counts, LENGTH_MAX + 1, WEIGHT_LOG_MAX);
	BitWriter bits = { .at = out + fse_code_describe(&fse, out) };
	for (guint i = code->weight_count; i-- > 0;) {
		if (!started[i & 1])
			states[i & 1] = fse_code_start(&fse, code->weights[i]);
		else
			fse_code_put(&fse, &states[i & 1], code->weights[i], &bits);
		started[i & 1] = TRUE;
		bit_writer_flush(&bits);
	}
	fse_code_finish(&fse, states[1], &bits);
	fse_code_finish(&fse, states[0], &bits);
	bit_writer_put(&bits, 1, 1);
	bit_writer_finish(&bits);
	return (gsize)(bits.at - out);
}

/* Returns 0 when the code cannot be described. */
static gsize write_weights(const Code *code, guint8 *out)
{
	gsize coded = write_weights_coded(code, out + 1), plain = (code->weight_count + 1) / 2;
	if (coded && coded < 128 && (coded < plain || code->weight_count > WEIGHTS_PLAIN_MAX)) {
		out[0] = (guint8)coded;
		return 1 + coded;
	}
	if (code->weight_count > WEIGHTS_PLAIN_MAX)
		return 0;
	out[0] = (guint8)(127 + code->weight_count);
	for (guint i = 0; i < code->weight_count; i += 2)
		out[1 + i / 2] = (guint8)(code->weights[i] << 4 | (i + 1 < code->weight_count ? code->weights[i + 1] : 0));
	return 1 + plain;
}

static gsize write_stream(const Code *code, const guint8 *literals, gsize count, guint8 *out)
{
	BitWriter bits = { .at = out };
	while (count > 0) {
		gsize group = MIN(count, 4); /* at most 44 bits */
		for (; group > 0; group--) {
			guint8 literal = literals[--count];
			bit_writer_put(&bits, code->words[literal], code->lengths[literal]);
		}
		bit_writer_flush(&bits);
	}
	bit_writer_put(&bits, 1, 1);
	bit_writer_finish(&bits);
	return (gsize)(bits.at - out);
}

static gsize write_streams(const Code *code, const guint8 *literals, gsize count, guint8 *out)
{
	if (count < ONE_STREAM_BELOW)
		return write_stream(code, literals, count, out);
	gsize part = (count + 3) / 4, at = 6;
	for (guint i = 0; i < 4; i++) {
		gsize length = write_stream(code, literals + i * part, MIN(part, count - i * part), out + at);
		if (i < 3) {
			out[2 * i] = (guint8)length;
			out[2 * i + 1] = (guint8)(length >> 8);
		}
		at += length;
	}
	return at;
}

static gsize put_header(guint64 value, gsize length, guint8 *out)
{
	for (gsize i = 0; i < length; i++)
		out[i] = (guint8)(value >> (8 * i));
	return length;
}

static gsize write_plain(guint type, const guint8 *literals, gsize count, guint8 *out)
{
	gsize kept = type == TYPE_SAME ? 1 : count, header;
	if (count < 32)
		header = put_header(type | count << 3, 1, out);
	else if (count < 4096)
		header = put_header(type | 1 << 2 | count << 4, 2, out);
	else
		header = put_header(type | 3 << 2 | count << 4, 3, out);
	memcpy(out + header, literals, kept);
	return header + kept;
}

/* A header of 3, 4 or 5 bytes, for sizes of 10, 14 or 18 bits. */
static gsize coded_header(gsize count, gsize packed, guint8 *out)
{
	guint format = count < ONE_STREAM_BELOW ? 0 : count < 16384 ? 2 : 3, width = format == 0 ? 10 : format == 2 ? 14 : 18;
	return put_header(TYPE_CODED | format << 2 | (guint64)count << 4 | (guint64)packed << (4 + width), (4 + 2 * width) / 8, out);
}

gsize zstd_literals_write(const guint8 *literals, gsize count, guint8 *out)
{
	guint32 counts[SYMBOLS] = { 0 };
	Code code = { 0 };
	guint8 header[5];
	for (gsize i = 0; i < count; i++)
		counts[literals[i]]++;
	if (count > 0 && counts[literals[0]] == count)
		return write_plain(TYPE_SAME, literals, count, out);
	if (count < LITERALS_MIN)
		return write_plain(TYPE_RAW, literals, count, out);
	make_code(counts, &code);
	gsize front = coded_header(count, 0, header), described = write_weights(&code, out + front);
	if (!described)
		return write_plain(TYPE_RAW, literals, count, out);
	gsize packed = described + write_streams(&code, literals, count, out + front + described);
	if (packed >= count)
		return write_plain(TYPE_RAW, literals, count, out);
	coded_header(count, packed, out);
	return front + packed;
}
