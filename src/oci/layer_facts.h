/* SPDX-License-Identifier: Apache-2.0 */
/* layer_facts.h: all that kiln wants to know of one layer, read from it once: its entries, digests of its files, and what readers noted.
 *
 * Facts are bytes: they are remembered by the layer's digest and pass from the process that reads to the one that asks. Laid over one
 * another they give the files of an image.
 */
#pragma once
#include "base/context.h"
#include "base/text.h"
#include "oci/image.h"

/** A file as far as it is known when its first bytes were read. */
typedef struct {
	const char *path;       /* as its layer writes it: "usr/lib/node_modules/npm/package.json" */
	const guint8 *head;     /* its first bytes, at least 4096 where it has as many */
	gsize head_length;
	guint64 size;
} KilnSeenFile;

/** What happens to a file's content; bits. */
enum {
	KILN_LAYER_KEEP = 1 << 0, /* it is kept whole */
	KILN_LAYER_NOTE = 1 << 1, /* note() sees it whole, and what that returns is kept */
	KILN_LAYER_NOTE_HEAD = 1 << 2, /* note() sees only its first bytes; alone */
};

typedef struct {
	guint (*choose)(const KilnSeenFile *file, gpointer user_data);
	/** NULL: nothing to note. Never fails: what is wrong with a file is a note. */
	GBytes *(*note)(const KilnSeenFile *file, KilnText content, gpointer user_data);
	gpointer user_data;
	gboolean has_old_hashes; /* MD5 and SHA-1 of each file as well: what package databases of old know */
} KilnLayerReading;

/** Takes facts as they come, in pieces of any size. */
typedef gboolean (*KilnFactsWrite)(const void *bytes, gsize length, gpointer user_data, GError **error);

/**
 * Read the blob @fd once: inflate, hash, list.
 *
 * What was written is good only when this returns TRUE, since digests are known at the end. At most one file is in memory at a time.
 * Errors: those of kiln_layer_read(); KILN_ERROR_LIMIT files to keep or to note of more than KILN_LIMIT_LAYER_FILE_BYTES.
 */
gboolean kiln_layer_facts_read(int fd, const KilnDescriptor *descriptor, const KilnDigest *diff_id, const KilnLayerReading *reading, const KilnContext *context,
                               KilnFactsWrite write, gpointer user_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The same into memory. */
GBytes *kiln_layer_facts_read_bytes(int fd, const KilnDescriptor *descriptor, const KilnDigest *diff_id, const KilnLayerReading *reading,
                                    const KilnContext *context, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * The files of an image whose layers have these facts, from the bottom: KilnImageFile sorted by path, as kiln_image_read_files() lists
 * them, with content and notes, which borrow the memory of @facts (a reference is taken).
 *
 * Errors: KILN_ERROR_SYNTAX damaged facts; those of kiln_image_read_files() about entries that contradict each other.
 */
GPtrArray *kiln_layer_facts_apply(GBytes *const *facts, guint count, GError **error) G_GNUC_WARN_UNUSED_RESULT;
