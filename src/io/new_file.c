/* SPDX-License-Identifier: Apache-2.0 */
/* new_file.c: a file appears under its name only when it is complete. */
#include "base/error.h"
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY_PREFIX ".kiln-new-"
#define TEMPORARY_NAME_MAX (sizeof(TEMPORARY_PREFIX) + 16) /* prefix, 16 hex digits, NUL */
#define PROC_PATH_MAX 64
#define NAME_ATTEMPTS 100
#define FILE_MODE 0644

struct KilnNewFile {
	int dir_fd;   /* of the caller */
	char *path;   /* the final name, below dir_fd */
	int parent_fd; /* directory in which the temporary file stands; owned */
	int fd;       /* owned */
	char temporary[TEMPORARY_NAME_MAX]; /* "" while the file has no name at all (O_TMPFILE) */
};

static void make_temporary_name(char name[TEMPORARY_NAME_MAX])
{
	guint64 number;
	if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
		number = ((guint64)g_random_int() << 32) | g_random_int();
	g_snprintf(name, TEMPORARY_NAME_MAX, TEMPORARY_PREFIX "%016" G_GINT64_MODIFIER "x", number);
}

static const char *proc_path(int fd, char path[PROC_PATH_MAX])
{
	g_snprintf(path, PROC_PATH_MAX, "/proc/self/fd/%d", fd);
	return path;
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* The directory that @path stands in; -1 on error. A missing final component is an error too. */
static int open_parent(int dir_fd, const char *path, GError **error)
{
	const char *name = last_component(path);
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		kiln_fail(error, KILN_ERROR_IO, "cannot write \"%s\": this names a directory, not a file", path);
		return -1;
	}
	g_autofree char *parent = name == path ? g_strdup(".") : g_strndup(path, (gsize)(name - path));
	int fd = openat(dir_fd, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		kiln_fail_errno(error, errno, "cannot write %s: directory %s", path, parent);
	return fd;
}

/* rename() would silently put a file where /dev/null or a socket was. */
static gboolean check_replaceable(int parent_fd, const char *path, GError **error)
{
	struct stat status;
	if (fstatat(parent_fd, last_component(path), &status, AT_SYMLINK_NOFOLLOW) != 0 || S_ISREG(status.st_mode) || S_ISLNK(status.st_mode))
		return TRUE;
	return kiln_fail(error, KILN_ERROR_EXISTS, "cannot write %s: it is %s, which a file must not replace", path,
	                 S_ISDIR(status.st_mode) ? "a directory" : "a special file");
}

/* A file without a name leaves nothing behind even after kill -9; a name where the file system or a missing /proc forbids that. */
static gboolean open_temporary(KilnNewFile *file, GError **error)
{
	char proc[PROC_PATH_MAX];
	file->fd = openat(file->parent_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, FILE_MODE);
	if (file->fd >= 0) {
		if (access(proc_path(file->fd, proc), F_OK) == 0)
			return TRUE;
		kiln_fd_close(&file->fd);
	}
	for (int attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
		make_temporary_name(file->temporary);
		file->fd = openat(file->parent_fd, file->temporary, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, FILE_MODE);
		if (file->fd >= 0) {
			/* Held for as long as the file is being written: the sweep leaves it alone. */
			(void)!flock(file->fd, LOCK_EX | LOCK_NB);
			return TRUE;
		}
		if (errno != EEXIST)
			break;
	}
	file->temporary[0] = '\0';
	return kiln_fail_errno(error, errno, "cannot make a temporary file to write %s", file->path);
}

KilnNewFile *kiln_new_file_begin(int dir_fd, const char *path, GError **error)
{
	g_autoptr(KilnNewFile) file = g_new0(KilnNewFile, 1);
	file->dir_fd = dir_fd;
	file->path = g_strdup(path);
	file->fd = -1;
	file->parent_fd = open_parent(dir_fd, path, error);
	if (file->parent_fd < 0 || !check_replaceable(file->parent_fd, path, error) || !open_temporary(file, error))
		return NULL;
	(void)!fchmod(file->fd, FILE_MODE);
	return g_steal_pointer(&file);
}

int kiln_new_file_fd(const KilnNewFile *file)
{
	return file->fd;
}

gboolean kiln_new_file_write(KilnNewFile *file, const void *bytes, gsize length, GError **error)
{
	const guint8 *at = bytes;
	while (length > 0) {
		ssize_t written = write(file->fd, at, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return kiln_fail_errno(error, errno, "cannot write %s", file->path);
		at += written;
		length -= (gsize)written;
	}
	return TRUE;
}

/* Give the nameless file a temporary name in @parent_fd, or its final one if that is free. *final says which. */
static gboolean link_nameless(KilnNewFile *file, int parent_fd, const char *path, gboolean *final, GError **error)
{
	char proc[PROC_PATH_MAX];
	proc_path(file->fd, proc);
	*final = linkat(AT_FDCWD, proc, parent_fd, last_component(path), AT_SYMLINK_FOLLOW) == 0;
	for (int attempt = 0; !*final && errno == EEXIST && attempt < NAME_ATTEMPTS; attempt++) {
		make_temporary_name(file->temporary);
		if (linkat(AT_FDCWD, proc, parent_fd, file->temporary, AT_SYMLINK_FOLLOW) == 0)
			return TRUE;
	}
	file->temporary[0] = '\0';
	return *final || kiln_fail_errno(error, errno, "cannot write %s", path);
}

static gboolean put_in_place(KilnNewFile *file, int parent_fd, const char *path, GError **error)
{
	gboolean final = FALSE;
	int from_fd = file->parent_fd;
	if (!*file->temporary) {
		from_fd = parent_fd;
		if (!link_nameless(file, parent_fd, path, &final, error))
			return FALSE;
	}
	if (!final && renameat(from_fd, file->temporary, parent_fd, last_component(path)) != 0) {
		kiln_fail_errno(error, errno, "cannot rename the finished file to %s", path);
		(void)!unlinkat(from_fd, file->temporary, 0);
		file->temporary[0] = '\0';
		return FALSE;
	}
	file->temporary[0] = '\0';
	return TRUE;
}

gboolean kiln_new_file_commit_as(KilnNewFile *file, const char *path, gboolean durable, GError **error)
{
	g_auto(KilnFd) parent_fd = open_parent(file->dir_fd, path, error);
	if (parent_fd < 0 || !check_replaceable(parent_fd, path, error))
		return FALSE;
	if (durable && fsync(file->fd) != 0)
		return kiln_fail_errno(error, errno, "cannot write %s to the disk", path);
	if (!put_in_place(file, parent_fd, path, error))
		return FALSE;
	if (durable && fsync(parent_fd) != 0 && errno != EINVAL)
		return kiln_fail_errno(error, errno, "cannot write the directory of %s to the disk", path);
	return TRUE;
}

gboolean kiln_new_file_commit(KilnNewFile *file, gboolean durable, GError **error)
{
	return kiln_new_file_commit_as(file, file->path, durable, error);
}

void kiln_new_file_free(KilnNewFile *file)
{
	if (!file)
		return;
	if (*file->temporary)
		(void)!unlinkat(file->parent_fd, file->temporary, 0);
	kiln_fd_close(&file->fd);
	kiln_fd_close(&file->parent_fd);
	g_free(file->path);
	g_free(file);
}

gboolean kiln_file_write_at(int dir_fd, const char *path, const void *bytes, gsize length, GError **error)
{
	g_autoptr(KilnNewFile) file = kiln_new_file_begin(dir_fd, path, error);
	return file && kiln_new_file_write(file, bytes, length, error) && kiln_new_file_commit(file, TRUE, error);
}

/* Whether @name is what a killed process left: old enough, and nobody holds it. */
static gboolean is_leftover(int dir_fd, const char *name, gint64 now_unix_s, guint older_than_s)
{
	if (!g_str_has_prefix(name, TEMPORARY_PREFIX))
		return FALSE;
	g_auto(KilnFd) fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;
	return fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_mtime + (gint64)older_than_s <= now_unix_s &&
	       flock(fd, LOCK_EX | LOCK_NB) == 0;
}

gboolean kiln_file_sweep_at(int dir_fd, const char *path, gint64 now_unix_s, guint older_than_s, GError **error)
{
	g_auto(KilnFd) fd = kiln_directory_open_at(dir_fd, path, error);
	g_auto(GStrv) names = fd < 0 ? NULL : kiln_directory_list_at(fd, ".", error);
	if (!names)
		return FALSE;
	for (char **name = names; *name; name++)
		if (is_leftover(fd, *name, now_unix_s, older_than_s) && unlinkat(fd, *name, 0) != 0 && errno != ENOENT)
			return kiln_fail_errno(error, errno, "cannot remove the leftover %s/%s", path, *name);
	return TRUE;
}
