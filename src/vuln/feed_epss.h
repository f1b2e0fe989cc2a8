/* SPDX-License-Identifier: Apache-2.0 */
/* feed_epss.h: how likely it is that a vulnerability is exploited within 30 days. Internal to this module. Source: FIRST.org, EPSS data, CSV. */
#pragma once
#include "base/text.h"
#include "vuln/feeds.h"

/** Does @start, the beginning of the inflated text, belong to an EPSS file? *date becomes its day, 0 when it gives none. */
gboolean feed_epss_recognises(KilnText start, gint64 *date_unix_s);
/** Add a line for each CVE. What is no line of it is said and counted. Errors: those of the writer. */
gboolean feed_epss_read(KilnText text, gint64 date_unix_s, const char *name, const KilnContext *context, KilnDatabaseWriter *writer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
