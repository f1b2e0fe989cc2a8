/* SPDX-License-Identifier: Apache-2.0 */
/* feed_epss.c: EPSS: "#model_version:v2025.03.14,score_date:2026-01-01T12:55:00Z", "cve,epss,percentile", then lines of these. */
#include "vuln/feed_epss.h"

#include <string.h>

#define MILLIONTHS_DIGITS 6

gboolean feed_epss_recognises(KilnText start, gint64 *date_unix_s)
{
	KilnText line = kiln_text_cut(&start, '\n');
	*date_unix_s = 0;
	if (line.length < 1 || line.data[0] != '#')
		return line.length >= 4 && memcmp(line.data, "cve,", 4) == 0;
	g_autofree char *text = kiln_text_dup(kiln_text_strip(line));
	const char *found = strstr(text, "score_date:");
	g_autofree char *day = found ? g_strndup(found + strlen("score_date:"), strlen("2026-01-01")) : NULL;
	*date_unix_s = feed_time(day);
	return g_str_has_prefix(text, "#model_version:");
}

/* "0.00042" as 420; FALSE unless it is from 0 to 1. Written with an exponent below a millionth: then it is 0. */
static gboolean parse_millionths(KilnText text, guint *out)
{
	KilnText fraction = text, whole = kiln_text_cut(&fraction, '.');
	guint value = 0;
	if (text.length > 3 && memchr(text.data, 'e', text.length) && memchr(text.data, '-', text.length) && g_ascii_isdigit(text.data[0])) {
		*out = 0;
		return TRUE;
	}
	if (whole.length != 1 || (whole.data[0] != '0' && whole.data[0] != '1'))
		return FALSE;
	for (gsize i = 0; i < MILLIONTHS_DIGITS; i++) {
		if (i < fraction.length && !g_ascii_isdigit(fraction.data[i]))
			return FALSE;
		value = value * 10 + (i < fraction.length ? (guint)(fraction.data[i] - '0') : 0);
	}
	*out = whole.data[0] == '1' ? 1000000 : value;
	return whole.data[0] == '0' || value == 0;
}

gboolean feed_epss_read(KilnText text, gint64 date_unix_s, const char *name, const KilnContext *context, KilnDatabaseWriter *writer, GError **error)
{
	for (guint number = 1; text.length; number++) {
		KilnText line = kiln_text_strip(kiln_text_cut(&text, '\n')), rest = line;
		KilnText cve = kiln_text_cut(&rest, ','), score = kiln_text_cut(&rest, ','), percentile = kiln_text_cut(&rest, ',');
		KilnExploitation what = { .has_epss = TRUE, .epss_unix_s = date_unix_s };
		if (!line.length || line.data[0] == '#' || kiln_text_is(cve, "cve"))
			continue;
		g_autofree char *id = kiln_text_dup(cve), *record = g_strdup_printf("line %u", number);
		if (!g_str_has_prefix(id, "CVE-") || !parse_millionths(score, &what.epss_millionths) || !parse_millionths(percentile, &what.epss_percentile_millionths))
			feed_skip(context, writer, name, record, "it is no CVE with two numbers from 0 to 1");
		else if (!kiln_database_writer_add_exploitation(writer, id, &what, error))
			return FALSE;
	}
	return TRUE;
}
