/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c: time as seconds since 1970 UTC, read and written, without locale or time zone of the host. */
#include "base/clock.h"
#include "base/error.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define LAST_PRINTABLE 253402300799 /* 9999-12-31T23:59:59Z */

const char *kiln_time_print(gint64 unix_s, char text[KILN_TIME_TEXT_MAX])
{
	time_t clamped = (time_t)CLAMP(unix_s, 0, LAST_PRINTABLE);
	struct tm parts;
	gmtime_r(&clamped, &parts);
	strftime(text, KILN_TIME_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &parts);
	return text;
}

gboolean kiln_time_parse(const char *text, gint64 *out_unix_s, GError **error)
{
	g_autoptr(GDateTime) parsed = g_date_time_new_from_iso8601(text, NULL);
	if (!parsed)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "\"%s\" is not an RFC 3339 time such as 2026-11-24T10:43:00Z", text);
	*out_unix_s = g_date_time_to_unix(parsed);
	return TRUE;
}

static int month_number(const char *name)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	for (int i = 0; i < 12; i++)
		if (strncmp(months + 3 * i, name, 3) == 0)
			return i + 1;
	return 0;
}

gboolean kiln_time_parse_release(const char *text, gint64 *out_unix_s, GError **error)
{
	char month[4] = "", zone[8] = "";
	int day, year, hour, minute, second, used = 0;
	const char *comma = strchr(text, ',');
	const char *date = comma ? comma + 1 : text;
	if (sscanf(date, " %2d %3s %4d %2d:%2d:%2d %7s%n", &day, month, &year, &hour, &minute, &second, zone, &used) != 7 ||
	    date[used] != '\0')
		return kiln_fail(error, KILN_ERROR_SYNTAX, "\"%s\" is not a date such as \"Sat, 15 Nov 2025 10:12:13 UTC\"", text);
	static const char *const utc[] = { "UTC", "GMT", "Z", "+0000", NULL };
	if (!g_strv_contains(utc, zone))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "\"%s\": the time zone must be UTC", text);
	g_autoptr(GDateTime) parsed = g_date_time_new_utc(year, month_number(month), day, hour, minute, second);
	if (!parsed)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "\"%s\" is no date of the calendar", text);
	*out_unix_s = g_date_time_to_unix(parsed);
	return TRUE;
}
