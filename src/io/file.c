/* SPDX-License-Identifier: Apache-2.0 */
/* file.c: whole files and directories that kiln itself owns: bounded reads, directories, removal, locks. */
#include "io/file.h"

#include "base/error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define REMOVE_DEPTH_MAX 256 /* directories open at once while a tree is removed */

void kiln_fd_close(KilnFd *fd)
{
	int saved = errno;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

static int open_regular(int dir_fd, const char *path, guint64 max_bytes, guint64 *size, GError **error)
{
	g_auto(KilnFd) fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	if (fd < 0 || fstat(fd, &status) < 0) {
		kiln_fail_errno(error, errno, "%s", path);
		return -1;
	}
	if (!S_ISREG(status.st_mode)) {
		kiln_fail(error, KILN_ERROR_IO, "%s: not a regular file", path);
		return -1;
	}
	if ((guint64)status.st_size > max_bytes) {
		kiln_fail(error, KILN_ERROR_LIMIT, "%s: %" G_GUINT64_FORMAT " bytes, more than the %" G_GUINT64_FORMAT " that are accepted",
		          path, (guint64)status.st_size, max_bytes);
		return -1;
	}
	*size = (guint64)status.st_size;
	return g_steal_fd(&fd);
}

GBytes *kiln_file_read_at(int dir_fd, const char *path, guint64 max_bytes, GError **error)
{
	guint64 size, done = 0;
	g_auto(KilnFd) fd = open_regular(dir_fd, path, max_bytes, &size, error);
	if (fd < 0)
		return NULL;
	g_autofree guint8 *bytes = g_try_malloc(size + 1);
	if (!bytes) {
		kiln_fail(error, KILN_ERROR_LIMIT, "%s: no memory for %" G_GUINT64_FORMAT " bytes", path, size);
		return NULL;
	}
	while (done < size) {
		gssize count = read(fd, bytes + done, size - done);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0) {
			kiln_fail_errno(error, errno, "%s", path);
			return NULL;
		}
		if (count == 0)
			break;
		done += (guint64)count;
	}
	return g_bytes_new_take(g_steal_pointer(&bytes), done);
}

typedef struct {
	void *address;
	gsize length;
} Mapping;

static void unmap(gpointer data)
{
	Mapping *mapping = data;
	munmap(mapping->address, mapping->length);
	g_free(mapping);
}

GBytes *kiln_file_map_at(int dir_fd, const char *path, guint64 max_bytes, GError **error)
{
	guint64 size;
	g_auto(KilnFd) fd = open_regular(dir_fd, path, max_bytes, &size, error);
	if (fd < 0)
		return NULL;
	if (size == 0)
		return g_bytes_new(NULL, 0);
	void *address = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (address == MAP_FAILED) {
		kiln_fail_errno(error, errno, "%s: cannot map", path);
		return NULL;
	}
	Mapping *mapping = g_new(Mapping, 1);
	*mapping = (Mapping){ address, size };
	return g_bytes_new_with_free_func(address, size, unmap, mapping);
}

static gboolean make_one(int dir_fd, const char *path, guint mode, GError **error)
{
	if (mkdirat(dir_fd, path, mode) == 0) {
		if (fchmodat(dir_fd, path, mode, 0) == 0) /* past the umask */
			return TRUE;
	} else if (errno == EEXIST) {
		return TRUE;
	}
	return kiln_fail_errno(error, errno, "%s: cannot make the directory", path);
}

int kiln_directory_make_at(int dir_fd, const char *path, guint mode, GError **error)
{
	for (const char *slash = strchr(path + (path[0] == '/'), '/'); slash; slash = strchr(slash + 1, '/')) {
		g_autofree char *prefix = g_strndup(path, (gsize)(slash - path));
		if (faccessat(dir_fd, prefix, F_OK, 0) < 0 && !make_one(dir_fd, prefix, mode, error))
			return -1;
	}
	if (!make_one(dir_fd, path, mode, error))
		return -1;
	return kiln_directory_open_at(dir_fd, path, error);
}

int kiln_directory_open_at(int dir_fd, const char *path, GError **error)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		kiln_fail_errno(error, errno, "%s", path);
	return fd;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **kiln_directory_list_at(int dir_fd, const char *path, GError **error)
{
	int fd = kiln_directory_open_at(dir_fd, path, error);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	if (!directory)
		return NULL;
	GPtrArray *names = g_ptr_array_new();
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			g_ptr_array_add(names, g_strdup(entry->d_name));
	closedir(directory);
	g_ptr_array_sort(names, by_name);
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

/* Depth first with an explicit limit; a directory's mode is opened up first, for rootless removal of unpacked images. */
static gboolean remove_entry(int dir_fd, const char *name, const char *shown, guint depth, GError **error)
{
	if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
		return TRUE;
	if (errno != EISDIR && errno != EPERM)
		return kiln_fail_errno(error, errno, "%s: cannot remove %s", shown, name);
	if (depth > REMOVE_DEPTH_MAX)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: more than %d directories deep", shown, REMOVE_DEPTH_MAX);
	g_auto(KilnFd) fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == EACCES && fchmodat(dir_fd, name, 0700, 0) == 0)
		fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return kiln_fail_errno(error, errno, "%s: cannot remove %s", shown, name);
	(void)!fchmod(fd, 0700);
	g_auto(GStrv) names = kiln_directory_list_at(fd, ".", error);
	if (!names)
		return FALSE;
	for (char **child = names; *child; child++)
		if (!remove_entry(fd, *child, shown, depth + 1, error))
			return FALSE;
	if (unlinkat(dir_fd, name, AT_REMOVEDIR) < 0)
		return kiln_fail_errno(error, errno, "%s: cannot remove %s", shown, name);
	return TRUE;
}

gboolean kiln_remove_tree_at(int dir_fd, const char *path, GError **error)
{
	return remove_entry(dir_fd, path, path, 0, error);
}

int kiln_file_lock_at(int dir_fd, const char *path, GError **error)
{
	g_auto(KilnFd) fd = openat(dir_fd, path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	int result = -1;
	if (fd >= 0)
		do
			result = flock(fd, LOCK_EX);
		while (result < 0 && errno == EINTR);
	if (result < 0) {
		kiln_fail_errno(error, errno, "%s: cannot lock", path);
		return -1;
	}
	return g_steal_fd(&fd);
}
