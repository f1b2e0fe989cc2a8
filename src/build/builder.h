/* SPDX-License-Identifier: Apache-2.0 */
/* builder.h: a recipe and a lock become an image in a layout, with its evidence. */
#pragma once
#include "build/lock.h"
#include "build/recipe.h"
#include "build/summary.h"
#include "oci/layout.h"
#include "source/store.h"

typedef struct {
	KilnDescriptor top;   /* index, or the one manifest */
	GPtrArray *platforms; /* KilnBuiltPlatform, in the order of the recipe */
	gboolean remembered;  /* same inputs as an earlier build: nothing was done but looking */
} KilnBuildResult;

typedef struct {
	const char *name;                /* in the layout: "nginx:latest" */
	gint64 source_date_epoch;        /* -1: the newest InRelease's date */
	const KilnArchive *archive;      /* for mirrors of what is not in the store; may be NULL */
	gboolean forget;                 /* build anew even if remembered */
	const GPtrArray *own_files;      /* KilnOwnFile whose content is in the store; NULL: read what the recipe names */
	const KilnDigest *program;       /* of the running kiln, for the provenance; NULL: not known */
} KilnBuildOptions;

/** Errors: those of every step; nothing is named in the layout before all is there. */
gboolean kiln_build(KilnStore *store, const KilnContext *context, const KilnRecipe *recipe, const KilnLock *lock, KilnLayout *layout,
                    const KilnBuildOptions *options, KilnBuildResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The bytes of the index over manifests for several platforms (KilnDescriptor). */
GBytes *kiln_build_index(const GPtrArray *manifests);
void kiln_build_result_clear(KilnBuildResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KilnBuildResult, kiln_build_result_clear)
