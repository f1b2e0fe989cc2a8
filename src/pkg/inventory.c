/* SPDX-License-Identifier: Apache-2.0 */
/* inventory.c: what is in an image, once it was read: traits, who owns what. */
#include "pkg/inventory.h"

#include <string.h>

static const KilnTraitRow traits[] = {
	{ KILN_TRAIT_ELF, "elf", "ELF file", "ELF files", TRUE },
	{ KILN_TRAIT_SCRIPT, "script", "script", "scripts", TRUE },
	{ KILN_TRAIT_SETUID, "setuid", "setuid or setgid file", "setuid or setgid files", FALSE },
	{ KILN_TRAIT_CAPABILITY, "capability", "file with capabilities", "files with capabilities", FALSE },
	{ KILN_TRAIT_WORLD_WRITABLE, "world-writable", "world-writable path", "world-writable paths", FALSE },
	{ KILN_TRAIT_DEVICE, "device", "device", "devices", FALSE },
	{ KILN_TRAIT_SHELL, "shell", "shell", "shells", FALSE },
	{ KILN_TRAIT_PACKAGE_MANAGER, "package-manager", "package manager", "package managers", FALSE },
	{ KILN_TRAIT_INTERPRETER, "interpreter", "interpreter", "interpreters", FALSE },
	{ KILN_TRAIT_CHANGED, "changed", "file that differs from its package's", "files that differ from their packages'", FALSE },
	{ KILN_TRAIT_CONFIGURED, "configured", "changed configuration file", "changed configuration files", FALSE },
	{ 0, NULL, NULL, NULL, FALSE },
};

const KilnTraitRow *kiln_traits(void)
{
	return traits;
}

const char *kiln_confidence_name(KilnConfidence confidence)
{
	return confidence == KILN_CONFIDENCE_LOW ? "low" : confidence == KILN_CONFIDENCE_MEDIUM ? "medium" : "high";
}

void kiln_inventory_package_free(KilnInventoryPackage *package)
{
	kiln_package_clear(&package->identity);
	g_clear_pointer(&package->claims, g_ptr_array_unref);
	g_clear_pointer(&package->symbols, g_array_unref);
	g_free(package->database);
	g_free(package->evidence);
	kiln_licence_free(package->terms);
	g_free(package->licence);
	g_free(package);
}

static void remark_free(gpointer data)
{
	KilnInventoryRemark *remark = data;
	g_free(remark->path);
	g_free(remark->what);
	g_free(remark);
}

KilnInventory *kiln_inventory_new(void)
{
	KilnInventory *inventory = g_new0(KilnInventory, 1);
	inventory->packages = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_inventory_package_free);
	inventory->remarks = g_ptr_array_new_with_free_func(remark_free);
	inventory->databases = g_ptr_array_new();
	return inventory;
}

void kiln_inventory_remark(KilnInventory *inventory, const char *kind, const char *path, char *what)
{
	KilnInventoryRemark *remark = g_new(KilnInventoryRemark, 1);
	*remark = (KilnInventoryRemark){ kind, g_strdup(path), what };
	g_ptr_array_add(inventory->remarks, remark);
}

void kiln_inventory_free(KilnInventory *inventory)
{
	if (!inventory)
		return;
	g_clear_pointer(&inventory->files, g_ptr_array_unref);
	g_free(inventory->entries);
	g_ptr_array_unref(inventory->packages);
	g_ptr_array_unref(inventory->remarks);
	g_ptr_array_unref(inventory->databases);
	g_free(inventory->distribution.id);
	g_free(inventory->distribution.version_id);
	g_free(inventory->distribution.pretty_name);
	g_free(inventory);
}

gboolean kiln_inventory_is_known(const KilnInventory *inventory)
{
	if (inventory->databases->len || !inventory->packages->len)
		return inventory->databases->len > 0;
	for (guint i = 0; i < inventory->files->len; i++)
		if (inventory->entries[i].package < 0 && (inventory->entries[i].traits & (KILN_TRAIT_ELF | KILN_TRAIT_SCRIPT)))
			return FALSE;
	return TRUE;
}

KilnInventoryFile *kiln_inventory_find(const KilnInventory *inventory, const char *path)
{
	guint low = 0, high = inventory->files->len;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		int order = strcmp(path, inventory->entries[middle].file->path);
		if (order == 0)
			return &inventory->entries[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

void kiln_inventory_claim(KilnInventory *inventory, const char *path, gint package)
{
	KilnInventoryFile *entry = kiln_inventory_find(inventory, path);
	if (!entry || entry->package >= 0 || entry->file->type == KILN_FILE_DIRECTORY)
		return;
	KilnInventoryPackage *owner = inventory->packages->pdata[package];
	entry->package = package;
	owner->files++;
	owner->bytes += entry->file->type == KILN_FILE_REGULAR ? entry->file->size : 0;
}

gint kiln_inventory_package(const KilnInventory *inventory, const char *name, const char *architecture)
{
	guint low = 0, high = inventory->packages->len;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (g_strcmp0(((const KilnInventoryPackage *)inventory->packages->pdata[middle])->identity.name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (guint i = low; i < inventory->packages->len; i++) {
		const KilnInventoryPackage *package = inventory->packages->pdata[i];
		const KilnPackage *identity = &package->identity;
		if (g_strcmp0(identity->name, name) != 0)
			return -1;
		if (package->of_distribution && (!architecture || g_strcmp0(identity->architecture, architecture) == 0))
			return (gint)i;
	}
	return -1;
}
