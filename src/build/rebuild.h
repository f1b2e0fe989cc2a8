/* SPDX-License-Identifier: Apache-2.0 */
/* rebuild.h: an image built again from what its own provenance says, and compared bit for bit. */
#pragma once
#include "build/provenance.h"
#include "oci/difference.h"
#include "oci/image.h"

/** One platform of the image. */
typedef struct {
	KilnDescriptor before, after; /* its manifest, and that of the rebuild */
	KilnProvenance *provenance;
	gboolean equal;
	GPtrArray *differences;       /* KilnDifference */
} KilnRebuiltPlatform;

typedef struct {
	GPtrArray *platforms;   /* KilnRebuiltPlatform, in the order of the image's index */
	gboolean has_index;     /* the image is an index, and all of it was rebuilt */
	KilnDigest index_before, index_after;
	GPtrArray *differences; /* KilnDifference of the index */
	gboolean equal;         /* all of it, down to the last bit */
} KilnRebuildResult;

typedef struct {
	const KilnPlatform *const *platforms; /* ended by NULL; NULL or empty: all */
	/** Asked only when packages are missing: where to fetch them from. NULL without @error: no mirror is known. May be NULL. */
	KilnArchive *(*find_archive)(const KilnProvenance *provenance, gpointer user_data, GError **error);
	gpointer user_data;
} KilnRebuildOptions;

/**
 * Nothing that earlier builds left in the cache is used, every package and file is hashed anew, and nothing is written but missing inputs
 * into @store and what is private to this run into the cache.
 *
 * @image: from kiln_image_locate()
 *
 * Errors: those of kiln_provenance_find() (KILN_ERROR_UNSUPPORTED: nothing to build from), KILN_ERROR_NOT_FOUND what is missing (by name), KILN_ERROR_MISMATCH damaged inputs, and those of a build.
 */
gboolean kiln_rebuild(KilnStore *store, const KilnContext *context, KilnImage *image, const KilnRebuildOptions *options, KilnRebuildResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_rebuild_result_clear(KilnRebuildResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KilnRebuildResult, kiln_rebuild_result_clear)
