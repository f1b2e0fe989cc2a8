/* SPDX-License-Identifier: Apache-2.0 */
/* layout_index.c: index.json of a layout: names and referrers. Every change is made under a lock and replaces the file whole. */
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "oci/annotations.h"
#include "oci/layout_internal.h"

#include <string.h>

#define INDEX_FILE "index.json"
#define LOCK_FILE ".kiln-lock"

static GBytes *read_text(const KilnLayout *layout, GError **error)
{
	return kiln_file_read_at(layout->fd, INDEX_FILE, KILN_LIMIT_LAYOUT_INDEX_BYTES, error);
}

static KilnManifest *load(const KilnLayout *layout, GError **error)
{
	g_autofree char *name = g_strdup_printf("%s/" INDEX_FILE, layout->path);
	g_autoptr(GBytes) bytes = read_text(layout, error);
	g_autoptr(KilnManifest) index = bytes ? kiln_manifest_parse(bytes, name, error) : NULL;
	if (index && !index->is_index) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s: not an image index", name);
		return NULL;
	}
	return g_steal_pointer(&index);
}

static const char *ref_name(const KilnDescriptor *descriptor)
{
	return kiln_descriptor_annotation(descriptor, LAYOUT_REF_NAME);
}

static gint by_name_and_digest(gconstpointer a, gconstpointer b)
{
	const KilnDescriptor *first = *(KilnDescriptor *const *)a, *second = *(KilnDescriptor *const *)b;
	int order = g_strcmp0(ref_name(first), ref_name(second));
	return order ? order : kiln_digest_compare(&first->digest, &second->digest);
}

static gboolean save(KilnLayout *layout, KilnManifest *index, GError **error)
{
	g_ptr_array_sort(index->items, by_name_and_digest);
	g_autoptr(GBytes) bytes = kiln_manifest_print(index), before = read_text(layout, NULL);
	if (!layout_sync(layout, error))
		return FALSE;
	return (before && g_bytes_equal(before, bytes)) || kiln_file_write_at(layout->fd, INDEX_FILE, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), error);
}

gboolean layout_index_create(KilnLayout *layout, GError **error)
{
	g_autoptr(KilnManifest) empty = kiln_manifest_new(TRUE);
	return save(layout, empty, error);
}

/* The digest alone decides for entries without a name. */
static gboolean replaced_by(const KilnDescriptor *old, const char *name, const KilnDescriptor *made)
{
	const char *old_name = ref_name(old);
	if (name)
		return g_strcmp0(old_name, name) == 0;
	return !old_name && kiln_digest_equal(&old->digest, &made->digest);
}

static void take_out(KilnManifest *index, const char *name, const KilnDescriptor *descriptor)
{
	for (guint i = index->items->len; i-- > 0;)
		if (replaced_by(index->items->pdata[i], name, descriptor))
			g_ptr_array_remove_index(index->items, i);
}

static void put(KilnManifest *index, const char *name, const KilnDescriptor *descriptor)
{
	take_out(index, name, descriptor);
	KilnDescriptor *copy = g_new0(KilnDescriptor, 1);
	kiln_descriptor_copy(descriptor, copy);
	char **annotations = kiln_annotations_with(copy->annotations, LAYOUT_REF_NAME, name);
	g_strfreev(copy->annotations);
	copy->annotations = annotations;
	g_ptr_array_add(index->items, copy);
}

gboolean kiln_layout_set(KilnLayout *layout, const char *name, const KilnDescriptor *descriptor, GError **error)
{
	g_auto(KilnFd) lock = kiln_file_lock_at(layout->fd, LOCK_FILE, error);
	g_autoptr(KilnManifest) index = lock < 0 ? NULL : load(layout, error);
	if (!index)
		return FALSE;
	for (guint i = 0; i < layout->detached->len; i++)
		take_out(index, NULL, layout->detached->pdata[i]);
	for (guint i = 0; i < layout->attached->len; i++)
		put(index, NULL, layout->attached->pdata[i]);
	put(index, name, descriptor);
	if (!save(layout, index, error))
		return FALSE;
	g_ptr_array_set_size(layout->attached, 0);
	g_ptr_array_set_size(layout->detached, 0);
	return TRUE;
}

static gboolean name_not_found(const char *where, const KilnManifest *index, const char *name, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < index->items->len; i++)
		if (ref_name(index->items->pdata[i]))
			g_ptr_array_add(names, (gpointer)ref_name(index->items->pdata[i]));
	g_ptr_array_add(names, NULL);
	const char *const *known = (const char *const *)names->pdata;
	g_autofree char *hint = kiln_text_suggest(name ? name : "", known, name ? "it has" : "name one of");
	if (!name)
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: holds %s; %s", where, names->len > 2 ? "several images" : "no image", hint);
	return kiln_fail(error, KILN_ERROR_NOT_FOUND, "no image \"%s\" in %s; %s", name, where, hint);
}

gboolean layout_index_find(const KilnManifest *index, const char *where, const char *name, KilnDescriptor *out, GError **error)
{
	const KilnDescriptor *found = NULL;
	guint named = 0;
	for (guint i = 0; i < index->items->len; i++) {
		const KilnDescriptor *item = index->items->pdata[i];
		if (name ? g_strcmp0(ref_name(item), name) == 0 : !item->artifact_type) {
			found = item;
			named++;
		}
	}
	if (!found || (!name && named > 1))
		return name_not_found(where, index, name, error);
	kiln_descriptor_copy(found, out);
	return TRUE;
}

gboolean kiln_layout_find(const KilnLayout *layout, const char *name, KilnDescriptor *out, GError **error)
{
	g_autoptr(KilnManifest) index = load(layout, error);
	return index && layout_index_find(index, layout->path, name, out, error);
}

gboolean kiln_layout_list(const KilnLayout *layout, GPtrArray **descriptors, GError **error)
{
	g_autoptr(KilnManifest) index = load(layout, error);
	if (!index)
		return FALSE;
	*descriptors = g_ptr_array_ref(index->items);
	return TRUE;
}

gboolean kiln_layout_referrers(const KilnLayout *layout, const KilnDigest *subject, const char *artifact_type, GPtrArray **descriptors, GError **error)
{
	g_autoptr(KilnManifest) index = load(layout, error);
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_descriptor_free);
	if (!index)
		return FALSE;
	for (guint i = 0; i < index->items->len; i++) {
		const KilnDescriptor *item = index->items->pdata[i];
		if (!kiln_media_type_is_manifest(item->media_type) || (artifact_type && item->artifact_type && strcmp(item->artifact_type, artifact_type) != 0))
			continue;
		g_autoptr(KilnManifest) manifest = layout_read_manifest(layout, item, error);
		if (!manifest)
			return FALSE;
		const char *type = manifest->artifact_type ? manifest->artifact_type : manifest->has_config ? manifest->config.media_type : NULL;
		if (!manifest->has_subject || !kiln_digest_equal(&manifest->subject.digest, subject) || (artifact_type && g_strcmp0(type, artifact_type) != 0))
			continue;
		KilnDescriptor *copy = g_new0(KilnDescriptor, 1);
		kiln_descriptor_copy(item, copy);
		g_free(copy->artifact_type);
		copy->artifact_type = g_strdup(type);
		g_ptr_array_add(found, copy);
	}
	*descriptors = g_steal_pointer(&found);
	return TRUE;
}

gboolean kiln_layout_detach(KilnLayout *layout, const KilnDigest *subject, const char *artifact_type, const char *annotation, const char *value,
                             GError **error)
{
	g_autoptr(GPtrArray) attached = NULL;
	if (!kiln_layout_referrers(layout, subject, artifact_type, &attached, error))
		return FALSE;
	for (guint i = attached->len; annotation && i-- > 0;)
		if (g_strcmp0(kiln_descriptor_annotation(attached->pdata[i], annotation), value) != 0)
			g_ptr_array_remove_index(attached, i);
	g_ptr_array_extend_and_steal(layout->detached, g_steal_pointer(&attached));
	return TRUE;
}
