/* SPDX-License-Identifier: Apache-2.0 */
/* rpm_database_internal.h: one kind of file each. For the files of rpm_database only. */
#pragma once
#include "base/error.h"
#include "pkg/rpm_database.h"

/** A number of four bytes at @at, which the caller knows to be inside of @file. */
static inline guint32 rpm_little_word(KilnText file, gsize at)
{
	guint32 word;
	memcpy(&word, file.data + at, sizeof word);
	return GUINT32_FROM_LE(word);
}

gboolean rpm_database_is_berkeley(KilnText file);
gboolean rpm_database_each_berkeley(KilnText file, KilnRpmVisit visit, gpointer user_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean rpm_database_is_ndb(KilnText file);
gboolean rpm_database_each_ndb(KilnText file, KilnRpmVisit visit, gpointer user_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
