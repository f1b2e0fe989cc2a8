/* SPDX-License-Identifier: Apache-2.0 */
/* file.c: whole files read within a limit, and locks. */
#include "io/file.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROWTH_BYTES 4096       /* room beyond what stat said, for files that grow and for those of /proc */
#define LOCK_POLL_US (50 * 1000) /* between two tries of a lock that may be cancelled */

void kiln_fd_close(KilnFd *fd)
{
	if (*fd < 0)
		return;
	int saved = errno;
	close(*fd);
	errno = saved;
	*fd = -1;
}

/* Open a regular file of at most @max_bytes; -1 on error. */
static int open_regular(int dir_fd, const char *path, guint64 max_bytes, guint64 *size, GError **error)
{
	/* O_NONBLOCK: a named pipe must be refused, not waited for. */
	g_auto(KilnFd) fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		kiln_fail_errno(error, errno, "cannot open %s", path);
		return -1;
	}
	struct stat status;
	if (fstat(fd, &status) != 0) {
		kiln_fail_errno(error, errno, "cannot stat %s", path);
		return -1;
	}
	if (!S_ISREG(status.st_mode)) {
		kiln_fail(error, KILN_ERROR_IO, "%s is %s, not a file", path, S_ISDIR(status.st_mode) ? "a directory" : "a special file");
		return -1;
	}
	if ((guint64)status.st_size > max_bytes) {
		kiln_fail(error, KILN_ERROR_LIMIT, "%s has %" G_GINT64_FORMAT " bytes; at most %" G_GUINT64_FORMAT " are accepted", path,
		          (gint64)status.st_size, max_bytes);
		return -1;
	}
	*size = (guint64)status.st_size;
	return g_steal_fd(&fd);
}

/* Double @content, but never past one byte more than the limit, which is enough to see that it is passed. */
static gboolean grow(guint8 **content, gsize *capacity, guint64 max_bytes)
{
	guint64 wanted = MIN((guint64)*capacity * 2, MIN(max_bytes, (guint64)G_MAXSIZE - 1) + 1);
	guint8 *grown = g_try_realloc(*content, (gsize)wanted);
	if (!grown)
		return FALSE;
	*content = grown;
	*capacity = (gsize)wanted;
	return TRUE;
}

GBytes *kiln_file_read_at(int dir_fd, const char *path, guint64 max_bytes, GError **error)
{
	guint64 size;
	g_auto(KilnFd) fd = open_regular(dir_fd, path, max_bytes, &size, error);
	if (fd < 0)
		return NULL;

	gsize capacity = (gsize)size + GROWTH_BYTES, used = 0;
	g_autofree guint8 *content = g_try_malloc(capacity);
	for (;;) {
		if (!content || (used == capacity && !grow(&content, &capacity, max_bytes))) {
			kiln_fail(error, KILN_ERROR_LIMIT, "%s does not fit into memory", path);
			return NULL;
		}
		ssize_t got = read(fd, content + used, capacity - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			kiln_fail_errno(error, errno, "cannot read %s", path);
			return NULL;
		}
		if (got == 0)
			break;
		used += (gsize)got;
		if (used > max_bytes) {
			kiln_fail(error, KILN_ERROR_LIMIT, "%s has more than the %" G_GUINT64_FORMAT " bytes that are accepted", path, max_bytes);
			return NULL;
		}
	}
	return g_bytes_new_take(g_steal_pointer(&content), used);
}

GBytes *kiln_file_map_at(int dir_fd, const char *path, guint64 max_bytes, GError **error)
{
	guint64 size;
	g_auto(KilnFd) fd = open_regular(dir_fd, path, max_bytes, &size, error);
	if (fd < 0)
		return NULL;
	g_autoptr(GError) reason = NULL;
	g_autoptr(GMappedFile) file = g_mapped_file_new_from_fd(fd, FALSE, &reason);
	if (!file) {
		kiln_fail(error, KILN_ERROR_IO, "cannot map %s: %s", path, reason->message);
		return NULL;
	}
	return g_mapped_file_get_bytes(file);
}

/* flock() as often as signals and, with a @cancellable, other holders interrupt it. */
static gboolean wait_for_lock(int fd, const char *path, GCancellable *cancellable, GError **error)
{
	for (;;) {
		if (flock(fd, cancellable ? LOCK_EX | LOCK_NB : LOCK_EX) == 0)
			return TRUE;
		if (cancellable && g_cancellable_is_cancelled(cancellable))
			return kiln_fail(error, KILN_ERROR_CANCELLED, "stopped while another kiln held the lock %s", path);
		if (cancellable && errno == EWOULDBLOCK)
			g_usleep(LOCK_POLL_US);
		else if (errno != EINTR)
			return kiln_fail_errno(error, errno, "cannot lock %s", path);
	}
}

int kiln_file_lock_cancellable_at(int dir_fd, const char *path, GCancellable *cancellable, GError **error)
{
	for (;;) {
		g_auto(KilnFd) fd = openat(dir_fd, path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW, 0666);
		if (fd < 0) {
			kiln_fail_errno(error, errno, "cannot open the lock %s", path);
			return -1;
		}
		if (!wait_for_lock(fd, path, cancellable, error))
			return -1;
		/* Somebody may have removed the file while we waited: then the lock protects nothing. */
		struct stat held, named;
		if (fstat(fd, &held) == 0 && fstatat(dir_fd, path, &named, AT_SYMLINK_NOFOLLOW) == 0 && held.st_ino == named.st_ino &&
		    held.st_dev == named.st_dev) {
			return g_steal_fd(&fd);
		}
	}
}

int kiln_file_lock_at(int dir_fd, const char *path, GError **error)
{
	return kiln_file_lock_cancellable_at(dir_fd, path, NULL, error);
}
