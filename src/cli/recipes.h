/* SPDX-License-Identifier: Apache-2.0 */
/* recipes.h: what commands that take RECIPE share: its lock beside it, its archive, its image in the store. */
#pragma once
#include "build/builder.h"
#include "build/resolve.h"
#include "cli/command.h"

/** "nginx.lock" beside "nginx.yaml"; a variant's is "nginx-debug.lock". New string. */
char *kiln_lock_path(const char *recipe_path, const char *variant);

/**
 * The lock that a build of @recipe uses: @lock_path when given (it must exist), else the one beside the recipe when there is one,
 * else a new one, resolved now.
 *
 * @archive: becomes the recipe's archive, or NULL for a recipe without packages
 * Errors: KILN_ERROR_MISMATCH the lock is of another recipe (says how to renew it).
 */
KilnLock *kiln_recipe_lock(KilnInvocation *invocation, const KilnRecipe *recipe, const char *lock_path, KilnArchive **archive, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Resolve now, as `kiln lock` does. */
KilnLock *kiln_recipe_resolve(KilnInvocation *invocation, const KilnRecipe *recipe, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * What --variant @option means for the recipe at @path: an array of names (char *), where NULL is the hardened image. "all" is that
 * and every variant; no option is the hardened one.
 */
GPtrArray *kiln_recipe_chosen_variants(const char *path, const char *option, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** SOURCE_DATE_EPOCH, or -1 when it is not set. Errors: KILN_ERROR_SYNTAX. */
gboolean kiln_source_date_epoch(gint64 *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Build @recipe into the local store under its own name, with the lock beside it, as `kiln build` does. */
gboolean kiln_recipe_build(KilnInvocation *invocation, const KilnRecipe *recipe, KilnBuildResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
