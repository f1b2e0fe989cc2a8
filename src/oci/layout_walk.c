/* SPDX-License-Identifier: Apache-2.0 */
/* layout_walk.c: everything that an image reaches in its layout, each blob once, what is pointed to before what points to it. */
#include "base/error.h"
#include "base/limits.h"
#include "oci/layout_internal.h"

typedef struct {
	const KilnLayout *layout;
	GHashTable *seen;       /* digests */
	GHashTable *referrers;  /* digest of a subject -> GPtrArray of KilnDescriptor; NULL: artifacts are not wanted */
	LayoutReach *reach;
} Walk;

static void free_array(gpointer array)
{
	g_ptr_array_unref(array);
}

static void add_copy(GPtrArray *list, const KilnDescriptor *descriptor)
{
	KilnDescriptor *copy = g_new0(KilnDescriptor, 1);
	kiln_descriptor_copy(descriptor, copy);
	g_ptr_array_add(list, copy);
}

KilnManifest *layout_read_manifest(const KilnLayout *layout, const KilnDescriptor *descriptor, GError **error)
{
	char name[KILN_DIGEST_TEXT_MAX];
	g_autoptr(GBytes) bytes = kiln_layout_read_blob(layout, &descriptor->digest, KILN_LIMIT_MANIFEST_BYTES, error);
	g_autoptr(KilnManifest) manifest = bytes ? kiln_manifest_parse(bytes, kiln_digest_print(&descriptor->digest, name), error) : NULL;
	if (!manifest || kiln_media_type_is_index(descriptor->media_type) == manifest->is_index)
		return g_steal_pointer(&manifest);
	kiln_fail(error, KILN_ERROR_SYNTAX, "%s/%s: its descriptor says %s, its content is %s", layout->path, name, descriptor->media_type,
	          manifest->is_index ? "an index" : "an image manifest");
	return NULL;
}

/* Which artifacts of index.json are about which digest, read once for the whole walk. */
static gboolean find_referrers(Walk *walk, GError **error)
{
	g_autoptr(GPtrArray) items = NULL;
	walk->referrers = g_hash_table_new_full(kiln_digest_hash, kiln_digest_key_equal, g_free, free_array);
	if (!kiln_layout_list(walk->layout, &items, error))
		return FALSE;
	for (guint i = 0; i < items->len; i++) {
		const KilnDescriptor *item = items->pdata[i];
		if (!kiln_media_type_is_manifest(item->media_type) && !kiln_media_type_is_index(item->media_type))
			continue;
		g_autoptr(KilnManifest) manifest = layout_read_manifest(walk->layout, item, error);
		if (!manifest)
			return FALSE;
		if (!manifest->has_subject)
			continue;
		GPtrArray *known = g_hash_table_lookup(walk->referrers, &manifest->subject.digest);
		if (!known) {
			known = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_descriptor_free);
			g_hash_table_insert(walk->referrers, g_memdup2(&manifest->subject.digest, sizeof(KilnDigest)), known);
		}
		add_copy(known, item);
	}
	return TRUE;
}

static gboolean visit(Walk *walk, const KilnDescriptor *descriptor, guint depth, GError **error);

static gboolean visit_parts(Walk *walk, const KilnDescriptor *descriptor, guint depth, GError **error)
{
	if (!kiln_media_type_is_manifest(descriptor->media_type) && !kiln_media_type_is_index(descriptor->media_type))
		return TRUE;
	g_autoptr(KilnManifest) manifest = layout_read_manifest(walk->layout, descriptor, error);
	if (!manifest || (manifest->has_config && !visit(walk, &manifest->config, depth + 1, error)))
		return FALSE;
	for (guint i = 0; i < manifest->items->len; i++)
		if (!visit(walk, manifest->items->pdata[i], depth + 1, error))
			return FALSE;
	return TRUE;
}

static gboolean visit_referrers(Walk *walk, const KilnDescriptor *descriptor, guint depth, GError **error)
{
	const GPtrArray *about = walk->referrers ? g_hash_table_lookup(walk->referrers, &descriptor->digest) : NULL;
	for (guint i = 0; about && i < about->len; i++) {
		const KilnDescriptor *artifact = about->pdata[i];
		if (g_hash_table_contains(walk->seen, &artifact->digest))
			continue;
		if (!visit(walk, artifact, depth + 1, error))
			return FALSE;
		add_copy(walk->reach->artifacts, artifact);
	}
	return TRUE;
}

static gboolean visit(Walk *walk, const KilnDescriptor *descriptor, guint depth, GError **error)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	if (depth > KILN_LIMIT_MANIFEST_DEPTH)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: %s lies more than %d manifests deep", walk->layout->path,
		                 kiln_digest_print(&descriptor->digest, digest), KILN_LIMIT_MANIFEST_DEPTH);
	if (!g_hash_table_add(walk->seen, g_memdup2(&descriptor->digest, sizeof descriptor->digest)))
		return TRUE;
	if (g_hash_table_size(walk->seen) > KILN_LIMIT_IMAGE_BLOBS)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: the image has more than %d blobs", walk->layout->path, KILN_LIMIT_IMAGE_BLOBS);
	if (!visit_parts(walk, descriptor, depth, error))
		return FALSE;
	add_copy(walk->reach->blobs, descriptor);
	return visit_referrers(walk, descriptor, depth, error);
}

gboolean layout_reach(const KilnLayout *layout, const KilnDescriptor *top, gboolean with_referrers, LayoutReach *out, GError **error)
{
	g_auto(LayoutReach) reach = { g_ptr_array_new_with_free_func((GDestroyNotify)kiln_descriptor_free),
		                      g_ptr_array_new_with_free_func((GDestroyNotify)kiln_descriptor_free) };
	g_autoptr(GHashTable) seen = g_hash_table_new_full(kiln_digest_hash, kiln_digest_key_equal, g_free, NULL);
	Walk walk = { layout, seen, NULL, &reach };
	gboolean good = (!with_referrers || find_referrers(&walk, error)) && visit(&walk, top, 0, error);
	g_clear_pointer(&walk.referrers, g_hash_table_unref);
	if (!good)
		return FALSE;
	*out = reach;
	reach = (LayoutReach){ 0 };
	return TRUE;
}

void layout_reach_clear(LayoutReach *reach)
{
	g_clear_pointer(&reach->blobs, g_ptr_array_unref);
	g_clear_pointer(&reach->artifacts, g_ptr_array_unref);
}
