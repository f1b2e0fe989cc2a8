/* SPDX-License-Identifier: Apache-2.0 */
/* gzip_write.c: finding matches, lazily, in short chains of hashed positions; a gzip member around the blocks. */
#include "io/gzip_write.h"
#include "io/deflate_block.h"

#include <isa-l/crc.h>

/* Where speed and size balance for the files of packages. Any change of these changes digests: see GZIP_WRITE_NAME. */
#define HASH_BITS 16
#define SHORT_HASH_BITS 14
#define CHAIN_MAX 5          /* earlier positions that are tried */
#define SHORT_DISTANCE 4096  /* a match of three bytes from further away costs more than its literals */
#define LAZY_BELOW 32        /* a match shorter than this is given up for a longer one that starts a byte later */
#define GOOD_ENOUGH 128      /* no search beyond a match of this length */
#define STEP_AFTER_BITS 9    /* after 2^9 bytes without a match every second byte is tried, and so on */
#define TAIL_BYTES 12        /* the last bytes are literals: reads of words stay inside the buffer */

/* Positions count modulo 2^16. An old entry can only point to a place whose bytes are compared, so it does no harm. */
struct GzipWriter {
	guint16 newest[1 << HASH_BITS];
	guint16 newest_short[1 << SHORT_HASH_BITS];
	guint16 before[DEFLATE_WINDOW_BYTES];
	DeflateBlock block;
};

typedef struct {
	guint length, distance;
} Match;

GzipWriter *gzip_writer_new(void)
{
	return g_new0(GzipWriter, 1);
}

void gzip_writer_free(GzipWriter *writer)
{
	g_free(writer);
}

static inline guint32 word_at(const guint8 *bytes)
{
	guint32 word;
	memcpy(&word, bytes, sizeof word);
	return GUINT32_FROM_LE(word);
}

static inline guint hash(guint32 word, guint bits)
{
	return word * 0x9e3779b1U >> (32 - bits);
}

/* Enter position @at; returns what was the newest one with the same four bytes, and with the same three. */
static inline void enter(GzipWriter *writer, guint32 word, gsize at, guint16 *newest, guint16 *newest_short)
{
	guint long_hash = hash(word, HASH_BITS), short_hash = hash(word << 8, SHORT_HASH_BITS);
	*newest = writer->newest[long_hash];
	*newest_short = writer->newest_short[short_hash];
	writer->before[at % DEFLATE_WINDOW_BYTES] = *newest;
	writer->newest[long_hash] = (guint16)at;
	writer->newest_short[short_hash] = (guint16)at;
}

static inline guint common_length(const guint8 *here, const guint8 *there, guint maximum)
{
	guint length = 4;
	for (; length + 8 <= maximum; length += 8) {
		guint64 first, second;
		memcpy(&first, here + length, sizeof first);
		memcpy(&second, there + length, sizeof second);
		guint64 differs = GUINT64_FROM_LE(first) ^ GUINT64_FROM_LE(second);
		if (differs)
			return length + ((guint)__builtin_ctzll(differs) >> 3);
	}
	while (length < maximum && here[length] == there[length])
		length++;
	return length;
}

/* Enter @at and find a match for it that is longer than @longer_than; length 0: none. */
static inline Match find(GzipWriter *writer, const guint8 *bytes, gsize length, gsize at, guint longer_than, guint tries)
{
	const guint8 *here = bytes + at;
	guint32 word = word_at(here);
	guint maximum = (guint)MIN(length - at, DEFLATE_MATCH_MAX), best = longer_than;
	guint window = best < maximum ? (guint)MIN(at, DEFLATE_WINDOW_BYTES) : 0;
	guint16 candidate, candidate_short;
	Match match = { 0, 0 };
	enter(writer, word, at, &candidate, &candidate_short);
	guint distance = (guint16)(at - candidate_short);
	if (best < 3 && distance && distance <= MIN(window, SHORT_DISTANCE) && (word_at(here - distance) ^ word) << 8 == 0) {
		match = (Match){ 3, distance };
		best = 3;
	}
	distance = (guint16)(at - candidate);
	for (guint previous = 0; distance > previous && distance <= window; distance = (guint16)(at - candidate)) {
		const guint8 *there = here - distance;
		if (word_at(there) == word && (best < 4 || word_at(there + best - 3) == word_at(here + best - 3))) {
			guint common = common_length(here, there, maximum);
			if (common > best) {
				match = (Match){ common, distance };
				best = common;
				if (common >= GOOD_ENOUGH || common == maximum)
					break;
			}
		}
		if (--tries == 0)
			break;
		previous = distance;
		candidate = writer->before[(at - distance) % DEFLATE_WINDOW_BYTES];
	}
	return match;
}

/* Enter the positions inside a match, so that later matches may start there. */
static inline void enter_all(GzipWriter *writer, const guint8 *bytes, gsize from, gsize to)
{
	guint16 newest, newest_short;
	for (gsize at = from; at < to; at++)
		enter(writer, word_at(bytes + at), at, &newest, &newest_short);
}

static void end_block(GzipWriter *writer, const guint8 *bytes, gsize *begun, gsize at, gboolean last, BitWriter *bits)
{
	deflate_block_write(&writer->block, bytes + *begun, at - *begun, last, bits);
	deflate_block_begin(&writer->block);
	*begun = at;
}

static void encode(GzipWriter *writer, const guint8 *bytes, gsize length, BitWriter *bits)
{
	DeflateBlock *block = &writer->block;
	gsize searched = length > TAIL_BYTES ? length - TAIL_BYTES : 0, at = 0, begun = 0, misses = 0;
	Match next = { 0, 0 };
	gboolean has_next = FALSE;
	deflate_block_begin(block);
	while (at < length) {
		if (block->token_count == DEFLATE_BLOCK_TOKENS)
			end_block(writer, bytes, &begun, at, FALSE, bits);
		Match match = { 0, 0 };
		if (at < searched)
			match = has_next ? next : find(writer, bytes, length, at, 2, CHAIN_MAX);
		has_next = FALSE;
		if (!match.length) {
			gsize end = MIN(at + 1 + (misses++ >> STEP_AFTER_BITS), length);
			end = MIN(end, at + DEFLATE_BLOCK_TOKENS - block->token_count);
			while (at < end)
				deflate_block_add_literal(block, bytes[at++]);
			continue;
		}
		misses = 0;
		gsize entered = at + 1;
		if (match.length < LAZY_BELOW && entered < searched) {
			next = find(writer, bytes, length, entered++, match.length, CHAIN_MAX / 2 + 1);
			if (next.length) {
				has_next = TRUE;
				deflate_block_add_literal(block, bytes[at++]);
				continue;
			}
		}
		deflate_block_add_match(block, match.length, match.distance);
		enter_all(writer, bytes, entered, MIN(at + match.length, searched));
		at += match.length;
	}
	end_block(writer, bytes, &begun, length, TRUE, bits);
}

gsize gzip_writer_member(GzipWriter *writer, const guint8 *bytes, gsize length, guint8 *out)
{
	/* No flags, no time, the usual method, no hint, unknown system. */
	static const guint8 header[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255 };
	BitWriter bits = { .at = out + sizeof header };
	memcpy(out, header, sizeof header);
	memset(writer->newest, 0, sizeof writer->newest);
	memset(writer->newest_short, 0, sizeof writer->newest_short);
	encode(writer, bytes, length, &bits);
	guint32 trailer[2] = { GUINT32_TO_LE(crc32_gzip_refl(0, bytes, length)), GUINT32_TO_LE((guint32)length) };
	memcpy(bits.at, trailer, sizeof trailer);
	return (gsize)(bits.at - out) + sizeof trailer;
}
