/* SPDX-License-Identifier: Apache-2.0 */
/* feeds.h: the rows behind feed.h, and what several of them need. Internal to this module. */
#pragma once
#include "vuln/feed.h"

extern const KilnFeed kiln_feed_osv, kiln_feed_secdb, kiln_feed_kev, kiln_feed_endoflife;

/** RFC 3339, or only its date; 0 when it is neither. */
gint64 feed_time(const char *text);
/** Say why a record is left out, and count it. */
void feed_skip(const KilnContext *context, KilnDatabaseWriter *writer, const char *name, const char *record, const char *format, ...) G_GNUC_PRINTF(5, 6);
