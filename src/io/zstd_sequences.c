/* SPDX-License-Identifier: Apache-2.0 */
/* zstd_sequences.c: the sequences of a zstd block: lengths and offsets as codes with extra bits, by state tables of their own. */
#include "io/fse_code.h"
#include "io/zstd_block.h"

enum { LITERAL_LENGTH, OFFSET, MATCH_LENGTH, KINDS };
enum { MODE_SAME = 1, MODE_CODED = 2 };

#define MATCH_BASE 3
#define MANY_SEQUENCES 0x7f00

static const guint log_max[KINDS] = { 9, 8, 9 };

typedef struct {
	guint8 codes[KINDS][ZSTD_SEQUENCES_MAX];
	guint32 counts[KINDS][FSE_SYMBOLS_MAX];
	FseCode tables[KINDS]; /* log 0: every sequence has the same code */
	guint32 states[KINDS];
} Coding;

static guint highest_bit(guint32 value)
{
	return 31 - (guint)__builtin_clz(value);
}

/* Of lengths above the direct codes: the highest bit alone tells the code, and the bits below it are the extra ones. */
static guint literal_length_code(guint32 length)
{
	static const guint8 codes[64] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 16, 17, 17, 18, 18,
		                          19, 19, 20, 20, 20, 20, 21, 21, 21, 21, 22, 22, 22, 22, 22, 22, 22, 22, 23, 23, 23, 23,
		                          23, 23, 23, 23, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24 };
	return length < G_N_ELEMENTS(codes) ? codes[length] : highest_bit(length) + 19;
}

static guint match_length_code(guint32 length)
{
	static const guint8 codes[128] = {
		0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
		32, 32, 33, 33, 34, 34, 35, 35, 36, 36, 36, 36, 37, 37, 37, 37, 38, 38, 38, 38, 38, 38, 38, 38, 39, 39, 39, 39, 39, 39, 39, 39,
		40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 41, 41, 41, 41, 41, 41, 41, 41, 41, 41, 41, 41, 41, 41, 41, 41,
		42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42, 42
	};
	return length - MATCH_BASE < G_N_ELEMENTS(codes) ? codes[length - MATCH_BASE] : highest_bit(length - MATCH_BASE) + 36;
}

/* Extra bits of a code; what they hold is the length, or length - 3, modulo 2^bits, because each base is a multiple of that. */
static const guint8 literal_extras[36] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
static const guint8 match_extras[53] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	                                 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

static guint32 low_bits(guint32 value, guint count)
{
	return value & ((1U << count) - 1);
}

static void make_codes(const ZstdBlock *block, Coding *coding)
{
	for (gsize i = 0; i < block->sequence_count; i++) {
		const ZstdSequence *sequence = &block->sequences[i];
		coding->codes[LITERAL_LENGTH][i] = (guint8)literal_length_code(sequence->literal_length);
		coding->codes[OFFSET][i] = (guint8)highest_bit(sequence->offset_value);
		coding->codes[MATCH_LENGTH][i] = (guint8)match_length_code(sequence->match_length);
		for (guint kind = 0; kind < KINDS; kind++)
			coding->counts[kind][coding->codes[kind][i]]++;
	}
}

static gsize write_count(gsize count, guint8 *out)
{
	if (count < 128) {
		out[0] = (guint8)count;
		return 1;
	}
	if (count < MANY_SEQUENCES) {
		out[0] = (guint8)((count >> 8) + 128);
		out[1] = (guint8)count;
		return 2;
	}
	out[0] = 255;
	out[1] = (guint8)(count - MANY_SEQUENCES);
	out[2] = (guint8)((count - MANY_SEQUENCES) >> 8);
	return 3;
}

/* Modes, and for each kind its one code or its table. */
static gsize write_tables(Coding *coding, gsize sequence_count, guint8 *out)
{
	gsize at = 1;
	out[0] = 0;
	for (guint kind = 0; kind < KINDS; kind++) {
		guint first = coding->codes[kind][0];
		gboolean same = coding->counts[kind][first] == sequence_count;
		out[0] |= (guint8)((same ? MODE_SAME : MODE_CODED) << (6 - 2 * kind));
		if (same) {
			out[at++] = (guint8)first;
		} else {
			fse_code_make(&coding->tables[kind], coding->counts[kind], FSE_SYMBOLS_MAX, log_max[kind]);
			at += fse_code_describe(&coding->tables[kind], out + at);
		}
	}
	return at;
}

static inline void put_state(Coding *coding, guint kind, gsize i, gboolean last, BitWriter *bits)
{
	const FseCode *table = &coding->tables[kind];
	if (!table->log)
		return;
	if (last)
		coding->states[kind] = fse_code_start(table, coding->codes[kind][i]);
	else
		fse_code_put(table, &coding->states[kind], coding->codes[kind][i], bits);
}

static inline void put_extras(const ZstdSequence *sequence, const Coding *coding, gsize i, BitWriter *bits)
{
	guint literal_bits = literal_extras[coding->codes[LITERAL_LENGTH][i]], match_bits = match_extras[coding->codes[MATCH_LENGTH][i]];
	guint offset_bits = coding->codes[OFFSET][i];
	bit_writer_put(bits, low_bits(sequence->literal_length, literal_bits), literal_bits);
	bit_writer_put(bits, low_bits(sequence->match_length - MATCH_BASE, match_bits), match_bits);
	bit_writer_flush(bits);
	bit_writer_put(bits, low_bits(sequence->offset_value, offset_bits), offset_bits);
	bit_writer_flush(bits);
}

gsize zstd_sequences_write(const ZstdBlock *block, gsize limit, guint8 *out)
{
	gsize count = block->sequence_count, at = write_count(count, out);
	if (count == 0)
		return at;
	g_autofree Coding *coding = g_new0(Coding, 1);
	make_codes(block, coding);
	at += write_tables(coding, count, out + at);
	BitWriter bits = { .at = out + at };
	for (gsize i = count; i-- > 0;) {
		gboolean last = i == count - 1;
		if ((gsize)(bits.at - out) >= limit)
			return 0;
		put_state(coding, OFFSET, i, last, &bits);
		put_state(coding, MATCH_LENGTH, i, last, &bits);
		put_state(coding, LITERAL_LENGTH, i, last, &bits);
		bit_writer_flush(&bits);
		put_extras(&block->sequences[i], coding, i, &bits);
	}
	static const guint order[KINDS] = { MATCH_LENGTH, OFFSET, LITERAL_LENGTH };
	for (guint i = 0; i < KINDS; i++)
		if (coding->tables[order[i]].log)
			fse_code_finish(&coding->tables[order[i]], coding->states[order[i]], &bits);
	bit_writer_put(&bits, 1, 1);
	bit_writer_finish(&bits);
	return (gsize)(bits.at - out);
}
