/* SPDX-License-Identifier: Apache-2.0 */
/* changelog.c: entries of Debian's changelogs, and the vulnerabilities that they name. */
#include "pkg/changelog.h"

#include <stdio.h>
#include <string.h>

#define CVE_NUMBER_DIGITS_MAX 19

static gboolean is_name_character(char c)
{
	return g_ascii_isalnum(c) || strchr("-+._~", c);
}

/* "nginx (1.26.3-3+deb13u2) trixie-security; urgency=medium" */
static gboolean parse_heading(KilnText line, KilnChangelogEntry *entry)
{
	gsize at = 0;
	if (!line.length || !g_ascii_isalnum(line.data[0]))
		return FALSE;
	while (at < line.length && line.data[at] && is_name_character(line.data[at]))
		at++;
	entry->package = (KilnText){ line.data, at };
	KilnText rest = { line.data + at, line.length - at }, before = kiln_text_cut(&rest, '(');
	KilnText version = kiln_text_cut(&rest, ')'), distributions = kiln_text_cut(&rest, ';');
	if (kiln_text_strip(before).length || !rest.data || !version.length || memchr(version.data, ' ', version.length))
		return FALSE;
	entry->version = version;
	entry->distributions = kiln_text_strip(distributions);
	return entry->distributions.length > 0;
}

static guint month_of(const char *name)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	for (guint i = 0; i < 12; i++)
		if (strncmp(months + 3 * i, name, 3) == 0)
			return i + 1;
	return 0;
}

/* " -- Name <address>  Sat, 15 Nov 2026 10:12:13 +0100": the day is enough. */
static gint64 parse_date(KilnText trailer)
{
	char month[4] = { 0 };
	int day, year, hour, minute, second;
	g_autofree char *text = kiln_text_dup(trailer);
	const char *comma = strrchr(text, ',');
	if (!comma || sscanf(comma + 1, " %2d %3s %4d %2d:%2d:%2d", &day, month, &year, &hour, &minute, &second) != 6 || !month_of(month))
		return 0;
	g_autoptr(GDateTime) time = g_date_time_new_utc(year, (int)month_of(month), day, hour, minute, second);
	return time ? g_date_time_to_unix(time) : 0;
}

gboolean kiln_changelog_next(KilnChangelog *cursor, KilnChangelogEntry *entry)
{
	gboolean inside = FALSE;
	while (cursor->rest.length) {
		KilnText before = cursor->rest, line = kiln_text_cut(&cursor->rest, '\n');
		guint number = cursor->line++;
		KilnChangelogEntry begun = { .line = number };
		if (parse_heading(line, &begun)) {
			if (inside) { /* the one before has no trailer */
				cursor->rest = before;
				cursor->line--;
				return TRUE;
			}
			*entry = begun;
			entry->body = (KilnText){ cursor->rest.data, 0 };
			inside = TRUE;
			continue;
		}
		if (!inside)
			continue;
		if (line.length >= 4 && memcmp(line.data, " -- ", 4) == 0) {
			entry->date_unix_s = parse_date(line);
			return TRUE;
		}
		entry->body.length = (gsize)(line.data + line.length - entry->body.data);
	}
	return inside;
}

static gsize skip_blanks(KilnText text, gsize at)
{
	while (at < text.length && g_ascii_isspace(text.data[at]))
		at++;
	return at;
}

static gsize skip_digits(KilnText text, gsize at)
{
	while (at < text.length && g_ascii_isdigit(text.data[at]))
		at++;
	return at;
}

/* What stands at @at, behind "CVE": a separator, a year, a hyphen, a number; line breaks may stand behind either separator. 0: none. */
static gsize parse_number(KilnText text, gsize at, char cve[KILN_CVE_TEXT_MAX])
{
	gsize year = skip_blanks(text, at < text.length && text.data[at] == '-' ? at + 1 : at);
	gsize hyphen = skip_digits(text, year);
	if (year == at || hyphen - year != 4 || hyphen >= text.length || text.data[hyphen] != '-')
		return 0;
	gsize number = skip_blanks(text, hyphen + 1), end = skip_digits(text, number);
	if (end - number < 4 || end - number > CVE_NUMBER_DIGITS_MAX || (text.data[year] != '1' && text.data[year] != '2'))
		return 0;
	g_snprintf(cve, KILN_CVE_TEXT_MAX, "CVE-%.4s-%.*s", text.data + year, (int)(end - number), text.data + number);
	return end;
}

static KilnText line_around(KilnText body, gsize end)
{
	const char *before = memrchr(body.data, '\n', end), *after = memchr(body.data + end, '\n', body.length - end);
	const char *start = before ? before + 1 : body.data;
	return kiln_text_strip((KilnText){ start, (gsize)((after ? after : body.data + body.length) - start) });
}

gboolean kiln_changelog_next_cve(KilnText body, gsize *at, char cve[KILN_CVE_TEXT_MAX], KilnText *line)
{
	for (gsize i = *at; i + 3 < body.length; i++) {
		const char *here = body.data + i;
		if ((i && g_ascii_isalnum(here[-1])) || (g_ascii_strncasecmp(here, "CVE", 3) != 0 && strncmp(here, "CAN", 3) != 0))
			continue;
		gsize end = parse_number(body, i + 3, cve);
		if (!end)
			continue;
		*line = line_around(body, end);
		*at = end;
		return TRUE;
	}
	return FALSE;
}
