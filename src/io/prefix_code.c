/* SPDX-License-Identifier: Apache-2.0 */
/* prefix_code.c: code lengths after Moffat and Katajainen (in place, 1995), then cut to the limit; canonical code words. */
#include "io/prefix_code.h"

#define LENGTH_MAX 15
#define DEPTH_MAX 64 /* counts that sum below 2^31 stay far from it */

typedef struct {
	guint32 count;
	guint32 symbol;
} Used;

/* Most counts are small and few are in use: insertion beats a call of qsort. */
static guint sort_used(const guint32 *counts, guint symbols, Used *used)
{
	guint length = 0;
	for (guint symbol = 0; symbol < symbols; symbol++) {
		if (!counts[symbol])
			continue;
		guint at = length++;
		for (; at > 0 && used[at - 1].count > counts[symbol]; at--)
			used[at] = used[at - 1];
		used[at] = (Used){ counts[symbol], symbol };
	}
	return length;
}

/* Replace @node, counts in rising order, by the index of each inner node's parent; the root is the last but one. */
static void link_nodes(guint32 *node, guint length)
{
	guint root = 0, leaf = 2;
	node[0] += node[1];
	for (guint next = 1; next < length - 1; next++) {
		for (guint half = 0; half < 2; half++) {
			gboolean inner = leaf >= length || (root < next && node[root] < node[leaf]);
			guint32 count = inner ? node[root] : node[leaf++];
			if (inner)
				node[root++] = next;
			node[next] = half ? node[next] + count : count;
		}
	}
}

/* How many leaves stand at each depth of the tree that link_nodes() made. */
static void count_depths(guint32 *node, guint length, guint *at_depth)
{
	node[length - 2] = 0;
	for (guint next = length - 2; next-- > 0;)
		node[next] = node[node[next]] + 1;
	guint available = 1, inner_left = length - 1;
	for (guint depth = 0; available > 0 && depth < DEPTH_MAX; depth++) {
		guint inner = 0;
		while (inner_left > 0 && node[inner_left - 1] == depth) {
			inner++;
			inner_left--;
		}
		at_depth[depth] = available - inner;
		available = 2 * inner;
	}
}

/* Shorten what is too long, and pay for it by lengthening others, until the code is complete again. */
static void limit_depths(guint *at_depth, guint length_max)
{
	guint64 space = 0;
	for (guint depth = length_max + 1; depth < DEPTH_MAX; depth++)
		at_depth[length_max] += at_depth[depth];
	for (guint depth = 1; depth <= length_max; depth++)
		space += (guint64)at_depth[depth] << (length_max - depth);
	for (; space > (guint64)1 << length_max; space--) {
		guint depth = length_max - 1;
		while (!at_depth[depth])
			depth--;
		at_depth[depth]--;
		at_depth[depth + 1] += 2;
		at_depth[length_max]--;
	}
}

void prefix_code_lengths(const guint32 *counts, guint symbols, guint length_max, guint8 *lengths)
{
	Used used[PREFIX_SYMBOLS_MAX];
	guint32 node[PREFIX_SYMBOLS_MAX];
	guint at_depth[DEPTH_MAX] = { 0 };
	guint length = sort_used(counts, symbols, used);
	g_assert(length >= 2 && symbols <= PREFIX_SYMBOLS_MAX && length_max <= LENGTH_MAX);
	for (guint i = 0; i < length; i++)
		node[i] = used[i].count;
	link_nodes(node, length);
	count_depths(node, length, at_depth);
	limit_depths(at_depth, length_max);
	memset(lengths, 0, symbols);
	for (guint depth = 1; depth <= length_max; depth++)
		for (guint i = 0; i < at_depth[depth]; i++)
			lengths[used[--length].symbol] = (guint8)depth;
}

void prefix_code_words(const guint8 *lengths, guint symbols, guint16 *words)
{
	guint of_length[LENGTH_MAX + 1] = { 0 }, next[LENGTH_MAX + 1] = { 0 };
	for (guint symbol = 0; symbol < symbols; symbol++)
		of_length[lengths[symbol]]++;
	of_length[0] = 0;
	for (guint length = 1; length <= LENGTH_MAX; length++)
		next[length] = (next[length - 1] + of_length[length - 1]) << 1;
	for (guint symbol = 0; symbol < symbols; symbol++) {
		guint word = lengths[symbol] ? next[lengths[symbol]]++ : 0, reversed = 0;
		for (guint bit = 0; bit < lengths[symbol]; bit++, word >>= 1)
			reversed = reversed << 1 | (word & 1);
		words[symbol] = (guint16)reversed;
	}
}
