/* SPDX-License-Identifier: Apache-2.0 */
/* rebuild_inputs.h: where the packages and files of a rebuild come from. For rebuild.c. */
#pragma once
#include "build/rebuild.h"
#include "build/resolve.h"

/** *archive becomes where missing packages are fetched from; NULL when none is missing, or nothing is known. */
gboolean rebuild_find_packages(const KilnStore *store, const KilnProvenance *provenance, const KilnRebuildOptions *options, KilnArchive **archive, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Hash every package in the store, which a build takes for what its name says. Errors: KILN_ERROR_MISMATCH. */
gboolean rebuild_verify_packages(const KilnStore *store, const KilnLockPlatform *platform, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Have the recipe's own files in the store: those that it lacks are taken from the chosen @image, by digest. Errors: KILN_ERROR_NOT_FOUND names them. */
gboolean rebuild_find_own_files(KilnStore *store, const KilnProvenance *provenance, const KilnImage *image, GError **error) G_GNUC_WARN_UNUSED_RESULT;
