/* SPDX-License-Identifier: Apache-2.0 */
/* deb822.h: stanzas of "Field: value" as views into one text: Release, Packages, control, status, .sources, copyright. */
#pragma once
#include "base/text.h"

#define KILN_DEB822_FIELDS_MAX 128 /* fields of one stanza */

typedef struct {
	KilnText name;
	KilnText value; /* first line stripped; continuation lines follow with their line ends and leading blank */
	guint line;     /* from 1 */
} KilnDeb822Field;

typedef struct {
	KilnDeb822Field fields[KILN_DEB822_FIELDS_MAX];
	guint count;
	KilnText whole; /* the stanza's own bytes without the empty line after it */
	guint line;
} KilnDeb822Stanza;

/** A cursor over borrowed text; start with {text, length, name, 1}. */
typedef struct {
	const char *rest;
	gsize length;
	const char *name; /* for messages */
	guint line;
} KilnDeb822;

/**
 * Step to the next stanza. Comment lines (#) are skipped; field names compare without case.
 *
 * @found: FALSE at the end of the text
 * Errors: KILN_ERROR_SYNTAX "name:line: ..." (no colon, duplicate field, continuation without a field, NUL),
 * KILN_ERROR_LIMIT too many fields or a stanza above KILN_LIMIT_STANZA_BYTES. Source: deb822(5).
 */
gboolean kiln_deb822_next(KilnDeb822 *cursor, KilnDeb822Stanza *stanza, gboolean *found, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The value of a field, {NULL, 0} when missing. */
KilnText kiln_deb822_get(const KilnDeb822Stanza *stanza, const char *field);
/** As get, newly allocated; NULL when missing. */
char *kiln_deb822_dup(const KilnDeb822Stanza *stanza, const char *field);
/** A folded or multi-line value as one text: continuation lines joined by "\n", one leading blank dropped, " ." lines empty. */
char *kiln_deb822_unfold(KilnText value);
