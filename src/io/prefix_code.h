/* SPDX-License-Identifier: Apache-2.0 */
/* prefix_code.h: canonical prefix codes of limited length for given counts, as DEFLATE uses them. */
#pragma once
#include <glib.h>

#define PREFIX_SYMBOLS_MAX 288

/**
 * Lengths of a complete prefix code: frequent symbols get short codes, symbols that do not occur get 0, and ties go by number, so
 * that the same counts give the same lengths everywhere.
 *
 * @counts: at least two must not be 0; their sum is below 2^31
 * @length_max: at most 15, with 2^@length_max >= @symbols
 */
void prefix_code_lengths(const guint32 *counts, guint symbols, guint length_max, guint8 *lengths);

/** The canonical codes for @lengths, bits reversed: first bit lowest. Source: RFC 1951, 3.2.2 and 3.1.1. */
void prefix_code_words(const guint8 *lengths, guint symbols, guint16 *words);
