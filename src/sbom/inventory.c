/* SPDX-License-Identifier: Apache-2.0 */
/* inventory.c: an inventory as an SBOM. */
#include "sbom/inventory.h"

static void add_package(KilnSbom *sbom, const KilnInventoryPackage *from)
{
	KilnSbomPackage *package = kiln_sbom_package_new();
	kiln_package_copy(&package->identity, &from->identity);
	package->licence = kiln_licence_copy(from->terms);
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
	KilnSbom *sbom = kiln_sbom_new();
	sbom->name = g_strdup(name);
	sbom->subject = *subject;
	sbom->architecture = g_strdup(architecture);
	sbom->created_unix_s = created_unix_s;
	sbom->tool_version = g_strdup(tool_version);
	for (guint i = 0; i < inventory->packages->len; i++)
		add_package(sbom, inventory->packages->pdata[i]);
	for (guint i = 0; i < inventory->files->len; i++)
		add_file(sbom, &inventory->entries[i]);
	return sbom;
}
