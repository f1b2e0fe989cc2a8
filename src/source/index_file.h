/* SPDX-License-Identifier: Apache-2.0 */
/* index_file.h: one index that a trusted Release names, in the store. Internal to this module. */
#pragma once
#include "source/trusted_release.h"

/**
 * Have the smallest packed form of @plain_path ("main/binary-amd64/Packages") in the store, checked packed and inflated.
 *
 * @found: becomes the form that is there; borrowed from @release
 * Errors: KILN_ERROR_NOT_FOUND the Release names no such index, or it is missing offline; those of kiln_store_fetch().
 */
gboolean index_file_fetch(KilnStore *store, const KilnContext *context, const KilnSuite *suite, const KilnRelease *release,
                          const char *plain_path, const KilnReleaseFile **found, GError **error) G_GNUC_WARN_UNUSED_RESULT;
