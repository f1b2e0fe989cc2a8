/* SPDX-License-Identifier: Apache-2.0 */
/* text.h: a borrowed piece of text that need not end in NUL. */
#pragma once
#include <glib.h>
#include <string.h>

typedef struct {
	const char *data; /* borrowed; may be NULL when length is 0 */
	gsize length;     /* bytes */
} KilnText;

#define KILN_TEXT(literal) ((KilnText){ (literal), sizeof(literal) - 1 })

static inline KilnText kiln_text(const char *nul_terminated)
{
	return (KilnText){ nul_terminated, nul_terminated ? strlen(nul_terminated) : 0 };
}

static inline gboolean kiln_text_equal(KilnText a, KilnText b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

static inline gboolean kiln_text_is(KilnText text, const char *nul_terminated)
{
	return kiln_text_equal(text, kiln_text(nul_terminated));
}

static inline gboolean kiln_text_starts(KilnText text, const char *prefix)
{
	gsize length = strlen(prefix);
	return text.length >= length && (length == 0 || memcmp(text.data, prefix, length) == 0);
}

/** A NUL-terminated copy; the caller frees it with g_free(). */
char *kiln_text_dup(KilnText text);

/** @text without leading and trailing blanks, tabs and line ends. */
KilnText kiln_text_strip(KilnText text);

/**
 * Cut the part before the first @separator off @rest and return it; @rest becomes what follows it.
 * Without a @separator the whole of @rest is returned and @rest becomes empty (data NULL).
 */
KilnText kiln_text_cut(KilnText *rest, char separator);

/** Parse decimal digits only, no sign, no blanks. Returns FALSE on anything else or on overflow; @out then untouched. */
gboolean kiln_text_to_u64(KilnText text, guint64 *out) G_GNUC_WARN_UNUSED_RESULT;

/**
 * The entry of @candidates (NULL-terminated, borrowed) nearest to @word by edit distance, or NULL when none
 * is near enough to be a likely typing error (distance above a third of the word's length, at least 1).
 */
const char *kiln_text_nearest(const char *word, const char *const *candidates);

/**
 * What to say of a @word that is none of @known (NULL-terminated): "did you mean "x"?", or @lead and the known ones, of which at most
 * 50 are named: "known are a, b", "known are none". New string, to stand behind "; ".
 */
char *kiln_text_suggest(const char *word, const char *const *known, const char *lead);
