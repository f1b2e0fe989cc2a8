/* SPDX-License-Identifier: Apache-2.0 */
/* security_support.c: the lists of debian-security-support. */
#include "vuln/security_support.h"

#include "base/clock.h"

#include <string.h>

char *security_support_path(const char *release)
{
	return g_strdup_printf("usr/share/debian-security-support/security-support.deb%s", release);
}

static KilnText next_word(KilnText *line)
{
	*line = kiln_text_strip(*line);
	gsize length = 0;
	while (length < line->length && !g_ascii_isspace(line->data[length]))
		length++;
	KilnText word = { line->data, length };
	*line = (KilnText){ line->data + length, line->length - length };
	return word;
}

gboolean security_support_next(KilnText *text, SecuritySupport *out)
{
	while (text->length) {
		KilnText line = kiln_text_strip(kiln_text_cut(text, '\n'));
		if (!line.length || *line.data == '#')
			continue;
		*out = (SecuritySupport){ .name = next_word(&line) };
		KilnText kind = next_word(&line);
		out->has_ended = kiln_text_is(kind, "non-supported");
		if (!out->has_ended && !kiln_text_is(kind, "limited"))
			continue;
		if (out->has_ended) {
			out->version = next_word(&line);
			KilnText date = next_word(&line);
			g_autofree char *time = g_strdup_printf("%.*sT00:00:00Z", (int)MIN(date.length, 10), date.data);
			if (!kiln_time_parse(time, &out->ends_unix_s, NULL))
				continue;
		}
		out->why = kiln_text_strip(line);
		return TRUE;
	}
	return FALSE;
}

gboolean security_support_is_of(const SecuritySupport *entry, const char *name)
{
	if (kiln_text_is(entry->name, name))
		return TRUE;
	if (!memchr(entry->name.data, '*', entry->name.length))
		return FALSE;
	g_autofree char *pattern = g_strdup_printf("\\A(?:%.*s)\\z", (int)MIN(entry->name.length, 200), entry->name.data);
	return g_regex_match_simple(pattern, name, 0, 0);
}
