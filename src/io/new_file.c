/* SPDX-License-Identifier: Apache-2.0 */
/* new_file.c: a file that appears under its name only when it is complete. */
#include "io/file.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct KilnNewFile {
	int dir_fd; /* borrowed */
	int fd;
	char *path, *temporary;
	gboolean committed;
};

/* Beside the final file, so that rename never crosses a file system. */
static char *temporary_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	int directory = slash ? (int)(slash - path) + 1 : 0;
	return g_strdup_printf("%.*s.kiln-new-%08x%08x", directory, path, g_random_int(), g_random_int());
}

KilnNewFile *kiln_new_file_begin(int dir_fd, const char *path, GError **error)
{
	g_autoptr(KilnNewFile) file = g_new0(KilnNewFile, 1);
	file->dir_fd = dir_fd;
	file->path = g_strdup(path);
	file->temporary = temporary_name(path);
	file->fd = openat(dir_fd, file->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (file->fd < 0) {
		kiln_fail_errno(error, errno, "%s: cannot write", path);
		return NULL;
	}
	(void)!fchmod(file->fd, 0644); /* past the umask: what is made here has the same mode everywhere */
	return g_steal_pointer(&file);
}

int kiln_new_file_fd(const KilnNewFile *file)
{
	return file->fd;
}

gboolean kiln_new_file_write(KilnNewFile *file, const void *bytes, gsize length, GError **error)
{
	const char *rest = bytes;
	while (length) {
		gssize written = write(file->fd, rest, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return kiln_fail_errno(error, errno, "%s: cannot write", file->path);
		rest += written;
		length -= (gsize)written;
	}
	return TRUE;
}

static gboolean sync_directory(int dir_fd, const char *path)
{
	g_autofree char *directory = g_path_get_dirname(path);
	g_auto(KilnFd) fd = openat(dir_fd, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && fsync(fd) == 0;
}

gboolean kiln_new_file_commit_as(KilnNewFile *file, const char *path, gboolean durable, GError **error)
{
	if (durable && fsync(file->fd) < 0)
		return kiln_fail_errno(error, errno, "%s: cannot write to disk", path);
	if (renameat(file->dir_fd, file->temporary, file->dir_fd, path) < 0)
		return kiln_fail_errno(error, errno, "%s: cannot put in place", path);
	file->committed = TRUE;
	if (durable && !sync_directory(file->dir_fd, path))
		return kiln_fail_errno(error, errno, "%s: cannot write its directory to disk", path);
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
	if (file->fd >= 0) {
		close(file->fd);
		if (!file->committed)
			unlinkat(file->dir_fd, file->temporary, 0);
	}
	g_free(file->path);
	g_free(file->temporary);
	g_free(file);
}

gboolean kiln_file_write_at(int dir_fd, const char *path, const void *bytes, gsize length, GError **error)
{
	g_autoptr(KilnNewFile) file = kiln_new_file_begin(dir_fd, path, error);
	return file && kiln_new_file_write(file, bytes, length, error) && kiln_new_file_commit(file, TRUE, error);
}

gboolean kiln_file_sweep_at(int dir_fd, const char *path, gint64 now_unix_s, guint older_than_s, GError **error)
{
	g_auto(KilnFd) directory = kiln_directory_open_at(dir_fd, path, error);
	g_auto(GStrv) names = directory < 0 ? NULL : kiln_directory_list_at(directory, ".", error);
	if (!names)
		return FALSE;
	for (char **name = names; *name; name++) {
		struct stat status;
		if (g_str_has_prefix(*name, ".kiln-new-") && fstatat(directory, *name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
		    status.st_mtime + (gint64)older_than_s <= now_unix_s)
			unlinkat(directory, *name, 0);
	}
	return TRUE;
}
