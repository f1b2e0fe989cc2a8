/* SPDX-License-Identifier: Apache-2.0 */
/* comparison_json.c: a comparison for machines. Shape: docs/formats/diff.md. */
#include "cli/comparison.h"

#define VERSION 1

static json_t *image_json(const KilnComparedImage *compared)
{
	const KilnImage *image = compared->image;
	json_t *object = json_object();
	char digest[KILN_DIGEST_TEXT_MAX];
	kiln_json_set_string(object, "image", image->name);
	kiln_json_set_string(object, "digest", kiln_digest_print(&image->descriptor.digest, digest));
	kiln_json_set_string(object, "os", image->config->os);
	kiln_json_set_string(object, "architecture", image->config->architecture);
	kiln_json_set_string(object, "variant", image->config->variant);
	kiln_json_set_string(object, "created", image->config->created);
	kiln_json_set_string(object, "distribution", compared->inventory->distribution.pretty_name);
	json_object_set_new(object, "packages-known", json_boolean(kiln_inventory_is_known(compared->inventory)));
	kiln_json_set_integer(object, "packages", compared->inventory->packages->len);
	kiln_json_set_integer(object, "files", compared->inventory->file_count);
	kiln_json_set_integer(object, "bytes", (gint64)compared->inventory->bytes);
	kiln_json_set_integer(object, "bytes-compressed", (gint64)compared->compressed_bytes);
	kiln_json_set_integer(object, "layers", image->manifest->items->len);
	return object;
}

static const char *change_word(gboolean had, gboolean has)
{
	return !had ? "added" : !has ? "removed" : "changed";
}

static json_t *package_json(const KilnInventoryPackage *package)
{
	json_t *object = json_object();
	kiln_json_set_string(object, "version", package->identity.version);
	kiln_json_set_integer(object, "files", package->files);
	kiln_json_set_integer(object, "bytes", (gint64)package->bytes);
	return object;
}

static json_t *packages_json(const GArray *changes)
{
	json_t *array = json_array();
	for (guint i = 0; i < changes->len; i++) {
		const KilnPackageChange *change = &g_array_index(changes, KilnPackageChange, i);
		const KilnPackage *identity = &(change->after ? change->after : change->before)->identity;
		json_t *object = json_object();
		kiln_json_set_string(object, "name", identity->name);
		kiln_json_set_string(object, "architecture", identity->architecture);
		kiln_json_set_string(object, "change", change_word(change->before != NULL, change->after != NULL));
		if (change->before)
			json_object_set_new(object, "before", package_json(change->before));
		if (change->after)
			json_object_set_new(object, "after", package_json(change->after));
		json_array_append_new(array, object);
	}
	return array;
}

static const char *type_word(KilnFileType type)
{
	static const char *const types[] = {
		[KILN_FILE_REGULAR] = "file",           [KILN_FILE_DIRECTORY] = "directory",           [KILN_FILE_SYMLINK] = "symlink",
		[KILN_FILE_HARDLINK] = "file",          [KILN_FILE_CHARACTER_DEVICE] = "character-device", [KILN_FILE_BLOCK_DEVICE] = "block-device",
		[KILN_FILE_FIFO] = "pipe",
	};
	return types[type];
}

static json_t *file_json(const KilnComparedImage *compared, const KilnInventoryFile *entry)
{
	const KilnImageFile *file = entry->file;
	const KilnInventoryPackage *owner = entry->package >= 0 ? compared->inventory->packages->pdata[entry->package] : NULL;
	json_t *object = json_object();
	char digest[KILN_DIGEST_TEXT_MAX];
	g_autofree char *mode = g_strdup_printf("%04o", file->mode);
	kiln_json_set_string(object, "type", type_word(file->type));
	kiln_json_set_string(object, "mode", mode);
	kiln_json_set_integer(object, "uid", (gint64)file->uid);
	kiln_json_set_integer(object, "gid", (gint64)file->gid);
	if (file->type == KILN_FILE_REGULAR || file->type == KILN_FILE_HARDLINK) {
		kiln_json_set_integer(object, "bytes", (gint64)file->size);
		kiln_json_set_string(object, "digest", kiln_digest_print(&file->digest, digest));
	}
	if (file->type == KILN_FILE_SYMLINK)
		kiln_json_set_string(object, "target", file->link_target);
	if (file->has_capability)
		json_object_set_new(object, "capability", json_true());
	kiln_json_set_string(object, "package", owner ? owner->identity.name : NULL);
	return object;
}

static json_t *files_json(const KilnComparison *comparison)
{
	json_t *array = json_array();
	for (guint i = 0; i < comparison->files->len; i++) {
		const KilnFileChange *change = &g_array_index(comparison->files, KilnFileChange, i);
		g_autofree char *path = g_strconcat("/", (change->after ? change->after : change->before)->file->path, NULL);
		json_t *object = json_object(), *what = json_array();
		kiln_json_set_string(object, "path", path);
		kiln_json_set_string(object, "change", change_word(change->before != NULL, change->after != NULL));
		for (guint bit = 0; kiln_file_change_word(bit); bit++)
			if (change->what & (1u << bit))
				json_array_append_new(what, json_string(kiln_file_change_word(bit)));
		json_object_set_new(object, "what", what);
		if (change->before)
			json_object_set_new(object, "before", file_json(&comparison->before, change->before));
		if (change->after)
			json_object_set_new(object, "after", file_json(&comparison->after, change->after));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *settings_json(const GArray *changes)
{
	json_t *array = json_array();
	for (guint i = 0; i < changes->len; i++) {
		const KilnConfigChange *change = &g_array_index(changes, KilnConfigChange, i);
		json_t *object = json_object();
		kiln_json_set_string(object, "key", change->key);
		if (change->before)
			json_object_set(object, "before", change->before);
		if (change->after)
			json_object_set(object, "after", change->after);
		json_array_append_new(array, object);
	}
	return array;
}

json_t *kiln_comparison_to_json(const KilnComparison *comparison)
{
	json_t *object = json_object();
	kiln_json_set_integer(object, "version", VERSION);
	json_object_set_new(object, "equal", json_boolean(comparison->equal));
	json_object_set_new(object, "before", image_json(&comparison->before));
	json_object_set_new(object, "after", image_json(&comparison->after));
	kiln_json_set_integer(object, "layers-shared", comparison->shared_layers);
	json_object_set_new(object, "configuration", settings_json(comparison->settings));
	json_object_set_new(object, "packages", packages_json(comparison->packages));
	json_object_set_new(object, "files", files_json(comparison));
	return object;
}
