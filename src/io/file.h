/* SPDX-License-Identifier: Apache-2.0 */
/* file.h: whole files and directories that kiln itself owns (store, caches, outputs): bounded reads, atomic durable writes. */
#pragma once
#include <gio/gio.h>

/**
 * Read a whole regular file.
 *
 * @dir_fd: directory that @path is relative to, or AT_FDCWD
 *
 * Errors: KILN_ERROR_NOT_FOUND, KILN_ERROR_LIMIT larger than @max_bytes, KILN_ERROR_IO. Each names @path.
 */
GBytes *kiln_file_read_at(int dir_fd, const char *path, guint64 max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** As kiln_file_read_at(), memory-mapped: for large files that nobody truncates while they are read (store, cache). */
GBytes *kiln_file_map_at(int dir_fd, const char *path, guint64 max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Write @bytes under a temporary name, fsync, rename over @path. After a crash @path is the old file or the new one. */
gboolean kiln_file_write_at(int dir_fd, const char *path, const void *bytes, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** A file that appears under its name only when it is complete. */
typedef struct KilnNewFile KilnNewFile;

/**
 * Begin a file that will be called @path (borrowed only during the call) below @dir_fd (must stay open); its mode is 0644
 * whatever the umask. KILN_ERROR_EXISTS when @path is a directory, a device or the like; a symlink is replaced, not followed.
 */
KilnNewFile *kiln_new_file_begin(int dir_fd, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
int kiln_new_file_fd(const KilnNewFile *file);
gboolean kiln_new_file_write(KilnNewFile *file, const void *bytes, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** fsync and rename to the final name (with @durable FALSE: rename only, for caches). The object stays and only needs freeing. */
gboolean kiln_new_file_commit(KilnNewFile *file, gboolean durable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** As commit, to another name below the same directory: for content whose name is its digest. */
gboolean kiln_new_file_commit_as(KilnNewFile *file, const char *path, gboolean durable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Free; without a commit before, nothing of it stays on disk. */
void kiln_new_file_free(KilnNewFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnNewFile, kiln_new_file_free)

/**
 * Remove what killed processes left in the directory @path: files ".kiln-new-*" that were last written at least @older_than_s
 * before @now_unix_s and that no living process is writing.
 */
gboolean kiln_file_sweep_at(int dir_fd, const char *path, gint64 now_unix_s, guint older_than_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** mkdir -p with @mode (umask does not apply), then open; the caller closes the returned fd (-1 on error). */
int kiln_directory_make_at(int dir_fd, const char *path, guint mode, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Open an existing directory; -1 on error. */
int kiln_directory_open_at(int dir_fd, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Names in a directory without "." and "..", sorted by byte; free with g_strfreev(). */
char **kiln_directory_list_at(int dir_fd, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * Remove a file or a whole tree of any depth, never following a symlink. A missing @path is no error.
 * A mount point inside is KILN_ERROR_DENIED, and what lies below it stays.
 */
gboolean kiln_remove_tree_at(int dir_fd, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Take an exclusive advisory lock on the file @path (made if missing); waits. Close the returned fd to let go; -1 on error. */
int kiln_file_lock_at(int dir_fd, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** As kiln_file_lock_at(), but stops waiting with KILN_ERROR_CANCELLED once @cancellable says so. */
int kiln_file_lock_cancellable_at(int dir_fd, const char *path, GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** close() that keeps errno, for g_auto cleanup: `g_auto(KilnFd) fd = -1;` */
typedef int KilnFd;
void kiln_fd_close(KilnFd *fd);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KilnFd, kiln_fd_close)
