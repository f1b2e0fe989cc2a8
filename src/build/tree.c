/* SPDX-License-Identifier: Apache-2.0 */
/* tree.c: every file of the image as it will be. */
#include "build/tree.h"

#include "base/error.h"
#include "base/limits.h"
#include "build/capability.h"
#include "build/effects.h"
#include "crypto/hash.h"

#include <string.h>

#define WORLD_WRITABLE 0002
#define SETUID_BITS 06000

static void entry_free(gpointer data)
{
	KilnTreeEntry *entry = data;
	if (entry->bytes)
		g_bytes_unref(entry->bytes);
	g_free(entry);
}

void kiln_tree_free(KilnTree *tree)
{
	if (!tree)
		return;
	g_hash_table_unref(tree->by_path);
	g_ptr_array_unref(tree->entries);
	g_ptr_array_unref(tree->strings);
	g_free(tree);
}

const char *kiln_tree_keep_string(KilnTree *tree, char *taken)
{
	g_ptr_array_add(tree->strings, taken);
	return taken;
}

KilnTreeEntry *kiln_tree_get(const KilnTree *tree, const char *path)
{
	return g_hash_table_lookup(tree->by_path, path);
}

KilnTreeEntry *kiln_tree_add(KilnTree *tree, const char *path, KilnFileType type, const char *rule, const char *detail)
{
	KilnTreeEntry *entry = kiln_tree_get(tree, path);
	if (entry)
		return entry;
	entry = g_new0(KilnTreeEntry, 1);
	entry->path = kiln_tree_keep_string(tree, g_strdup(path));
	entry->type = type;
	entry->mode = type == KILN_FILE_REGULAR ? 0644 : type == KILN_FILE_DIRECTORY ? 0755 : 0777;
	entry->data_fd = -1;
	entry->package = KILN_PACKAGE_COMPUTED;
	entry->edge = (KilnEdge){ rule, NULL, detail };
	g_hash_table_insert(tree->by_path, (gpointer)entry->path, entry);
	g_ptr_array_add(tree->entries, entry);
	return entry;
}

void kiln_tree_add_text(KilnTree *tree, const char *path, const char *text, gsize length, const char *detail)
{
	if (kiln_tree_get(tree, path))
		return;
	KilnTreeEntry *entry = kiln_tree_add(tree, path, KILN_FILE_REGULAR, "computed", detail);
	entry->bytes = g_bytes_new(text, length);
	entry->size = length;
	kiln_hash_bytes(text, length, &entry->digest);
}

void kiln_tree_add_link(KilnTree *tree, const char *path, const char *target, const char *detail)
{
	if (kiln_tree_get(tree, path))
		return;
	KilnTreeEntry *entry = kiln_tree_add(tree, path, KILN_FILE_SYMLINK, "computed", detail);
	entry->link_target = kiln_tree_keep_string(tree, g_strdup(target));
}

/* Only what the recipe's keep names has rights of its own: setuid bits and capabilities. */
static gboolean may_have_rights(const KilnNode *node)
{
	return g_strcmp0(node->edge.rule, "keep") == 0 || node->package == KILN_PACKAGE_RECIPE;
}

/* A program with capabilities cannot even be started where they are not to be had, so they stay out unless they are asked for. */
static void take_xattrs(KilnTree *tree, KilnTreeEntry *entry, const KilnNode *node)
{
	gsize shipped = node->file && !node->bytes ? node->file->xattr_count : 0;
	entry->xattr_count = 0;
	KilnXattr *xattrs = shipped || node->capability ? (gpointer)kiln_tree_keep_string(tree, g_malloc0((shipped + 1) * sizeof(KilnXattr))) : NULL;
	for (gsize i = 0; i < shipped; i++)
		if (strcmp(node->file->xattrs[i].name, KILN_CAPABILITY_XATTR) != 0 || (may_have_rights(node) && !node->capability))
			xattrs[entry->xattr_count++] = node->file->xattrs[i];
	guint8 *value = node->capability ? g_malloc(KILN_CAPABILITY_BYTES) : NULL;
	if (value)
		kiln_tree_keep_string(tree, (char *)value);
	if (value && may_have_rights(node) && kiln_capability_encode(node->capability, value, NULL))
		xattrs[entry->xattr_count++] = (KilnXattr){ KILN_CAPABILITY_XATTR, value, KILN_CAPABILITY_BYTES };
	entry->xattrs = xattrs;
}

static gboolean add_node(KilnTree *tree, const KilnNode *node, KilnAccounts *accounts, GError **error)
{
	KilnTreeEntry *entry = kiln_tree_add(tree, node->path, node->type, node->edge.rule, node->edge.detail);
	entry->edge = node->edge;
	entry->node = node;
	entry->package = node->package;
	entry->mode = node->mode & 07777;
	/* A package's file is never for everybody to write, not even one that keep names: only the mode of an own file asks for that. */
	if (node->type == KILN_FILE_REGULAR && node->package != KILN_PACKAGE_RECIPE)
		entry->mode &= ~(guint)WORLD_WRITABLE;
	if (node->type != KILN_FILE_SYMLINK && !may_have_rights(node))
		entry->mode &= ~(guint)SETUID_BITS;
	entry->uid = node->uid;
	entry->gid = node->gid;
	entry->size = node->size;
	entry->link_target = node->link_target;
	entry->digest = node->digest;
	if (node->bytes)
		entry->bytes = g_bytes_ref(node->bytes);
	if (node->file && !node->bytes && node->package >= 0) {
		entry->data_fd = tree->closure->packages[node->source].facts->data_fd;
		entry->offset = node->file->offset;
		memcpy(entry->sha1, node->file->sha1, sizeof entry->sha1);
		entry->has_sha1 = TRUE;
	}
	take_xattrs(tree, entry, node);
	if (!node->owner || kiln_accounts_resolve(accounts, node->owner, &entry->uid, &entry->gid, error))
		return TRUE;
	g_prefix_error(error, "/%s: ", node->path);
	return FALSE;
}

/* Directories on the way carry the mode and owner that their package gives them. */
static gboolean add_parents(KilnTree *tree, const char *path, KilnAccounts *accounts, GError **error)
{
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		g_autofree char *parent = g_strndup(path, (gsize)(slash - path));
		const KilnTreeEntry *known = kiln_tree_get(tree, parent);
		const KilnNode *node = kiln_closure_get(tree->closure, parent);
		if (known && known->type != KILN_FILE_DIRECTORY)
			return kiln_fail(error, KILN_ERROR_UNSATISFIABLE, "/%s is needed as a directory for /%s, but it is a %s", parent, path,
			                 known->type == KILN_FILE_SYMLINK ? "link" : "file");
		if (known)
			continue;
		if (node && node->type == KILN_FILE_DIRECTORY) {
			if (!add_node(tree, node, accounts, error))
				return FALSE;
			kiln_tree_get(tree, parent)->edge = (KilnEdge){ "directory", NULL, NULL };
		} else {
			kiln_tree_add(tree, parent, KILN_FILE_DIRECTORY, "directory", NULL);
		}
	}
	return TRUE;
}

static gboolean add_kept(KilnTree *tree, KilnAccounts *accounts, GError **error)
{
	for (guint i = 0; i < tree->closure->all->len; i++) {
		const KilnNode *node = tree->closure->all->pdata[i];
		if (node->kept && (!add_parents(tree, node->path, accounts, error) || !add_node(tree, node, accounts, error)))
			return FALSE;
	}
	return TRUE;
}

static void add_usr_links(KilnTree *tree)
{
	static const char *const names[] = { "bin", "sbin", "lib", "lib64" };
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *target = g_strdup_printf("usr/%s", names[i]);
		/* Only some architectures have it: where the loader lies there. */
		if (strcmp(names[i], "lib64") == 0 && !kiln_tree_get(tree, target))
			continue;
		kiln_tree_add(tree, target, KILN_FILE_DIRECTORY, "foundation", "the merged /usr");
		kiln_tree_add_link(tree, names[i], target, "the merged /usr");
	}
}

static void add_directory(KilnTree *tree, const char *path, guint mode, guint64 uid, guint64 gid)
{
	KilnTreeEntry *entry = kiln_tree_add(tree, path, KILN_FILE_DIRECTORY, "foundation", "part of every file system");
	entry->mode = mode;
	entry->uid = uid;
	entry->gid = gid;
}

static void add_base_directories(KilnTree *tree)
{
	static const char *const plain[] = {
		"dev", "etc", "home", "proc", "run", "sys", "usr", "usr/bin", "usr/lib", "usr/sbin", "var", "var/lib", "var/lib/dpkg", "var/lib/dpkg/status.d",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(plain); i++)
		add_directory(tree, plain[i], 0755, 0, 0);
	add_directory(tree, "root", 0700, 0, 0);
	add_directory(tree, "tmp", 01777, 0, 0);
	if (!kiln_tree_get(tree, "var/tmp"))
		add_directory(tree, "var/tmp", 01777, 0, 0);
	kiln_tree_add_link(tree, "var/run", "/run", "part of every file system");
	add_directory(tree, "home/nonroot", 0700, KILN_NONROOT_ID, KILN_NONROOT_ID);
}

static gboolean add_writable(KilnTree *tree, const KilnRecipe *recipe, KilnAccounts *accounts, GError **error)
{
	for (guint i = 0; i < recipe->writable->len; i++) {
		const KilnRecipeWritable *writable = recipe->writable->pdata[i];
		g_autofree char *path = kiln_merged_path(writable->path + strspn(writable->path, "/"));
		if (!path[0] || !add_parents(tree, path, accounts, error))
			return FALSE;
		KilnTreeEntry *entry = kiln_tree_add(tree, path, KILN_FILE_DIRECTORY, "writable", NULL);
		if (entry->type == KILN_FILE_SYMLINK)
			return kiln_fail(error, KILN_ERROR_UNSATISFIABLE, "%s:%u: writable %s is a link to %s; name that instead", writable->place.file,
			                 writable->place.line, writable->path, entry->link_target);
		if (writable->mode)
			entry->mode = writable->mode;
		entry->uid = tree->uid;
		entry->gid = tree->gid;
		if (writable->owner && !kiln_accounts_resolve(accounts, writable->owner, &entry->uid, &entry->gid, error)) {
			g_prefix_error(error, "%s:%u: ", writable->place.file, writable->place.line);
			return FALSE;
		}
	}
	return TRUE;
}

/* What libc-bin's postinst copies into place. */
static gboolean add_nsswitch(KilnTree *tree, GError **error)
{
	const KilnNode *node = kiln_closure_get(tree->closure, "usr/share/libc-bin/nsswitch.conf");
	g_autoptr(GBytes) bytes = node ? kiln_node_read(tree->closure, node, KILN_LIMIT_CONFIG_BYTES, error) : NULL;
	gsize length;
	if (node && !bytes)
		return FALSE;
	const char *text = bytes ? g_bytes_get_data(bytes, &length) : NULL;
	if (text)
		kiln_tree_add_text(tree, "etc/nsswitch.conf", text, length, "where names are looked up");
	return TRUE;
}

static gint by_path(gconstpointer a, gconstpointer b)
{
	return strcmp((*(KilnTreeEntry *const *)a)->path, (*(KilnTreeEntry *const *)b)->path);
}

KilnTree *kiln_tree_build(KilnClosure *closure, const KilnRecipe *recipe, KilnAccounts *accounts, GError **error)
{
	g_autoptr(KilnTree) tree = g_new0(KilnTree, 1);
	tree->closure = closure;
	tree->entries = g_ptr_array_new_with_free_func(entry_free);
	tree->strings = g_ptr_array_new_with_free_func(g_free);
	tree->by_path = g_hash_table_new(g_str_hash, g_str_equal);
	if (!kiln_accounts_resolve(accounts, recipe->user, &tree->uid, &tree->gid, error)) {
		g_prefix_error(error, "%s: user: ", recipe->file);
		return NULL;
	}
	if (!add_kept(tree, accounts, error))
		return NULL;
	add_usr_links(tree);
	add_base_directories(tree);
	if (!add_writable(tree, recipe, accounts, error) || !add_nsswitch(tree, error) || !kiln_tree_add_certificates(tree, error) ||
	    !kiln_tree_add_library_cache(tree, error) || !kiln_tree_add_package_status(tree, error))
		return NULL;
	g_autofree char *passwd = kiln_accounts_passwd(accounts), *group = kiln_accounts_group(accounts);
	kiln_tree_add_text(tree, "etc/passwd", passwd, strlen(passwd), "the image's users");
	kiln_tree_add_text(tree, "etc/group", group, strlen(group), "the image's groups");
	for (guint i = 0, count = tree->entries->len; i < count; i++)
		if (!add_parents(tree, ((KilnTreeEntry *)tree->entries->pdata[i])->path, accounts, error))
			return NULL;
	g_ptr_array_sort(tree->entries, by_path);
	return g_steal_pointer(&tree);
}
