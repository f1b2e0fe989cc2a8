/* SPDX-License-Identifier: Apache-2.0 */
/* fse_code.h: finite state entropy codes (tANS) for writing, as zstd uses them. */
#pragma once
#include "io/bit_writer.h"

#define FSE_SYMBOLS_MAX 64
#define FSE_LOG_MIN 5
#define FSE_LOG_MAX 9

/** A table from counts: how to get from one state to the next while a symbol is written. */
typedef struct {
	guint log;
	guint16 shares[FSE_SYMBOLS_MAX]; /* of 2^log states; 0: does not occur */
	guint symbols;                   /* the highest one that occurs, and one more */
	guint16 next[1 << FSE_LOG_MAX];
	guint32 bits_delta[FSE_SYMBOLS_MAX];
	gint32 state_delta[FSE_SYMBOLS_MAX];
} FseCode;

/** @counts: at least two are not 0. @log_max: at most FSE_LOG_MAX. The same counts give the same table everywhere. */
void fse_code_make(FseCode *code, const guint32 *counts, guint symbols, guint log_max);

/** The table's description; returns the bytes used, at most 2 + 2 * @code->symbols; room for 8 more is needed. Source: RFC 8878, 4.1.1. */
gsize fse_code_describe(const FseCode *code, guint8 *out);

/** The state that ends a stream whose last symbol is @symbol: streams are written from their end. */
static inline guint32 fse_code_start(const FseCode *code, guint symbol)
{
	guint32 bits = (code->bits_delta[symbol] + (1 << 15)) >> 16;
	guint32 value = (bits << 16) - code->bits_delta[symbol];
	return code->next[(gint32)(value >> bits) + code->state_delta[symbol]];
}

static inline void fse_code_put(const FseCode *code, guint32 *state, guint symbol, BitWriter *out)
{
	guint32 bits = (*state + code->bits_delta[symbol]) >> 16;
	bit_writer_put(out, *state & ((1U << bits) - 1), bits);
	*state = code->next[(gint32)(*state >> bits) + code->state_delta[symbol]];
}

/** The state that a reader begins with. */
static inline void fse_code_finish(const FseCode *code, guint32 state, BitWriter *out)
{
	bit_writer_put(out, state & ((1U << code->log) - 1), code->log);
}
