/* SPDX-License-Identifier: Apache-2.0 */
/* rebuild.c: an image built again from what its own provenance says, and compared bit for bit. */
#include "build/rebuild.h"

#include "base/error.h"
#include "base/limits.h"
#include "build/builder.h"
#include "build/rebuild_inputs.h"
#include "crypto/hash.h"

#include <string.h>

#define IMAGE "the image"
#define REBUILD "the rebuild"

typedef struct {
	KilnStore *store; /* with a cache of its own */
	KilnLayout *scratch;
	const KilnContext *context;
	KilnImage *image;
	const KilnRebuildOptions *options;
} Rebuild;

static void platform_free(gpointer data)
{
	KilnRebuiltPlatform *rebuilt = data;
	kiln_descriptor_clear(&rebuilt->before);
	kiln_descriptor_clear(&rebuilt->after);
	kiln_provenance_free(rebuilt->provenance);
	g_clear_pointer(&rebuilt->differences, g_ptr_array_unref);
	g_free(rebuilt);
}

void kiln_rebuild_result_clear(KilnRebuildResult *result)
{
	g_clear_pointer(&result->platforms, g_ptr_array_unref);
	g_clear_pointer(&result->differences, g_ptr_array_unref);
}

static gboolean build_again(const Rebuild *rebuild, KilnRebuiltPlatform *rebuilt, GError **error)
{
	const KilnProvenance *provenance = rebuilt->provenance;
	g_autoptr(KilnArchive) archive = NULL;
	g_auto(KilnBuildResult) built = { 0 };
	if (!rebuild_find_packages(rebuild->store, provenance, rebuild->options, &archive, error) ||
	    !rebuild_find_own_files(rebuild->store, provenance, rebuild->image, error))
		return FALSE;
	KilnBuildOptions options = { .name = provenance->platform, .source_date_epoch = provenance->source_date_epoch, .archive = archive, .forget = TRUE,
		                     .own_files = provenance->own_files };
	KilnLockFetch packages = { provenance->lock, kiln_lock_find_platform(provenance->lock, provenance->platform), archive };
	if (!kiln_locks_fetch(rebuild->store, rebuild->context, &packages, 1, error) || !rebuild_verify_packages(rebuild->store, packages.platform, error) ||
	    !kiln_build(rebuild->store, rebuild->context, provenance->recipe, provenance->lock, rebuild->scratch, &options, &built, error))
		return FALSE;
	kiln_descriptor_copy(&built.top, &rebuilt->after);
	return TRUE;
}

static gboolean rebuild_platform(const Rebuild *rebuild, const KilnDescriptor *manifest, GPtrArray *platforms, GError **error)
{
	KilnRebuiltPlatform *rebuilt = g_new0(KilnRebuiltPlatform, 1);
	g_ptr_array_add(platforms, rebuilt);
	kiln_descriptor_copy(manifest, &rebuilt->before);
	rebuilt->provenance = kiln_image_choose(rebuild->image, manifest, error) ? kiln_provenance_find(rebuild->image->layout, manifest, error) : NULL;
	if (!rebuilt->provenance || !build_again(rebuild, rebuilt, error))
		return FALSE;
	rebuilt->equal = kiln_digest_equal(&rebuilt->before.digest, &rebuilt->after.digest);
	return kiln_images_compare(rebuild->image->layout, &rebuilt->before, IMAGE, rebuild->scratch, &rebuilt->after, REBUILD, &rebuilt->differences, error);
}

static gboolean is_wanted(const KilnDescriptor *item, const KilnPlatform *const *platforms)
{
	for (const KilnPlatform *const *platform = platforms; platform && *platform; platform++)
		if (g_strcmp0(item->architecture, (*platform)->architecture) == 0 && g_strcmp0(item->variant, (*platform)->variant) == 0)
			return TRUE;
	return !platforms || !*platforms;
}

/* The index over the rebuilt manifests, in the place and with the platforms that it has. */
static gboolean compare_index(GBytes *before, KilnRebuildResult *result, GError **error)
{
	g_autoptr(GPtrArray) manifests = g_ptr_array_new();
	for (guint i = 0; i < result->platforms->len; i++)
		g_ptr_array_add(manifests, &((KilnRebuiltPlatform *)result->platforms->pdata[i])->after);
	g_autoptr(GBytes) after = kiln_build_index(manifests);
	result->has_index = TRUE;
	kiln_hash_bytes(g_bytes_get_data(before, NULL), g_bytes_get_size(before), &result->index_before);
	kiln_hash_bytes(g_bytes_get_data(after, NULL), g_bytes_get_size(after), &result->index_after);
	result->equal = result->equal && kiln_digest_equal(&result->index_before, &result->index_after);
	return g_bytes_equal(before, after) || kiln_documents_compare("index", before, IMAGE, after, REBUILD, result->differences, error);
}

static gboolean rebuild_index(const Rebuild *rebuild, KilnRebuildResult *result, GError **error)
{
	g_autoptr(GBytes) bytes = kiln_layout_read_blob(rebuild->image->layout, &rebuild->image->top.digest, KILN_LIMIT_MANIFEST_BYTES, error);
	g_autoptr(KilnManifest) index = bytes ? kiln_manifest_parse(bytes, "index", error) : NULL;
	if (!index)
		return FALSE;
	for (guint i = 0; i < index->items->len; i++)
		if (is_wanted(index->items->pdata[i], rebuild->options->platforms) && !rebuild_platform(rebuild, index->items->pdata[i], result->platforms, error))
			return FALSE;
	if (result->platforms->len == 0)
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "no image for the platform in it");
	for (guint i = 0; i < result->platforms->len; i++)
		result->equal = result->equal && ((KilnRebuiltPlatform *)result->platforms->pdata[i])->equal;
	return result->platforms->len < index->items->len || compare_index(bytes, result, error);
}

static gboolean rebuild_all(const Rebuild *rebuild, KilnRebuildResult *result, GError **error)
{
	if (kiln_media_type_is_index(rebuild->image->top.media_type))
		return rebuild_index(rebuild, result, error);
	if (!rebuild_platform(rebuild, &rebuild->image->top, result->platforms, error))
		return FALSE;
	const KilnRebuiltPlatform *only = result->platforms->pdata[0];
	const KilnPlatform *platform = kiln_platform_parse(only->provenance->platform, error);
	if (!platform)
		return FALSE;
	KilnDescriptor as_item = { .architecture = (char *)platform->architecture, .variant = (char *)platform->variant };
	result->equal = only->equal;
	return is_wanted(&as_item, rebuild->options->platforms) || kiln_fail(error, KILN_ERROR_NOT_FOUND, "the image is for %s", platform->oci);
}

gboolean kiln_rebuild(KilnStore *store, const KilnContext *context, KilnImage *image, const KilnRebuildOptions *options, KilnRebuildResult *result, GError **error)
{
	g_autoptr(KilnPrivateDirectory) directory = kiln_private_directory_new(kiln_store_cache_fd(store), error);
	g_auto(KilnFd) cache_fd = directory ? kiln_directory_make_at(directory->fd, "cache", 0700, error) : -1;
	g_autoptr(KilnStore) fresh = cache_fd < 0 ? NULL : kiln_store_open_again(store, cache_fd, error);
	g_autoptr(KilnLayout) scratch = fresh ? kiln_layout_open(directory->fd, "images", TRUE, error) : NULL;
	g_auto(KilnRebuildResult) made = { .platforms = g_ptr_array_new_with_free_func(platform_free), .differences = kiln_differences_new(), .equal = TRUE };
	Rebuild rebuild = { fresh, scratch, context, image, options };
	if (!scratch)
		return FALSE;
	if (!rebuild_all(&rebuild, &made, error)) {
		if (error && *error && !g_str_has_prefix((*error)->message, image->name))
			g_prefix_error(error, "%s: ", image->name);
		return FALSE;
	}
	*result = made;
	made = (KilnRebuildResult){ 0 };
	return TRUE;
}
