/* SPDX-License-Identifier: Apache-2.0 */
/* writable.h: which paths of an image its process may write: the label dev.kiln.writable and the config's Volumes. */
#pragma once
#include "oci/config.h"

#define KILN_WRITABLE_DEFAULT_BYTES (64 * 1024 * 1024)

typedef struct {
	char *path;         /* absolute, normalised */
	gboolean is_volume; /* starts with what the image holds there; else empty */
	guint64 size_bytes;
	guint mode, uid, gid;
	char *kept_at; /* of a volume: the directory of this host that holds it as long as its workspace, for containers that share it */
} KilnWritablePath;

/**
 * *paths: KilnWritablePath sorted by path, so that outer ones come before inner ones. @uid, @gid: owner by default.
 * runtime.h documents the format. Errors: KILN_ERROR_SYNTAX, KILN_ERROR_DENIED, KILN_ERROR_LIMIT.
 */
gboolean kiln_writable_from_config(const KilnImageConfig *config, guint uid, guint gid, GPtrArray **paths, GError **error) G_GNUC_WARN_UNUSED_RESULT;
