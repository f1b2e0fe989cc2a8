/* SPDX-License-Identifier: Apache-2.0 */
/* image_tree.h: layers laid over one another in memory: which entry wins where, as overlayfs shows it. For the files of oci only. */
#pragma once
#include "base/digest.h"
#include "io/tar.h"
#include "oci/image.h"

/** What is at a path; hard links share one. */
typedef struct {
	KilnFileType type; /* never HARDLINK */
	guint mode;
	guint64 uid, gid, size;
	gint64 mtime_s;
	char *link_target; /* symlinks */
	KilnXattr *xattrs; /* sorted by name; names and values owned */
	gsize xattr_count;
	guint device_major, device_minor;
	gboolean implied;  /* a directory that no entry describes */
	guint index;       /* in the tree's inodes */
	guint links;       /* nodes that had it and were not taken away one by one */
	KilnDigest digest; /* regular files: from here on set by who reads them */
	gboolean is_elf, is_script;
	GBytes *content, *note; /* the same; NULL: nothing was kept */
	KilnOldHashes *old_hashes; /* the same */
} KilnInode;

typedef struct KilnTreeNode KilnTreeNode;
struct KilnTreeNode {
	char *name;
	KilnTreeNode *parent; /* NULL: the root */
	GHashTable *children; /* name -> KilnTreeNode; directories only */
	KilnInode *inode;
	guint layer;   /* that put it there */
	guint touched; /* newest layer that put anything at or below it */
	guint path_bytes;
};

/** What happens on disk meanwhile. @removed: the node is still in its place, with all below it. @implied: a directory was made on the way. */
typedef struct {
	gboolean (*removed)(const KilnTreeNode *node, gpointer user_data, GError **error);
	gboolean (*implied)(const KilnTreeNode *node, gpointer user_data, GError **error);
	gpointer user_data;
} KilnTreeWatch;

typedef struct {
	KilnTreeNode *root;
	GPtrArray *nodes;  /* all that ever were, owned */
	GPtrArray *inodes; /* the same */
	guint64 names_bytes, content_bytes;
	guint layer;                /* that is being applied */
	const KilnTreeWatch *watch; /* borrowed; may be NULL */
} KilnImageTree;

KilnImageTree *kiln_image_tree_new(void);
void kiln_image_tree_free(KilnImageTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnImageTree, kiln_image_tree_free)

/**
 * Apply one entry of the layer tree->layer. Layers come from the bottom up.
 *
 * @node: becomes the node that was put, or NULL for a whiteout; its content is the caller's to read
 * @target: for a hard link, becomes a node that has the same inode; else NULL
 * Errors: KILN_ERROR_SYNTAX, KILN_ERROR_DENIED, KILN_ERROR_LIMIT; those of tree->watch.
 */
gboolean kiln_image_tree_apply(KilnImageTree *tree, const KilnTarEntry *entry, KilnTreeNode **node, const KilnTreeNode **target,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** KilnImageFile sorted by path, without the root; see kiln_image_read_files(). They take what the inodes have: all that can be done with @tree then is to free it. */
GPtrArray *kiln_image_files_of_tree(KilnImageTree *tree);
/** Free an inode that no node needs any more, before its tree. */
void kiln_image_tree_drop_inode(KilnImageTree *tree, KilnInode *inode);
/** Path below the root, "" for the root. New string. */
char *kiln_tree_node_path(const KilnTreeNode *node);
/** All nodes that are there, the root first and each directory before what is in it. The nodes are borrowed. */
GPtrArray *kiln_image_tree_list(const KilnImageTree *tree);
