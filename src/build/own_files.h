/* SPDX-License-Identifier: Apache-2.0 */
/* own_files.h: the recipe's own files and links, put into the closure as if a package shipped them. */
#pragma once
#include "build/closure.h"

/**
 * Read what `files` and `links` name. Programs among them get ELF facts and shebangs, so their needs are met like a package's.
 * A path that a package owns as well is the recipe's: that is what it was named for.
 *
 * @digest: becomes a digest over all of it, for the memory of builds
 * Errors: KILN_ERROR_NOT_FOUND, KILN_ERROR_DENIED a device or a link that leaves the directory, KILN_ERROR_LIMIT; with the recipe's line.
 */
gboolean kiln_own_files_add(KilnClosure *closure, const KilnRecipe *recipe, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean kiln_own_files_digest(const KilnRecipe *recipe, KilnDigest *digest, GError **error) G_GNUC_WARN_UNUSED_RESULT;
