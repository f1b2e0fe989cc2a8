/* SPDX-License-Identifier: Apache-2.0 */
/* zip_read.h: the members of a zip file, one by one, whole in memory. */
#pragma once
#include "base/text.h"

/** @name is as it stands in the archive, not to be used as a path. FALSE with @error set ends the reading. */
typedef gboolean (*KilnZipVisit)(const char *name, const void *bytes, gsize length, gpointer user_data, GError **error);

/**
 * Call @visit for each regular member of at most @member_max_bytes, in the archive's order.
 *
 * @path: for messages
 * Errors: KILN_ERROR_SYNTAX it is no zip, or damaged; KILN_ERROR_LIMIT a member that is larger, too many members
 * (KILN_LIMIT_ZIP_MEMBERS), or more inflated than KILN_LIMIT_ZIP_BYTES; KILN_ERROR_UNSUPPORTED encrypted; those of @visit.
 */
gboolean kiln_zip_read(int fd, const char *path, gsize member_max_bytes, KilnZipVisit visit, gpointer user_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Whether a member is to be inflated at all. */
typedef gboolean (*KilnZipWant)(const char *name, gpointer user_data);
/** The same for a zip file that is in memory, and only for members that @want. */
gboolean kiln_zip_read_bytes(KilnText zip, const char *path, gsize member_max_bytes, KilnZipWant want, KilnZipVisit visit, gpointer user_data,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
