/* SPDX-License-Identifier: Apache-2.0 */
/* difference.c: two manifests, their configurations and layers side by side. */
#include "oci/difference_internal.h"

#include "base/error.h"
#include "base/limits.h"
#include "oci/config.h"
#include "oci/layout_internal.h"

#include <string.h>

#define VALUE_SHOWN_MAX 200 /* bytes */

void kiln_difference_free(KilnDifference *difference)
{
	if (!difference)
		return;
	g_free(difference->part);
	g_free(difference->where);
	g_free(difference->text);
	g_free(difference);
}

GPtrArray *kiln_differences_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)kiln_difference_free);
}

void difference_add(GPtrArray *out, const char *part, const char *where, gint64 offset, const char *format, ...)
{
	va_list arguments;
	KilnDifference *difference = g_new0(KilnDifference, 1);
	va_start(arguments, format);
	difference->text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	difference->part = g_strdup(part);
	difference->where = g_strdup(where);
	difference->offset = offset;
	g_ptr_array_add(out, difference);
}

typedef struct {
	const char *part;
	const DifferenceNames *names;
	GPtrArray *out;
	guint count;
} Documents;

static char *shown(const json_t *value)
{
	if (!value)
		return g_strdup("nothing");
	g_autoptr(json_t) list = json_pack("[O]", value);
	g_autoptr(GBytes) bytes = kiln_json_compact(list);
	gsize length = g_bytes_get_size(bytes) - 2; /* without the brackets */
	g_autofree char *text = g_strndup((const char *)g_bytes_get_data(bytes, NULL) + 1, length);
	if (length <= VALUE_SHOWN_MAX)
		return g_steal_pointer(&text);
	text[VALUE_SHOWN_MAX] = '\0';
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	return g_strconcat(valid, "...", NULL);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void compare_values(Documents *documents, const char *where, const json_t *first, const json_t *second);

static void compare_members(Documents *documents, const char *where, const json_t *first, const json_t *second)
{
	const char *key;
	json_t *value;
	g_autoptr(GPtrArray) keys = g_ptr_array_new();
	json_object_foreach((json_t *)first, key, value)
		g_ptr_array_add(keys, (gpointer)key);
	json_object_foreach((json_t *)second, key, value)
		if (!json_object_get(first, key))
			g_ptr_array_add(keys, (gpointer)key);
	g_ptr_array_sort(keys, by_name);
	for (guint i = 0; i < keys->len; i++) {
		g_autofree char *below = g_strconcat(where, "/", keys->pdata[i], NULL);
		compare_values(documents, below, json_object_get(first, keys->pdata[i]), json_object_get(second, keys->pdata[i]));
	}
}

/* Depth is bounded where documents are parsed. */
static void compare_values(Documents *documents, const char *where, const json_t *first, const json_t *second)
{
	if (json_equal(first, second) || documents->count >= KILN_LIMIT_DIFFERENCES)
		return;
	if (json_is_object(first) && json_is_object(second)) {
		compare_members(documents, where, first, second);
		return;
	}
	if (json_is_array(first) && json_is_array(second)) {
		for (gsize i = 0; i < MAX(json_array_size(first), json_array_size(second)); i++) {
			g_autofree char *below = g_strdup_printf("%s/%" G_GSIZE_FORMAT, where, i);
			compare_values(documents, below, json_array_get(first, i), json_array_get(second, i));
		}
		return;
	}
	g_autofree char *one = shown(first), *other = shown(second);
	difference_add(documents->out, documents->part, where, -1, "%s has %s, %s has %s", documents->names->first, one, documents->names->second, other);
	documents->count++;
}

static json_t *parse(GBytes *bytes, const char *part, GError **error)
{
	gsize length;
	const char *text = g_bytes_get_data(bytes, &length);
	return kiln_json_parse(text ? text : "", length, part, error);
}

/* Members named in @without are compared elsewhere. */
static gboolean compare_documents(const char *part, GBytes *first, GBytes *second, const char *const *without, const DifferenceNames *names, GPtrArray *out, GError **error)
{
	g_autoptr(json_t) one = parse(first, part, error), other = one ? parse(second, part, error) : NULL;
	Documents documents = { part, names, out, 0 };
	guint before = out->len;
	if (!other)
		return FALSE;
	gboolean same = json_equal(one, other);
	for (; without && *without; without++) {
		json_object_del(one, *without);
		json_object_del(other, *without);
	}
	compare_values(&documents, "", one, other);
	if (same && out->len == before && !g_bytes_equal(first, second))
		difference_add(out, part, NULL, -1, "the same values, written in another way");
	return TRUE;
}

gboolean kiln_documents_compare(const char *part, GBytes *first, const char *first_name, GBytes *second, const char *second_name, GPtrArray *out, GError **error)
{
	DifferenceNames names = { first_name, second_name };
	return compare_documents(part, first, second, NULL, &names, out, error);
}

typedef struct {
	const KilnLayout *layout;
	GBytes *bytes, *config_bytes;
	KilnManifest *manifest;
	KilnImageConfig *config;
} Side;

static void side_clear(Side *side)
{
	g_clear_pointer(&side->bytes, g_bytes_unref);
	g_clear_pointer(&side->config_bytes, g_bytes_unref);
	kiln_manifest_free(side->manifest);
	kiln_image_config_free(side->config);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Side, side_clear)

static gboolean side_read(Side *side, const KilnDescriptor *descriptor, const char *name, GError **error)
{
	side->bytes = kiln_layout_read_blob(side->layout, &descriptor->digest, KILN_LIMIT_MANIFEST_BYTES, error);
	side->manifest = side->bytes ? kiln_manifest_parse(side->bytes, "manifest", error) : NULL;
	if (side->manifest && side->manifest->is_index)
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "an index, not an image");
	else if (side->manifest)
		side->config_bytes = kiln_layout_read_blob(side->layout, &side->manifest->config.digest, KILN_LIMIT_IMAGE_CONFIG_BYTES, error);
	side->config = side->config_bytes ? kiln_image_config_parse(side->config_bytes, "configuration", error) : NULL;
	if (!side->config)
		g_prefix_error(error, "%s: ", name);
	return side->config != NULL;
}

static const KilnDescriptor *layer_at(const Side *side, guint index)
{
	return side->manifest->items->pdata[index];
}

/* Who made a layer, says the history; NULL when it says nothing of it. */
static const char *maker_of(const Side *side, guint index)
{
	for (guint i = 0, layer = 0; i < side->config->history->len; i++) {
		const KilnHistory *history = side->config->history->pdata[i];
		if (!history->empty_layer && layer++ == index)
			return history->created_by;
	}
	return NULL;
}

static gboolean compare_layers(const Side *first, guint index, const Side *second, guint other_index, const DifferenceNames *names, GPtrArray *out, GError **error)
{
	const KilnDescriptor *one = layer_at(first, index), *other = layer_at(second, other_index);
	g_autofree char *part = g_strdup_printf("layer %u", index + 1);
	if (kiln_digest_equal(&one->digest, &other->digest))
		return TRUE;
	if (index < first->config->diff_id_count && other_index < second->config->diff_id_count &&
	    kiln_digest_equal(&first->config->diff_ids[index], &second->config->diff_ids[other_index])) {
		difference_add(out, part, NULL, -1, "holds the same, compressed differently: %s to %" G_GUINT64_FORMAT " bytes (%s), %s to %" G_GUINT64_FORMAT " (%s)", names->first,
		               one->size_bytes, one->media_type, names->second, other->size_bytes, other->media_type);
		return TRUE;
	}
	g_autoptr(KilnReader) one_tar = layout_layer_reader(first->layout, one, error);
	g_autoptr(KilnReader) other_tar = one_tar ? layout_layer_reader(second->layout, other, error) : NULL;
	return other_tar && difference_of_tars(part, one_tar, other_tar, names, out, error);
}

/* Layers of the same maker belong together even when one side has more of them; without a history their number decides. */
static gboolean compare_all_layers(const Side *first, const Side *second, const DifferenceNames *names, GPtrArray *out, GError **error)
{
	guint count = first->manifest->items->len, other_count = second->manifest->items->len;
	g_autofree gboolean *paired = g_new0(gboolean, other_count + 1);
	for (guint i = 0; i < count; i++) {
		guint other = 0;
		while (other < other_count && (paired[other] || (count == other_count ? other != i : g_strcmp0(maker_of(first, i), maker_of(second, other)) != 0)))
			other++;
		if (other < other_count && !compare_layers(first, i, second, other, names, out, error))
			return FALSE;
		g_autofree char *part = g_strdup_printf("layer %u", i + 1);
		if (other == other_count)
			difference_add(out, part, NULL, -1, "only %s has it", names->first);
		paired[other] = TRUE;
	}
	for (guint i = 0; i < other_count; i++) {
		g_autofree char *part = g_strdup_printf("layer %u", i + 1);
		if (!paired[i])
			difference_add(out, part, NULL, -1, "only %s has it", names->second);
	}
	return TRUE;
}

gboolean kiln_images_compare(const KilnLayout *first_layout, const KilnDescriptor *first, const char *first_name, const KilnLayout *second_layout,
                             const KilnDescriptor *second, const char *second_name, GPtrArray **out, GError **error)
{
	static const char *const below_manifest[] = { "config", "layers", NULL }, *const below_config[] = { "rootfs", NULL };
	g_autoptr(GPtrArray) found = kiln_differences_new();
	g_auto(Side) one = { .layout = first_layout }, other = { .layout = second_layout };
	DifferenceNames names = { first_name, second_name };
	if (!kiln_digest_equal(&first->digest, &second->digest)) {
		if (!side_read(&one, first, first_name, error) || !side_read(&other, second, second_name, error) ||
		    !compare_documents("manifest", one.bytes, other.bytes, below_manifest, &names, found, error) ||
		    !compare_documents("configuration", one.config_bytes, other.config_bytes, below_config, &names, found, error))
			return FALSE;
		if (!compare_all_layers(&one, &other, &names, found, error))
			return FALSE;
	}
	*out = g_steal_pointer(&found);
	return TRUE;
}
