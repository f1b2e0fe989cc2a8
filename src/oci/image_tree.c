/* SPDX-License-Identifier: Apache-2.0 */
/* image_tree.c: lay the entries of a layer over what lower layers left. Source: image-spec 1.1 layer.md "Applying Changesets". */
#include "oci/image_tree.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

#define LINKS_MAX 40 /* symlinks on one way, as the kernel */
#define WHITEOUT ".wh."
#define WHITEOUT_OPAQUE ".wh..wh..opq"
#define WHITEOUT_METADATA ".wh..wh." /* of aufs itself; says nothing about the image */
#define DIRECTORY_MODE 0755

static void node_free(gpointer data)
{
	KilnTreeNode *node = data;
	if (node->children)
		g_hash_table_unref(node->children);
	g_free(node->name);
	g_free(node);
}

static void inode_free(gpointer data)
{
	KilnInode *inode = data;
	if (!inode)
		return;
	for (gsize i = 0; i < inode->xattr_count; i++) {
		g_free((gpointer)inode->xattrs[i].name);
		g_free((gpointer)inode->xattrs[i].value);
	}
	g_free(inode->xattrs);
	g_clear_pointer(&inode->content, g_bytes_unref);
	g_clear_pointer(&inode->note, g_bytes_unref);
	g_free(inode->old_hashes);
	g_free(inode->link_target);
	g_free(inode);
}

static gboolean count(KilnImageTree *tree, guint64 bytes, GError **error)
{
	tree->names_bytes += bytes;
	if (tree->names_bytes > KILN_LIMIT_IMAGE_NAMES_BYTES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "the names of its files need more than %u MiB", (guint)(KILN_LIMIT_IMAGE_NAMES_BYTES / KILN_MIB));
	if (tree->nodes->len > KILN_LIMIT_IMAGE_FILES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "more than %d files in all layers", KILN_LIMIT_IMAGE_FILES);
	return TRUE;
}

static KilnInode *add_inode(KilnImageTree *tree, KilnFileType type, guint mode)
{
	KilnInode *inode = g_new0(KilnInode, 1);
	inode->type = type;
	inode->mode = mode;
	inode->index = tree->inodes->len;
	g_ptr_array_add(tree->inodes, inode);
	return inode;
}

static KilnInode *inode_of_entry(KilnImageTree *tree, const KilnTarEntry *entry, GError **error)
{
	KilnInode *inode = add_inode(tree, entry->type, entry->mode);
	guint64 bytes = entry->link_target ? strlen(entry->link_target) : 0;
	inode->uid = entry->uid;
	inode->gid = entry->gid;
	inode->size = entry->size;
	inode->mtime_s = entry->mtime_s;
	inode->device_major = entry->device_major;
	inode->device_minor = entry->device_minor;
	inode->link_target = g_strdup(entry->link_target);
	inode->xattrs = g_new0(KilnXattr, entry->xattr_count);
	inode->xattr_count = entry->xattr_count;
	for (gsize i = 0; i < entry->xattr_count; i++) {
		const KilnXattr *xattr = &entry->xattrs[i];
		inode->xattrs[i] = (KilnXattr){ g_strdup(xattr->name), g_memdup2(xattr->value, xattr->length), xattr->length };
		bytes += strlen(xattr->name) + xattr->length;
	}
	tree->content_bytes += entry->size;
	if (tree->content_bytes > KILN_LIMIT_IMAGE_BYTES) {
		kiln_fail(error, KILN_ERROR_LIMIT, "its files have more than %u GiB", (guint)(KILN_LIMIT_IMAGE_BYTES / KILN_GIB));
		return NULL;
	}
	return count(tree, bytes, error) ? inode : NULL;
}

static void touch(const KilnImageTree *tree, KilnTreeNode *node)
{
	for (; node && node->touched < tree->layer; node = node->parent)
		node->touched = tree->layer;
}

static KilnTreeNode *child_of(const KilnTreeNode *directory, const char *name)
{
	return directory->children ? g_hash_table_lookup(directory->children, name) : NULL;
}

static KilnTreeNode *add_node(KilnImageTree *tree, KilnTreeNode *parent, const char *name, KilnInode *inode, GError **error)
{
	gsize path_bytes = (parent && parent->parent ? parent->path_bytes + 1 : 0) + strlen(name);
	if (path_bytes > KILN_LIMIT_PATH_BYTES) {
		kiln_fail(error, KILN_ERROR_LIMIT, "the path to \"%.64s\" is longer than %d bytes", name, KILN_LIMIT_PATH_BYTES);
		return NULL;
	}
	KilnTreeNode *node = g_new0(KilnTreeNode, 1);
	node->name = g_strdup(name);
	node->parent = parent;
	node->inode = inode;
	inode->links++;
	node->layer = node->touched = tree->layer;
	node->path_bytes = (guint)path_bytes;
	g_ptr_array_add(tree->nodes, node);
	if (inode->type == KILN_FILE_DIRECTORY)
		node->children = g_hash_table_new(g_str_hash, g_str_equal);
	if (parent) {
		g_hash_table_insert(parent->children, node->name, node);
		touch(tree, parent);
	}
	return count(tree, strlen(name), error) ? node : NULL;
}

KilnImageTree *kiln_image_tree_new(void)
{
	KilnImageTree *tree = g_new0(KilnImageTree, 1);
	tree->nodes = g_ptr_array_new_with_free_func(node_free);
	tree->inodes = g_ptr_array_new_with_free_func(inode_free);
	KilnInode *inode = add_inode(tree, KILN_FILE_DIRECTORY, DIRECTORY_MODE);
	inode->implied = TRUE;
	tree->root = add_node(tree, NULL, "", inode, NULL);
	return tree;
}

void kiln_image_tree_drop_inode(KilnImageTree *tree, KilnInode *inode)
{
	tree->inodes->pdata[inode->index] = NULL;
	inode_free(inode);
}

void kiln_image_tree_free(KilnImageTree *tree)
{
	if (!tree)
		return;
	g_ptr_array_unref(tree->nodes);
	g_ptr_array_unref(tree->inodes);
	g_free(tree);
}

static gboolean detach(KilnImageTree *tree, KilnTreeNode *node, GError **error)
{
	if (tree->watch && !tree->watch->removed(node, tree->watch->user_data, error))
		return FALSE;
	node->inode->links--;
	g_hash_table_remove(node->parent->children, node->name);
	return TRUE;
}

/* Hide what lower layers have in @directory; what this layer brought stays, with the directories that lead to it. */
static gboolean hide_below(KilnImageTree *tree, KilnTreeNode *directory, GError **error)
{
	g_autoptr(GPtrArray) waiting = g_ptr_array_new();
	g_ptr_array_add(waiting, directory);
	while (waiting->len) {
		const KilnTreeNode *at = g_ptr_array_steal_index_fast(waiting, waiting->len - 1);
		g_autoptr(GList) children = g_hash_table_get_values(at->children);
		for (GList *item = children; item; item = item->next) {
			KilnTreeNode *child = item->data;
			if (child->touched < tree->layer) {
				if (!detach(tree, child, error))
					return FALSE;
			} else if (child->children) {
				g_ptr_array_add(waiting, child);
			}
		}
	}
	return TRUE;
}

static gboolean hide(KilnImageTree *tree, KilnTreeNode *node, GError **error)
{
	if (!node)
		return TRUE;
	if (node->touched < tree->layer)
		return detach(tree, node, error);
	return !node->children || hide_below(tree, node, error);
}

static KilnTreeNode *imply_directory(KilnImageTree *tree, KilnTreeNode *parent, const char *name, GError **error)
{
	KilnInode *inode = add_inode(tree, KILN_FILE_DIRECTORY, DIRECTORY_MODE);
	inode->implied = TRUE;
	KilnTreeNode *node = add_node(tree, parent, name, inode, error);
	if (node && tree->watch && !tree->watch->implied(node, tree->watch->user_data, error))
		return NULL;
	return node;
}

/* One step down from @at; a file of a lower layer gives way to the directory that this layer needs. */
static KilnTreeNode *enter(KilnImageTree *tree, KilnTreeNode *at, const char *name, gboolean make, GError **error)
{
	KilnTreeNode *child = child_of(at, name);
	if (child && child->children)
		return child;
	if (!make) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "there is no directory \"%s\"", name);
		return NULL;
	}
	if (child && child->layer == tree->layer) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "\"%s\" is no directory in the same layer", name);
		return NULL;
	}
	return !child || detach(tree, child, error) ? imply_directory(tree, at, name, error) : NULL;
}

/* The directory to which the first @length bytes of @path lead, through symlinks as after chroot. */
static KilnTreeNode *walk(KilnImageTree *tree, const char *path, gsize length, gboolean make, GError **error)
{
	g_autofree char *way = g_strndup(path, length);
	KilnTreeNode *at = tree->root;
	guint links = 0;
	for (char *rest = way; at && *rest;) {
		gsize size = strcspn(rest, "/");
		char *next = rest + size + (rest[size] == '/');
		rest[size] = '\0';
		const KilnTreeNode *child = child_of(at, rest);
		if (child && child->inode->type == KILN_FILE_SYMLINK) {
			if (++links > LINKS_MAX) {
				kiln_fail(error, KILN_ERROR_DENIED, "too many symlinks on the way, or in a circle");
				return NULL;
			}
			char *longer = g_strconcat(child->inode->link_target, "/", next, NULL);
			g_free(way);
			rest = way = longer;
			at = *way == '/' ? tree->root : at;
			continue;
		}
		if (strcmp(rest, "..") == 0)
			at = at->parent ? at->parent : at;
		else if (*rest && strcmp(rest, ".") != 0)
			at = enter(tree, at, rest, make, error);
		rest = next;
	}
	return at;
}

static gboolean is_whiteout(const char *name)
{
	return g_str_has_prefix(name, WHITEOUT);
}

static gboolean apply_whiteout(KilnImageTree *tree, KilnTreeNode *parent, const char *name, GError **error)
{
	const char *hidden = name + strlen(WHITEOUT);
	if (strcmp(name, WHITEOUT_OPAQUE) == 0)
		return hide_below(tree, parent, error);
	if (!*hidden || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
		return kiln_fail(error, KILN_ERROR_DENIED, "a whiteout of \"%s\"", hidden);
	return hide(tree, child_of(parent, hidden), error);
}

/* The node that has what @entry is a hard link to. */
static const KilnTreeNode *find_target(KilnImageTree *tree, const KilnTarEntry *entry, GError **error)
{
	const char *slash = strrchr(entry->link_target, '/'), *name = slash ? slash + 1 : entry->link_target;
	const KilnTreeNode *parent = walk(tree, entry->link_target, slash ? (gsize)(slash - entry->link_target) : 0, FALSE, error);
	const KilnTreeNode *target = parent ? child_of(parent, name) : NULL;
	if (parent && !target)
		kiln_fail(error, KILN_ERROR_SYNTAX, "there is no such file before it");
	if (target && target->children) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "that is a directory");
		target = NULL;
	}
	if (!target)
		g_prefix_error(error, "hard link to \"%s\": ", entry->link_target);
	return target;
}

static gboolean put(KilnImageTree *tree, KilnTreeNode *parent, const char *name, const KilnTarEntry *entry, KilnTreeNode **out, const KilnTreeNode **target, GError **error)
{
	KilnTreeNode *old = child_of(parent, name);
	gboolean merges = old && old->children && entry->type == KILN_FILE_DIRECTORY;
	KilnInode *inode = NULL;
	if (entry->type == KILN_FILE_SYMLINK && !*entry->link_target)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "a symlink without a target");
	if (old && !merges && !detach(tree, old, error))
		return FALSE;
	if (entry->type == KILN_FILE_HARDLINK) {
		*target = find_target(tree, entry, error);
		inode = *target ? (*target)->inode : NULL;
	} else {
		inode = inode_of_entry(tree, entry, error);
	}
	if (!inode)
		return FALSE;
	if (!merges) {
		*out = add_node(tree, parent, name, inode, error);
		return *out != NULL;
	}
	old->inode = inode;
	old->layer = tree->layer;
	touch(tree, old);
	*out = old;
	return TRUE;
}

/* Names of whiteouts stand at the end of a path only. */
static gboolean check_reserved(const char *path, gboolean *is_metadata, GError **error)
{
	*is_metadata = FALSE;
	for (const char *at = path; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL) {
		gboolean last = !strchr(at, '/');
		if (g_str_has_prefix(at, WHITEOUT_METADATA) && strcmp(at, WHITEOUT_OPAQUE) != 0)
			*is_metadata = TRUE;
		else if (!last && is_whiteout(at))
			return kiln_fail(error, KILN_ERROR_DENIED, "a directory whose name is that of a whiteout");
	}
	return TRUE;
}

static gboolean apply(KilnImageTree *tree, const KilnTarEntry *entry, KilnTreeNode **node, const KilnTreeNode **target, GError **error)
{
	gboolean is_metadata;
	if (!check_reserved(entry->path, &is_metadata, error))
		return FALSE;
	if (is_metadata)
		return TRUE;
	if (!*entry->path) {
		if (entry->type != KILN_FILE_DIRECTORY)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "the root is no directory");
		tree->root->inode = inode_of_entry(tree, entry, error);
		*node = tree->root;
		return tree->root->inode != NULL;
	}
	const char *slash = strrchr(entry->path, '/'), *name = slash ? slash + 1 : entry->path;
	KilnTreeNode *parent = walk(tree, entry->path, slash ? (gsize)(slash - entry->path) : 0, TRUE, error);
	if (!parent)
		return FALSE;
	return is_whiteout(name) ? apply_whiteout(tree, parent, name, error) : put(tree, parent, name, entry, node, target, error);
}

gboolean kiln_image_tree_apply(KilnImageTree *tree, const KilnTarEntry *entry, KilnTreeNode **node, const KilnTreeNode **target, GError **error)
{
	*node = NULL;
	*target = NULL;
	if (apply(tree, entry, node, target, error))
		return TRUE;
	g_prefix_error(error, "/%s: ", entry->path);
	return FALSE;
}

char *kiln_tree_node_path(const KilnTreeNode *node)
{
	char *path = g_malloc(node->path_bytes + 1);
	gsize end = node->path_bytes;
	path[end] = '\0';
	for (; node->parent; node = node->parent) {
		gsize length = strlen(node->name);
		memcpy(path + end - length, node->name, length);
		end -= length;
		if (node->parent->parent)
			path[--end] = '/';
	}
	return path;
}

GPtrArray *kiln_image_tree_list(const KilnImageTree *tree)
{
	GPtrArray *nodes = g_ptr_array_new();
	GHashTableIter iterator;
	gpointer child;
	g_ptr_array_add(nodes, tree->root);
	for (guint i = 0; i < nodes->len; i++) {
		const KilnTreeNode *node = nodes->pdata[i];
		if (!node->children)
			continue;
		g_hash_table_iter_init(&iterator, node->children);
		while (g_hash_table_iter_next(&iterator, NULL, &child))
			g_ptr_array_add(nodes, child);
	}
	return nodes;
}
