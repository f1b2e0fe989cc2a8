/* SPDX-License-Identifier: Apache-2.0 */
/* build_memory.c: what earlier builds came to, in the cache by the digest of their inputs. */
#include "build/build_memory.h"

#include "base/limits.h"
#include "io/file.h"

#include <string.h>

static char *memory_path(const KilnDigest *key)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	return g_strdup_printf("builds/%s", kiln_digest_print_hex(key, hex));
}

static gboolean all_there(const KilnLayout *layout, const KilnDescriptor *top)
{
	g_autoptr(GBytes) bytes = kiln_layout_read_blob(layout, &top->digest, 4 << 20, NULL);
	g_autoptr(KilnManifest) manifest = bytes ? kiln_manifest_parse(bytes, "remembered", NULL) : NULL;
	guint64 size;
	if (!manifest || (manifest->has_config && (!kiln_layout_has_blob(layout, &manifest->config.digest, &size) || size != manifest->config.size_bytes)))
		return FALSE;
	for (guint i = 0; i < manifest->items->len; i++) {
		const KilnDescriptor *item = manifest->items->pdata[i];
		if (!kiln_layout_has_blob(layout, &item->digest, &size) || size != item->size_bytes || (manifest->is_index && !all_there(layout, item)))
			return FALSE;
	}
	return TRUE;
}

/* What came of an earlier build of the same inputs: {"top": descriptor, "platforms": [...], "evidence": [digest, ...]}; NULL when it is not known. */
static json_t *read_memory(KilnStore *store, const KilnDigest *key)
{
	g_autofree char *path = memory_path(key);
	g_autoptr(GBytes) bytes = kiln_file_read_at(kiln_store_cache_fd(store), path, KILN_LIMIT_MANIFEST_BYTES, NULL);
	return bytes ? kiln_json_parse(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), path, NULL) : NULL;
}

static gboolean parse_memory(const json_t *json, KilnBuildResult *result)
{
	const json_t *list = kiln_json_array(json, "platforms", "memory", NULL);
	if (!list || !kiln_descriptor_from_json(json_object_get(json, "top"), "memory", &result->top, NULL))
		return FALSE;
	result->platforms = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_built_platform_free);
	for (gsize i = 0; i < json_array_size(list); i++) {
		KilnBuiltPlatform *built = kiln_built_platform_from_json(json_array_get(list, i), "memory", NULL);
		if (!built)
			return FALSE;
		g_ptr_array_add(result->platforms, built);
	}
	return TRUE;
}

/* A build that was killed may have left the image's blobs in the layout, and not what is attached to it. */
static gboolean evidence_there(const KilnLayout *layout, const json_t *json)
{
	g_autoptr(GPtrArray) entries = NULL;
	g_autoptr(GHashTable) listed = g_hash_table_new(kiln_digest_hash, kiln_digest_key_equal);
	const json_t *evidence = kiln_json_array(json, "evidence", "memory", NULL);
	if (!evidence || json_array_size(evidence) == 0 || !kiln_layout_list(layout, &entries, NULL))
		return FALSE;
	for (guint i = 0; i < entries->len; i++)
		g_hash_table_add(listed, &((KilnDescriptor *)entries->pdata[i])->digest);
	for (gsize i = 0; i < json_array_size(evidence); i++) {
		const char *text = json_string_value(json_array_get(evidence, i));
		KilnDigest digest;
		if (!text || !kiln_digest_parse(text, strlen(text), &digest, NULL) || !g_hash_table_contains(listed, &digest))
			return FALSE;
	}
	return TRUE;
}

gboolean build_memory_recall(KilnStore *store, const KilnLayout *layout, const KilnDigest *key, KilnBuildResult *result)
{
	g_auto(KilnBuildResult) found = { 0 };
	g_autoptr(json_t) json = read_memory(store, key);
	if (!json || !parse_memory(json, &found) || !all_there(layout, &found.top) || !evidence_there(layout, json))
		return FALSE;
	found.remembered = TRUE;
	kiln_build_result_clear(result);
	*result = found;
	found = (KilnBuildResult){ 0 };
	return TRUE;
}

static gboolean add_evidence(const KilnLayout *layout, const KilnDescriptor *manifest, json_t *evidence, GError **error)
{
	g_autoptr(GPtrArray) artifacts = NULL;
	char digest[KILN_DIGEST_TEXT_MAX];
	if (!kiln_layout_referrers(layout, &manifest->digest, NULL, &artifacts, error))
		return FALSE;
	for (guint i = 0; i < artifacts->len; i++)
		json_array_append_new(evidence, json_string(kiln_digest_print(&((KilnDescriptor *)artifacts->pdata[i])->digest, digest)));
	return TRUE;
}

gboolean build_memory_keep(KilnStore *store, const KilnLayout *layout, const KilnDigest *key, const KilnBuildResult *result, GError **error)
{
	g_autofree char *path = memory_path(key);
	g_autoptr(json_t) json = json_object();
	json_t *platforms = json_array(), *evidence = json_array();
	json_object_set_new(json, "top", kiln_descriptor_to_json(&result->top));
	json_object_set_new(json, "platforms", platforms);
	json_object_set_new(json, "evidence", evidence);
	for (guint i = 0; i < result->platforms->len; i++) {
		const KilnBuiltPlatform *built = result->platforms->pdata[i];
		json_array_append_new(platforms, kiln_built_platform_to_json(built));
		if (!add_evidence(layout, &built->descriptor, evidence, error))
			return FALSE;
	}
	g_autoptr(GBytes) bytes = kiln_json_compact(json);
	g_auto(KilnFd) directory = kiln_directory_make_at(kiln_store_cache_fd(store), "builds", 0700, error);
	g_autoptr(KilnNewFile) file = directory < 0 ? NULL : kiln_new_file_begin(kiln_store_cache_fd(store), path, error);
	return file && kiln_new_file_write(file, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), error) && kiln_new_file_commit(file, FALSE, error);
}
