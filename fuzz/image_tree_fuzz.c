/* SPDX-License-Identifier: Apache-2.0 */
/* image_tree_fuzz.c: layers over one another, a line for each entry ("f a/b", "l a b", "h a b", "d a"; "-" begins a layer): the tree stays a tree. */
#include "io/root.h"
#include "oci/image_tree.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

/* Each node stands in its parent under its name, once, at a path that leads nowhere else. */
static void check(const KilnImageTree *tree)
{
	g_autoptr(GPtrArray) nodes = kiln_image_tree_list(tree);
	g_autoptr(GHashTable) paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < nodes->len; i++) {
		const KilnTreeNode *node = nodes->pdata[i];
		char *path = kiln_tree_node_path(node);
		g_autofree char *normal = kiln_path_normalise(path, strlen(path), NULL);
		if ((normal && strcmp(normal, path) != 0) || (!normal && strlen(node->name) <= 255) || !g_hash_table_add(paths, path))
			abort();
		if ((node->children != NULL) != (node->inode->type == KILN_FILE_DIRECTORY) || node->touched < node->layer || node->touched > tree->layer)
			abort();
		if (node->parent && (g_hash_table_lookup(node->parent->children, node->name) != node || node->parent->touched < node->touched))
			abort();
	}
}

static gboolean removed(const KilnTreeNode *node, gpointer user_data, GError **error)
{
	const KilnImageTree *tree = user_data;
	if (node == tree->root || g_hash_table_lookup(node->parent->children, node->name) != node)
		abort();
	return TRUE;
}

static gboolean implied(const KilnTreeNode *node, gpointer user_data, GError **error)
{
	if (!node->inode->implied || !node->children)
		abort();
	return TRUE;
}

static void apply(KilnImageTree *tree, const char *line)
{
	static const char letters[] = { [KILN_FILE_REGULAR] = 'f', [KILN_FILE_DIRECTORY] = 'd', [KILN_FILE_SYMLINK] = 'l', [KILN_FILE_HARDLINK] = 'h' };
	g_auto(GStrv) words = g_strsplit(line, " ", 3);
	const char *letter = words[0] && words[0][0] && words[1] ? memchr(letters, words[0][0], sizeof letters) : NULL;
	g_autofree char *path = letter ? kiln_path_normalise(words[1], strlen(words[1]), NULL) : NULL;
	if (!path)
		return;
	KilnTarEntry entry = { .path = path, .type = (KilnFileType)(letter - letters), .mode = 0755 };
	const char *target = words[2] ? words[2] : "";
	g_autofree char *hard = entry.type == KILN_FILE_HARDLINK ? kiln_path_normalise(target, strlen(target), NULL) : NULL;
	entry.link_target = hard ? hard : entry.type == KILN_FILE_SYMLINK ? target : NULL;
	KilnTreeNode *node;
	const KilnTreeNode *linked;
	g_autoptr(GError) error = NULL;
	if (entry.type == KILN_FILE_HARDLINK && !hard)
		return;
	if (!kiln_image_tree_apply(tree, &entry, &node, &linked, &error) && !error)
		abort();
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length)
{
	g_autofree char *text = g_strndup((const char *)bytes, MIN(length, 1 << 16));
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autoptr(KilnImageTree) tree = kiln_image_tree_new();
	const KilnTreeWatch watch = { removed, implied, tree };
	tree->watch = &watch;
	for (char **line = lines; *line; line++) {
		if (strcmp(*line, "-") == 0)
			tree->layer++;
		else
			apply(tree, *line);
	}
	check(tree);
	return 0;
}
