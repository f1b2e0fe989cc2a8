/* SPDX-License-Identifier: Apache-2.0 */
/* image_files.c: the list of what an image shows with all its layers applied. */
#include "base/error.h"
#include "base/limits.h"
#include "oci/image_apply.h"

#include <string.h>

void kiln_image_file_free(KilnImageFile *file)
{
	g_free(file->path);
	g_free(file->link_target);
	g_clear_pointer(&file->content, g_bytes_unref);
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
	const KilnInode *inode = node->inode;
	KilnImageFile *file = g_new0(KilnImageFile, 1);
	file->path = kiln_tree_node_path(node);
	file->type = inode->type;
	file->mode = inode->mode;
	file->uid = inode->uid;
	file->gid = inode->gid;
	file->size = inode->size;
	file->link_target = g_strdup(inode->link_target);
	file->digest = inode->digest;
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
	const KilnInode *inode;
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
		const char *target = g_hash_table_lookup(first, item->inode);
		if (!target) {
			g_hash_table_insert(first, (gpointer)item->inode, item->file->path);
			continue;
		}
		item->file->type = KILN_FILE_HARDLINK;
		g_free(item->file->link_target);
		item->file->link_target = g_strdup(target);
	}
}

/* Content that somebody wants, by inode. */
typedef struct {
	KilnWantContent want;
	gpointer user_data;
	GHashTable *contents; /* KilnInode -> GBytes */
	GByteArray *now;      /* of the file that is read, or NULL */
	const KilnTreeNode *node; /* that file */
	guint64 bytes;
} Collection;

static gboolean forget(const KilnTreeNode *node, gpointer user_data, GError **error)
{
	Collection *collection = user_data;
	GBytes *content = node->inode->links == 1 ? g_hash_table_lookup(collection->contents, node->inode) : NULL;
	if (content) {
		collection->bytes -= g_bytes_get_size(content);
		g_hash_table_remove(collection->contents, node->inode);
	}
	return TRUE;
}

static gboolean ignore(const KilnTreeNode *node, gpointer user_data, GError **error)
{
	return TRUE;
}

static gboolean begin(const KilnTreeNode *node, const KilnTreeNode *target, gpointer user_data, GError **error)
{
	Collection *collection = user_data;
	g_autofree char *path = kiln_tree_node_path(node);
	if (target || node->inode->type != KILN_FILE_REGULAR || !collection->want(path, collection->user_data))
		return TRUE;
	collection->now = g_byte_array_new();
	collection->node = node;
	return TRUE;
}

static gboolean append(const void *bytes, gsize length, gpointer user_data, GError **error)
{
	Collection *collection = user_data;
	if (!collection->now)
		return TRUE;
	collection->bytes += length;
	if (collection->bytes > KILN_LIMIT_IMAGE_CONTENT_BYTES) {
		g_autofree char *path = kiln_tree_node_path(collection->node);
		return kiln_fail(error, KILN_ERROR_LIMIT, "with /%s more than %u MiB would be held in memory", path, (guint)(KILN_LIMIT_IMAGE_CONTENT_BYTES / KILN_MIB));
	}
	g_byte_array_append(collection->now, bytes, (guint)length);
	return TRUE;
}

static gboolean end(const KilnTreeNode *node, gpointer user_data, GError **error)
{
	Collection *collection = user_data;
	if (collection->now)
		g_hash_table_insert(collection->contents, node->inode, g_byte_array_free_to_bytes(g_steal_pointer(&collection->now)));
	return TRUE;
}

static GPtrArray *list_files(const KilnImageTree *tree, GHashTable *contents)
{
	g_autoptr(GPtrArray) nodes = kiln_image_tree_list(tree);
	g_autoptr(GArray) listed = g_array_sized_new(FALSE, FALSE, sizeof(Listed), nodes->len);
	for (guint i = 1; i < nodes->len; i++) { /* the first is the root */
		const KilnTreeNode *node = nodes->pdata[i];
		GBytes *content = contents ? g_hash_table_lookup(contents, node->inode) : NULL;
		Listed item = { file_of_node(node), node->inode };
		item.file->content = content ? g_bytes_ref(content) : NULL;
		g_array_append_val(listed, item);
	}
	g_array_sort(listed, by_path);
	name_links(listed);
	GPtrArray *files = g_ptr_array_new_full(listed->len, (GDestroyNotify)kiln_image_file_free);
	for (guint i = 0; i < listed->len; i++)
		g_ptr_array_add(files, g_array_index(listed, Listed, i).file);
	return files;
}

gboolean kiln_image_read_contents(const KilnImage *image, const KilnContext *context, KilnWantContent want, gpointer user_data, GPtrArray **files, GError **error)
{
	g_autoptr(GHashTable) contents = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_bytes_unref);
	Collection collection = { .want = want, .user_data = user_data, .contents = contents };
	const KilnApplySink sink = { { forget, ignore, &collection }, begin, append, end };
	g_autoptr(KilnImageTree) tree = kiln_image_apply(image, context, "read", &sink, error);
	if (tree)
		*files = list_files(tree, contents);
	g_clear_pointer(&collection.now, g_byte_array_unref);
	return tree != NULL;
}

gboolean kiln_image_read_files(const KilnImage *image, const KilnContext *context, GPtrArray **files, GError **error)
{
	g_autoptr(KilnImageTree) tree = kiln_image_apply(image, context, "read", NULL, error);
	if (tree)
		*files = list_files(tree, NULL);
	return tree != NULL;
}
