/* SPDX-License-Identifier: Apache-2.0 */
/* image.h: one image, found by reference, for one platform: what every command that takes IMAGE opens. */
#pragma once
#include "base/context.h"
#include "io/private_directory.h"
#include "io/tar.h"
#include "oci/config.h"
#include "oci/layout.h"
#include "oci/platform.h"
#include "oci/reference.h"

typedef struct {
	KilnReference reference;
	char *name;              /* the reference as it prints, for messages */
	KilnLayout *layout;      /* where its blobs are */
	KilnDescriptor top;      /* the index, or the manifest itself */
	KilnDescriptor descriptor; /* the manifest for the platform */
	KilnManifest *manifest;  /* as many items, its layers from the bottom, as the config has diff ids */
	KilnImageConfig *config;
	gboolean is_root; /* a root file system: kiln wrote its configuration, which has the digest of the one layer in place of its diff id */
	KilnPrivateDirectory *directory; /* of archives: @layout is in it, because they are not read in place; else NULL */
} KilnImage;

/**
 * Manifests and config are checked against their digests and sizes; layers are when they are read.
 *
 * @store_layout_path: the local store's layout, for bare names; beside it archives are unpacked while they are open
 * @platform: NULL: the host's, or the only one there is
 * Errors: KILN_ERROR_NOT_FOUND, KILN_ERROR_UNSUPPORTED (registries: says which command to use; directories; artifacts),
 * KILN_ERROR_MISMATCH, KILN_ERROR_SYNTAX, KILN_ERROR_LIMIT; those of kiln_reference_parse() and kiln_archive_read().
 */
KilnImage *kiln_image_open(const char *reference, const char *store_layout_path, const KilnPlatform *platform, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** As kiln_image_open(), but no platform is chosen yet: manifest, config and descriptor are empty. */
KilnImage *kiln_image_locate(const char *reference, const char *store_layout_path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Choose @descriptor, a manifest that the located image reaches, instead of what was chosen before. */
gboolean kiln_image_choose(KilnImage *image, const KilnDescriptor *descriptor, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_image_close(KilnImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnImage, kiln_image_close)

/** Of content; good for nothing but comparing with what is known of old. */
typedef struct {
	guint8 md5[16], sha1[20];
} KilnOldHashes;

/** One file of the image as it looks with all layers applied (whiteouts, opaque directories, replaced files). */
typedef struct {
	char *path; /* normalised; no component of it but the last is a symlink */
	KilnFileType type; /* of hard links, the path that sorts first is REGULAR (or SYMLINK, ...), the others name it as their target */
	guint mode;
	guint64 uid, gid, size;
	char *link_target; /* symlink as written; hard link: normalised path */
	KilnDigest digest; /* regular files */
	guint layer;       /* which layer it came from */
	guint is_elf : 1;
	guint is_script : 1; /* starts with "#!" */
	guint has_capability : 1;
	guint device_major, device_minor;
	GBytes *content, *note; /* what a reading of layers kept, see layer_facts.h; else NULL */
	KilnOldHashes *old_hashes; /* the same */
} KilnImageFile;

/**
 * Read every layer once, streamed, digest-checked (compressed and diff id). *files becomes KilnImageFile sorted by path, without the root.
 *
 * Entries are put where their parent directories lead through symlinks below the root. A whiteout hides what lower layers have, never
 * what its own layer brings. Errors: those of kiln_image_read_layer(); KILN_ERROR_SYNTAX entries that contradict each other,
 * KILN_ERROR_DENIED a whiteout of "..", KILN_ERROR_LIMIT. Source: image-spec 1.1 layer.md; Linux overlayfs.rst.
 */
gboolean kiln_image_read_files(const KilnImage *image, const KilnContext *context, GPtrArray **files, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_image_file_free(KilnImageFile *file);

/** @entry and @content are valid during the call. FALSE with @error set ends the reading. */
typedef gboolean (*KilnLayerVisit)(const KilnTarEntry *entry, KilnTarReader *content, gpointer user_data, GError **error);

/**
 * Stream the tar entries of the layer that is the blob @fd to @visit. @diff_id NULL: nobody promised one. Its digests are checked at its end only: what @visit does must be
 * undone when this fails.
 *
 * Errors: KILN_ERROR_MISMATCH size, digest or diff id; KILN_ERROR_UNSUPPORTED its media type; those of kiln_tar_reader_next() and @visit.
 */
gboolean kiln_layer_read(int fd, const KilnDescriptor *descriptor, const KilnDigest *diff_id, KilnLayerVisit visit, gpointer user_data,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** What the layer is promised to inflate to; NULL: nobody says, only what it is packed. */
const KilnDigest *kiln_image_diff_id(const KilnImage *image, guint layer);
/** The layer's blob, which has the size that was promised. Errors: KILN_ERROR_MISMATCH; those of kiln_layout_open_blob(). */
int kiln_image_open_layer(const KilnImage *image, guint layer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * Stream one layer's tar entries to @visit. As kiln_layer_read(); errors name image and layer.
 */
gboolean kiln_image_read_layer(const KilnImage *image, guint layer, KilnLayerVisit visit, gpointer user_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Unpack with all layers applied into the empty directory @root_fd: what kiln_image_read_files() lists, with content, modes, times and
 * attributes (user.*, POSIX ACLs). Owners and file capabilities are set only when @set_owners (needs root, or a user namespace).
 * Attributes that the file system does not take are a notice. Nothing is ever written outside, and no symlink is followed.
 *
 * On error what was written stays for the caller to remove. Errors: those of kiln_image_read_files(); KILN_ERROR_DENIED a device.
 */
gboolean kiln_image_unpack(const KilnImage *image, const KilnContext *context, int root_fd, gboolean set_owners, GError **error) G_GNUC_WARN_UNUSED_RESULT;
