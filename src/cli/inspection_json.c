/* SPDX-License-Identifier: Apache-2.0 */
/* inspection_json.c: an inspection for machines. Shape: docs/formats/inspect.md. */
#include "cli/inspection.h"

#include "build/evidence.h"
#include "run/writable.h"

#define VERSION 1

static void set_digest(json_t *object, const char *key, const KilnDigest *digest)
{
	char text[KILN_DIGEST_TEXT_MAX];
	kiln_json_set_string(object, key, kiln_digest_print(digest, text));
}

static json_t *strings(char **list)
{
	return kiln_json_from_strv((const char *const *)list);
}

static json_t *labels_json(char **labels)
{
	json_t *object = json_object();
	for (char **label = labels; *label; label += 2)
		kiln_json_set_string(object, label[0], label[1]);
	return object;
}

static json_t *healthcheck_json(const KilnHealthcheck *check)
{
	json_t *object = json_object();
	json_object_set_new(object, "test", strings(check->test));
	kiln_json_set_integer(object, "interval-ms", (gint64)(check->interval_ns / 1000000));
	kiln_json_set_integer(object, "timeout-ms", (gint64)(check->timeout_ns / 1000000));
	kiln_json_set_integer(object, "start-period-ms", (gint64)(check->start_period_ns / 1000000));
	kiln_json_set_integer(object, "retries", check->retries);
	return object;
}

json_t *kiln_config_to_json(const KilnImageConfig *config)
{
	json_t *object = json_object();
	kiln_json_set_string(object, "user", config->user);
	json_object_set_new(object, "entrypoint", strings(config->entrypoint));
	json_object_set_new(object, "cmd", strings(config->command));
	json_object_set_new(object, "env", strings(config->environment));
	kiln_json_set_string(object, "workdir", config->working_directory);
	json_object_set_new(object, "ports", strings(config->exposed_ports));
	json_object_set_new(object, "volumes", strings(config->volumes));
	json_object_set_new(object, "labels", labels_json(config->labels));
	kiln_json_set_string(object, "stop-signal", config->stop_signal);
	if (config->healthcheck.test && config->healthcheck.test[0])
		json_object_set_new(object, "healthcheck", healthcheck_json(&config->healthcheck));
	return object;
}

static json_t *writable_json(const GPtrArray *writable)
{
	json_t *array = json_array();
	for (guint i = 0; i < writable->len; i++) {
		const KilnWritablePath *path = writable->pdata[i];
		json_t *object = json_object();
		kiln_json_set_string(object, "path", path->path);
		kiln_json_set_string(object, "kind", path->is_volume ? "volume" : "tmpfs");
		kiln_json_set_integer(object, "bytes", (gint64)path->size_bytes);
		json_array_append_new(array, object);
	}
	return array;
}

json_t *kiln_package_to_json(const KilnInventoryPackage *package)
{
	const KilnPackage *identity = &package->identity;
	g_autofree char *purl = kiln_package_purl(identity);
	json_t *object = json_object();
	kiln_json_set_string(object, "name", identity->name);
	kiln_json_set_string(object, "version", identity->version);
	kiln_json_set_string(object, "architecture", identity->architecture);
	kiln_json_set_string(object, "source", identity->source_name);
	kiln_json_set_string(object, "source-version", identity->source_version);
	kiln_json_set_string(object, "purl", purl);
	kiln_json_set_integer(object, "files", package->files);
	kiln_json_set_integer(object, "bytes", (gint64)package->bytes);
	if (package->installed_bytes)
		kiln_json_set_integer(object, "bytes-installed", (gint64)package->installed_bytes);
	json_object_set_new(object, "partial", json_boolean(package->partial));
	kiln_json_set_string(object, "database", package->database);
	kiln_json_set_string(object, "confidence", kiln_confidence_name(package->confidence));
	kiln_json_set_string(object, "evidence", package->evidence);
	return object;
}

static json_t *paths_with(const KilnInventory *inventory, guint trait)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < inventory->files->len; i++)
		if (inventory->entries[i].traits & trait)
			g_ptr_array_add(paths, g_strconcat("/", inventory->entries[i].file->path, NULL));
	g_ptr_array_add(paths, NULL);
	return strings((char **)paths->pdata);
}

static json_t *traits_json(const KilnInventory *inventory)
{
	json_t *object = json_object();
	for (const KilnTraitRow *row = kiln_traits(); row->id; row++) {
		json_t *numbers = json_object();
		guint files;
		guint64 bytes;
		kiln_count_trait(inventory, row->trait, &files, &bytes);
		kiln_json_set_integer(numbers, "files", files);
		kiln_json_set_integer(numbers, "bytes", (gint64)bytes);
		if (!row->is_ordinary)
			json_object_set_new(numbers, "paths", paths_with(inventory, row->trait));
		json_object_set_new(object, row->id, numbers);
	}
	return object;
}

static json_t *remarks_json(const GPtrArray *remarks)
{
	json_t *array = json_array();
	for (guint i = 0; i < remarks->len; i++) {
		const KilnInventoryRemark *remark = remarks->pdata[i];
		g_autofree char *path = g_strconcat("/", remark->path, NULL);
		json_t *object = json_object();
		kiln_json_set_string(object, "kind", remark->kind);
		kiln_json_set_string(object, "path", path);
		kiln_json_set_string(object, "what", remark->what);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *inventory_json(const KilnInventory *inventory)
{
	json_t *object = json_object(), *packages = json_array(), *unowned = json_object(), *databases = json_array(), *distribution = json_object();
	guint files, programs;
	guint64 bytes;
	kiln_json_set_integer(object, "files", inventory->file_count);
	kiln_json_set_integer(object, "bytes", (gint64)inventory->bytes);
	kiln_json_set_string(distribution, "id", inventory->distribution.id);
	kiln_json_set_string(distribution, "version-id", inventory->distribution.version_id);
	kiln_json_set_string(distribution, "name", inventory->distribution.pretty_name);
	json_object_set_new(object, "distribution", distribution);
	for (guint i = 0; i < inventory->databases->len; i++)
		json_array_append_new(databases, json_string(inventory->databases->pdata[i]));
	json_object_set_new(object, "package-databases", databases);
	for (guint i = 0; i < inventory->packages->len; i++)
		json_array_append_new(packages, kiln_package_to_json(inventory->packages->pdata[i]));
	json_object_set_new(object, "packages", packages);
	kiln_count_unowned(inventory, &files, &bytes, &programs);
	kiln_json_set_integer(unowned, "files", files);
	kiln_json_set_integer(unowned, "bytes", (gint64)bytes);
	kiln_json_set_integer(unowned, "programs", programs);
	json_object_set_new(object, "unowned", unowned);
	json_object_set_new(object, "traits", traits_json(inventory));
	json_object_set_new(object, "remarks", remarks_json(inventory->remarks));
	return object;
}

static json_t *layers_json(const GArray *layers)
{
	json_t *array = json_array();
	for (guint i = 0; i < layers->len; i++) {
		const KilnInspectedLayer *layer = &g_array_index(layers, KilnInspectedLayer, i);
		json_t *object = json_object();
		set_digest(object, "digest", &layer->descriptor->digest);
		kiln_json_set_string(object, "media-type", layer->descriptor->media_type);
		kiln_json_set_integer(object, "bytes-compressed", (gint64)layer->descriptor->size_bytes);
		kiln_json_set_integer(object, "files", layer->files);
		kiln_json_set_integer(object, "bytes", (gint64)layer->bytes);
		kiln_json_set_string(object, "title", layer->title);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *evidence_json(const GArray *evidence)
{
	json_t *array = json_array();
	for (guint i = 0; i < evidence->len; i++) {
		const KilnInspectedEvidence *item = &g_array_index(evidence, KilnInspectedEvidence, i);
		json_t *object = json_object();
		kiln_json_set_string(object, "kind", item->kind);
		set_digest(object, "digest", &item->descriptor->digest);
		kiln_json_set_string(object, "artifact-type", item->descriptor->artifact_type);
		kiln_json_set_string(object, "predicate-type", kiln_descriptor_annotation(item->descriptor, KILN_PREDICATE_TYPE_ANNOTATION));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *programs_json(const KilnInspection *inspection)
{
	json_t *object = json_object(), *callers = json_array();
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < inspection->unreachable->len; i++)
		g_ptr_array_add(paths, g_strconcat("/", ((const KilnReason *)inspection->unreachable->pdata[i])->path, NULL));
	g_ptr_array_add(paths, NULL);
	json_object_set_new(object, "unreachable", strings((char **)paths->pdata));
	kiln_json_set_integer(object, "unreachable-bytes", (gint64)inspection->unreachable_bytes);
	for (guint i = 0; i < inspection->callers->len; i++) {
		const KilnReason *reason = inspection->callers->pdata[i];
		g_autofree char *path = g_strconcat("/", reason->path, NULL);
		json_t *caller = json_object();
		kiln_json_set_string(caller, "path", path);
		json_object_set_new(caller, "calls", json_deep_copy(reason->calls));
		json_array_append_new(callers, caller);
	}
	json_object_set_new(object, "call-shell", callers);
	return object;
}

json_t *kiln_inspection_to_json(const KilnInspection *inspection)
{
	const KilnImage *image = inspection->image;
	json_t *object = json_object();
	g_autoptr(json_t) inventory = inventory_json(inspection->inventory);
	kiln_json_set_integer(object, "version", VERSION);
	kiln_json_set_string(object, "image", image->name);
	set_digest(object, "digest", &image->descriptor.digest);
	if (kiln_media_type_is_index(image->top.media_type))
		set_digest(object, "index-digest", &image->top.digest);
	kiln_json_set_string(object, "os", image->config->os);
	kiln_json_set_string(object, "architecture", image->config->architecture);
	kiln_json_set_string(object, "variant", image->config->variant);
	json_object_set_new(object, "platforms", strings(inspection->platforms));
	kiln_json_set_string(object, "created", image->config->created);
	json_object_set_new(object, "config", kiln_config_to_json(image->config));
	if (inspection->writable)
		json_object_set_new(object, "writable", writable_json(inspection->writable));
	kiln_json_set_integer(object, "bytes-compressed", (gint64)inspection->compressed_bytes);
	json_object_update(object, inventory);
	kiln_json_set_string(json_object_get(object, "distribution"), "ends", inspection->ends);
	json_object_set_new(object, "layers", layers_json(inspection->layers));
	json_object_set_new(object, "evidence", evidence_json(inspection->evidence));
	if (inspection->reasons)
		json_object_set_new(object, "programs", programs_json(inspection));
	return object;
}
