/* SPDX-License-Identifier: Apache-2.0 */
/* recipes.c: what commands that take RECIPE share. */
#include "cli/recipes.h"

#include "base/error.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define INDEX_MAX_AGE_S 600 /* commands in a row ask the mirror once */

char *kiln_lock_path(const char *recipe_path, const char *variant)
{
	const char *slash = strrchr(recipe_path, '/'), *dot = strrchr(recipe_path, '.');
	gsize length = dot && (!slash || dot > slash + 1) ? (gsize)(dot - recipe_path) : strlen(recipe_path);
	return g_strdup_printf("%.*s%s%s.lock", (int)length, recipe_path, variant ? "-" : "", variant ? variant : "");
}

KilnLock *kiln_recipe_resolve(KilnInvocation *invocation, const KilnRecipe *recipe, GError **error)
{
	GPtrArray *apt;
	KilnIndexOptions options = { .refresh = kiln_option_flag(invocation, "update"), .max_age_s = INDEX_MAX_AGE_S,
		                     .allow_rollback = kiln_option_list(invocation, "allow-rollback") };
	if (!kiln_invocation_sources(invocation, &apt, error))
		return NULL;
	return kiln_resolve(invocation->solver, invocation->store, &invocation->context, recipe, apt, &options, error);
}

static gboolean fits(const KilnRecipe *recipe, const KilnLock *lock, const char *path, GError **error)
{
	KilnDigest digest;
	kiln_recipe_choice_digest(recipe, &digest);
	if (kiln_digest_equal(&digest, &lock->recipe_digest))
		return TRUE;
	return kiln_fail(error, KILN_ERROR_MISMATCH, "%s: made for other packages or platforms than %s asks for now; renew it: kiln lock --update %s", path, recipe->file,
	                 recipe->file);
}

KilnLock *kiln_recipe_lock(KilnInvocation *invocation, const KilnRecipe *recipe, const char *lock_path, KilnArchive **archive, GError **error)
{
	GPtrArray *apt;
	g_autofree char *beside = kiln_lock_path(recipe->file, recipe->variant);
	const char *path = lock_path ? lock_path : access(beside, F_OK) == 0 ? beside : NULL;
	g_autoptr(KilnLock) lock = NULL;
	if (path && (!kiln_lock_load(AT_FDCWD, path, &lock, error) || !fits(recipe, lock, path, error)))
		return NULL;
	if (!path)
		lock = kiln_recipe_resolve(invocation, recipe, error);
	if (!lock)
		return NULL;
	*archive = NULL;
	if (!recipe->packages[0])
		return g_steal_pointer(&lock);
	g_autoptr(GError) no_archive = NULL;
	if (!kiln_invocation_sources(invocation, &apt, error))
		return NULL;
	/* A host that knows no mirror can still build from its store. */
	*archive = kiln_recipe_archive(recipe, apt, &no_archive);
	return g_steal_pointer(&lock);
}

GPtrArray *kiln_recipe_chosen_variants(const char *path, const char *option, GError **error)
{
	g_autoptr(GPtrArray) chosen = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) variants = NULL;
	if (g_strcmp0(option, "all") != 0) {
		g_ptr_array_add(chosen, g_strdup(option));
		return g_steal_pointer(&chosen);
	}
	if (!kiln_recipe_variants(path, &variants, error))
		return NULL;
	g_ptr_array_add(chosen, NULL);
	for (char **name = variants; *name; name++)
		g_ptr_array_add(chosen, g_strdup(*name));
	return g_steal_pointer(&chosen);
}

gboolean kiln_source_date_epoch(gint64 *out, GError **error)
{
	const char *text = g_getenv("SOURCE_DATE_EPOCH");
	guint64 value;
	*out = -1;
	if (!text || !*text)
		return TRUE;
	if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &value, NULL))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "SOURCE_DATE_EPOCH=\"%s\": expected seconds since 1970", text);
	*out = (gint64)value;
	return TRUE;
}

gboolean kiln_recipe_build(KilnInvocation *invocation, const KilnRecipe *recipe, KilnBuildResult *result, GError **error)
{
	g_autoptr(KilnArchive) archive = NULL;
	g_autofree char *name = g_strdup_printf("%s:latest", recipe->name);
	KilnBuildOptions options = { .name = name };
	if (!kiln_source_date_epoch(&options.source_date_epoch, error))
		return FALSE;
	g_autoptr(KilnLock) lock = kiln_recipe_lock(invocation, recipe, NULL, &archive, error);
	g_autoptr(KilnLayout) layout = lock ? kiln_layout_open(AT_FDCWD, invocation->images_path, TRUE, error) : NULL;
	options.archive = archive;
	return layout && kiln_build(invocation->store, &invocation->context, recipe, lock, layout, &options, result, error);
}
