/* SPDX-License-Identifier: Apache-2.0 */
/* rpm_database.h: the three files in which rpm keeps the headers of installed packages: SQLite, its own "ndb", Berkeley DB's hash. */
#pragma once
#include "base/text.h"

/** @blob: a header as rpm_header.h reads it, valid during the call. */
typedef gboolean (*KilnRpmVisit)(KilnText blob, gpointer user_data, GError **error);

/**
 * Show every header of the database @file, whichever of the three it is, to @visit.
 * Errors: KILN_ERROR_SYNTAX: it is none, or damaged; those of @visit.
 * Source: rpm's lib/backend (sqlite, ndb) and Berkeley DB's db_page.h for version 9 of its hash; all as files that nobody writes to.
 */
gboolean kiln_rpm_database_each(KilnText file, KilnRpmVisit visit, gpointer user_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
