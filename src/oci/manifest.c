/* SPDX-License-Identifier: Apache-2.0 */
/* manifest.c: image manifests and indexes, OCI's and Docker's. Source: OCI image-spec 1.1, manifest.md and image-index.md. */
#include "base/error.h"
#include "base/limits.h"
#include "oci/annotations.h"
#include "oci/descriptor.h"

#include <string.h>

gboolean kiln_media_type_is_manifest(const char *media_type)
{
	return g_strcmp0(media_type, KILN_MEDIA_MANIFEST) == 0 || g_strcmp0(media_type, KILN_MEDIA_DOCKER_MANIFEST) == 0;
}

gboolean kiln_media_type_is_index(const char *media_type)
{
	return g_strcmp0(media_type, KILN_MEDIA_INDEX) == 0 || g_strcmp0(media_type, KILN_MEDIA_DOCKER_LIST) == 0;
}

KilnManifest *kiln_manifest_new(gboolean is_index)
{
	KilnManifest *manifest = g_new0(KilnManifest, 1);
	manifest->is_index = is_index;
	manifest->media_type = g_strdup(is_index ? KILN_MEDIA_INDEX : KILN_MEDIA_MANIFEST);
	manifest->items = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_descriptor_free);
	return manifest;
}

void kiln_manifest_free(KilnManifest *manifest)
{
	if (!manifest)
		return;
	g_free(manifest->media_type);
	g_free(manifest->artifact_type);
	kiln_descriptor_clear(&manifest->config);
	kiln_descriptor_clear(&manifest->subject);
	g_ptr_array_unref(manifest->items);
	g_strfreev(manifest->annotations);
	g_free(manifest);
}

/* A document that two readers could take for two things is refused: CVE-2021-41190. */
static gboolean read_kind(const json_t *json, const char *name, gboolean *is_index, char **media_type, GError **error)
{
	gint64 version;
	if (!kiln_json_integer(json, "schemaVersion", name, &version, error))
		return FALSE;
	if (version != 2)
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: schemaVersion %" G_GINT64_FORMAT "; only 2 is known", name, version);
	gboolean has_layers = json_object_get(json, "layers") || json_object_get(json, "config");
	gboolean has_manifests = json_object_get(json, "manifests") != NULL;
	if (has_layers == has_manifests)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: %s", name,
		                 has_layers ? "both an image manifest and an index" : "neither \"layers\" nor \"manifests\": no image manifest, no index");
	g_autofree char *type = NULL;
	if (!kiln_media_type_read(json, "mediaType", name, &type, error))
		return FALSE;
	if (type && !kiln_media_type_is_manifest(type) && !kiln_media_type_is_index(type))
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: media type %s is not known", name, type);
	if (type && kiln_media_type_is_index(type) != has_manifests)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: its media type is %s, its content is not", name, type);
	*is_index = has_manifests;
	*media_type = type ? g_steal_pointer(&type) : g_strdup(has_manifests ? KILN_MEDIA_INDEX : KILN_MEDIA_MANIFEST);
	return TRUE;
}

static gboolean read_items(const json_t *json, const char *name, KilnManifest *manifest, GError **error)
{
	const char *key = manifest->is_index ? "manifests" : "layers";
	const json_t *items = kiln_json_array(json, key, name, error);
	if (!items)
		return FALSE;
	gsize count = json_array_size(items), max = manifest->is_index ? KILN_LIMIT_INDEX_MANIFESTS : KILN_LIMIT_LAYERS;
	if (count > max)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: %" G_GSIZE_FORMAT " %s, more than the %" G_GSIZE_FORMAT " that are accepted",
		                 name, count, key, max);
	for (gsize i = 0; i < count; i++) {
		KilnDescriptor item;
		g_autofree char *where = g_strdup_printf("%s: %s[%" G_GSIZE_FORMAT "]", name, key, i);
		if (!kiln_descriptor_from_json(json_array_get(items, i), where, &item, error))
			return FALSE;
		g_ptr_array_add(manifest->items, g_memdup2(&item, sizeof item));
	}
	return TRUE;
}

static gboolean read_descriptor(const json_t *json, const char *key, const char *name, KilnDescriptor *out, GError **error)
{
	g_autofree char *where = g_strdup_printf("%s: %s", name, key);
	return kiln_descriptor_from_json(json_object_get(json, key), where, out, error);
}

static gboolean read_members(const json_t *json, const char *name, KilnManifest *manifest, GError **error)
{
	if (!manifest->is_index) {
		if (!kiln_json_object(json, "config", name, error) || !read_descriptor(json, "config", name, &manifest->config, error))
			return FALSE;
		manifest->has_config = TRUE;
	}
	const json_t *subject = json_object_get(json, "subject");
	if (subject && !json_is_null(subject)) {
		if (!read_descriptor(json, "subject", name, &manifest->subject, error))
			return FALSE;
		manifest->has_subject = TRUE;
	}
	return kiln_media_type_read(json, "artifactType", name, &manifest->artifact_type, error) &&
	       kiln_annotations_from_json(json, "annotations", name, &manifest->annotations, error) &&
	       read_items(json, name, manifest, error);
}

KilnManifest *kiln_manifest_from_json(const json_t *json, const char *name, GError **error)
{
	gboolean is_index = FALSE;
	g_autofree char *media_type = NULL;
	if (!json_is_object(json)) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s: a manifest must be an object", name);
		return NULL;
	}
	if (!read_kind(json, name, &is_index, &media_type, error))
		return NULL;
	g_autoptr(KilnManifest) manifest = kiln_manifest_new(is_index);
	g_free(manifest->media_type);
	manifest->media_type = g_steal_pointer(&media_type);
	return read_members(json, name, manifest, error) ? g_steal_pointer(&manifest) : NULL;
}

KilnManifest *kiln_manifest_parse(GBytes *bytes, const char *name, GError **error)
{
	gsize length;
	const char *text = g_bytes_get_data(bytes, &length);
	if (length > KILN_LIMIT_MANIFEST_BYTES) {
		kiln_fail(error, KILN_ERROR_LIMIT, "%s: %" G_GSIZE_FORMAT " bytes; a manifest has at most %u", name, length,
		          (guint)KILN_LIMIT_MANIFEST_BYTES);
		return NULL;
	}
	g_autoptr(json_t) json = kiln_json_parse(text, length, name, error);
	return json ? kiln_manifest_from_json(json, name, error) : NULL;
}

GBytes *kiln_manifest_print(const KilnManifest *manifest)
{
	g_autoptr(json_t) json = json_object();
	json_t *items = json_array();
	kiln_json_set_integer(json, "schemaVersion", 2);
	kiln_json_set_string(json, "mediaType", manifest->media_type);
	kiln_json_set_string(json, "artifactType", manifest->artifact_type);
	if (manifest->has_config)
		json_object_set_new(json, "config", kiln_descriptor_to_json(&manifest->config));
	for (guint i = 0; i < manifest->items->len; i++)
		json_array_append_new(items, kiln_descriptor_to_json(manifest->items->pdata[i]));
	json_object_set_new(json, manifest->is_index ? "manifests" : "layers", items);
	if (manifest->has_subject)
		json_object_set_new(json, "subject", kiln_descriptor_to_json(&manifest->subject));
	kiln_annotations_to_json(json, "annotations", manifest->annotations);
	return kiln_json_compact(json);
}
