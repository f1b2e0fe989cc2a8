/* SPDX-License-Identifier: Apache-2.0 */
/* text.c: counts, durations and harmless text for people. */
#include "cli/render.h"

#include <string.h>

char *kiln_count_text(guint64 count)
{
	char digits[24];
	GString *text = g_string_new(NULL);
	int length = g_snprintf(digits, sizeof digits, "%" G_GUINT64_FORMAT, count);
	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			g_string_append_c(text, ',');
		g_string_append_c(text, digits[i]);
	}
	return g_string_free(text, FALSE);
}

char *kiln_duration_text(guint64 milliseconds)
{
	guint64 seconds = (milliseconds + 500) / 1000;
	if (milliseconds < 59950)
		return g_strdup_printf("%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT " s", (milliseconds + 50) / 1000, (milliseconds + 50) % 1000 / 100);
	if (seconds < 3600)
		return g_strdup_printf("%" G_GUINT64_FORMAT " min %02" G_GUINT64_FORMAT " s", seconds / 60, seconds % 60);
	return g_strdup_printf("%" G_GUINT64_FORMAT " h %02" G_GUINT64_FORMAT " min", seconds / 3600, seconds % 3600 / 60);
}

char *kiln_digest_short(const KilnDigest *digest)
{
	char text[KILN_DIGEST_TEXT_MAX];
	return g_strndup(kiln_digest_print(digest, text), strlen("sha256:") + 12);
}

char *kiln_plural(guint64 count, const char *singular, const char *plural)
{
	g_autofree char *number = kiln_count_text(count);
	if (count != 1 && plural)
		return g_strconcat(number, " ", plural, NULL);
	return g_strconcat(number, " ", singular, count == 1 ? "" : "s", NULL);
}

/* Characters that print, and do not turn the direction of what follows (Unicode TR9, 3.1) or hide. */
static gboolean character_is_harmless(gunichar character)
{
	return g_unichar_isprint(character) && g_unichar_type(character) != G_UNICODE_FORMAT;
}

char *kiln_printable(const char *text, gboolean lines)
{
	GString *result = g_string_new(NULL);
	const char *end = text + strlen(text);
	while (text < end) {
		gunichar character = g_utf8_get_char_validated(text, end - text);
		if (character == (gunichar)-1 || character == (gunichar)-2) {
			g_string_append_printf(result, "\\x%02X", (guint8)*text++);
			continue;
		}
		if (character_is_harmless(character) || (lines && (character == '\n' || character == '\t')))
			g_string_append_unichar(result, character);
		else if (character < 0x80)
			g_string_append_printf(result, "\\x%02X", character);
		else
			g_string_append_printf(result, "\\u{%X}", character);
		text = g_utf8_next_char(text);
	}
	return g_string_free(result, FALSE);
}

guint kiln_text_columns(const char *text)
{
	guint columns = 0;
	for (; *text; text = g_utf8_next_char(text)) {
		gunichar character = g_utf8_get_char(text);
		if (!g_unichar_iszerowidth(character))
			columns += g_unichar_iswide(character) ? 2 : 1;
	}
	return columns;
}

static void wrap_paragraph(GString *result, const char *paragraph, guint indent, guint width)
{
	g_auto(GStrv) words = g_strsplit_set(paragraph, " \n", -1);
	guint column = 0;
	for (char **word = words; *word; word++) {
		guint columns = kiln_text_columns(*word);
		if (columns == 0)
			continue;
		if (column && column + 1 + columns > width) {
			g_string_append_c(result, '\n');
			column = 0;
		}
		if (column) {
			g_string_append_c(result, ' ');
			column++;
		} else {
			g_string_append_printf(result, "%*s", (int)indent, "");
			column = indent;
		}
		g_string_append(result, *word);
		column += columns;
	}
	g_string_append_c(result, '\n');
}

char *kiln_text_wrap(const char *text, guint indent, guint width)
{
	GString *result = g_string_new(NULL);
	g_auto(GStrv) paragraphs = g_strsplit(text, "\n\n", -1);
	for (char **paragraph = paragraphs; *paragraph; paragraph++) {
		if (paragraph != paragraphs)
			g_string_append_c(result, '\n');
		wrap_paragraph(result, *paragraph, indent, width);
	}
	return g_string_free(result, FALSE);
}

const char *kiln_style(gboolean colour, KilnStyle style)
{
	static const char *const sequences[] = {
		[KILN_STYLE_PLAIN] = "\033[0m", [KILN_STYLE_BOLD] = "\033[1m", [KILN_STYLE_DIM] = "\033[2m",
		[KILN_STYLE_GOOD] = "\033[32m", [KILN_STYLE_BAD] = "\033[1;31m", [KILN_STYLE_NOTE] = "\033[33m",
	};
	return colour ? sequences[style] : "";
}

void kiln_print_json(const json_t *document)
{
	g_autoptr(GBytes) bytes = kiln_json_pretty(document);
	gsize length;
	const char *text = g_bytes_get_data(bytes, &length);
	fwrite(text, 1, length, stdout);
}
