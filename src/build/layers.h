/* SPDX-License-Identifier: Apache-2.0 */
/* layers.h: the tree cut into layers that images share, written as canonical tar, compressed in members that are remembered. */
#pragma once
#include "build/tree.h"
#include "oci/layout.h"
#include "source/store.h"

typedef struct {
	char *title; /* "C library", "application", ...: goes into the history */
	KilnDescriptor descriptor;
	KilnDigest diff_id;
	guint64 plain_bytes; /* of the tar */
	guint files;
} KilnLayer;

typedef struct {
	GPtrArray *layers; /* KilnLayer, bottom first */
} KilnLayers;

/**
 * Write all layers of @tree into @layout. The bytes depend on the tree, @mtime_s and @compression alone. A layer whose members are all
 * remembered and whose blob is there is not written again; a member that is remembered is copied, not compressed again.
 *
 * @compression: KILN_COMPRESSION_GZIP or _ZSTD
 */
gboolean kiln_layers_write(const KilnTree *tree, KilnStore *store, const KilnContext *context, KilnLayout *layout,
                           KilnCompression compression, gint64 mtime_s, KilnLayers *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_layers_clear(KilnLayers *layers);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KilnLayers, kiln_layers_clear)

/** Which layer an entry belongs to, 0 at the bottom, for tests and `why`. */
guint kiln_layer_of(const KilnTree *tree, const KilnTreeEntry *entry);
#define KILN_LAYER_COUNT 10
