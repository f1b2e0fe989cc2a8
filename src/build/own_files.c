/* SPDX-License-Identifier: Apache-2.0 */
/* own_files.c: the recipe's own files, read from beside it and kept by digest. */
#include "build/own_files.h"

#include "base/error.h"
#include "base/limits.h"
#include "build/named.h"
#include "io/file.h"
#include "io/root.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_DEPTH_MAX 64

typedef struct {
	const KilnRecipe *recipe;
	const KilnRecipeFile *file;
	KilnStore *store;
	GPtrArray *files;
	guint item;
	gboolean *by_env; /* not NULL: nothing is kept, and it becomes TRUE when env starts a script */
} Visit;

static void own_file_free(gpointer data)
{
	KilnOwnFile *file = data;
	g_free(file->path);
	g_free(file->link_target);
	g_free(file);
}

GPtrArray *kiln_own_files_new(void)
{
	return g_ptr_array_new_with_free_func(own_file_free);
}

static KilnOwnFile *add(Visit *visit, const char *path, KilnFileType type)
{
	KilnOwnFile *file = g_new0(KilnOwnFile, 1);
	file->item = visit->item;
	file->path = g_strdup(path);
	file->type = type;
	g_ptr_array_add(visit->files, file);
	return file;
}

static gboolean starts_with_env(const guint8 *bytes, gsize length)
{
	g_autofree char *interpreter = NULL, *argument = NULL;
	kiln_named_interpreter(bytes, length, &interpreter, &argument);
	return interpreter && g_str_has_suffix(interpreter, "/env");
}

static gboolean add_bytes(Visit *visit, const char *path, const void *bytes, gsize length, guint mode, GError **error)
{
	KilnDigest digest;
	if (visit->by_env) {
		*visit->by_env |= (mode & 0111) && starts_with_env(bytes, length);
		return TRUE;
	}
	if (!kiln_store_put(visit->store, bytes, length, &digest, error))
		return FALSE;
	KilnOwnFile *file = add(visit, path, KILN_FILE_REGULAR);
	file->mode = mode;
	file->size = length;
	file->digest = digest;
	return TRUE;
}

static gboolean visit_link(Visit *visit, int dir_fd, const char *name, const char *path, GError **error)
{
	char target[KILN_LIMIT_PATH_BYTES + 1];
	gssize length = readlinkat(dir_fd, name, target, sizeof target - 1);
	if (length < 0)
		return kiln_fail_errno(error, errno, "%s", name);
	target[length] = '\0';
	if (!g_utf8_validate(target, -1, NULL))
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: a link to a name that is not UTF-8", path);
	/* An absolute target is a path of the image; a relative one means the same there only while it stays in what is copied. */
	g_autofree char *led = target[0] == '/' ? NULL : kiln_path_resolve_link(path, target);
	const char *top = visit->file->destination + strspn(visit->file->destination, "/");
	gsize deep = strlen(top);
	if (target[0] != '/' && (!led || strncmp(led, top, deep) != 0 || (deep && led[deep] != '/' && led[deep] != '\0')))
		return kiln_fail(error, KILN_ERROR_DENIED, "%s: the link to %s leads out of the directory that is copied; put what it leads to in with an item of its own, or use \"links\"",
		                 name, target);
	add(visit, path, KILN_FILE_SYMLINK)->link_target = g_strdup(target);
	return TRUE;
}

static gboolean visit_entry(Visit *visit, int dir_fd, const char *name, const char *path, guint depth, GError **error);

static gboolean visit_directory(Visit *visit, int dir_fd, const char *name, const char *path, guint depth, GError **error)
{
	g_auto(KilnFd) fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (depth ? O_NOFOLLOW : 0));
	g_auto(GStrv) names = fd < 0 ? NULL : kiln_directory_list_at(fd, ".", error);
	if (fd < 0)
		return kiln_fail_errno(error, errno, "%s", name);
	if (!names)
		return FALSE;
	if (depth > OWN_DEPTH_MAX)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: more than %d directories deep", path, OWN_DEPTH_MAX);
	if (path[0])
		add(visit, path, KILN_FILE_DIRECTORY)->mode = 0755;
	for (char **child = names; *child; child++) {
		g_autofree char *below = path[0] ? g_strdup_printf("%s/%s", path, *child) : g_strdup(*child);
		if (!visit_entry(visit, fd, *child, below, depth + 1, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean visit_entry(Visit *visit, int dir_fd, const char *name, const char *path, guint depth, GError **error)
{
	struct stat status;
	if (!g_utf8_validate(path, -1, NULL))
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: its name is not UTF-8", path);
	if (visit->files->len >= KILN_LIMIT_OWN_FILES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: more than the %d files that a recipe may bring", path, KILN_LIMIT_OWN_FILES);
	/* The path that the recipe names may be a link; what lies below it is taken as it is. */
	if (fstatat(dir_fd, name, &status, depth ? AT_SYMLINK_NOFOLLOW : 0) < 0)
		return kiln_fail_errno(error, errno, "%s", name);
	if (S_ISDIR(status.st_mode))
		return visit_directory(visit, dir_fd, name, path, depth, error);
	if (S_ISLNK(status.st_mode))
		return visit_link(visit, dir_fd, name, path, error);
	if (!S_ISREG(status.st_mode))
		return kiln_fail(error, KILN_ERROR_DENIED, "%s: a device, socket or pipe cannot go into an image", name);
	g_autoptr(GBytes) bytes = kiln_file_map_at(dir_fd, name, KILN_LIMIT_OWN_FILE_BYTES, error);
	guint mode = visit->file->mode ? visit->file->mode : status.st_mode & 0111 ? 0755 : 0644;
	return bytes && add_bytes(visit, path, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), mode, error);
}

static gboolean visit_file(Visit *visit, GError **error)
{
	const KilnRecipeFile *file = visit->file;
	g_autofree char *path = kiln_path_normalise(file->destination, strlen(file->destination), error);
	if (!path)
		return FALSE;
	if (file->content)
		return add_bytes(visit, path, file->content, strlen(file->content), file->mode ? file->mode : 0644, error);
	g_autofree char *source = file->source[0] == '/' ? g_strdup(file->source) : g_build_filename(visit->recipe->directory, file->source, NULL);
	return visit_entry(visit, AT_FDCWD, source, path, 0, error);
}

static gboolean visit_all(Visit *visit, GError **error)
{
	for (guint i = 0; i < visit->recipe->files->len; i++) {
		visit->file = visit->recipe->files->pdata[i];
		visit->item = i;
		if (!visit_file(visit, error)) {
			g_prefix_error(error, "%s:%u: files: ", visit->file->place.file, visit->file->place.line);
			return FALSE;
		}
	}
	return TRUE;
}

GPtrArray *kiln_own_files_read(const KilnRecipe *recipe, KilnStore *store, GError **error)
{
	g_autoptr(GPtrArray) files = kiln_own_files_new();
	Visit visit = { .recipe = recipe, .store = store, .files = files };
	if (!visit_all(&visit, error))
		return NULL;
	return g_steal_pointer(&files);
}

gboolean kiln_own_files_need_env(const KilnRecipe *recipe, gboolean *needed, GError **error)
{
	g_autoptr(GPtrArray) files = kiln_own_files_new();
	gboolean found = FALSE;
	Visit visit = { .recipe = recipe, .files = files, .by_env = &found };
	if (!visit_all(&visit, error))
		return FALSE;
	*needed = found;
	return TRUE;
}
