/* SPDX-License-Identifier: Apache-2.0 */
/* inventory.c: an inventory as an SBOM. */
#include "sbom/inventory.h"

#include <string.h>

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

static void tell(KilnSbom *sbom, char *what)
{
	g_ptr_array_add(sbom->unknowns, what);
}

/* Minimum elements that a finished image does not say, and files that were not understood. */
static void add_unknowns(KilnSbom *sbom, const KilnInventory *inventory)
{
	if (!kiln_inventory_is_known(inventory))
		tell(sbom, g_strdup("packages that no file speaks of: the image has no package database"));
	guint unlicensed = 0;
	for (guint i = 0; i < inventory->packages->len; i++) {
		const KilnLicence *terms = ((const KilnInventoryPackage *)inventory->packages->pdata[i])->terms;
		unlicensed += !terms || !terms->expression;
	}
	if (unlicensed)
		tell(sbom, g_strdup_printf("licence of %u packages as an expression of SPDX: their metadata have none, or give only texts", unlicensed));
	if (inventory->packages->len)
		tell(sbom, g_strdup("dependencies between packages, and digests of the package files: the finished image does not have them"));
	for (guint i = 0; i < inventory->remarks->len; i++) {
		const KilnInventoryRemark *remark = inventory->remarks->pdata[i];
		if (strcmp(remark->kind, "unreadable") == 0)
			tell(sbom, g_strdup_printf("what /%s says: %s", remark->path, remark->what));
	}
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
	add_unknowns(sbom, inventory);
	return sbom;
}
