/* SPDX-License-Identifier: Apache-2.0 */
/* layout_internal.h: the shape of a layout, for the files that make it up. */
#pragma once
#include "io/reader.h"
#include "oci/layout.h"

#define LAYOUT_REF_NAME "org.opencontainers.image.ref.name"
#define LAYOUT_TEXT "{\"imageLayoutVersion\":\"1.0.0\"}" /* content of the file oci-layout */

struct KilnLayout {
	int fd;
	char *path; /* for messages */
	GArray *unsynced;    /* descriptors of blobs that are written but perhaps not on the disk yet */
	GArray *lent;        /* LentBlob: files that stay where they are */
	GPtrArray *attached; /* KilnDescriptor of artifacts that index.json does not list yet */
	GPtrArray *detached; /* likewise, of those that it shall not list any more */
};

/** A whole file that is a blob of this layout while it is open, without being in it. */
typedef struct {
	KilnDigest digest;
	KilnFd fd;
	guint64 size_bytes;
} LentBlob;

/** Bring all blobs written so far to the disk; before anything names them. */
gboolean layout_sync(KilnLayout *layout, GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean layout_index_create(KilnLayout *layout, GError **error);
/** kiln_layout_find() in an index that was read from @where. */
gboolean layout_index_find(const KilnManifest *index, const char *where, const char *name, KilnDescriptor *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Read, verify and parse a manifest or index; KILN_ERROR_SYNTAX when it is not what @descriptor says. */
KilnManifest *layout_read_manifest(const KilnLayout *layout, const KilnDescriptor *descriptor, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** What an image reaches: arrays of KilnDescriptor, owned. */
typedef struct {
	GPtrArray *blobs;     /* each digest once; content before what points to it, the image itself before its artifacts */
	GPtrArray *artifacts; /* those of them that are about another one */
} LayoutReach;

/** Errors: KILN_ERROR_NOT_FOUND a manifest is missing, KILN_ERROR_MISMATCH, KILN_ERROR_SYNTAX, KILN_ERROR_LIMIT too deep or too many. */
gboolean layout_reach(const KilnLayout *layout, const KilnDescriptor *top, gboolean with_referrers, LayoutReach *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void layout_reach_clear(LayoutReach *reach);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LayoutReach, layout_reach_clear)

/** A reader of a blob that ends in KILN_ERROR_MISMATCH unless every byte and the size are those of @descriptor. NULL on error. */
KilnReader *layout_blob_reader(const KilnLayout *layout, const KilnDescriptor *descriptor, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The tar of a layer, whatever its content is compressed with; ends as layout_blob_reader(). */
KilnReader *layout_layer_reader(const KilnLayout *layout, const KilnDescriptor *layer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
