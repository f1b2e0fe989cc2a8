/* SPDX-License-Identifier: Apache-2.0 */
/* closure.c: all packages of one platform's lock as one file tree. */
#include "build/closure.h"

#include "base/error.h"
#include "data/deb822.h"
#include "io/root.h"

#include <string.h>

#define LINK_DEPTH_MAX 40 /* as Linux counts them */

static const char *const merged[] = { "bin", "sbin", "lib", "lib64", "lib32", "libx32", "libo32", NULL };
/* Links of base-files, behind which packages still ship directories. */
static const char *const moved[][2] = { { "var/run/", "run/" }, { "var/lock/", "run/lock/" } };

char *kiln_merged_path(const char *path)
{
	for (gsize i = 0; i < G_N_ELEMENTS(moved); i++)
		if (g_str_has_prefix(path, moved[i][0]))
			return g_strconcat(moved[i][1], path + strlen(moved[i][0]), NULL);
	for (const char *const *name = merged; *name; name++) {
		gsize length = strlen(*name);
		if (strncmp(path, *name, length) == 0 && (path[length] == '/' || path[length] == '\0'))
			return g_strconcat("usr/", path, NULL);
	}
	return g_strdup(path);
}

const char *kiln_closure_intern(KilnClosure *closure, const char *text)
{
	return text ? g_string_chunk_insert_const(closure->strings, text) : NULL;
}

KilnNode *kiln_closure_get(const KilnClosure *closure, const char *path)
{
	return g_hash_table_lookup(closure->nodes, path);
}

const GPtrArray *kiln_closure_children(const KilnClosure *closure, const char *directory)
{
	return g_hash_table_lookup(closure->children, directory);
}

int kiln_closure_package(const KilnClosure *closure, const char *name)
{
	for (gsize i = 0; i < closure->package_count; i++)
		if (strcmp(closure->packages[i].lock->name, name) == 0)
			return (int)i;
	return -1;
}

static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? g_strndup(path, (gsize)(slash - path)) : g_strdup("");
}

void kiln_closure_remove(KilnClosure *closure, KilnNode *node)
{
	g_autofree char *parent = parent_of(node->path);
	GPtrArray *children = g_hash_table_lookup(closure->children, parent);
	g_hash_table_remove(closure->nodes, node->path);
	if (children)
		g_ptr_array_remove(children, node);
	if (node->package >= 0)
		g_ptr_array_remove(closure->packages[node->package].nodes, node);
	node->removed = TRUE;
	node->left_out = "script-removes";
}

static void add_child(KilnClosure *closure, KilnNode *node)
{
	g_autofree char *parent = parent_of(node->path);
	GPtrArray *children = g_hash_table_lookup(closure->children, parent);
	if (!children) {
		children = g_ptr_array_new();
		g_hash_table_insert(closure->children, (gpointer)kiln_closure_intern(closure, parent), children);
	}
	g_ptr_array_add(children, node);
}

KilnNode *kiln_closure_add(KilnClosure *closure, const char *path, int package, KilnFileType type, gboolean *existed)
{
	KilnNode *node = kiln_closure_get(closure, path);
	*existed = node != NULL;
	if (node)
		return node;
	node = g_new0(KilnNode, 1);
	node->path = kiln_closure_intern(closure, path);
	node->package = package;
	node->type = type;
	node->mode = type == KILN_FILE_DIRECTORY ? 0755 : type == KILN_FILE_SYMLINK ? 0777 : 0644;
	g_hash_table_insert(closure->nodes, (gpointer)node->path, node);
	g_ptr_array_add(closure->all, node);
	add_child(closure, node);
	if (package >= 0)
		g_ptr_array_add(closure->packages[package].nodes, node);
	return node;
}

/* One step of resolving: the longest prefix of @path that is a link is replaced by its target. NULL: nothing to replace. */
static char *follow_one_link(const KilnClosure *closure, const char *path, KilnNode **link)
{
	for (const char *end = path;;) {
		end = strchr(end + (end != path), '/');
		g_autofree char *prefix = end ? g_strndup(path, (gsize)(end - path)) : g_strdup(path);
		KilnNode *node = kiln_closure_get(closure, prefix);
		if (node && node->type == KILN_FILE_SYMLINK) {
			g_autofree char *target = kiln_path_resolve_link(node->path, node->link_target);
			g_autofree char *joined = target ? g_strconcat(target, end ? end : "", NULL) : g_strdup("");
			if (!end)
				*link = node;
			return kiln_merged_path(joined);
		}
		if (!end)
			return NULL;
	}
}

KilnNode *kiln_closure_resolve(const KilnClosure *closure, const char *path, KilnNode **last_link)
{
	g_autofree char *plain = kiln_path_normalise(path, strlen(path), NULL);
	if (!plain)
		return NULL;
	g_autofree char *current = kiln_merged_path(plain);
	KilnNode *first = NULL;
	for (int depth = 0; depth < LINK_DEPTH_MAX; depth++) {
		KilnNode *link = NULL;
		char *next = follow_one_link(closure, current, &link);
		if (!first)
			first = link;
		if (!next) {
			KilnNode *found = kiln_closure_get(closure, current);
			if (last_link)
				*last_link = first ? first : found;
			return found;
		}
		g_free(current);
		current = next;
	}
	return NULL;
}

/* Hard links become regular nodes that share the content of the entry they point to. */
static const KilnFactsFile *hard_link_target(const KilnFacts *facts, GHashTable *by_path, const KilnFactsFile *file)
{
	for (int depth = 0; file && file->type == KILN_FILE_HARDLINK && depth < LINK_DEPTH_MAX; depth++)
		file = g_hash_table_lookup(by_path, file->link_target);
	return file && file->type == KILN_FILE_REGULAR ? file : NULL;
}

static void fill_node(KilnNode *node, const KilnFactsFile *entry, const KilnFactsFile *content, KilnClosure *closure)
{
	node->type = content ? KILN_FILE_REGULAR : entry->type;
	node->mode = entry->type == KILN_FILE_SYMLINK ? 0777 : (content ? content : entry)->mode;
	node->uid = entry->uid;
	node->gid = entry->gid;
	node->link_target = entry->type == KILN_FILE_SYMLINK ? kiln_closure_intern(closure, entry->link_target) : NULL;
	node->file = content;
	node->source = node->package;
	node->size = content ? content->size : 0;
	if (content)
		node->digest = content->digest;
	if (content && content->elf)
		node->content = KILN_CONTENT_ELF;
	else if (content && content->interpreter && (content->mode & 0111))
		node->content = KILN_CONTENT_SCRIPT;
}

static gboolean replaces(const KilnClosurePackage *package, const KilnClosurePackage *other)
{
	return package->replaces && g_strv_contains((const char *const *)package->replaces, other->lock->name);
}

/* Two packages ship @node's path. Directories are shared; same bytes do no harm; else Replaces decides as in dpkg. */
static gboolean settle_conflict(KilnClosure *closure, KilnNode *node, int package, const KilnFactsFile *entry,
                                const KilnFactsFile *content, GError **error)
{
	KilnClosurePackage *first = &closure->packages[node->package], *second = &closure->packages[package];
	gboolean directory = entry->type == KILN_FILE_DIRECTORY;
	if (directory && node->type == KILN_FILE_DIRECTORY)
		return TRUE;
	/* The merged-/usr links that base-files ships meet directories that older packages still ship. */
	if (directory || node->type == KILN_FILE_DIRECTORY)
		return TRUE;
	if (content && node->file && kiln_digest_equal(&content->digest, &node->digest))
		return TRUE;
	if (entry->type == KILN_FILE_SYMLINK && node->type == KILN_FILE_SYMLINK && strcmp(entry->link_target, node->link_target) == 0)
		return TRUE;
	if (replaces(first, second))
		return TRUE;
	if (!replaces(second, first))
		return kiln_fail(error, KILN_ERROR_UNSATISFIABLE, "%s %s and %s %s both own /%s, and neither replaces the other; exclude one of them",
		                 first->lock->name, first->lock->version, second->lock->name, second->lock->version, node->path);
	g_ptr_array_remove(first->nodes, node);
	g_ptr_array_add(second->nodes, node);
	node->package = package;
	node->content = KILN_CONTENT_DATA;
	fill_node(node, entry, content, closure);
	return TRUE;
}

/* Where a diversion moves @path when a package other than the diverting one ships it; NULL: it stays. */
static const char *diverted(const KilnClosure *closure, int package, const char *path)
{
	for (gsize i = 0; i < closure->package_count; i++) {
		const KilnClosurePackage *diverting = &closure->packages[i];
		if ((int)i == package)
			continue;
		for (guint j = 0; j < diverting->effects->len; j++) {
			const KilnEffect *effect = diverting->effects->pdata[j];
			if (effect->kind != KILN_EFFECT_DIVERT || !effect->path || !effect->text)
				continue;
			g_autofree char *from = kiln_merged_path(effect->path + strspn(effect->path, "/"));
			if (strcmp(from, path) == 0)
				return effect->text + strspn(effect->text, "/");
		}
	}
	return NULL;
}

static gboolean add_package_files(KilnClosure *closure, int index, gboolean any_diversion, GError **error)
{
	KilnClosurePackage *package = &closure->packages[index];
	g_autoptr(GHashTable) by_path = g_hash_table_new(g_str_hash, g_str_equal);
	for (gsize i = 0; i < package->facts->file_count; i++)
		g_hash_table_insert(by_path, (gpointer)package->facts->files[i].path, &package->facts->files[i]);
	for (gsize i = 0; i < package->facts->file_count; i++) {
		const KilnFactsFile *entry = &package->facts->files[i];
		const KilnFactsFile *content = hard_link_target(package->facts, by_path, entry);
		g_autofree char *path = kiln_merged_path(entry->path);
		const char *diversion = any_diversion ? diverted(closure, index, path) : NULL;
		gboolean existed;
		if (g_strv_contains(merged, entry->path)) /* kiln makes these links itself: tree.c */
			continue;
		KilnNode *node = kiln_closure_add(closure, diversion ? diversion : path, index, entry->type, &existed);
		if (!existed)
			fill_node(node, entry, content, closure);
		else if (!settle_conflict(closure, node, index, entry, content, error))
			return FALSE;
	}
	return TRUE;
}

typedef struct {
	KilnStore *store;
	const KilnContext *context;
	KilnClosure *closure;
	GMutex lock;
	GError *error;
	guint64 done;
} Loading;

static void read_control(KilnClosurePackage *package)
{
	KilnDeb822 cursor = { package->facts->control, strlen(package->facts->control), package->lock->name, 1 };
	g_autofree KilnDeb822Stanza *stanza = g_new(KilnDeb822Stanza, 1);
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	gboolean found;
	if (!kiln_deb822_next(&cursor, stanza, &found, NULL) || !found)
		return;
	KilnText rest = kiln_deb822_get(stanza, "Replaces");
	while (rest.length) {
		KilnText item = kiln_text_strip(kiln_text_cut(&rest, ','));
		KilnText name = kiln_text_strip(kiln_text_cut(&item, ' '));
		g_autofree char *copy = kiln_text_dup(name);
		g_strv_builder_add(names, copy);
	}
	package->replaces = g_strv_builder_end(names);
}

static void load_package(gpointer item, gpointer user_data)
{
	KilnClosurePackage *package = item;
	Loading *loading = user_data;
	g_autoptr(GError) error = NULL;
	g_autofree char *label = g_strdup_printf("%s %s", package->lock->name, package->lock->version);
	if (kiln_context_check(loading->context, &error))
		package->facts = kiln_facts_obtain(loading->store, &package->lock->digest, label, &error);
	if (package->facts) {
		kiln_closure_read_scripts(loading->closure, package);
		read_control(package);
	}
	g_mutex_lock(&loading->lock);
	if (!package->facts && !loading->error)
		loading->error = g_steal_pointer(&error);
	KilnProgress progress = { "unpack", label, ++loading->done, loading->closure->package_count, KILN_UNIT_ITEMS };
	kiln_context_progress(loading->context, &progress);
	g_mutex_unlock(&loading->lock);
}

static gint by_size_descending(gconstpointer a, gconstpointer b)
{
	const KilnClosurePackage *first = *(KilnClosurePackage *const *)a, *second = *(KilnClosurePackage *const *)b;
	return first->lock->size_bytes > second->lock->size_bytes ? -1 : first->lock->size_bytes < second->lock->size_bytes;
}

/* Largest first, so that the last thread to finish does not finish alone. */
static gboolean load_all(Loading *loading, GError **error)
{
	g_autoptr(GPtrArray) order = g_ptr_array_new();
	GThreadPool *pool = g_thread_pool_new(load_package, loading, (gint)MAX(1, loading->context->jobs), FALSE, NULL);
	g_mutex_init(&loading->lock);
	for (gsize i = 0; i < loading->closure->package_count; i++)
		g_ptr_array_add(order, &loading->closure->packages[i]);
	g_ptr_array_sort(order, by_size_descending);
	for (guint i = 0; i < order->len; i++)
		g_thread_pool_push(pool, order->pdata[i], NULL);
	g_thread_pool_free(pool, FALSE, TRUE);
	g_mutex_clear(&loading->lock);
	if (!loading->error)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&loading->error));
	return FALSE;
}

static void link_dependencies(KilnClosure *closure)
{
	g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
	for (gsize i = 0; i < closure->package_count; i++)
		g_hash_table_insert(by_name, closure->packages[i].lock->name, GUINT_TO_POINTER(i + 1));
	for (gsize i = 0; i < closure->package_count; i++) {
		KilnClosurePackage *package = &closure->packages[i];
		char **names = package->lock->depends;
		package->depends = g_new(guint, names ? g_strv_length(names) + 1 : 1);
		for (; names && *names; names++) {
			guint found = GPOINTER_TO_UINT(g_hash_table_lookup(by_name, *names));
			if (found)
				package->depends[package->depend_count++] = found - 1;
		}
	}
}

KilnClosure *kiln_closure_load(KilnStore *store, const KilnContext *context, const KilnLockPlatform *lock,
                               const KilnPlatform *platform, GError **error)
{
	g_autoptr(KilnClosure) closure = g_new0(KilnClosure, 1);
	Loading loading = { .store = store, .context = context, .closure = closure };
	gboolean any_diversion = FALSE;
	closure->platform = platform;
	closure->package_count = lock->packages->len;
	closure->packages = g_new0(KilnClosurePackage, lock->packages->len);
	closure->nodes = g_hash_table_new(g_str_hash, g_str_equal);
	closure->children = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
	closure->strings = g_string_chunk_new(64 * 1024);
	closure->all = g_ptr_array_new_with_free_func(g_free);
	for (gsize i = 0; i < closure->package_count; i++) {
		KilnClosurePackage *package = &closure->packages[i];
		package->lock = lock->packages->pdata[i];
		package->requested = package->lock->requested;
		package->nodes = g_ptr_array_new();
		package->effects = g_ptr_array_new();
		package->extra_effects = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_effect_free);
		package->unknown = g_ptr_array_new_with_free_func(g_free);
	}
	link_dependencies(closure);
	if (!load_all(&loading, error))
		return NULL;
	for (gsize i = 0; i < closure->package_count; i++)
		for (guint j = 0; j < closure->packages[i].effects->len; j++)
			any_diversion |= ((KilnEffect *)closure->packages[i].effects->pdata[j])->kind == KILN_EFFECT_DIVERT;
	for (gsize i = 0; i < closure->package_count; i++)
		if (!add_package_files(closure, (int)i, any_diversion, error))
			return NULL;
	for (gsize i = 0; i < closure->package_count; i++)
		kiln_closure_read_scripts(closure, &closure->packages[i]);
	return g_steal_pointer(&closure);
}

static void package_clear(KilnClosurePackage *package)
{
	kiln_facts_free(package->facts);
	for (guint i = 0; i < G_N_ELEMENTS(package->scripts); i++)
		if (package->scripts[i])
			kiln_script_free(package->scripts[i]);
	g_ptr_array_unref(package->effects);
	g_ptr_array_unref(package->extra_effects);
	g_ptr_array_unref(package->unknown);
	g_ptr_array_unref(package->nodes);
	g_free(package->depends);
	g_strfreev(package->replaces);
}

/* Made by build/own_files; those of packages belong to their facts. */
static void free_own_facts(KilnFactsFile *file)
{
	kiln_elf_facts_free((KilnElfFacts *)file->elf);
	g_free(file->named_paths);
	g_free(file);
}

void kiln_closure_free(KilnClosure *closure)
{
	if (!closure)
		return;
	for (guint i = 0; i < closure->all->len; i++) {
		KilnNode *node = closure->all->pdata[i];
		if (node->bytes)
			g_bytes_unref(node->bytes);
		if (node->package == KILN_PACKAGE_RECIPE && node->file)
			free_own_facts((KilnFactsFile *)node->file);
	}
	for (gsize i = 0; i < closure->package_count; i++)
		package_clear(&closure->packages[i]);
	g_free(closure->packages);
	g_hash_table_unref(closure->nodes);
	g_hash_table_unref(closure->children);
	g_ptr_array_unref(closure->all);
	g_string_chunk_free(closure->strings);
	g_free(closure);
}
