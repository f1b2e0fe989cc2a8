/* SPDX-License-Identifier: Apache-2.0 */
/* deflate_block.h: literals and matches of one DEFLATE block, and the bits that they become. */
#pragma once
#include "io/bit_writer.h"

#define DEFLATE_BLOCK_TOKENS 8192 /* a block ends after so many: fewer follow the data more closely, more spare code tables */
#define DEFLATE_WINDOW_BYTES 32768
#define DEFLATE_MATCH_MAX 258
#define DEFLATE_MATCH_MIN 3

typedef struct {
	guint token_count;
	guint32 tokens[DEFLATE_BLOCK_TOKENS]; /* a byte, or DEFLATE_TOKEN_MATCH | (length - 3) << 16 | (distance - 1) */
	guint32 literal_counts[288], distance_counts[32];
	guint8 length_symbols[DEFLATE_MATCH_MAX + 1]; /* of a length, from 0 */
	guint8 near_symbols[256], far_symbols[256];   /* of distance - 1, and of (distance - 1) / 128 */
	gboolean has_tables;
} DeflateBlock;

#define DEFLATE_TOKEN_MATCH 0x80000000U

/** Make @block empty; once more after each deflate_block_write(). */
void deflate_block_begin(DeflateBlock *block);

static inline guint deflate_distance_symbol(const DeflateBlock *block, guint distance)
{
	return distance <= 256 ? block->near_symbols[distance - 1] : block->far_symbols[(distance - 1) >> 7];
}

static inline void deflate_block_add_literal(DeflateBlock *block, guint8 byte)
{
	block->tokens[block->token_count++] = byte;
	block->literal_counts[byte]++;
}

static inline void deflate_block_add_match(DeflateBlock *block, guint length, guint distance)
{
	block->tokens[block->token_count++] = DEFLATE_TOKEN_MATCH | (length - DEFLATE_MATCH_MIN) << 16 | (distance - 1);
	block->literal_counts[257 + block->length_symbols[length]]++;
	block->distance_counts[deflate_distance_symbol(block, distance)]++;
}

/**
 * Write @block: with codes of its own, or the @length bytes that it stands for as they are where that is shorter. Never more than
 * @length + 5 * (@length / 65535 + 1) bytes and one more.
 *
 * @last: no block follows; the last byte is filled up and written
 * Source: RFC 1951, 3.2.3 to 3.2.7.
 */
void deflate_block_write(DeflateBlock *block, const guint8 *bytes, gsize length, gboolean last, BitWriter *bits);
