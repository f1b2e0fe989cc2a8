/* SPDX-License-Identifier: Apache-2.0 */
/* fse_code.c: counts into shares of a state table, the table itself, and its description. */
#include "io/fse_code.h"

static guint highest_bit(guint32 value)
{
	return 31 - (guint)__builtin_clz(value);
}

/* Every symbol that occurs has a share; what rounding leaves over or lacks is the business of the largest one. */
static void share_states(FseCode *code, const guint32 *counts, guint symbols, guint64 total)
{
	gint32 left = 1 << code->log;
	for (guint symbol = 0; symbol < symbols; symbol++) {
		guint64 share = (((guint64)counts[symbol] << code->log) + total / 2) / total;
		code->shares[symbol] = counts[symbol] ? (guint16)MAX(share, 1) : 0;
		left -= code->shares[symbol];
	}
	while (left != 0) {
		guint largest = 0;
		for (guint symbol = 1; symbol < symbols; symbol++)
			if (code->shares[symbol] > code->shares[largest])
				largest = symbol;
		gint32 change = MAX(left, 1 - (gint32)(code->shares[largest] / 2 + 1));
		code->shares[largest] = (guint16)(code->shares[largest] + change);
		left -= change;
	}
}

/* Source: RFC 8878, 4.1.1, "From normalized distribution to decoding tables". */
static void spread(const FseCode *code, guint8 *symbol_of)
{
	guint size = 1U << code->log, step = (size >> 1) + (size >> 3) + 3, at = 0;
	for (guint symbol = 0; symbol < code->symbols; symbol++)
		for (guint i = 0; i < code->shares[symbol]; i++) {
			symbol_of[at] = (guint8)symbol;
			at = (at + step) & (size - 1);
		}
}

static void build(FseCode *code)
{
	guint8 symbol_of[1 << FSE_LOG_MAX];
	guint16 first[FSE_SYMBOLS_MAX] = { 0 };
	guint32 size = 1U << code->log, total = 0;
	spread(code, symbol_of);
	for (guint symbol = 0; symbol < code->symbols; symbol++) {
		guint32 share = code->shares[symbol];
		first[symbol] = (guint16)total;
		if (!share)
			continue;
		guint32 bits = share == 1 ? code->log : code->log - highest_bit(share - 1);
		code->bits_delta[symbol] = (bits << 16) - (share << bits);
		code->state_delta[symbol] = (gint32)total - (gint32)share;
		total += share;
	}
	for (guint32 state = 0; state < size; state++)
		code->next[first[symbol_of[state]]++] = (guint16)(size + state);
}

void fse_code_make(FseCode *code, const guint32 *counts, guint symbols, guint log_max)
{
	guint64 total = 0;
	guint used = 0;
	for (guint symbol = 0; symbol < symbols; symbol++)
		if (counts[symbol]) {
			code->symbols = symbol + 1;
			total += counts[symbol];
			used++;
		}
	g_assert(used >= 2 && symbols <= FSE_SYMBOLS_MAX && log_max <= FSE_LOG_MAX && total <= G_MAXUINT32);
	/* More states than a quarter of the symbols would cost more in the description than they save. */
	guint wanted = highest_bit((guint32)total), needed = highest_bit(used - 1) + 1;
	code->log = MIN(MAX(MAX(wanted > 2 ? wanted - 2 : 0, needed), FSE_LOG_MIN), log_max);
	share_states(code, counts, code->symbols, total);
	build(code);
}

/* How many symbols after one without a share have none either: two bits at a time, 3 meaning that more follow. */
static guint describe_gap(const FseCode *code, guint symbol, BitWriter *bits)
{
	guint gap = 0;
	while (!code->shares[symbol + gap])
		gap++;
	for (guint rest = gap;; rest -= 3) {
		bit_writer_put(bits, MIN(rest, 3), 2);
		bit_writer_flush(bits);
		if (rest < 3)
			return gap;
	}
}

gsize fse_code_describe(const FseCode *code, guint8 *out)
{
	BitWriter bits = { .at = out };
	guint32 threshold = 1U << code->log, remaining = threshold + 1, width = code->log + 1;
	bit_writer_put(&bits, code->log - FSE_LOG_MIN, 4);
	for (guint symbol = 0; symbol < code->symbols && remaining > 1;) {
		guint32 share = code->shares[symbol++], value = share + 1, short_values = 2 * threshold - 1 - remaining;
		remaining -= share;
		if (value >= threshold)
			value += short_values;
		bit_writer_put(&bits, value, value < short_values ? width - 1 : width);
		bit_writer_flush(&bits);
		if (!share)
			symbol += describe_gap(code, symbol, &bits);
		for (; remaining < threshold; threshold >>= 1)
			width--;
	}
	bit_writer_finish(&bits);
	return (gsize)(bits.at - out);
}
