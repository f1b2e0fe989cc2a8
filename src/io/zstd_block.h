/* SPDX-License-Identifier: Apache-2.0 */
/* zstd_block.h: literals and sequences of one zstd block, and the bytes that they become. */
#pragma once
#include "io/bit_writer.h"

#define ZSTD_BLOCK_BYTES (128 * 1024)
#define ZSTD_MATCH_MIN 4 /* the format allows 3; the matcher does not look for these */
#define ZSTD_SEQUENCES_MAX (ZSTD_BLOCK_BYTES / ZSTD_MATCH_MIN)

typedef struct {
	guint32 literal_length, match_length;
	guint32 offset_value; /* distance + 3, or 1 to 3 for a recent distance. Source: RFC 8878, 3.1.1.5 */
} ZstdSequence;

typedef struct {
	guint8 literals[ZSTD_BLOCK_BYTES + 8];
	gsize literal_count;
	ZstdSequence sequences[ZSTD_SEQUENCES_MAX];
	gsize sequence_count;
} ZstdBlock;

/** Room that either section needs: one that does not shrink is not written to its end. */
#define ZSTD_SECTION_BOUND (2 * ZSTD_BLOCK_BYTES)

/** The literals section; at most 3 bytes more than the literals. Source: RFC 8878, 3.1.1.3.1. */
gsize zstd_literals_write(const guint8 *literals, gsize count, guint8 *out);

/** The sequences section; 0: it would not be smaller than @limit bytes. Source: RFC 8878, 3.1.1.3.2. */
gsize zstd_sequences_write(const ZstdBlock *block, gsize limit, guint8 *out);
