/* SPDX-License-Identifier: Apache-2.0 */
/* image.h: one image, found by reference, for one platform: what every command that takes IMAGE opens. */
#pragma once
#include "base/context.h"
#include "io/tar.h"
#include "oci/config.h"
#include "oci/layout.h"
#include "oci/platform.h"
#include "oci/reference.h"

typedef struct {
	KilnReference reference;
	KilnLayout *layout;      /* owned; where its blobs are (archives are opened through a private temporary layout) */
	KilnDescriptor top;      /* the index, or the manifest itself */
	KilnDescriptor descriptor; /* the manifest for the platform */
	KilnManifest *manifest;
	KilnImageConfig *config;
} KilnImage;

/**
 * @store_layout_path: the local store's layout, for bare names
 * @platform: NULL: the host's, or the only one there is
 * Errors: KILN_ERROR_NOT_FOUND, KILN_ERROR_UNSUPPORTED (registry transport: says which command to use meanwhile), KILN_ERROR_MISMATCH, KILN_ERROR_SYNTAX.
 */
KilnImage *kiln_image_open(const char *reference, const char *store_layout_path, const KilnPlatform *platform, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_image_close(KilnImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnImage, kiln_image_close)

/** One file of the image as it looks with all layers applied (whiteouts, opaque directories, replaced files). */
typedef struct {
	char *path; /* normalised */
	KilnFileType type;
	guint mode;
	guint64 uid, gid, size;
	char *link_target; /* symlink as written; hard link: normalised path */
	KilnDigest digest; /* regular files */
	guint layer;       /* which layer it came from */
	gboolean is_elf;
	gboolean is_script; /* starts with "#!" */
	gboolean has_capability;
} KilnImageFile;

/** Read every layer once, streamed, digest-checked (compressed and diff id). *files becomes KilnImageFile sorted by path. */
gboolean kiln_image_read_files(const KilnImage *image, const KilnContext *context, GPtrArray **files, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Stream one layer's tar entries to @visit, checking digests at its end. */
gboolean kiln_image_read_layer(const KilnImage *image, guint layer,
                               gboolean (*visit)(const KilnTarEntry *entry, KilnTarReader *content, gpointer user_data, GError **error),
                               gpointer user_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Unpack with all layers applied into the empty directory @root_fd. Owners are set only when @set_owners (needs root). Nothing is ever written outside. */
gboolean kiln_image_unpack(const KilnImage *image, const KilnContext *context, int root_fd, gboolean set_owners, GError **error) G_GNUC_WARN_UNUSED_RESULT;
