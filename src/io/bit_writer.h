/* SPDX-License-Identifier: Apache-2.0 */
/* bit_writer.h: bits into bytes, the lowest first, as DEFLATE and zstd want them. */
#pragma once
#include <glib.h>
#include <string.h>

typedef struct {
	guint8 *at; /* where the next whole bytes go; there must be room for 8 more than is written */
	guint64 waiting;
	guint waiting_bits; /* fewer than 8 after bit_writer_flush() */
} BitWriter;

/** At most 56 bits between two flushes; bits of @value above @count must be 0. */
static inline void bit_writer_put(BitWriter *bits, guint64 value, guint count)
{
	bits->waiting |= value << bits->waiting_bits;
	bits->waiting_bits += count;
}

static inline void bit_writer_flush(BitWriter *bits)
{
	guint64 little = GUINT64_TO_LE(bits->waiting);
	memcpy(bits->at, &little, sizeof little);
	bits->at += bits->waiting_bits >> 3;
	bits->waiting >>= bits->waiting_bits & ~7U;
	bits->waiting_bits &= 7;
}

/** Fill the last byte with zeros and write it. */
static inline void bit_writer_finish(BitWriter *bits)
{
	bits->waiting_bits = (bits->waiting_bits + 7) & ~7U;
	bit_writer_flush(bits);
}
