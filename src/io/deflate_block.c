/* SPDX-License-Identifier: Apache-2.0 */
/* deflate_block.c: one DEFLATE block as bits: its codes, described in run lengths, and its literals and matches in them. */
#include "io/deflate_block.h"
#include "io/prefix_code.h"

#define LITERAL_SYMBOLS 286
#define DISTANCE_SYMBOLS 30
#define LENGTH_CODE_SYMBOLS 19
#define END_OF_BLOCK 256
#define STORED_BYTES_MAX 65535

static const guint16 length_bases[29] = { 3,  4,  5,  6,  7,  8,  9,  10, 11, 13,  15,  17,  19,  23, 27,
	                                  31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258 };
static const guint8 length_extras[29] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0 };
static const guint16 distance_bases[30] = { 1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
	                                    193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577 };
static const guint8 distance_extras[30] = { 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13 };
/* Extra bits behind the three symbols that repeat lengths: 16, 17, 18. */
static const guint8 repeat_extras[3] = { 2, 3, 7 };
static const guint8 length_code_order[LENGTH_CODE_SYMBOLS] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15 };

typedef struct {
	guint8 lengths[LITERAL_SYMBOLS + DISTANCE_SYMBOLS]; /* of literals, then of distances */
	guint16 literal_words[LITERAL_SYMBOLS], distance_words[DISTANCE_SYMBOLS];
	guint literals, distances, length_codes; /* how many of each are described */
	guint8 steps[LITERAL_SYMBOLS + DISTANCE_SYMBOLS], step_extras[LITERAL_SYMBOLS + DISTANCE_SYMBOLS];
	guint step_count;
	guint32 step_counts[LENGTH_CODE_SYMBOLS];
	guint8 step_lengths[LENGTH_CODE_SYMBOLS];
	guint16 step_words[LENGTH_CODE_SYMBOLS];
} Codes;

static void fill_tables(DeflateBlock *block)
{
	for (guint symbol = 0; symbol < G_N_ELEMENTS(length_bases); symbol++)
		for (guint i = 0; i < 1U << length_extras[symbol] && length_bases[symbol] + i <= DEFLATE_MATCH_MAX; i++)
			block->length_symbols[length_bases[symbol] + i] = (guint8)symbol;
	for (guint symbol = 0; symbol < DISTANCE_SYMBOLS; symbol++)
		for (guint i = 0; i < 1U << distance_extras[symbol]; i++) {
			guint distance = distance_bases[symbol] + i;
			if (distance <= 256)
				block->near_symbols[distance - 1] = (guint8)symbol;
			else
				block->far_symbols[(distance - 1) >> 7] = (guint8)symbol;
		}
}

void deflate_block_begin(DeflateBlock *block)
{
	if (!block->has_tables)
		fill_tables(block);
	block->has_tables = TRUE;
	block->token_count = 0;
	memset(block->literal_counts, 0, sizeof block->literal_counts);
	memset(block->distance_counts, 0, sizeof block->distance_counts);
}

static void add_step(Codes *codes, guint step, guint extra)
{
	codes->steps[codes->step_count] = (guint8)step;
	codes->step_extras[codes->step_count++] = (guint8)extra;
	codes->step_counts[step]++;
}

/* @length stands @run times in a row. */
static void add_run(Codes *codes, guint length, guint run)
{
	if (length) {
		add_step(codes, length, 0);
		run--;
	}
	while (run >= 3) {
		guint part = MIN(run, length ? 6U : 138U);
		if (length)
			add_step(codes, 16, part - 3);
		else if (part < 11)
			add_step(codes, 17, part - 3);
		else
			add_step(codes, 18, part - 11);
		run -= part;
	}
	while (run--)
		add_step(codes, length, 0);
}

static void describe_lengths(Codes *codes)
{
	guint total = codes->literals + codes->distances;
	for (guint i = 0, end; i < total; i = end) {
		for (end = i + 1; end < total && codes->lengths[end] == codes->lengths[i];)
			end++;
		add_run(codes, codes->lengths[i], end - i);
	}
	prefix_code_lengths(codes->step_counts, LENGTH_CODE_SYMBOLS, 7, codes->step_lengths);
	prefix_code_words(codes->step_lengths, LENGTH_CODE_SYMBOLS, codes->step_words);
	codes->length_codes = LENGTH_CODE_SYMBOLS;
	while (codes->length_codes > 4 && !codes->step_lengths[length_code_order[codes->length_codes - 1]])
		codes->length_codes--;
}

/* Codes for the symbols that occur; a code of one symbol alone would be incomplete, which some readers refuse. */
static void make_codes(DeflateBlock *block, Codes *codes)
{
	guint8 distance_lengths[DISTANCE_SYMBOLS];
	guint used = 0;
	block->literal_counts[END_OF_BLOCK] = 1;
	for (guint i = 0; i < DISTANCE_SYMBOLS; i++)
		used += block->distance_counts[i] != 0;
	for (guint i = 0; used < 2; i++)
		if (!block->distance_counts[i]) {
			block->distance_counts[i] = 1;
			used++;
		}
	if (!block->token_count)
		block->literal_counts[0] = 1;
	prefix_code_lengths(block->literal_counts, LITERAL_SYMBOLS, 15, codes->lengths);
	prefix_code_lengths(block->distance_counts, DISTANCE_SYMBOLS, 15, distance_lengths);
	prefix_code_words(codes->lengths, LITERAL_SYMBOLS, codes->literal_words);
	prefix_code_words(distance_lengths, DISTANCE_SYMBOLS, codes->distance_words);
	for (codes->literals = LITERAL_SYMBOLS; !codes->lengths[codes->literals - 1];)
		codes->literals--;
	for (codes->distances = DISTANCE_SYMBOLS; !distance_lengths[codes->distances - 1];)
		codes->distances--;
	memcpy(codes->lengths + codes->literals, distance_lengths, codes->distances);
	describe_lengths(codes);
}

static guint64 coded_bits(const DeflateBlock *block, const Codes *codes)
{
	const guint8 *distance_lengths = codes->lengths + codes->literals;
	guint64 bits = 3 + 5 + 5 + 4 + 3 * codes->length_codes;
	for (guint i = 0; i < LENGTH_CODE_SYMBOLS; i++)
		bits += (guint64)codes->step_counts[i] * (codes->step_lengths[i] + (i >= 16 ? repeat_extras[i - 16] : 0U));
	for (guint i = 0; i < codes->literals; i++)
		bits += (guint64)block->literal_counts[i] * (codes->lengths[i] + (i > END_OF_BLOCK ? length_extras[i - 257] : 0U));
	for (guint i = 0; i < codes->distances; i++)
		bits += (guint64)block->distance_counts[i] * (distance_lengths[i] + (guint)distance_extras[i]);
	return bits;
}

static void write_stored(const guint8 *bytes, gsize length, gboolean last, BitWriter *bits)
{
	do {
		guint16 part = (guint16)MIN(length, STORED_BYTES_MAX);
		guint16 size[2] = { GUINT16_TO_LE(part), GUINT16_TO_LE((guint16)~part) };
		bit_writer_put(bits, last && part == length, 3);
		bit_writer_finish(bits);
		memcpy(bits->at, size, sizeof size);
		memcpy(bits->at + sizeof size, bytes, part);
		bits->at += sizeof size + part;
		bytes += part;
		length -= part;
	} while (length);
}

static void write_codes(const Codes *codes, gboolean last, BitWriter *bits)
{
	bit_writer_put(bits, (last ? 1U : 0U) | 2U << 1, 3);
	bit_writer_put(bits, codes->literals - 257, 5);
	bit_writer_put(bits, codes->distances - 1, 5);
	bit_writer_put(bits, codes->length_codes - 4, 4);
	for (guint i = 0; i < codes->length_codes; i++) {
		bit_writer_flush(bits);
		bit_writer_put(bits, codes->step_lengths[length_code_order[i]], 3);
	}
	for (guint i = 0; i < codes->step_count; i++) {
		guint step = codes->steps[i];
		bit_writer_flush(bits);
		bit_writer_put(bits, codes->step_words[step], codes->step_lengths[step]);
		if (step >= 16)
			bit_writer_put(bits, codes->step_extras[i], repeat_extras[step - 16]);
	}
	bit_writer_flush(bits);
}

static void write_tokens(const DeflateBlock *block, const Codes *codes, BitWriter *out)
{
	const guint8 *literal_lengths = codes->lengths, *distance_lengths = codes->lengths + codes->literals;
	BitWriter bits = *out;
	for (guint i = 0; i < block->token_count; i++) {
		guint32 token = block->tokens[i];
		if (!(token & DEFLATE_TOKEN_MATCH)) {
			bit_writer_put(&bits, codes->literal_words[token], literal_lengths[token]);
			if (bits.waiting_bits >= 40)
				bit_writer_flush(&bits);
			continue;
		}
		guint length = ((token >> 16) & 255) + DEFLATE_MATCH_MIN, distance = (token & 0x7fff) + 1;
		guint symbol = block->length_symbols[length], far = deflate_distance_symbol(block, distance);
		bit_writer_flush(&bits);
		bit_writer_put(&bits, codes->literal_words[257 + symbol], literal_lengths[257 + symbol]);
		bit_writer_put(&bits, length - length_bases[symbol], length_extras[symbol]);
		bit_writer_put(&bits, codes->distance_words[far], distance_lengths[far]);
		bit_writer_put(&bits, distance - distance_bases[far], distance_extras[far]);
		bit_writer_flush(&bits);
	}
	bit_writer_flush(&bits);
	bit_writer_put(&bits, codes->literal_words[END_OF_BLOCK], literal_lengths[END_OF_BLOCK]);
	bit_writer_flush(&bits);
	*out = bits;
}

void deflate_block_write(DeflateBlock *block, const guint8 *bytes, gsize length, gboolean last, BitWriter *bits)
{
	Codes codes = { 0 };
	make_codes(block, &codes);
	if (coded_bits(block, &codes) / 8 >= length + 5 * (length / STORED_BYTES_MAX + 1)) {
		write_stored(bytes, length, last, bits);
	} else {
		write_codes(&codes, last, bits);
		write_tokens(block, &codes, bits);
	}
	if (last)
		bit_writer_finish(bits);
}
