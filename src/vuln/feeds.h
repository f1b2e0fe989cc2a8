/* SPDX-License-Identifier: Apache-2.0 */
/* feeds.h: the rows behind feed.h, and what several of them need. Internal to this module. */
#pragma once
#include "vuln/feed.h"

extern const KilnFeed kiln_feed_csaf, kiln_feed_cve, kiln_feed_debian, kiln_feed_nvd, kiln_feed_osv, kiln_feed_secdb, kiln_feed_kev, kiln_feed_endoflife;

/** "osv/PyPI": what records are called that lie in the same folder as @path; new string. */
char *feed_folder_name(const char *kind, const char *path);
/** RFC 3339, or only its date; 0 when it is neither. */
gint64 feed_time(const char *text);
/** Add what @vector comes to, if it is one; it may be NULL. */
void feed_add_cvss(GPtrArray *severities, const char *whose, const char *vector);
/** Say why a record is left out, and count it. */
void feed_skip(const KilnContext *context, KilnDatabaseWriter *writer, const char *name, const char *record, const char *format, ...) G_GNUC_PRINTF(5, 6);
