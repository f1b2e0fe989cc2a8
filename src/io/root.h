/* SPDX-License-Identifier: Apache-2.0 */
/* root.h: paths that come from outside, used only below a root directory fd: openat2 with no way out. */
#pragma once
#include <gio/gio.h>

/**
 * Check and normalise a path of an archive: leading "./" and "/" dropped, "//" and "/./" folded, trailing "/" dropped.
 * "." and "/" give "". The result is newly allocated.
 *
 * Errors: KILN_ERROR_DENIED a ".." component or a NUL; KILN_ERROR_LIMIT longer than KILN_LIMIT_PATH_BYTES or
 * a component above KILN_LIMIT_PATH_COMPONENT_BYTES.
 */
char *kiln_path_normalise(const char *path, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Resolve the symlink target @target that stands at @link_path (both normalised, "usr/lib/x") lexically inside the root,
 * without touching a file system; an absolute target starts at the root. NULL when it climbs above the root.
 */
char *kiln_path_resolve_link(const char *link_path, const char *target);

/**
 * Open below the root as if it were chrooted there (RESOLVE_IN_ROOT). -1 on error. @flags as for open(2); O_CLOEXEC, O_NOCTTY and
 * O_NONBLOCK are added, so that a named pipe from outside cannot make kiln wait.
 *
 * Errors: KILN_ERROR_NOT_FOUND, KILN_ERROR_DENIED (a symlink loop, a link into /proc), KILN_ERROR_UNSUPPORTED no openat2 here.
 */
int kiln_root_open(int root_fd, const char *path, int flags, guint mode, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Open below the root, refusing every symlink on the way and every escape (RESOLVE_BENEATH, NO_SYMLINKS). -1 on error. */
int kiln_root_open_strict(int root_fd, const char *path, int flags, guint mode, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * Make the directories on the way to the normalised @path (not @path itself) with mode 0755 whatever the umask, resolving as
 * kiln_root_open() does, and open the last. *name becomes the final component (inside @path). -1 on error.
 */
int kiln_root_parent(int root_fd, const char *path, const char **name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** openat2(2) with RESOLVE_* flags @resolve, tried again on EAGAIN; "" means the directory itself. -1 with errno. */
int kiln_open_resolved(int dir_fd, const char *path, int flags, guint mode, guint64 resolve);
