/* SPDX-License-Identifier: Apache-2.0 */
/* directory.c: kiln's own directories: made, opened, listed in a fixed order, removed. */
#include "base/error.h"
#include "io/file.h"
#include "io/root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int kiln_directory_open_at(int dir_fd, const char *path, GError **error)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		kiln_fail_errno(error, errno, "cannot open directory %s", path);
	return fd;
}

static gboolean make_one(int dir_fd, const char *path, guint mode, GError **error)
{
	if (mkdirat(dir_fd, path, mode) == 0) {
		if (fchmodat(dir_fd, path, mode, 0) != 0)
			return kiln_fail_errno(error, errno, "cannot set the mode of directory %s", path);
		return TRUE;
	}
	/* Others than EEXIST come for an existing directory too: EROFS, EACCES. What is no directory is noticed when it is opened. */
	int saved = errno;
	struct stat status;
	if (fstatat(dir_fd, path, &status, 0) == 0)
		return TRUE;
	return kiln_fail_errno(error, saved, "cannot make directory %s", path);
}

int kiln_directory_make_at(int dir_fd, const char *path, guint mode, GError **error)
{
	int existing = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (existing >= 0)
		return existing;
	g_autofree char *prefix = g_strdup(path);
	for (char *at = prefix; *at;) {
		at += strspn(at, "/");
		at += strcspn(at, "/");
		char kept = *at;
		*at = '\0';
		if (!make_one(dir_fd, prefix, mode, error))
			return -1;
		*at = kept;
	}
	return kiln_directory_open_at(dir_fd, path, error);
}

static int compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names of the directory @fd, which is closed; NULL with errno. */
static GPtrArray *read_names(int fd)
{
	DIR *directory = fdopendir(fd);
	if (!directory) {
		kiln_fd_close(&fd);
		return NULL;
	}
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	for (;;) {
		errno = 0;
		const struct dirent *entry = readdir(directory);
		if (!entry)
			break;
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			g_ptr_array_add(names, g_strdup(entry->d_name));
	}
	int saved = errno;
	closedir(directory);
	errno = saved;
	return saved == 0 ? g_steal_pointer(&names) : NULL;
}

char **kiln_directory_list_at(int dir_fd, const char *path, GError **error)
{
	int fd = kiln_directory_open_at(dir_fd, path, error);
	if (fd < 0)
		return NULL;
	g_autoptr(GPtrArray) names = read_names(fd);
	if (!names) {
		kiln_fail_errno(error, errno, "cannot list directory %s", path);
		return NULL;
	}
	g_ptr_array_sort(names, compare_names);
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}

typedef struct {
	const char *path; /* of the tree, for messages */
	int top_fd;       /* the tree's root */
	guint64 moved;    /* counter for names of directories that were moved up */
} Removal;

/* rmdir() says EBUSY, openat2() EXDEV, for what something else is mounted on. */
static gboolean fail_removal(const Removal *removal, int saved_errno, const char *name, GError **error)
{
	if (saved_errno == EXDEV || saved_errno == EBUSY)
		return kiln_fail(error, KILN_ERROR_DENIED, "cannot remove %s: \"%s\" in it is a mount point; unmount it first", removal->path, name);
	return kiln_fail_errno(error, saved_errno, "cannot remove %s: \"%s\" in it", removal->path, name);
}

/* A directory for its removal: made writable if need be; neither a symlink nor a mount point is entered. -1 on error, and without
 * @error when it is gone: whoever is ending in it tidies up, too. */
static int open_for_removal(const Removal *removal, int dir_fd, const char *name, GError **error)
{
	const guint64 resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
	int fd = kiln_open_resolved(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, resolve);
	if (fd < 0 && errno == EACCES && fchmodat(dir_fd, name, 0700, AT_SYMLINK_NOFOLLOW) == 0)
		fd = kiln_open_resolved(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, resolve);
	struct stat status;
	if (fd >= 0 && fstat(fd, &status) == 0 && (status.st_mode & 0300) != 0300)
		(void)!fchmod(fd, 0700);
	if (fd < 0 && errno != ENOENT)
		fail_removal(removal, errno, name, error);
	return fd;
}

/* Empty the directory @fd (closed here): files go, directories that are not empty move up to the top, so that depth needs no memory. */
static gboolean remove_content(Removal *removal, int fd, gboolean is_top, GError **error)
{
	g_auto(KilnFd) directory = fd;
	int listed = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g_autoptr(GPtrArray) names = listed >= 0 ? read_names(listed) : NULL;
	if (!names)
		return kiln_fail_errno(error, errno, "cannot list %s to remove it", removal->path);
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		if (unlinkat(directory, name, 0) == 0 || errno == ENOENT)
			continue;
		if (errno != EISDIR && errno != EPERM)
			return fail_removal(removal, errno, name, error);
		if (unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			continue;
		if (errno != ENOTEMPTY && errno != EEXIST && errno != EACCES)
			return fail_removal(removal, errno, name, error);
		if (is_top)
			continue;
		/* A directory can be moved only where it may be written: its ".." changes. */
		g_autoptr(GError) reason = NULL;
		int opened = open_for_removal(removal, directory, name, &reason);
		if (opened < 0 && !reason)
			continue;
		if (opened < 0) {
			g_propagate_error(error, g_steal_pointer(&reason));
			return FALSE;
		}
		kiln_fd_close(&opened);
		char moved[40];
		do
			g_snprintf(moved, sizeof moved, ".kiln-removed-%" G_GUINT64_FORMAT, removal->moved++);
		while (renameat2(directory, name, removal->top_fd, moved, RENAME_NOREPLACE) != 0 && errno == EEXIST);
	}
	return TRUE;
}

/* One round: every directory at the top is emptied of files and its own directories take its place. */
static gboolean remove_level(Removal *removal, gboolean *empty, GError **error)
{
	if (!remove_content(removal, openat(removal->top_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), TRUE, error))
		return FALSE;
	int listed = openat(removal->top_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g_autoptr(GPtrArray) names = listed >= 0 ? read_names(listed) : NULL;
	if (!names)
		return kiln_fail_errno(error, errno, "cannot list %s to remove it", removal->path);
	*empty = names->len == 0;
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autoptr(GError) reason = NULL;
		int fd = open_for_removal(removal, removal->top_fd, name, &reason);
		if (fd < 0 && !reason)
			continue;
		if (fd < 0 || !remove_content(removal, fd, FALSE, &reason)) {
			g_propagate_error(error, g_steal_pointer(&reason));
			return FALSE;
		}
		if (unlinkat(removal->top_fd, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
			return fail_removal(removal, errno, name, error);
	}
	return TRUE;
}

gboolean kiln_remove_tree_at(int dir_fd, const char *path, GError **error)
{
	if (unlinkat(dir_fd, path, 0) == 0 || errno == ENOENT)
		return TRUE;
	if (errno != EISDIR && errno != EPERM)
		return kiln_fail_errno(error, errno, "cannot remove %s", path);
	if (unlinkat(dir_fd, path, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return TRUE;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return kiln_fail_errno(error, errno, "cannot remove %s", path);

	g_auto(KilnFd) top = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (top < 0 && errno == EACCES && fchmodat(dir_fd, path, 0700, AT_SYMLINK_NOFOLLOW) == 0)
		top = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (top < 0)
		return kiln_fail_errno(error, errno, "cannot remove %s", path);
	struct stat status;
	if (fstat(top, &status) == 0 && (status.st_mode & 0300) != 0300)
		(void)!fchmod(top, 0700);
	Removal removal = { path, top, 0 };
	for (gboolean empty = FALSE; !empty;)
		if (!remove_level(&removal, &empty, error))
			return FALSE;
	if (unlinkat(dir_fd, path, AT_REMOVEDIR) != 0 && errno != ENOENT)
		return kiln_fail_errno(error, errno, "cannot remove %s", path);
	return TRUE;
}
