/* SPDX-License-Identifier: Apache-2.0 */
/* directory.h: a local directory of .deb files as a suite. Internal to this module. */
#pragma once
#include "source/index.h"

/**
 * A Packages index made from the control files of the directory's packages; it is the suite's only index, and its digest
 * stands where a signed suite has that of its InRelease. For suites with flat_directory only, whose one URI is file://.
 *
 * Errors: KILN_ERROR_NOT_FOUND no directory or no package in it; those of kiln_deb_read(), with the package's path.
 */
KilnSuiteIndex *directory_index_make(KilnStore *store, const KilnSuite *suite, GError **error) G_GNUC_WARN_UNUSED_RESULT;
