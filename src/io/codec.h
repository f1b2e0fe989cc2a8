/* SPDX-License-Identifier: Apache-2.0 */
/* codec.h: one row per compression that can be inflated. Inside io only. */
#pragma once
#include "io/reader.h"

typedef struct {
	const guint8 *input; /* advanced by what was consumed */
	gsize input_left;
	guint8 *output; /* advanced by what was made */
	gsize output_left;
	gboolean ended; /* a member (gzip), stream (xz) or frame (zstd) is complete; input stands behind it */
} KilnCodecStep;

typedef struct {
	KilnCompression compression;
	gboolean repeats; /* another member may follow a complete one */
	gpointer (*start)(GError **error);
	/** Prepare for the next member. */
	gboolean (*restart)(gpointer codec, GError **error);
	/** Do what is possible with the input and output at hand. KILN_ERROR_SYNTAX or KILN_ERROR_LIMIT when the data is bad. */
	gboolean (*step)(gpointer codec, KilnCodecStep *step, GError **error);
	void (*end)(gpointer codec);
} KilnCodec;

/** NULL for a compression that kiln does not read. */
const KilnCodec *kiln_codec_find(KilnCompression compression);
