/* SPDX-License-Identifier: Apache-2.0 */
/* tree.h: every file of the image as it will be, with where its bytes are: what layers are written from. */
#pragma once
#include "build/accounts.h"
#include "build/slice.h"

typedef struct {
	const char *path; /* "usr/sbin/nginx" */
	KilnFileType type; /* REGULAR, DIRECTORY or SYMLINK */
	guint mode;
	guint64 uid, gid, size;
	const char *link_target;
	KilnDigest digest;
	guint8 sha1[20];      /* regular files of packages; zeros otherwise */
	gboolean has_sha1;
	int data_fd;          /* content at offset, borrowed from the facts; -1: bytes */
	guint64 offset;
	GBytes *bytes;        /* owned; or NULL */
	const KilnXattr *xattrs; /* borrowed from the facts */
	gsize xattr_count;
	int package;          /* index into the closure, or KILN_PACKAGE_* */
	KilnEdge edge;
	const KilnNode *node; /* NULL for what is computed */
} KilnTreeEntry;

typedef struct {
	GPtrArray *entries; /* KilnTreeEntry, sorted by path; directories that files need are there */
	GHashTable *by_path;
	KilnClosure *closure; /* borrowed */
	guint64 uid, gid;     /* of the image's user */
	GPtrArray *strings;
} KilnTree;

/**
 * Lay out what slicing kept, and compute what no package ships: passwd, group, ld.so.cache, nsswitch.conf, CA bundle, /usr links,
 * /tmp, /run, home, writable paths, var/lib/dpkg/status.d.
 *
 * Errors: KILN_ERROR_NOT_FOUND an owner that does not exist; KILN_ERROR_UNSATISFIABLE a file where a directory must be.
 */
KilnTree *kiln_tree_build(KilnClosure *closure, const KilnRecipe *recipe, KilnAccounts *accounts, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_tree_free(KilnTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnTree, kiln_tree_free)

/** Warn ("unreadable:/PATH") of own files, and of files that the entry point or cmd names, that the image's user cannot read. */
void kiln_tree_warn_unreadable(const KilnTree *tree, const KilnRecipe *recipe, const KilnAccounts *accounts, GPtrArray *notices);

KilnTreeEntry *kiln_tree_get(const KilnTree *tree, const char *path);

/* For the files of this module that compute entries (tree_*.c). An existing entry stays, except that a directory takes mode and owner. */
KilnTreeEntry *kiln_tree_add(KilnTree *tree, const char *path, KilnFileType type, const char *rule, const char *detail);
void kiln_tree_add_text(KilnTree *tree, const char *path, const char *text, gsize length, const char *detail);
void kiln_tree_add_link(KilnTree *tree, const char *path, const char *target, const char *detail);
const char *kiln_tree_keep_string(KilnTree *tree, char *taken);
gboolean kiln_tree_add_certificates(KilnTree *tree, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean kiln_tree_add_library_cache(KilnTree *tree, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean kiln_tree_add_package_status(KilnTree *tree, GError **error) G_GNUC_WARN_UNUSED_RESULT;
