/* SPDX-License-Identifier: Apache-2.0 */
/* read.c: which kind of SBOM it is, and from any to an inventory. */
#include "sbom/read.h"

#include "base/error.h"
#include "sbom/readers.h"
#include "sbom/tag_value.h"

#include <string.h>

static const char *format_of(const json_t *root)
{
	const char *spdx = kiln_json_string_or_null(root, "spdxVersion"), *version = kiln_json_string_or_null(root, "specVersion");
	static const char *const known[] = { "SPDX-2.2", "SPDX-2.3", "CycloneDX-1.4", "CycloneDX-1.5", "CycloneDX-1.6", "CycloneDX-1.7" };
	g_autofree char *cyclonedx = g_strcmp0(kiln_json_string_or_null(root, "bomFormat"), "CycloneDX") == 0 ? g_strdup_printf("CycloneDX-%s", version ? version : "") : NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
		if (g_strcmp0(spdx, known[i]) == 0 || g_strcmp0(cyclonedx, known[i]) == 0)
			return known[i];
	const json_t *context = json_object_get(root, "@context");
	return json_is_string(context) && strstr(json_string_value(context), "spdx.org/rdf/3.") ? "SPDX-3.0" : NULL;
}

json_t *kiln_sbom_parse(const void *bytes, gsize length, const char *name, const char **format, GError **error)
{
	const KilnText text = { bytes, length };
	g_autoptr(json_t) root = kiln_tag_value_is(text) ? kiln_tag_value_read(text, name, error) : kiln_json_parse(bytes, length, name, error);
	*format = root ? format_of(root) : NULL;
	if (root && !*format)
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: no SBOM that kiln knows: SPDX 2.2, 2.3 or 3.0, CycloneDX 1.4 to 1.7", name);
	return *format ? g_steal_pointer(&root) : NULL;
}

KilnSbom *kiln_sbom_read(const void *bytes, gsize length, const char *name, GError **error)
{
	const char *format;
	g_autoptr(json_t) root = kiln_sbom_parse(bytes, length, name, &format, error);
	if (!root)
		return NULL;
	g_autoptr(KilnSbom) sbom = kiln_sbom_new();
	gboolean ok = g_str_has_prefix(format, "CycloneDX") ? sbom_read_cyclonedx(root, name, sbom, error)
	                                                    : strcmp(format, "SPDX-3.0") == 0 ? sbom_read_spdx_3(root, name, sbom, error) : sbom_read_spdx(root, name, sbom, error);
	if (!ok)
		return NULL;
	g_autofree char *base = g_path_get_basename(name);
	if (!sbom->name || !*sbom->name) {
		g_free(sbom->name);
		sbom->name = g_strdup(base);
	}
	return g_steal_pointer(&sbom);
}

static void add_package(KilnInventory *inventory, const KilnSbomPackage *from, const char *database)
{
	KilnInventoryPackage *package = g_new0(KilnInventoryPackage, 1);
	kiln_package_copy(&package->identity, &from->identity);
	package->database = g_strdup(database);
	package->cataloger = "sbom";
	package->confidence = KILN_CONFIDENCE_HIGH;
	package->of_distribution = sbom_is_distribution(package->identity.type);
	package->partial = from->partial;
	package->terms = kiln_licence_copy(from->licence);
	package->brought_by = -1;
	g_ptr_array_add(inventory->packages, package);
	if (package->identity.distro && !inventory->distribution.id) {
		inventory->distribution.id = g_strdup(package->identity.distro);
		inventory->distribution.version_id = g_strdup(package->identity.distro_version);
	}
}

static gint by_path(gconstpointer a, gconstpointer b)
{
	return strcmp((*(KilnSbomFile *const *)a)->path, (*(KilnSbomFile *const *)b)->path);
}

KilnInventory *kiln_sbom_to_inventory(const KilnSbom *sbom)
{
	KilnInventory *inventory = kiln_inventory_new();
	g_autoptr(GPtrArray) files = g_ptr_array_copy(sbom->files, NULL, NULL);
	g_ptr_array_set_free_func(files, NULL);
	g_ptr_array_sort(files, by_path);
	for (guint i = 0; i < sbom->packages->len; i++)
		add_package(inventory, sbom->packages->pdata[i], "");
	if (sbom->packages->len)
		g_ptr_array_add(inventory->databases, (gpointer)"sbom");
	inventory->files = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_image_file_free);
	inventory->entries = g_new0(KilnInventoryFile, files->len);
	for (guint i = 0; i < files->len; i++) {
		const KilnSbomFile *from = files->pdata[i];
		const char *path = from->path + strspn(from->path, "/");
		const KilnImageFile *last = inventory->files->len ? inventory->files->pdata[inventory->files->len - 1] : NULL;
		if (!*path || (last && strcmp(last->path, path) >= 0)) /* lookups count on the order, and on each path being there once */
			continue;
		KilnImageFile *file = g_new0(KilnImageFile, 1);
		file->path = g_strdup(path);
		file->type = KILN_FILE_REGULAR;
		file->mode = 0644;
		file->size = from->size_bytes;
		file->digest = from->digest;
		inventory->entries[inventory->files->len] = (KilnInventoryFile){ file, from->package < (gint)inventory->packages->len ? from->package : -1, 0 };
		g_ptr_array_add(inventory->files, file);
		inventory->file_count++;
	}
	return inventory;
}
