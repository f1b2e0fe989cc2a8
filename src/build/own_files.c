/* SPDX-License-Identifier: Apache-2.0 */
/* own_files.c: the recipe's own files and links, put into the closure as if a package shipped them. */
#include "build/own_files.h"

#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "io/file.h"
#include "io/root.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_FILE_BYTES_MAX (2 * KILN_GIB)
#define OWN_DEPTH_MAX 64

/* What is done with each file found: added to a closure, or hashed. */
typedef struct {
	const KilnRecipe *recipe;
	const KilnRecipeFile *file;
	KilnClosure *closure; /* NULL: only hash */
	KilnHash *hash;
	guint index;
} Visit;

static void hash_text(Visit *visit, const char *text)
{
	kiln_hash_update(visit->hash, text, strlen(text) + 1);
}

static KilnNode *add_node(Visit *visit, const char *path, KilnFileType type)
{
	gboolean existed;
	g_autofree char *merged = kiln_merged_path(path);
	KilnNode *node = kiln_closure_add(visit->closure, merged, KILN_PACKAGE_RECIPE, type, &existed);
	if (existed && node->package >= 0)
		g_ptr_array_remove(visit->closure->packages[node->package].nodes, node);
	if (existed && node->bytes)
		g_bytes_unref(node->bytes);
	const char *kept_path = node->path;
	memset(node, 0, sizeof *node);
	node->path = kept_path;
	node->package = KILN_PACKAGE_RECIPE;
	node->type = type;
	g_autofree char *detail = g_strdup_printf("files[%u]", visit->index);
	node->edge.detail = kiln_closure_intern(visit->closure, detail);
	node->owner = visit->file && visit->file->owner ? kiln_closure_intern(visit->closure, visit->file->owner) : NULL;
	return node;
}

/* Facts of one own file; they live as long as the closure's strings do. */
static void add_facts(Visit *visit, KilnNode *node)
{
	gsize length;
	const guint8 *bytes = g_bytes_get_data(node->bytes, &length);
	if (kiln_elf_is(bytes, length)) {
		KilnFactsFile *facts = g_new0(KilnFactsFile, 1);
		facts->path = node->path;
		facts->elf = kiln_elf_facts_read(bytes, length, NULL);
		static const char *none[] = { NULL };
		facts->named_paths = none;
		node->content = facts->elf ? KILN_CONTENT_ELF : KILN_CONTENT_DATA;
		node->file = facts;
	} else if (length > 3 && bytes[0] == '#' && bytes[1] == '!' && (node->mode & 0111)) {
		const guint8 *end = memchr(bytes, '\n', MIN(length, 256));
		g_autofree char *line = g_strndup((const char *)bytes + 2, end ? (gsize)(end - bytes) - 2 : MIN(length, 256) - 2);
		g_auto(GStrv) words = g_strsplit_set(g_strstrip(line), " \t\r", 3);
		if (!words[0] || words[0][0] != '/')
			return;
		KilnFactsFile *facts = g_new0(KilnFactsFile, 1);
		static const char *none[] = { NULL };
		facts->path = node->path;
		facts->interpreter = kiln_closure_intern(visit->closure, words[0]);
		facts->interpreter_argument = words[1] ? kiln_closure_intern(visit->closure, words[1]) : NULL;
		facts->named_paths = none;
		node->file = facts;
		node->content = KILN_CONTENT_SCRIPT;
	}
}

static gboolean visit_bytes(Visit *visit, const char *path, GBytes *bytes, guint mode, GError **error)
{
	g_autofree char *line = g_strdup_printf("file %s %o %" G_GSIZE_FORMAT, path, mode, g_bytes_get_size(bytes));
	KilnDigest digest;
	kiln_hash_bytes(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &digest);
	hash_text(visit, line);
	kiln_hash_update(visit->hash, digest.sha256, sizeof digest.sha256);
	if (!visit->closure)
		return TRUE;
	KilnNode *node = add_node(visit, path, KILN_FILE_REGULAR);
	node->bytes = g_bytes_ref(bytes);
	node->size = g_bytes_get_size(bytes);
	node->digest = digest;
	node->mode = mode;
	add_facts(visit, node);
	return TRUE;
}

static gboolean visit_link(Visit *visit, int dir_fd, const char *name, const char *path, GError **error)
{
	char target[KILN_LIMIT_PATH_BYTES + 1];
	gssize length = readlinkat(dir_fd, name, target, sizeof target - 1);
	if (length < 0)
		return kiln_fail_errno(error, errno, "%s", name);
	target[length] = '\0';
	hash_text(visit, "link");
	hash_text(visit, path);
	hash_text(visit, target);
	if (visit->closure)
		add_node(visit, path, KILN_FILE_SYMLINK)->link_target = kiln_closure_intern(visit->closure, target);
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
	hash_text(visit, "directory");
	hash_text(visit, path);
	if (visit->closure && path[0] && !kiln_closure_get(visit->closure, path))
		add_node(visit, path, KILN_FILE_DIRECTORY)->mode = 0755;
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
	/* The path that the recipe names may be a link; what lies below it is taken as it is. */
	if (fstatat(dir_fd, name, &status, depth ? AT_SYMLINK_NOFOLLOW : 0) < 0)
		return kiln_fail_errno(error, errno, "%s", name);
	if (S_ISDIR(status.st_mode))
		return visit_directory(visit, dir_fd, name, path, depth, error);
	if (S_ISLNK(status.st_mode))
		return visit_link(visit, dir_fd, name, path, error);
	if (!S_ISREG(status.st_mode))
		return kiln_fail(error, KILN_ERROR_DENIED, "%s: a device, socket or pipe cannot go into an image", name);
	g_autoptr(GBytes) bytes = kiln_file_map_at(dir_fd, name, OWN_FILE_BYTES_MAX, error);
	guint mode = visit->file->mode ? visit->file->mode : status.st_mode & 0111 ? 0755 : 0644;
	return bytes && visit_bytes(visit, path, bytes, mode, error);
}

static gboolean visit_file(Visit *visit, GError **error)
{
	const KilnRecipeFile *file = visit->file;
	g_autofree char *path = kiln_path_normalise(file->destination, strlen(file->destination), error);
	gboolean good = path != NULL;
	if (file->owner)
		hash_text(visit, file->owner);
	if (good && file->content) {
		g_autoptr(GBytes) bytes = g_bytes_new(file->content, strlen(file->content));
		good = visit_bytes(visit, path, bytes, file->mode ? file->mode : 0644, error);
	} else if (good) {
		g_autofree char *source = file->source[0] == '/' ? g_strdup(file->source) : g_build_filename(visit->recipe->directory, file->source, NULL);
		good = visit_entry(visit, AT_FDCWD, source, path, 0, error);
	}
	if (!good)
		g_prefix_error(error, "%s:%u: files: ", file->place.file, file->place.line);
	return good;
}

static gboolean visit_all(Visit *visit, GError **error)
{
	for (guint i = 0; i < visit->recipe->files->len; i++) {
		visit->file = visit->recipe->files->pdata[i];
		visit->index = i;
		if (!visit_file(visit, error))
			return FALSE;
	}
	visit->file = NULL;
	for (guint i = 0; visit->closure && i < visit->recipe->links->len; i++) {
		const KilnRecipeLink *link = visit->recipe->links->pdata[i];
		g_autofree char *path = kiln_path_normalise(link->path, strlen(link->path), error);
		if (!path)
			return FALSE;
		visit->index = i;
		add_node(visit, path, KILN_FILE_SYMLINK)->link_target = kiln_closure_intern(visit->closure, link->target);
	}
	return TRUE;
}

gboolean kiln_own_files_add(KilnClosure *closure, const KilnRecipe *recipe, GError **error)
{
	g_autoptr(KilnHash) hash = kiln_hash_new();
	Visit visit = { .recipe = recipe, .closure = closure, .hash = hash };
	return visit_all(&visit, error);
}

gboolean kiln_own_files_digest(const KilnRecipe *recipe, KilnDigest *digest, GError **error)
{
	g_autoptr(KilnHash) hash = kiln_hash_new();
	Visit visit = { .recipe = recipe, .hash = hash };
	if (!visit_all(&visit, error))
		return FALSE;
	kiln_hash_finish(hash, digest);
	return TRUE;
}
