/* SPDX-License-Identifier: Apache-2.0 */
/* image_files.c: the list of what an image shows with all its layers applied. */
#include "oci/image_apply.h"

#include <string.h>

void kiln_image_file_free(KilnImageFile *file)
{
	g_free(file->path);
	g_free(file->link_target);
	g_clear_pointer(&file->content, g_bytes_unref);
	g_clear_pointer(&file->note, g_bytes_unref);
	g_free(file->old_hashes);
	g_free(file);
}

static gboolean has_capability(const KilnInode *inode)
{
	for (gsize i = 0; i < inode->xattr_count; i++)
		if (strcmp(inode->xattrs[i].name, "security.capability") == 0)
			return TRUE;
	return FALSE;
}

static KilnImageFile *file_of_node(const KilnTreeNode *node)
{
	KilnInode *inode = node->inode;
	KilnImageFile *file = g_new0(KilnImageFile, 1);
	file->path = kiln_tree_node_path(node);
	file->type = inode->type;
	file->mode = inode->mode;
	file->uid = inode->uid;
	file->gid = inode->gid;
	file->size = inode->size;
	file->link_target = inode->links == 1 ? g_steal_pointer(&inode->link_target) : g_strdup(inode->link_target);
	file->digest = inode->digest;
	file->content = inode->content ? g_bytes_ref(inode->content) : NULL;
	file->note = inode->note ? g_bytes_ref(inode->note) : NULL;
	file->old_hashes = inode->old_hashes ? g_memdup2(inode->old_hashes, sizeof *inode->old_hashes) : NULL;
	file->layer = node->layer;
	file->is_elf = inode->is_elf;
	file->is_script = inode->is_script;
	file->has_capability = has_capability(inode);
	file->device_major = inode->device_major;
	file->device_minor = inode->device_minor;
	return file;
}

typedef struct {
	KilnImageFile *file;
	const KilnInode *inode; /* NULL: only this path has it */
} Listed;

static gint by_path(gconstpointer a, gconstpointer b)
{
	return strcmp(((const Listed *)a)->file->path, ((const Listed *)b)->file->path);
}

/* Of several paths to one inode, the first has it, and the others are links to that. */
static void name_links(GArray *listed)
{
	g_autoptr(GHashTable) first = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < listed->len; i++) {
		Listed *item = &g_array_index(listed, Listed, i);
		const char *target = item->inode ? g_hash_table_lookup(first, item->inode) : NULL;
		if (!item->inode)
			continue;
		if (!target) {
			g_hash_table_insert(first, (gpointer)item->inode, item->file->path);
			continue;
		}
		item->file->type = KILN_FILE_HARDLINK;
		g_free(item->file->link_target);
		item->file->link_target = g_strdup(target);
	}
}

GPtrArray *kiln_image_files_of_tree(KilnImageTree *tree)
{
	g_autoptr(GPtrArray) nodes = kiln_image_tree_list(tree);
	g_autoptr(GArray) listed = g_array_sized_new(FALSE, FALSE, sizeof(Listed), nodes->len);
	for (guint i = 1; i < nodes->len; i++) { /* the first is the root */
		const KilnTreeNode *node = nodes->pdata[i];
		Listed item = { file_of_node(node), node->inode->links == 1 ? NULL : node->inode };
		g_array_append_val(listed, item);
		/* Half a million files are in memory once, not twice. */
		if (!item.inode)
			kiln_image_tree_drop_inode(tree, node->inode);
	}
	g_array_sort(listed, by_path);
	name_links(listed);
	GPtrArray *files = g_ptr_array_new_full(listed->len, (GDestroyNotify)kiln_image_file_free);
	for (guint i = 0; i < listed->len; i++)
		g_ptr_array_add(files, g_array_index(listed, Listed, i).file);
	return files;
}

gboolean kiln_image_read_files(const KilnImage *image, const KilnContext *context, GPtrArray **files, GError **error)
{
	g_autoptr(KilnImageTree) tree = kiln_image_apply(image, context, "read", NULL, error);
	if (tree)
		*files = kiln_image_files_of_tree(tree);
	return tree != NULL;
}
