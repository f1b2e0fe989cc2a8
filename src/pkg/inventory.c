/* SPDX-License-Identifier: Apache-2.0 */
/* inventory.c: read an image into files with their traits, packages and who owns what. */
#include "pkg/inventory.h"

#include "base/text.h"
#include "pkg/cataloger.h"
#include "pkg/program.h"

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
	{ 0, NULL, NULL, NULL, FALSE },
};

static const KilnCataloger *const catalogers[] = { &kiln_cataloger_dpkg, &kiln_cataloger_apk };

static const char *const release_files[] = { "etc/os-release", "usr/lib/os-release" };

const KilnTraitRow *kiln_traits(void)
{
	return traits;
}

void kiln_inventory_package_free(KilnInventoryPackage *package)
{
	kiln_package_clear(&package->identity);
	g_clear_pointer(&package->claims, g_ptr_array_unref);
	g_free(package->database);
	g_free(package->evidence);
	g_free(package->licence);
	g_free(package);
}

void kiln_inventory_free(KilnInventory *inventory)
{
	if (!inventory)
		return;
	g_clear_pointer(&inventory->files, g_ptr_array_unref);
	g_free(inventory->entries);
	g_ptr_array_unref(inventory->packages);
	g_ptr_array_unref(inventory->databases);
	g_free(inventory->distribution.id);
	g_free(inventory->distribution.version_id);
	g_free(inventory->distribution.pretty_name);
	g_free(inventory);
}

static gboolean wants(const char *path, gpointer user_data)
{
	for (gsize i = 0; i < G_N_ELEMENTS(release_files); i++)
		if (strcmp(release_files[i], path) == 0)
			return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(catalogers); i++)
		if (catalogers[i]->wants(path))
			return TRUE;
	return FALSE;
}

static guint traits_of(const KilnImageFile *file, const KilnImageLookup *lookup)
{
	guint found = 0;
	gboolean is_directory = file->type == KILN_FILE_DIRECTORY, is_link = file->type == KILN_FILE_SYMLINK;
	if (is_directory)
		return (file->mode & 01002) == 0002 ? KILN_TRAIT_WORLD_WRITABLE : 0;
	if (!is_link || kiln_image_lookup_find(lookup, file->path)) {
		found |= kiln_program_is_shell(file->path) ? KILN_TRAIT_SHELL : 0;
		found |= kiln_program_is_package_manager(file->path) ? KILN_TRAIT_PACKAGE_MANAGER : 0;
	}
	if (is_link)
		return found;
	if (file->type == KILN_FILE_CHARACTER_DEVICE || file->type == KILN_FILE_BLOCK_DEVICE)
		found |= KILN_TRAIT_DEVICE;
	found |= file->is_elf ? KILN_TRAIT_ELF : 0;
	found |= file->is_script && (file->mode & 0111) ? KILN_TRAIT_SCRIPT : 0;
	found |= file->mode & 06000 ? KILN_TRAIT_SETUID : 0;
	found |= file->has_capability ? KILN_TRAIT_CAPABILITY : 0;
	found |= file->mode & 0002 ? KILN_TRAIT_WORLD_WRITABLE : 0;
	return found;
}

static void describe_files(KilnInventory *inventory, const KilnImageLookup *lookup)
{
	inventory->entries = g_new(KilnInventoryFile, inventory->files->len);
	for (guint i = 0; i < inventory->files->len; i++) {
		const KilnImageFile *file = inventory->files->pdata[i];
		inventory->entries[i] = (KilnInventoryFile){ file, -1, traits_of(file, lookup) };
		inventory->bytes += file->type == KILN_FILE_REGULAR ? file->size : 0;
		inventory->file_count += file->type != KILN_FILE_DIRECTORY;
	}
}

/* The value of @name= in os-release(5), without the quotes of a shell; NULL when it is not there. */
static char *release_value(KilnText text, const char *name)
{
	while (text.length) {
		KilnText value = kiln_text_strip(kiln_text_cut(&text, '\n')), key = kiln_text_cut(&value, '=');
		if (!kiln_text_is(key, name) || !value.length)
			continue;
		gboolean quoted = value.length > 1 && (value.data[0] == '"' || value.data[0] == '\'') && value.data[value.length - 1] == value.data[0];
		return quoted ? g_strndup(value.data + 1, value.length - 2) : kiln_text_dup(value);
	}
	return NULL;
}

static void read_distribution(KilnInventory *inventory, const KilnImageLookup *lookup)
{
	for (gsize i = 0; i < G_N_ELEMENTS(release_files); i++) {
		const KilnImageFile *file = kiln_image_lookup_find(lookup, release_files[i]);
		if (!file || !file->content)
			continue;
		KilnText text = { g_bytes_get_data(file->content, NULL), g_bytes_get_size(file->content) };
		inventory->distribution = (KilnDistribution){ release_value(text, "ID"), release_value(text, "VERSION_ID"), release_value(text, "PRETTY_NAME") };
		return;
	}
}

static gint by_identity(gconstpointer a, gconstpointer b)
{
	const KilnPackage *first = &(*(KilnInventoryPackage *const *)a)->identity, *second = &(*(KilnInventoryPackage *const *)b)->identity;
	int order = g_strcmp0(first->name, second->name);
	order = order ? order : g_strcmp0(first->architecture, second->architecture);
	return order ? order : g_strcmp0(first->version, second->version);
}

static gboolean read_packages(KilnInventory *inventory, const KilnImageLookup *lookup, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(catalogers); i++) {
		gboolean found = FALSE;
		if (!catalogers[i]->read(inventory, &found, error))
			return FALSE;
		if (found)
			g_ptr_array_add(inventory->databases, (gpointer)catalogers[i]->name);
	}
	for (guint i = 0; i < inventory->packages->len; i++) {
		KilnPackage *identity = &((KilnInventoryPackage *)inventory->packages->pdata[i])->identity;
		identity->distro = g_strdup(inventory->distribution.id);
		identity->distro_version = g_strdup(inventory->distribution.version_id);
	}
	g_ptr_array_sort(inventory->packages, by_identity);
	for (gsize i = 0; i < G_N_ELEMENTS(catalogers); i++)
		if (!catalogers[i]->claim(inventory, lookup, error))
			return FALSE;
	return TRUE;
}

KilnInventory *kiln_inventory_read(const KilnImage *image, const KilnContext *context, GError **error)
{
	g_autoptr(KilnInventory) inventory = g_new0(KilnInventory, 1);
	inventory->packages = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_inventory_package_free);
	inventory->databases = g_ptr_array_new();
	if (!kiln_image_read_contents(image, context, wants, NULL, &inventory->files, error))
		return NULL;
	g_autoptr(KilnImageLookup) lookup = kiln_image_lookup_new(inventory->files);
	describe_files(inventory, lookup);
	read_distribution(inventory, lookup);
	if (!read_packages(inventory, lookup, error)) {
		g_prefix_error(error, "%s: ", image->name);
		return NULL;
	}
	return g_steal_pointer(&inventory);
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
	for (guint i = 0; i < inventory->packages->len; i++) {
		const KilnPackage *identity = &((const KilnInventoryPackage *)inventory->packages->pdata[i])->identity;
		if (strcmp(identity->name, name) == 0 && (!architecture || g_strcmp0(identity->architecture, architecture) == 0))
			return (gint)i;
	}
	return -1;
}

KilnInventoryPackage *cataloger_add_package(KilnInventory *inventory, const char *type, const char *database)
{
	KilnInventoryPackage *package = g_new0(KilnInventoryPackage, 1);
	package->identity.type = g_strdup(type);
	package->database = g_strdup(database);
	g_ptr_array_add(inventory->packages, package);
	return package;
}

gboolean cataloger_claim(KilnInventory *inventory, const KilnImageLookup *lookup, const char *path, gint package)
{
	const KilnImageFile *file = kiln_image_lookup_find_link(lookup, path);
	const KilnImageFile *target = file && file->type == KILN_FILE_SYMLINK ? kiln_image_lookup_find(lookup, path) : NULL;
	/* "/lib" is a directory to the packages that list it, even where it is a link to usr/lib. */
	if (file && !(target && target->type == KILN_FILE_DIRECTORY))
		kiln_inventory_claim(inventory, file->path, package);
	return file != NULL;
}
