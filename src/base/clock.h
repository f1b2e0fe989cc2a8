/* SPDX-License-Identifier: Apache-2.0 */
/* clock.h: time as seconds since 1970 UTC, read and written. The time of day itself is injected (base/context.h). */
#pragma once
#include <glib.h>

#define KILN_TIME_TEXT_MAX 21 /* bytes: "2026-11-24T10:43:00Z" and NUL */

/** Write RFC 3339 in UTC with whole seconds and return @text. Years outside 1970..9999 are clamped to that range. */
const char *kiln_time_print(gint64 unix_s, char text[KILN_TIME_TEXT_MAX]);

/** Parse RFC 3339 ("2026-11-24T10:43:00Z", offsets and fractions allowed, fractions dropped). Errors: KILN_ERROR_SYNTAX. */
gboolean kiln_time_parse(const char *text, gint64 *out_unix_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Parse the date of a Release file: "Sat, 15 Nov 2026 10:12:13 UTC" (RFC 5322 with UTC, GMT, Z or +0000 only).
 *
 * Errors: KILN_ERROR_SYNTAX. Source: Debian RepositoryFormat, "Date, Valid-Until".
 */
gboolean kiln_time_parse_release(const char *text, gint64 *out_unix_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;
