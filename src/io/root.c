/* SPDX-License-Identifier: Apache-2.0 */
/* root.c: paths from outside, kept below a root by the kernel (openat2) or by reading them word for word. */
#include "io/root.h"
#include "base/error.h"
#include "base/limits.h"
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RACE_RETRIES 64 /* openat2 says EAGAIN when a rename elsewhere made ".." doubtful */

char *kiln_path_normalise(const char *path, gsize length, GError **error)
{
	if (length > KILN_LIMIT_PATH_BYTES) {
		kiln_fail(error, KILN_ERROR_LIMIT, "path \"%.64s...\" is longer than %d bytes", path, KILN_LIMIT_PATH_BYTES);
		return NULL;
	}
	g_autoptr(GString) out = g_string_sized_new(length);
	guint depth = 0;
	for (gsize at = 0; at < length;) {
		const char *slash = memchr(path + at, '/', length - at);
		gsize end = slash ? (gsize)(slash - path) : length;
		const char *component = path + at;
		gsize size = end - at;
		at = end + 1;
		if (memchr(component, '\0', size)) {
			kiln_fail(error, KILN_ERROR_DENIED, "path \"%.*s\" holds a NUL byte", (int)size, component);
			return NULL;
		}
		if (size == 0 || (size == 1 && component[0] == '.'))
			continue;
		if (size == 2 && component[0] == '.' && component[1] == '.') {
			kiln_fail(error, KILN_ERROR_DENIED, "path \"%.*s\" climbs with \"..\"", (int)length, path);
			return NULL;
		}
		if (size > KILN_LIMIT_PATH_COMPONENT_BYTES) {
			kiln_fail(error, KILN_ERROR_LIMIT, "path component \"%.64s...\" is longer than %d bytes", component,
			          KILN_LIMIT_PATH_COMPONENT_BYTES);
			return NULL;
		}
		if (++depth > KILN_LIMIT_PATH_DEPTH) {
			kiln_fail(error, KILN_ERROR_LIMIT, "path \"%.64s...\" is more than %d directories deep", path, KILN_LIMIT_PATH_DEPTH);
			return NULL;
		}
		if (out->len > 0)
			g_string_append_c(out, '/');
		g_string_append_len(out, component, (gssize)size);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

char *kiln_path_resolve_link(const char *link_path, const char *target)
{
	g_autoptr(GString) out = g_string_new(NULL);
	const char *last = strrchr(link_path, '/');
	if (target[0] != '/' && last)
		g_string_append_len(out, link_path, last - link_path);

	for (const char *at = target; *at;) {
		gsize size = strcspn(at, "/");
		if (size == 2 && at[0] == '.' && at[1] == '.') {
			if (out->len == 0)
				return NULL;
			const char *slash = strrchr(out->str, '/');
			g_string_truncate(out, slash ? (gsize)(slash - out->str) : 0);
		} else if (size > 0 && !(size == 1 && at[0] == '.')) {
			if (out->len > 0)
				g_string_append_c(out, '/');
			g_string_append_len(out, at, (gssize)size);
		}
		at += size;
		at += strspn(at, "/");
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

int kiln_open_resolved(int dir_fd, const char *path, int flags, guint mode, guint64 resolve)
{
	gboolean makes = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
	struct open_how how = { .flags = (guint64)(unsigned)(flags | O_CLOEXEC), .mode = makes ? mode : 0, .resolve = resolve };
	if (!(flags & O_PATH))
		how.flags |= O_NOCTTY | O_NONBLOCK;
	int fd = -1;
	for (int attempt = 0; attempt < RACE_RETRIES; attempt++) {
		fd = (int)syscall(SYS_openat2, dir_fd, *path ? path : ".", &how, sizeof how);
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return fd;
}

static int fail_open(GError **error, int saved_errno, const char *path)
{
	if (saved_errno == ENOSYS)
		kiln_fail(error, KILN_ERROR_UNSUPPORTED,
		          "cannot open \"%s\" safely: this kernel has no openat2 (Linux 5.6 or later), or a seccomp profile forbids it", path);
	else if (saved_errno == EXDEV)
		kiln_fail(error, KILN_ERROR_DENIED, "\"%s\" leaves its root", path);
	else if (saved_errno == ELOOP)
		kiln_fail(error, KILN_ERROR_DENIED, "\"%s\" goes through a symlink that must not be followed, or too many", path);
	else
		kiln_fail_errno(error, saved_errno, "cannot open \"%s\"", path);
	return -1;
}

int kiln_root_open(int root_fd, const char *path, int flags, guint mode, GError **error)
{
	int fd = kiln_open_resolved(root_fd, path, flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
	return fd >= 0 ? fd : fail_open(error, errno, path);
}

int kiln_root_open_strict(int root_fd, const char *path, int flags, guint mode, GError **error)
{
	int fd = kiln_open_resolved(root_fd, path, flags, mode, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	return fd >= 0 ? fd : fail_open(error, errno, path);
}

/* Open the directory @prefix below the root, or make it in @parent_fd, which is the directory above it. */
static int enter_directory(int root_fd, int parent_fd, const char *prefix, GError **error)
{
	const char *slash = strrchr(prefix, '/');
	const char *name = slash ? slash + 1 : prefix;
	int fd = kiln_root_open(root_fd, prefix, O_RDONLY | O_DIRECTORY, 0, NULL);
	if (fd >= 0)
		return fd;
	gboolean made = mkdirat(parent_fd, name, 0755) == 0;
	if (!made && errno != EEXIST) {
		kiln_fail_errno(error, errno, "cannot make directory \"%s\"", prefix);
		return -1;
	}
	g_auto(KilnFd) opened = kiln_root_open(root_fd, prefix, O_RDONLY | O_DIRECTORY, 0, error);
	if (opened >= 0 && made && fchmod(opened, 0755) != 0) {
		kiln_fail_errno(error, errno, "cannot set the mode of \"%s\"", prefix);
		return -1;
	}
	return g_steal_fd(&opened);
}

int kiln_root_parent(int root_fd, const char *path, const char **name, GError **error)
{
	const char *last = strrchr(path, '/');
	*name = last ? last + 1 : path;
	if (!last)
		return kiln_root_open(root_fd, "", O_RDONLY | O_DIRECTORY, 0, error);
	g_autofree char *parent = g_strndup(path, (gsize)(last - path));
	int whole = kiln_root_open(root_fd, parent, O_RDONLY | O_DIRECTORY, 0, NULL);
	if (whole >= 0)
		return whole;

	g_auto(KilnFd) above = kiln_root_open(root_fd, "", O_RDONLY | O_DIRECTORY, 0, error);
	if (above < 0)
		return -1;
	for (char *at = parent;;) {
		char *slash = strchr(at, '/');
		if (slash)
			*slash = '\0';
		int next = enter_directory(root_fd, above, parent, error);
		if (next < 0)
			return -1;
		kiln_fd_close(&above);
		above = next;
		if (!slash)
			break;
		*slash = '/';
		at = slash + 1;
	}
	return g_steal_fd(&above);
}
