/* SPDX-License-Identifier: Apache-2.0 */
/* root.c: paths that come from outside, used only below a root directory fd. */
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

char *kiln_path_normalise(const char *path, gsize length, GError **error)
{
	GString *out = g_string_sized_new(length);
	const char *end = path + length;
	if (memchr(path, '\0', length)) {
		kiln_fail(error, KILN_ERROR_DENIED, "a path holds a NUL byte");
		goto refused;
	}
	while (path < end) {
		const char *slash = memchr(path, '/', (gsize)(end - path));
		gsize part = (gsize)((slash ? slash : end) - path);
		if (part > KILN_LIMIT_PATH_COMPONENT_BYTES) {
			kiln_fail(error, KILN_ERROR_LIMIT, "\"%.60s...\": a name in a path is longer than %d bytes", path, KILN_LIMIT_PATH_COMPONENT_BYTES);
			goto refused;
		}
		if (part == 2 && memcmp(path, "..", 2) == 0) {
			kiln_fail(error, KILN_ERROR_DENIED, "\"%.*s\": \"..\" in a path", (int)MIN(length, 200), end - length);
			goto refused;
		}
		if (part && !(part == 1 && *path == '.')) {
			if (out->len)
				g_string_append_c(out, '/');
			g_string_append_len(out, path, (gssize)part);
		}
		path += part + (slash ? 1 : 0);
	}
	if (out->len > KILN_LIMIT_PATH_BYTES) {
		kiln_fail(error, KILN_ERROR_LIMIT, "\"%.60s...\": a path longer than %d bytes", out->str, KILN_LIMIT_PATH_BYTES);
		goto refused;
	}
	return g_string_free(out, FALSE);
refused:
	g_string_free(out, TRUE);
	return NULL;
}

char *kiln_path_resolve_link(const char *link_path, const char *target)
{
	g_autoptr(GPtrArray) parts = g_ptr_array_new();
	g_auto(GStrv) link_parts = g_strsplit(link_path, "/", -1);
	g_auto(GStrv) target_parts = g_strsplit(target, "/", -1);
	if (target[0] != '/')
		for (char **part = link_parts; part[0] && part[1]; part++)
			g_ptr_array_add(parts, *part);
	for (char **part = target_parts; *part; part++) {
		if (**part == '\0' || strcmp(*part, ".") == 0)
			continue;
		if (strcmp(*part, "..") != 0)
			g_ptr_array_add(parts, *part);
		else if (parts->len == 0)
			return NULL;
		else
			g_ptr_array_set_size(parts, (gint)parts->len - 1);
	}
	g_ptr_array_add(parts, NULL);
	return g_strjoinv("/", (char **)parts->pdata);
}

static int open_below(int root_fd, const char *path, int flags, guint mode, guint64 resolve, GError **error)
{
	struct open_how how = { .flags = (guint64)(flags | O_CLOEXEC), .mode = (flags & (O_CREAT | __O_TMPFILE)) ? mode : 0, .resolve = resolve };
	int fd = (int)syscall(SYS_openat2, root_fd, *path ? path : ".", &how, sizeof how);
	if (fd < 0)
		kiln_fail_errno(error, errno, errno == ENOSYS ? "%s: this kernel lacks openat2 (Linux 5.6)" : "/%s", path);
	return fd;
}

int kiln_root_open(int root_fd, const char *path, int flags, guint mode, GError **error)
{
	return open_below(root_fd, path, flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS, error);
}

int kiln_root_open_strict(int root_fd, const char *path, int flags, guint mode, GError **error)
{
	return open_below(root_fd, path, flags, mode, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS, error);
}

int kiln_root_parent(int root_fd, const char *path, const char **name, GError **error)
{
	const char *slash = strrchr(path, '/');
	g_autofree char *parent = slash ? g_strndup(path, (gsize)(slash - path)) : g_strdup("");
	*name = slash ? slash + 1 : path;
	for (char *end = strchr(parent, '/'); slash; end = strchr(end + 1, '/')) {
		const char *made;
		if (end)
			*end = '\0';
		g_autoptr(GError) missing = NULL;
		g_auto(KilnFd) fd = kiln_root_open(root_fd, parent, O_PATH | O_DIRECTORY, 0, &missing);
		if (fd < 0 && g_error_matches(missing, KILN_ERROR, KILN_ERROR_NOT_FOUND)) {
			g_autofree char *above = g_path_get_dirname(parent);
			g_auto(KilnFd) above_fd = kiln_root_open(root_fd, strcmp(above, ".") == 0 ? "" : above, O_PATH | O_DIRECTORY, 0, error);
			made = strrchr(parent, '/') ? strrchr(parent, '/') + 1 : parent;
			if (above_fd < 0)
				return -1;
			if (mkdirat(above_fd, made, 0755) < 0 && errno != EEXIST) {
				kiln_fail_errno(error, errno, "/%s", parent);
				return -1;
			}
			(void)!fchmodat(above_fd, made, 0755, 0);
		} else if (fd < 0) {
			g_propagate_error(error, g_steal_pointer(&missing));
			return -1;
		}
		if (!end)
			break;
		*end = '/';
	}
	return kiln_root_open(root_fd, parent, O_RDONLY | O_DIRECTORY, 0, error);
}
