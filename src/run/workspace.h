/* SPDX-License-Identifier: Apache-2.0 */
/* workspace.h: one unpacked image on disk with the directories of its containers; gone when the last of them is. */
#pragma once
#include "run/identity.h"
#include "run/writable.h"

typedef struct {
	char *path;         /* absolute: STATE/run-XXXXXX */
	char *root_path;    /* path/rootfs */
	int directory_fd;
	int lock_fd;        /* held as long as the process lives: what nobody holds is stale */
	int state_fd;
	char *name;         /* "run-XXXXXX" */
	KilnHost host;
	KilnIdentity identity;
	KilnImageUser user;
	GPtrArray *writable; /* KilnWritablePath */
	guint containers;    /* how many were made */
	gint references;
} KilnWorkspace;

/** Unpack @image and make its mount points. Options and errors as in kiln_container_prepare(). */
KilnWorkspace *kiln_workspace_new(const KilnImage *image, const KilnContext *context, const char *state_directory, const KilnRunOptions *options, GError **error) G_GNUC_WARN_UNUSED_RESULT;
KilnWorkspace *kiln_workspace_ref(KilnWorkspace *workspace);
/** With the last reference everything is removed from the disk. */
void kiln_workspace_unref(KilnWorkspace *workspace);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnWorkspace, kiln_workspace_unref)
/**
 * Let the containers that ask for it share volumes: those of the unpacked image itself, on disk, with what it holds there.
 *
 * @owner: whose volumes; @workspace itself, or that of another image, whose volumes then stand for @workspace's of the same paths
 */
gboolean kiln_workspace_keep_volumes(KilnWorkspace *workspace, const KilnWorkspace *owner, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** A new directory for one container; its absolute path, new string. */
char *kiln_workspace_add_container(KilnWorkspace *workspace, GError **error) G_GNUC_WARN_UNUSED_RESULT;
