/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.h: from a recipe to a lock, and from a lock to packages in the store. */
#pragma once
#include "build/lock.h"
#include "build/recipe.h"
#include "source/index.h"
#include "source/solver.h"

/** The suites of a recipe, with its own archives and overrides applied. @apt: from kiln_apt_sources_read(). */
KilnArchive *kiln_recipe_archive(const KilnRecipe *recipe, const GPtrArray *apt, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Digest of what in a recipe chooses packages: a lock fits a recipe when its digest is this. */
void kiln_recipe_choice_digest(const KilnRecipe *recipe, KilnDigest *digest);

/**
 * Fetch and verify indexes, solve for each platform of the recipe. A recipe without packages gives an empty lock. While no mirror needs
 * to be asked, the lock that came of the same recipe, keyrings and Releases before is taken.
 */
KilnLock *kiln_resolve(KilnSolver *solver, KilnStore *store, const KilnContext *context, const KilnRecipe *recipe, const GPtrArray *apt,
                       const KilnIndexOptions *options, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Packages of one platform of one lock. */
typedef struct {
	const KilnLock *lock;
	const KilnLockPlatform *platform;
	const KilnArchive *archive; /* for its mirrors; may be NULL when all is there */
} KilnLockFetch;

/** Have every package of all of them in the store, each fetched once. */
gboolean kiln_locks_fetch(KilnStore *store, const KilnContext *context, const KilnLockFetch *requests, gsize count, GError **error) G_GNUC_WARN_UNUSED_RESULT;
