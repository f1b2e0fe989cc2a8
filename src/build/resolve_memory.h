/* SPDX-License-Identifier: Apache-2.0 */
/* resolve_memory.h: the lock that came of the same recipe and the same signed indexes before. Internal to this module. */
#pragma once
#include "build/lock.h"
#include "build/recipe.h"
#include "source/index.h"

/**
 * What decides a lock while no mirror needs to be asked: recipe, suites, keyrings and the Releases that were seen. FALSE when it is not
 * known without asking.
 */
gboolean resolve_memory_key(KilnStore *store, const KilnContext *context, const KilnRecipe *recipe, const KilnArchive *archive,
                            const KilnIndexOptions *options, KilnDigest *key);

/** The lock, unless something that vouched for it has expired since; NULL: there is none. */
KilnLock *resolve_memory_recall(KilnStore *store, const KilnContext *context, const KilnDigest *key);

/** @indexes: KilnSuiteIndex that @lock was made from. */
gboolean resolve_memory_keep(KilnStore *store, const KilnDigest *key, const KilnLock *lock, const GPtrArray *indexes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
