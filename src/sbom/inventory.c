/* SPDX-License-Identifier: Apache-2.0 */
/* inventory.c: an inventory as an SBOM. */
#include "sbom/inventory.h"
#include "oci/image_lookup.h"

#include <string.h>

/* Of Debian's packages the copyright file says it, behind links that documentation may have; of others their database. */
static KilnLicence *licence_of(const KilnImageLookup *lookup, const KilnInventoryPackage *package)
{
	if (package->licence && *package->licence)
		return kiln_licence_from_expression(package->licence);
	g_autofree char *path = g_strdup_printf("usr/share/doc/%s/copyright", package->identity.name);
	const KilnImageFile *file = strcmp(package->identity.type, "deb") == 0 ? kiln_image_lookup_find(lookup, path) : NULL;
	gsize length;
	const char *text = file && file->content ? g_bytes_get_data(file->content, &length) : NULL;
	return text ? kiln_licence_from_debian_copyright(text, length, package->identity.name) : NULL;
}

static void add_package(KilnSbom *sbom, const KilnImageLookup *lookup, const KilnInventoryPackage *from)
{
	KilnSbomPackage *package = kiln_sbom_package_new();
	kiln_package_copy(&package->identity, &from->identity);
	package->licence = licence_of(lookup, from);
	package->partial = from->partial;
	g_ptr_array_add(sbom->packages, package);
}

static void add_file(KilnSbom *sbom, const KilnInventoryFile *entry)
{
	if (entry->file->type != KILN_FILE_REGULAR)
		return;
	KilnSbomFile *file = kiln_sbom_file_new();
	file->path = g_strconcat("/", entry->file->path, NULL);
	file->digest = entry->file->digest;
	file->size_bytes = entry->file->size;
	file->package = entry->package;
	g_ptr_array_add(sbom->files, file);
}

KilnSbom *kiln_sbom_from_inventory(const KilnInventory *inventory, const char *name, const KilnDigest *subject, const char *architecture, gint64 created_unix_s,
                                   const char *tool_version)
{
	g_autoptr(KilnImageLookup) lookup = kiln_image_lookup_new(inventory->files);
	KilnSbom *sbom = kiln_sbom_new();
	sbom->name = g_strdup(name);
	sbom->subject = *subject;
	sbom->architecture = g_strdup(architecture);
	sbom->created_unix_s = created_unix_s;
	sbom->tool_version = g_strdup(tool_version);
	for (guint i = 0; i < inventory->packages->len; i++)
		add_package(sbom, lookup, inventory->packages->pdata[i]);
	for (guint i = 0; i < inventory->files->len; i++)
		add_file(sbom, &inventory->entries[i]);
	return sbom;
}
