/* SPDX-License-Identifier: Apache-2.0 */
/* docker_archive.c: what docker save wrote becomes an OCI manifest over the same configuration and layers. */
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "oci/archive_internal.h"
#include "oci/config.h"

#include <string.h>

typedef struct {
	ArchiveFile *archive;
	KilnLayout *into;
	const char *config_path; /* a member; borrowed */
	GBytes *config;
	GHashTable *layers;      /* member's path, borrowed -> ArchiveBlob, or NULL until it is read */
} Docker;

/* "alpine", "docker.io/library/alpine:latest" and "alpine:latest" are one name. */
static char *familiar_name(const char *name)
{
	const char *short_name = g_str_has_prefix(name, "docker.io/") ? name + strlen("docker.io/") : name;
	if (short_name != name && g_str_has_prefix(short_name, "library/"))
		short_name += strlen("library/");
	const char *slash = strrchr(short_name, '/');
	return g_strconcat(short_name, strchr(slash ? slash : short_name, ':') ? "" : ":latest", NULL);
}

static gboolean has_tag(const json_t *image, const char *wanted)
{
	const json_t *tags = json_object_get(image, "RepoTags");
	for (gsize i = 0; i < json_array_size(tags); i++) {
		const char *tag = json_string_value(json_array_get(tags, i));
		g_autofree char *name = tag ? familiar_name(tag) : NULL;
		if (g_strcmp0(name, wanted) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean no_such_image(const ArchiveFile *archive, const json_t *images, const char *tag, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (gsize i = 0; i < json_array_size(images); i++) {
		const json_t *tags = json_object_get(json_array_get(images, i), "RepoTags");
		for (gsize j = 0; j < json_array_size(tags); j++)
			if (json_is_string(json_array_get(tags, j)))
				g_ptr_array_add(names, (gpointer)json_string_value(json_array_get(tags, j)));
	}
	g_ptr_array_add(names, NULL);
	g_autofree char *hint = kiln_text_suggest(tag ? tag : "", (const char *const *)names->pdata, tag ? "it has" : "name one of @0, @1, ...;");
	if (!tag)
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: holds %" G_GSIZE_FORMAT " images; %s", archive->path, json_array_size(images), hint);
	return kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: no image \"%s\" in it; %s", archive->path, tag, hint);
}

static const json_t *find_image(const ArchiveFile *archive, const json_t *images, const char *tag, GError **error)
{
	guint64 number;
	const json_t *found = NULL;
	if (tag && tag[0] == '@' && kiln_text_to_u64(kiln_text(tag + 1), &number))
		found = json_array_get(images, (gsize)MIN(number, (guint64)G_MAXSIZE));
	else if (tag) {
		g_autofree char *wanted = familiar_name(tag);
		for (gsize i = 0; i < json_array_size(images) && !found; i++)
			if (has_tag(json_array_get(images, i), wanted))
				found = json_array_get(images, i);
	} else if (json_array_size(images) == 1)
		found = json_array_get(images, 0);
	if (!found)
		no_such_image(archive, images, tag, error);
	return found;
}

/* Which members the image consists of; *layers gets their paths in order. */
static gboolean choose_members(Docker *docker, const json_t *image, GPtrArray *layers, GError **error)
{
	const char *config = kiln_json_string(image, "Config", "manifest.json", error);
	const json_t *names = config ? kiln_json_array(image, "Layers", "manifest.json", error) : NULL;
	if (!names)
		return FALSE;
	if (json_array_size(names) > KILN_LIMIT_LAYERS)
		return kiln_fail(error, KILN_ERROR_LIMIT, "manifest.json: more than %d layers", KILN_LIMIT_LAYERS);
	docker->config_path = archive_file_find(docker->archive, config, error);
	if (!docker->config_path)
		return FALSE;
	for (gsize i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));
		if (!name)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "manifest.json: Layers[%" G_GSIZE_FORMAT "] must be a string", i);
		const char *path = archive_file_find(docker->archive, name, error);
		if (!path)
			return FALSE;
		g_ptr_array_add(layers, (gpointer)path);
		g_hash_table_insert(docker->layers, (gpointer)path, NULL);
	}
	return TRUE;
}

static gboolean visit(const KilnTarEntry *entry, KilnTarReader *content, gpointer user_data, GError **error)
{
	Docker *docker = user_data;
	gpointer key = NULL, value = NULL;
	if (strcmp(entry->path, docker->config_path) == 0) {
		g_clear_pointer(&docker->config, g_bytes_unref);
		docker->config = archive_read_member(entry, content, KILN_LIMIT_IMAGE_CONFIG_BYTES, error);
		return docker->config != NULL;
	}
	if (!g_hash_table_lookup_extended(docker->layers, entry->path, &key, &value) || value)
		return TRUE;
	KilnDescriptor *blob = g_new0(KilnDescriptor, 1);
	g_autoptr(KilnReader) member = archive_member_reader(content);
	if (!archive_store_layer(entry->path, member, NULL, docker->into, blob, error)) {
		g_free(blob);
		return FALSE;
	}
	g_hash_table_insert(docker->layers, key, blob);
	return TRUE;
}

/* The configuration promises what each layer inflates to: that is all that an archive of docker save has to check its layers by.
 * Those that are compressed are held against it when they are read. */
static gboolean make_manifest(Docker *docker, const GPtrArray *paths, KilnDescriptor *out, GError **error)
{
	char is[KILN_DIGEST_TEXT_MAX], wanted[KILN_DIGEST_TEXT_MAX];
	g_autoptr(KilnImageConfig) config = docker->config ? kiln_image_config_parse(docker->config, docker->config_path, error) : NULL;
	if (!config)
		return docker->config ? FALSE : kiln_fail(error, KILN_ERROR_IO, "%s changed while it was read", docker->config_path);
	if (config->diff_id_count != paths->len)
		return kiln_fail(error, KILN_ERROR_MISMATCH, "manifest.json has %u layers, %s has %" G_GSIZE_FORMAT, paths->len, docker->config_path, config->diff_id_count);
	g_autoptr(KilnManifest) manifest = kiln_manifest_new(FALSE);
	for (guint i = 0; i < paths->len; i++) {
		const KilnDescriptor *blob = g_hash_table_lookup(docker->layers, paths->pdata[i]);
		if (!blob)
			return kiln_fail(error, KILN_ERROR_IO, "%s changed while it was read", (const char *)paths->pdata[i]);
		if (strcmp(blob->media_type, KILN_MEDIA_LAYER) == 0 && !kiln_digest_equal(&blob->digest, &config->diff_ids[i]))
			return kiln_fail(error, KILN_ERROR_MISMATCH, "%s: its content is %s; the configuration says %s", (const char *)paths->pdata[i],
			                 kiln_digest_print(&blob->digest, is), kiln_digest_print(&config->diff_ids[i], wanted));
		KilnDescriptor *copy = g_new0(KilnDescriptor, 1);
		kiln_descriptor_copy(blob, copy);
		g_ptr_array_add(manifest->items, copy);
	}
	manifest->has_config = TRUE;
	if (!kiln_layout_put_blob(docker->into, KILN_MEDIA_CONFIG, g_bytes_get_data(docker->config, NULL), g_bytes_get_size(docker->config), &manifest->config, error))
		return FALSE;
	g_autoptr(GBytes) bytes = kiln_manifest_print(manifest);
	return kiln_layout_put_blob(docker->into, KILN_MEDIA_MANIFEST, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), out, error);
}

static gboolean read_image(Docker *docker, const char *tag, KilnDescriptor *out, GError **error)
{
	gsize length;
	GBytes *bytes = g_hash_table_lookup(docker->archive->documents, "manifest.json");
	const char *text = g_bytes_get_data(bytes, &length);
	g_autoptr(GPtrArray) layers = g_ptr_array_new();
	g_autoptr(json_t) images = kiln_json_parse(text ? text : "", length, "manifest.json", error);
	if (!images)
		return FALSE;
	if (!json_is_array(images))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "manifest.json: must be a list of images");
	const json_t *image = find_image(docker->archive, images, tag, error);
	return image && choose_members(docker, image, layers, error) && archive_file_each(docker->archive, visit, docker, error) &&
	       make_manifest(docker, layers, out, error);
}

gboolean docker_archive_read(ArchiveFile *archive, const char *tag, KilnLayout *into, KilnDescriptor *out, GError **error)
{
	g_autoptr(GHashTable) layers = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)kiln_descriptor_free);
	g_auto(KilnDescriptor) made = { 0 };
	Docker docker = { .archive = archive, .into = into, .layers = layers };
	gboolean good = read_image(&docker, tag, &made, error);
	g_clear_pointer(&docker.config, g_bytes_unref);
	if (!good) {
		archive_name_error(archive, error);
		return FALSE;
	}
	if (!kiln_layout_set(into, tag && tag[0] != '@' ? tag : NULL, &made, error))
		return FALSE;
	*out = made;
	made = (KilnDescriptor){ 0 };
	return TRUE;
}
