/* SPDX-License-Identifier: Apache-2.0 */
/* layer_stream.h: a layer's bytes on their way into a blob: cut into members, compressed on all cores or remembered, hashed, in order. */
#pragma once
#include "build/layers.h"

/** What the layers of one image share: threads, buffers, and the memory of members. */
typedef struct LayerCompressor LayerCompressor;
LayerCompressor *layer_compressor_new(KilnStore *store, KilnCompression compression, guint jobs, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** As kiln_deflater_name(). Borrowed. */
const char *layer_compressor_name(const LayerCompressor *compressor);
void layer_compressor_free(LayerCompressor *compressor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LayerCompressor, layer_compressor_free)

/** Where members end depends on what is appended and where it is cut, never on threads or on how much comes at a time. */
typedef struct LayerStream LayerStream;
LayerStream *layer_stream_begin(LayerCompressor *compressor, KilnLayout *layout, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Room for the next bytes, at least one; say with layer_stream_added() how many were put there. */
guint8 *layer_stream_room(LayerStream *stream, gsize *room);
gboolean layer_stream_added(LayerStream *stream, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean layer_stream_append(LayerStream *stream, const guint8 *bytes, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** End the current member. @remembered: the members that follow, up to the next cut, are likely to be met again. */
gboolean layer_stream_cut(LayerStream *stream, gboolean remembered, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Write what is left; @layer gets digests and sizes. */
gboolean layer_stream_finish(LayerStream *stream, KilnLayer *layer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void layer_stream_free(LayerStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LayerStream, layer_stream_free)
