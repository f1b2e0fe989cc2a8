/* SPDX-License-Identifier: Apache-2.0 */
/* builder.c: a recipe and a lock become an image: the order of the steps. */
#include "build/builder.h"
#include "build/build_memory.h"

#include "base/error.h"
#include "base/limits.h"
#include "build/effects.h"
#include "build/evidence.h"
#include "build/image_config.h"
#include "build/missing.h"
#include "build/own_files.h"
#include "build/reason.h"
#include "build/resolve.h"
#include "crypto/hash.h"
#include "io/file.h"
#include "kiln_config.h"

#include <string.h>

void kiln_build_result_clear(KilnBuildResult *result)
{
	kiln_descriptor_clear(&result->top);
	g_clear_pointer(&result->platforms, g_ptr_array_unref);
}

static gint64 newest_date(const KilnLock *lock)
{
	gint64 newest = 0;
	for (guint i = 0; i < lock->suites->len; i++)
		newest = MAX(newest, ((KilnLockSuite *)lock->suites->pdata[i])->date_unix_s);
	return newest;
}

static gint by_bytes(gconstpointer a, gconstpointer b)
{
	const KilnLeftOut *first = *(KilnLeftOut *const *)a, *second = *(KilnLeftOut *const *)b;
	return first->bytes != second->bytes ? (first->bytes < second->bytes ? 1 : -1) : strcmp(first->rule, second->rule);
}

static void count_left_out(GPtrArray *list, const KilnNode *node)
{
	for (guint i = 0; i < list->len; i++) {
		KilnLeftOut *known = list->pdata[i];
		if (strcmp(known->rule, node->left_out) == 0) {
			known->files++;
			known->bytes += node->size;
			return;
		}
	}
	KilnLeftOut *made = g_new0(KilnLeftOut, 1);
	*made = (KilnLeftOut){ g_intern_string(node->left_out), 1, node->size };
	g_ptr_array_add(list, made);
}

static void count(KilnBuiltPlatform *built, const KilnTree *tree, const KilnLayers *layers)
{
	const KilnClosure *closure = tree->closure;
	built->packages_all = (guint)closure->package_count;
	for (guint i = 0; i < closure->all->len; i++) {
		const KilnNode *node = closure->all->pdata[i];
		if (node->type == KILN_FILE_DIRECTORY || node->made_by)
			continue;
		built->files_all += node->package >= 0;
		built->bytes_all += node->package >= 0 ? node->size : 0;
		if (!node->kept && node->package >= 0)
			count_left_out(built->left_out, node);
	}
	g_autofree gboolean *used = g_new0(gboolean, closure->package_count + 1);
	for (guint i = 0; i < tree->entries->len; i++) {
		const KilnTreeEntry *entry = tree->entries->pdata[i];
		if (entry->type == KILN_FILE_DIRECTORY)
			continue;
		built->files_kept++;
		built->bytes_kept += entry->size;
		if (entry->package >= 0)
			used[entry->package] = TRUE;
	}
	for (gsize i = 0; i < closure->package_count; i++)
		built->packages_kept += used[i] != 0;
	built->layers = layers->layers->len;
	for (guint i = 0; i < layers->layers->len; i++)
		built->compressed_bytes += ((KilnLayer *)layers->layers->pdata[i])->descriptor.size_bytes;
	g_ptr_array_sort(built->left_out, by_bytes);
}

static gboolean build_platform(KilnStore *store, const KilnContext *context, const KilnRecipe *recipe, const KilnLock *lock,
                               const KilnLockPlatform *locked, const GPtrArray *own_files, KilnLayout *layout, const KilnBuildOptions *options,
                               KilnBuiltPlatform *built, GError **error)
{
	const KilnPlatform *platform = kiln_platform_parse(locked->platform, error);
	gint64 created = options->source_date_epoch >= 0 ? options->source_date_epoch : newest_date(lock);
	KilnCompression compression = strcmp(recipe->compression, "zstd") == 0 ? KILN_COMPRESSION_ZSTD : KILN_COMPRESSION_GZIP;
	g_auto(KilnSliceResult) slice = { 0 };
	g_auto(KilnLayers) layers = { 0 };
	KilnLockFetch packages = { lock, locked, options->archive };
	if (!platform || !kiln_locks_fetch(store, context, &packages, 1, error))
		return FALSE;
	g_autoptr(KilnClosure) closure = kiln_closure_load(store, context, locked, platform, error);
	if (!closure || !kiln_own_files_add(closure, recipe, own_files, store, error) || !kiln_effects_apply(closure, error))
		return FALSE;
	if (!kiln_slice(closure, recipe, &slice, error)) {
		kiln_missing_explain(store, context, lock, options->archive, platform->debian, slice.missing, error);
		return FALSE;
	}
	kiln_effects_warn(closure, recipe, slice.notices);
	g_autoptr(KilnAccounts) accounts = kiln_accounts_new(closure, recipe, error);
	g_autoptr(KilnTree) tree = accounts ? kiln_tree_build(closure, recipe, accounts, error) : NULL;
	if (tree)
		kiln_tree_warn_unreadable(tree, recipe, accounts, slice.notices);
	if (!tree || !kiln_layers_write(tree, store, context, layout, compression, created, &layers, error) ||
	    !kiln_image_write(recipe, tree, &layers, created, layout, &built->descriptor, error))
		return FALSE;
	KilnEvidence evidence = { recipe, lock, locked, tree, &layers, created, options->source_date_epoch >= 0, &built->descriptor, own_files, options->program };
	if (!kiln_evidence_attach(&evidence, layout, error))
		return FALSE;
	count(built, tree, &layers);
	built->notices = g_steal_pointer(&slice.notices);
	return TRUE;
}

GBytes *kiln_build_index(const GPtrArray *manifests)
{
	g_autoptr(KilnManifest) index = kiln_manifest_new(TRUE);
	for (guint i = 0; i < manifests->len; i++) {
		KilnDescriptor *copy = g_new0(KilnDescriptor, 1);
		kiln_descriptor_copy(manifests->pdata[i], copy);
		g_ptr_array_add(index->items, copy);
	}
	return kiln_manifest_print(index);
}

static gboolean write_index(const GPtrArray *platforms, KilnLayout *layout, KilnDescriptor *out, GError **error)
{
	if (platforms->len == 1) {
		kiln_descriptor_copy(&((KilnBuiltPlatform *)platforms->pdata[0])->descriptor, out);
		return TRUE;
	}
	g_autoptr(GPtrArray) manifests = g_ptr_array_new();
	for (guint i = 0; i < platforms->len; i++)
		g_ptr_array_add(manifests, &((KilnBuiltPlatform *)platforms->pdata[i])->descriptor);
	g_autoptr(GBytes) bytes = kiln_build_index(manifests);
	return kiln_layout_put_blob(layout, KILN_MEDIA_INDEX, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), out, error);
}

/* Everything that decides the image and its evidence, as one digest. */
static void build_key(const KilnRecipe *recipe, const KilnLock *lock, const GPtrArray *own_files, const KilnBuildOptions *options, KilnDigest *key)
{
	g_autoptr(KilnHash) hash = kiln_hash_new();
	g_autoptr(GBytes) recipe_text = kiln_recipe_to_json(recipe, FALSE);
	g_autoptr(json_t) lock_json = kiln_lock_to_json(lock), places = kiln_recipe_places(recipe);
	g_autoptr(GBytes) lock_text = kiln_json_compact(lock_json), places_text = kiln_json_compact(places);
	g_autofree char *head = g_strdup_printf("build 4 %s %d %" G_GINT64_FORMAT "\n", KILN_VERSION, KILN_SLICE_RULES_VERSION, options->source_date_epoch);
	KilnDigest own;
	kiln_own_files_digest(own_files, &own);
	kiln_hash_update(hash, head, strlen(head));
	kiln_hash_update(hash, g_bytes_get_data(recipe_text, NULL), g_bytes_get_size(recipe_text));
	kiln_hash_update(hash, "\n", 1);
	kiln_hash_update(hash, g_bytes_get_data(lock_text, NULL), g_bytes_get_size(lock_text));
	kiln_hash_update(hash, own.sha256, sizeof own.sha256);
	kiln_hash_update(hash, g_bytes_get_data(places_text, NULL), g_bytes_get_size(places_text)); /* the reasons name them */
	kiln_hash_finish(hash, key);
}

static gboolean build_all(KilnStore *store, const KilnContext *context, const KilnRecipe *recipe, const KilnLock *lock, const GPtrArray *own_files,
                          KilnLayout *layout, const KilnBuildOptions *options, GPtrArray *platforms, GError **error)
{
	for (char **name = recipe->platforms; *name; name++) {
		const KilnLockPlatform *locked = kiln_lock_find_platform(lock, *name);
		if (!locked)
			return kiln_fail(error, KILN_ERROR_UNSATISFIABLE, "the lock of %s has no platform %s; run: kiln lock %s", recipe->name, *name, recipe->file);
		KilnBuiltPlatform *built = kiln_built_platform_new(*name);
		g_ptr_array_add(platforms, built);
		if (!build_platform(store, context, recipe, lock, locked, own_files, layout, options, built, error)) {
			if (recipe->platforms[1])
				g_prefix_error(error, "%s: ", *name);
			return FALSE;
		}
	}
	return TRUE;
}

gboolean kiln_build(KilnStore *store, const KilnContext *context, const KilnRecipe *recipe, const KilnLock *lock, KilnLayout *layout,
                    const KilnBuildOptions *options, KilnBuildResult *result, GError **error)
{
	g_auto(KilnBuildResult) made = { 0 };
	KilnDigest key;
	made.platforms = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_built_platform_free);
	g_autoptr(GPtrArray) own_files = options->own_files ? g_ptr_array_ref((GPtrArray *)options->own_files) : kiln_own_files_read(recipe, store, error);
	if (!own_files)
		return FALSE;
	build_key(recipe, lock, own_files, options, &key);
	if ((options->forget || !build_memory_recall(store, layout, &key, &made)) &&
	    (!build_all(store, context, recipe, lock, own_files, layout, options, made.platforms, error) || !write_index(made.platforms, layout, &made.top, error)))
		return FALSE;
	/* Remembered last: it is true only of a layout that lists the image and its evidence. */
	if (!kiln_layout_set(layout, options->name, &made.top, error) || (!made.remembered && !build_memory_keep(store, layout, &key, &made, error)))
		return FALSE;
	*result = made;
	made = (KilnBuildResult){ 0 };
	return TRUE;
}
