/* SPDX-License-Identifier: Apache-2.0 */
/* comparison.c: gather what differs between two images. */
#include "cli/comparison.h"

#include "cli/inspection.h"

/* Members of kiln_config_to_json(), in the order in which they are shown. */
static const char *const settings[] = { "entrypoint", "cmd", "user", "workdir", "env", "ports", "volumes", "labels", "stop-signal", "healthcheck" };

static gboolean read_image(KilnInvocation *invocation, const char *reference, KilnComparedImage *out, GError **error)
{
	out->image = kiln_open_image(invocation, reference, error);
	g_autoptr(KilnReasons) reasons = NULL;
	if (!out->image || !kiln_read_inventory(invocation, out->image, FALSE, &out->inventory, &reasons, error))
		return FALSE;
	for (guint i = 0; i < out->image->manifest->items->len; i++)
		out->compressed_bytes += ((const KilnDescriptor *)out->image->manifest->items->pdata[i])->size_bytes;
	return TRUE;
}

static gboolean has_layer(const KilnManifest *manifest, const KilnDigest *digest)
{
	for (guint i = 0; i < manifest->items->len; i++)
		if (kiln_digest_equal(&((const KilnDescriptor *)manifest->items->pdata[i])->digest, digest))
			return TRUE;
	return FALSE;
}

static guint count_shared_layers(const KilnManifest *before, const KilnManifest *after)
{
	guint shared = 0;
	for (guint i = 0; i < after->items->len; i++)
		shared += has_layer(before, &((const KilnDescriptor *)after->items->pdata[i])->digest);
	return shared;
}

/* An empty list or map says as much as none. */
static json_t *setting_of(const json_t *config, const char *key)
{
	json_t *value = json_object_get(config, key);
	return !value || ((json_is_array(value) || json_is_object(value)) && json_array_size(value) + json_object_size(value) == 0) ? NULL : value;
}

static void setting_clear(gpointer data)
{
	KilnConfigChange *change = data;
	json_decref(change->before);
	json_decref(change->after);
}

static GArray *compare_settings(const KilnImageConfig *before, const KilnImageConfig *after)
{
	g_autoptr(json_t) old = kiln_config_to_json(before), new = kiln_config_to_json(after);
	GArray *changes = g_array_new(FALSE, FALSE, sizeof(KilnConfigChange));
	g_array_set_clear_func(changes, setting_clear);
	for (gsize i = 0; i < G_N_ELEMENTS(settings); i++) {
		KilnConfigChange change = { settings[i], setting_of(old, settings[i]), setting_of(new, settings[i]) };
		if (change.before == change.after || (change.before && change.after && json_equal(change.before, change.after)))
			continue;
		json_incref(change.before);
		json_incref(change.after);
		g_array_append_val(changes, change);
	}
	return changes;
}

KilnComparison *kiln_comparison_new(KilnInvocation *invocation, const char *before, const char *after, GError **error)
{
	g_autoptr(KilnComparison) comparison = g_new0(KilnComparison, 1);
	if (!read_image(invocation, before, &comparison->before, error) || !read_image(invocation, after, &comparison->after, error))
		return NULL;
	const KilnImage *old = comparison->before.image, *new = comparison->after.image;
	comparison->equal = kiln_digest_equal(&old->descriptor.digest, &new->descriptor.digest);
	comparison->shared_layers = count_shared_layers(old->manifest, new->manifest);
	comparison->settings = compare_settings(old->config, new->config);
	kiln_inventory_compare(comparison->before.inventory, comparison->after.inventory, &comparison->packages, &comparison->files);
	return g_steal_pointer(&comparison);
}

static void clear_image(KilnComparedImage *compared)
{
	kiln_inventory_free(compared->inventory);
	kiln_image_close(compared->image);
}

void kiln_comparison_free(KilnComparison *comparison)
{
	if (!comparison)
		return;
	g_clear_pointer(&comparison->packages, g_array_unref);
	g_clear_pointer(&comparison->files, g_array_unref);
	g_clear_pointer(&comparison->settings, g_array_unref);
	clear_image(&comparison->before);
	clear_image(&comparison->after);
	g_free(comparison);
}
