/* SPDX-License-Identifier: Apache-2.0 */
/* tree_libraries.c: /etc/ld.so.cache of the image: what its ldconfig would find in the tree. */
#include "base/limits.h"
#include "build/effects.h"
#include "build/ldcache.h"
#include "build/tree.h"

#include <string.h>

#define LINK_DEPTH_MAX 40

typedef struct {
	KilnTree *tree;
	GHashTable *directories; /* path without leading slash -> GPtrArray of names, borrowed from entries */
	GHashTable *names;       /* of directories, so that each is listed once: "directory/name" */
} View;

static gboolean has_file_of(const KilnTree *tree, int package)
{
	for (guint i = 0; i < tree->entries->len; i++) {
		const KilnTreeEntry *entry = tree->entries->pdata[i];
		if (entry->package == package && entry->type == KILN_FILE_REGULAR)
			return TRUE;
	}
	return FALSE;
}

/* The text that ldconfig of this glibc writes into the cache: in Debian from the package's version. NULL: no glibc in the tree. */
static char *generator(const KilnTree *tree)
{
	int index = kiln_closure_package(tree->closure, "libc6");
	if (index < 0 || !has_file_of(tree, index))
		return NULL;
	const char *version = tree->closure->packages[index].lock->version;
	gsize upstream = strcspn(version, "-+");
	const char *name = strstr(version, "ubuntu") ? "Ubuntu" : "Debian";
	return g_strdup_printf("ldconfig (%s GLIBC %s) stable release version %.*s", name, version, (int)upstream, version);
}

/* Enter @path into its directory, and that into its own: an entry's parents are there even when nothing names them yet. */
static void enter(View *view, const char *path)
{
	g_autofree char *current = g_strdup(path);
	while (*current) {
		char *slash = strrchr(current, '/');
		g_autofree char *parent = slash ? g_strndup(current, (gsize)(slash - current)) : g_strdup("");
		if (!g_hash_table_add(view->names, g_strdup(current)))
			return;
		GPtrArray *names = g_hash_table_lookup(view->directories, parent);
		if (!names) {
			names = g_ptr_array_new_with_free_func(g_free);
			g_hash_table_insert(view->directories, g_strdup(parent), names);
		}
		g_ptr_array_add(names, g_strdup(slash ? slash + 1 : current));
		g_free(current);
		current = g_steal_pointer(&parent);
	}
}

/* Follow links of every component but, unless asked for, the last. The result has no leading slash and need not exist. */
static char *walk(const View *view, const char *path, gboolean follow_last)
{
	g_autoptr(GString) done = g_string_new(NULL);
	g_autofree char *rest = g_strdup(path);
	for (guint links = 0; *rest && links < LINK_DEPTH_MAX;) {
		g_autofree char *word = g_strndup(rest, strcspn(rest, "/"));
		const char *after = rest + strlen(word) + strspn(rest + strlen(word), "/");
		g_autofree char *next = g_strdup(after);
		gsize before = done->len;
		if (strcmp(word, "..") == 0) {
			const char *slash = strrchr(done->str, '/');
			g_string_truncate(done, slash ? (gsize)(slash - done->str) : 0);
		} else if (*word && strcmp(word, ".") != 0)
			g_string_append_printf(done, "%s%s", done->len ? "/" : "", word);
		const KilnTreeEntry *entry = done->len > before ? kiln_tree_get(view->tree, done->str) : NULL;
		if (entry && entry->type == KILN_FILE_SYMLINK && (*next || follow_last)) {
			char *joined = g_build_filename(entry->link_target, next, NULL);
			g_string_truncate(done, *entry->link_target == '/' ? 0 : before);
			g_free(next);
			next = joined;
			links++;
		}
		g_free(rest);
		rest = g_steal_pointer(&next);
	}
	return *rest ? NULL : g_string_free(g_steal_pointer(&done), FALSE);
}

static char *resolve(const char *path, gpointer user_data)
{
	const View *view = user_data;
	g_autofree char *real = walk(view, path, TRUE);
	if (!real || !(kiln_tree_get(view->tree, real) || g_hash_table_contains(view->directories, real)))
		return NULL;
	return g_steal_pointer(&real);
}

/* Configuration is read as the closure has it, kept or not: it says how the loader of these packages is set up. */
static char **list(const char *directory, gpointer user_data)
{
	const View *view = user_data;
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	if (g_str_has_prefix(directory, "/etc/")) {
		const GPtrArray *nodes = kiln_closure_children(view->tree->closure, directory + 1);
		for (guint i = 0; nodes && i < nodes->len; i++)
			g_strv_builder_add(names, strrchr(((const KilnNode *)nodes->pdata[i])->path, '/') + 1);
		return g_strv_builder_end(names);
	}
	g_autofree char *real = walk(view, directory, TRUE);
	const GPtrArray *known = real ? g_hash_table_lookup(view->directories, real) : NULL;
	if (!known)
		return NULL;
	for (guint i = 0; i < known->len; i++)
		g_strv_builder_add(names, known->pdata[i]);
	return g_strv_builder_end(names);
}

static gboolean is_symlink(const char *path, gpointer user_data)
{
	const View *view = user_data;
	g_autofree char *real = walk(view, path, FALSE);
	const KilnTreeEntry *entry = real ? kiln_tree_get(view->tree, real) : NULL;
	return entry && entry->type == KILN_FILE_SYMLINK;
}

static const KilnElfFacts *facts(const char *path, gpointer user_data)
{
	const View *view = user_data;
	g_autofree char *real = walk(view, path, TRUE);
	const KilnTreeEntry *entry = real ? kiln_tree_get(view->tree, real) : NULL;
	return entry && entry->node && entry->node->file ? entry->node->file->elf : NULL;
}

static GBytes *read_configuration(const char *path, gpointer user_data)
{
	const View *view = user_data;
	const KilnNode *node = kiln_closure_resolve(view->tree->closure, path, NULL);
	return node && node->type == KILN_FILE_REGULAR ? kiln_node_read(view->tree->closure, node, KILN_LIMIT_CONFIG_BYTES, NULL) : NULL;
}

/* A link that ldconfig would make: the soname's, in a directory that may be reached through another link. */
static void add_link(const View *view, const KilnLdCacheLink *link)
{
	g_autofree char *directory = g_path_get_dirname(link->path), *name = g_path_get_basename(link->path);
	g_autofree char *real = walk(view, directory, TRUE);
	g_autofree char *path = real ? g_build_filename(real, name, NULL) : NULL;
	if (path && !kiln_tree_get(view->tree, path))
		kiln_tree_add_link(view->tree, path, link->target, "the soname's link, as ldconfig makes it");
}

gboolean kiln_tree_add_library_cache(KilnTree *tree, GError **error)
{
	g_autofree char *text = generator(tree);
	g_autoptr(GHashTable) directories = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_ldcache_link_free);
	View view = { tree, directories, names };
	if (!text)
		return TRUE; /* nothing here is loaded by glibc's loader */
	for (guint i = 0; i < tree->entries->len; i++)
		enter(&view, ((const KilnTreeEntry *)tree->entries->pdata[i])->path);
	KilnLdCacheRoot root = { list, resolve, is_symlink, facts, read_configuration, &view };
	g_autoptr(GBytes) cache = kiln_ldcache_scan(&root, tree->closure->platform->triplet, text, links);
	for (guint i = 0; i < links->len; i++)
		add_link(&view, links->pdata[i]);
	gsize length;
	const char *bytes = g_bytes_get_data(cache, &length);
	kiln_tree_add_text(tree, "etc/ld.so.cache", bytes, length, "the loader's index of libraries");
	return TRUE;
}
