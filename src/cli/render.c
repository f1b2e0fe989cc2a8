/* SPDX-License-Identifier: Apache-2.0 */
/* render.c: tables with aligned columns. */
#include "cli/render.h"

#include <string.h>

#define GAP 2 /* blanks between columns */

typedef struct {
	char **cells; /* one per column */
	KilnStyle style;
} Row;

struct KilnTable {
	const char *alignments;
	guint columns;
	gboolean has_heading;
	GPtrArray *rows; /* Row */
};

static void row_free(gpointer data)
{
	Row *row = data;
	g_strfreev(row->cells);
	g_free(row);
}

static Row *add_row(KilnTable *table)
{
	Row *row = g_new0(Row, 1);
	row->cells = g_new0(char *, table->columns + 1);
	g_ptr_array_add(table->rows, row);
	return row;
}

KilnTable *kiln_table_new(const char *const *headings, const char *alignments)
{
	KilnTable *table = g_new0(KilnTable, 1);
	table->alignments = alignments;
	table->columns = (guint)strlen(alignments);
	table->rows = g_ptr_array_new_with_free_func(row_free);
	if (headings) {
		Row *row = add_row(table);
		for (guint i = 0; i < table->columns; i++)
			row->cells[i] = g_strdup(headings[i]);
		row->style = KILN_STYLE_BOLD;
		table->has_heading = TRUE;
	}
	return table;
}

void kiln_table_add(KilnTable *table, ...)
{
	Row *row = add_row(table);
	const char *cell = "";
	va_list cells;
	va_start(cells, table);
	for (guint i = 0; i < table->columns; i++) {
		cell = cell ? va_arg(cells, const char *) : NULL; /* a row that ends early has empty cells */
		row->cells[i] = kiln_printable(cell ? cell : "", FALSE);
	}
	va_end(cells);
}

void kiln_table_style(KilnTable *table, KilnStyle style)
{
	if (table->rows->len > (table->has_heading ? 1u : 0u))
		((Row *)table->rows->pdata[table->rows->len - 1])->style = style;
}

/* Write at most @limit columns of @text (0: all); what does not fit ends in an ellipsis. */
static void append_cut(GString *line, const char *text, guint limit)
{
	if (limit == 0 || kiln_text_columns(text) <= limit) {
		g_string_append(line, text);
		return;
	}
	for (guint column = 0; *text; text = g_utf8_next_char(text)) {
		gunichar character = g_utf8_get_char(text);
		column += g_unichar_iszerowidth(character) ? 0 : g_unichar_iswide(character) ? 2 : 1;
		if (column >= limit)
			break;
		g_string_append_unichar(line, character);
	}
	g_string_append(line, "…");
}

static char *row_text(const KilnTable *table, const Row *row, const guint *widths, guint indent, guint width)
{
	GString *line = g_string_new(NULL);
	guint column = indent;
	g_string_append_printf(line, "%*s", (int)indent, "");
	for (guint i = 0; i < table->columns; i++) {
		gboolean last = i + 1 == table->columns;
		guint padding = widths[i] - kiln_text_columns(row->cells[i]);
		if (i)
			g_string_append_printf(line, "%*s", GAP, "");
		column += i ? GAP : 0;
		if (table->alignments[i] == 'r')
			g_string_append_printf(line, "%*s", (int)padding, "");
		append_cut(line, row->cells[i], last && width && table->alignments[i] == 'l' && column < width ? width - column : 0);
		if (table->alignments[i] != 'r' && !last)
			g_string_append_printf(line, "%*s", (int)padding, "");
		column += widths[i];
	}
	while (line->len && line->str[line->len - 1] == ' ')
		g_string_truncate(line, line->len - 1);
	return g_string_free(line, FALSE);
}

void kiln_table_print(const KilnTable *table, FILE *out, guint indent, guint width, gboolean colour)
{
	g_autofree guint *widths = g_new0(guint, table->columns + 1);
	for (guint i = 0; i < table->rows->len; i++)
		for (guint j = 0; j < table->columns; j++)
			widths[j] = MAX(widths[j], kiln_text_columns(((Row *)table->rows->pdata[i])->cells[j]));
	for (guint i = 0; i < table->rows->len; i++) {
		const Row *row = table->rows->pdata[i];
		gboolean styled = colour && row->style != KILN_STYLE_PLAIN;
		g_autofree char *line = row_text(table, row, widths, indent, width);
		fprintf(out, "%s%s%s\n", kiln_style(styled, row->style), line, kiln_style(styled, KILN_STYLE_PLAIN));
	}
}

void kiln_table_free(KilnTable *table)
{
	if (!table)
		return;
	g_ptr_array_unref(table->rows);
	g_free(table);
}
