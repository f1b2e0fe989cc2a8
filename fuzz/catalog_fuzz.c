/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_fuzz.c: package databases: the first byte chooses the cataloger, the rest is its database. Packages that are read have names and versions. */
#include "pkg/cataloger.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const struct {
	const KilnCataloger *cataloger;
	const char *path;
} databases[] = {
	{ &kiln_cataloger_dpkg, "var/lib/dpkg/status" },
	{ &kiln_cataloger_dpkg, "var/lib/dpkg/status.d/one" },
	{ &kiln_cataloger_apk, "lib/apk/db/installed" },
};

static KilnImageFile *file_of(const char *path, const uint8_t *bytes, size_t length)
{
	KilnImageFile *file = g_new0(KilnImageFile, 1);
	file->path = g_strdup(path);
	file->type = KILN_FILE_REGULAR;
	file->mode = 0644;
	file->size = length;
	file->content = g_bytes_new(bytes, length);
	return file;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length == 0)
		return 0;
	gsize row = bytes[0] % G_N_ELEMENTS(databases);
	const KilnCataloger *cataloger = databases[row].cataloger;
	KilnInventory inventory = { .files = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_image_file_free),
		                    .packages = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_inventory_package_free) };
	g_ptr_array_add(inventory.files, file_of(databases[row].path, bytes + 1, length - 1));
	KilnInventoryFile entry = { inventory.files->pdata[0], -1, 0 };
	inventory.entries = &entry;
	g_autoptr(KilnImageLookup) lookup = kiln_image_lookup_new(inventory.files);
	gboolean found = FALSE;
	if (cataloger->read(&inventory, &found, NULL)) {
		for (guint i = 0; i < inventory.packages->len; i++) {
			const KilnPackage *identity = &((KilnInventoryPackage *)inventory.packages->pdata[i])->identity;
			if (!*identity->name || !*identity->version || !identity->source_name || !identity->source_version)
				abort();
		}
		if (!found || !cataloger->claim(&inventory, lookup, NULL))
			abort();
	}
	g_clear_pointer(&lookup, kiln_image_lookup_free);
	g_ptr_array_unref(inventory.packages);
	g_ptr_array_unref(inventory.files);
	return 0;
}
