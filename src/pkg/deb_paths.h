/* SPDX-License-Identifier: Apache-2.0 */
/* deb_paths.h: which paths an archive has made so far, so that no later entry goes through a link or replaces a file. */
#pragma once
#include "io/tar.h"

typedef struct KilnDebPaths KilnDebPaths;

KilnDebPaths *kiln_deb_paths_new(void);
void kiln_deb_paths_free(KilnDebPaths *paths);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnDebPaths, kiln_deb_paths_free)

/**
 * Judge the next entry by those before it, and remember it.
 *
 * Errors, each naming the path:
 * KILN_ERROR_DENIED an absolute path, a device node or named pipe, a path below a symlink, a hard link whose target is no earlier regular
 * file, a root that is no directory;
 * KILN_ERROR_SYNTAX a path below a file, a path that occurs twice (directories may), an empty link target;
 * KILN_ERROR_LIMIT more path text than KILN_LIMIT_DEB_PATHS_BYTES.
 * Source: deb(5); Debian Policy 10.6 for devices and pipes.
 */
gboolean kiln_deb_paths_add(KilnDebPaths *paths, const KilnTarEntry *entry, GError **error) G_GNUC_WARN_UNUSED_RESULT;
