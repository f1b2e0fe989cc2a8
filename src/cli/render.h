/* SPDX-License-Identifier: Apache-2.0 */
/* render.h: text for people: numbers, durations, tables, colours. Hostile text is made harmless here. */
#pragma once
#include "base/digest.h"
#include "base/size.h"
#include "cli/command.h"
#include "data/json.h"

#include <stdio.h>

/** "12,345". New string. */
char *kiln_count_text(guint64 count);
/** "3.2 s", "1 min 05 s", "2 h 03 min". New string. */
char *kiln_duration_text(guint64 milliseconds);
/** "sha256:" and the first twelve digits: enough to recognise, not to refer to. New string. */
char *kiln_digest_short(const KilnDigest *digest);
/** "3 files", "1 file": @plural NULL adds an "s". New string. */
char *kiln_plural(guint64 count, const char *singular, const char *plural);

/**
 * @text with everything that could move a terminal's cursor or colour (control characters, invalid UTF-8,
 * direction overrides) written as \xNN or \u{N}. Tabs and line ends stay when @lines. New string.
 */
char *kiln_printable(const char *text, gboolean lines);
/** Columns that @text takes on a terminal; printable text only. */
guint kiln_text_columns(const char *text);
/** @text in lines of at most @width columns, each starting with @indent blanks; paragraphs stay apart. New string that ends in a line end. */
char *kiln_text_wrap(const char *text, guint indent, guint width);

typedef enum {
	KILN_STYLE_PLAIN,
	KILN_STYLE_BOLD,
	KILN_STYLE_DIM,
	KILN_STYLE_GOOD, /* green */
	KILN_STYLE_BAD,  /* red */
	KILN_STYLE_NOTE, /* yellow */
} KilnStyle;

/** Escape sequence that begins @style (PLAIN ends any), or "" without colour. Static. */
const char *kiln_style(gboolean colour, KilnStyle style);

typedef struct KilnTable KilnTable;

/**
 * A table with aligned columns, two blanks apart.
 *
 * @headings: NULL-terminated; NULL for a table without a heading line, then @columns says how many there are
 * @alignments: 'l' or 'r' per column: "lrl"; borrowed
 */
KilnTable *kiln_table_new(const char *const *headings, const char *alignments);
/** Add a row of as many cells as there are columns; texts are copied and made printable. */
void kiln_table_add(KilnTable *table, ...) G_GNUC_NULL_TERMINATED;
/** Give the row that was added last a style. */
void kiln_table_style(KilnTable *table, KilnStyle style);
/** Print; @width 0: as wide as needed, else the last column is cut. @indent blanks before each line. */
void kiln_table_print(const KilnTable *table, FILE *out, guint indent, guint width, gboolean colour);
void kiln_table_free(KilnTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnTable, kiln_table_free)

/** The one JSON document of --format json on stdout. */
void kiln_print_json(const json_t *document);
