/* SPDX-License-Identifier: Apache-2.0 */
/* package_file.h: one file out of a package that is in the store. */
#pragma once
#include "source/store.h"

/** How good a file of that path ("usr/share/doc/x/changelog.gz") is: 0 is the best; KILN_PACKAGE_FILE_NONE: not wanted. */
typedef gsize (*KilnPackageFileRank)(const char *path, gpointer user_data);
#define KILN_PACKAGE_FILE_NONE G_MAXSIZE

/**
 * The best file of the .deb with @digest, inflated where it is compressed; empty when it has none.
 *
 * @label: for messages, "nginx 1.26.3-3"
 * Errors: KILN_ERROR_MISMATCH the store's file is not what its name says; those of kiln_deb_read(); KILN_ERROR_LIMIT more than @max_bytes.
 */
GBytes *kiln_package_file_read(KilnStore *store, const KilnDigest *digest, const char *label, KilnPackageFileRank rank, gpointer user_data, guint64 max_bytes,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
