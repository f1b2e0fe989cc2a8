/* SPDX-License-Identifier: Apache-2.0 */
/* inventory_noted.c: packages that single files speak of: one where several files speak of the same, and who owns what of them. */
#include "pkg/cataloger.h"
#include "pkg/go_symbols.h"

#include <string.h>

/* Of names that differ only in case and in runs of "-", "_" and "." PyPI has one (PEP 503); elsewhere they are as they are. */
static char *plain_name(const KilnPackage *identity)
{
	if (strcmp(identity->type, "pypi") != 0)
		return g_strdup(identity->name);
	GString *name = g_string_new(NULL);
	for (const char *at = identity->name; *at; at++) {
		gboolean separates = strchr("-_.", *at) != NULL;
		if (!separates || !name->len || name->str[name->len - 1] != '-')
			g_string_append_c(name, separates ? '-' : g_ascii_tolower(*at));
	}
	return g_string_free(name, FALSE);
}

/* What two files of one directory say of the same package is one package. */
static char *key_of(const KilnInventoryPackage *package)
{
	g_autofree char *name = plain_name(&package->identity), *directory = g_path_get_dirname(package->database);
	return g_strjoin("\n", package->identity.type, name, package->identity.version, package->declared ? package->database : directory, NULL);
}

static void take_text(char **into, char **from)
{
	if (!*into)
		*into = g_steal_pointer(from);
}

static void merge(KilnInventoryPackage *into, KilnInventoryPackage *from)
{
	take_text(&into->licence, &from->licence);
	take_text(&into->evidence, &from->evidence);
	take_text(&into->identity.summary, &from->identity.summary);
	take_text(&into->identity.homepage, &from->identity.homepage);
	take_text(&into->identity.maintainer, &from->identity.maintainer);
	if (into->symbols && from->symbols)
		go_symbols_merge(into->symbols, from->symbols);
	else
		g_clear_pointer(&into->symbols, g_array_unref); /* of one of them they are not known */
	into->confidence = MAX(into->confidence, from->confidence);
	if (!into->claims)
		into->claims = g_steal_pointer(&from->claims);
	else if (from->claims)
		g_ptr_array_extend_and_steal(into->claims, g_steal_pointer(&from->claims));
}

/* Whether anything of the type of the declared @package is installed below the directory of its file: then that is what counts. */
static gboolean is_installed_below(GHashTable *directories, const KilnInventoryPackage *package)
{
	g_autofree char *directory = g_path_get_dirname(package->database);
	g_autofree char *key = g_strjoin("\n", package->identity.type, strcmp(directory, ".") == 0 ? "" : directory, NULL);
	return g_hash_table_contains(directories, key);
}

/* "type\ndirectory" for each directory that has something installed at or below it. */
static GHashTable *installed_directories(const KilnInventory *inventory)
{
	GHashTable *directories = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < inventory->packages->len; i++) {
		const KilnInventoryPackage *package = inventory->packages->pdata[i];
		g_autofree char *at = g_strdup(package->database);
		if (package->declared || package->of_distribution)
			continue;
		for (char *slash = strrchr(at, '/'); slash; slash = strrchr(at, '/')) {
			*slash = '\0';
			if (!g_hash_table_add(directories, g_strjoin("\n", package->identity.type, at, NULL)))
				break;
		}
		g_hash_table_add(directories, g_strjoin("\n", package->identity.type, "", NULL));
	}
	return directories;
}

void inventory_merge_noted(KilnInventory *inventory)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), directories = installed_directories(inventory);
	guint kept = 0;
	for (guint i = 0; i < inventory->packages->len; i++) {
		KilnInventoryPackage *package = inventory->packages->pdata[i];
		g_autofree char *key = package->of_distribution ? NULL : key_of(package);
		KilnInventoryPackage *first = key ? g_hash_table_lookup(seen, key) : NULL;
		inventory->packages->pdata[i] = NULL;
		if (first || (package->declared && is_installed_below(directories, package))) {
			if (first)
				merge(first, package);
			kiln_inventory_package_free(package);
			continue;
		}
		if (key)
			g_hash_table_insert(seen, g_steal_pointer(&key), package);
		inventory->packages->pdata[kept++] = package;
	}
	g_ptr_array_set_free_func(inventory->packages, NULL);
	g_ptr_array_set_size(inventory->packages, (gint)kept);
	g_ptr_array_set_free_func(inventory->packages, (GDestroyNotify)kiln_inventory_package_free);
}

/* The index of the first file at or behind @path in their order. */
static guint first_at(const KilnInventory *inventory, const char *path)
{
	guint low = 0, high = inventory->files->len;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (strcmp(inventory->entries[middle].file->path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void claim_tree(KilnInventory *inventory, const KilnImageLookup *lookup, const char *tree, gint package)
{
	g_autofree char *named = g_strndup(tree, strlen(tree) - 1);
	const KilnImageFile *directory = kiln_image_lookup_find(lookup, named);
	if (!directory || directory->type != KILN_FILE_DIRECTORY)
		return;
	g_autofree char *prefix = g_strconcat(directory->path, "/", NULL);
	for (guint i = first_at(inventory, prefix); i < inventory->files->len && g_str_has_prefix(inventory->entries[i].file->path, prefix); i++)
		kiln_inventory_claim(inventory, inventory->entries[i].file->path, package);
}

static gsize depth_of(const KilnInventoryPackage *package)
{
	return strlen(package->database);
}

/* What lies deeper claims first: a package inside of another's directory has its own files. */
static gint by_depth(gconstpointer a, gconstpointer b, gpointer packages)
{
	const KilnInventoryPackage *const *all = packages;
	gsize first = depth_of(all[*(const guint *)a]), second = depth_of(all[*(const guint *)b]);
	return first != second ? (first < second ? 1 : -1) : *(const guint *)a < *(const guint *)b ? -1 : 1;
}

static gboolean is_owned(const KilnInventory *inventory, const char *path)
{
	const KilnInventoryFile *entry = kiln_inventory_find(inventory, path);
	return entry && entry->package >= 0;
}

/* What a package of the distribution brought is its vendor's to understand; and a key in it is an example. */
static void drop_remarks(KilnInventory *inventory)
{
	for (guint i = inventory->remarks->len; i-- > 0;)
		if (is_owned(inventory, ((const KilnInventoryRemark *)inventory->remarks->pdata[i])->path))
			g_ptr_array_remove_index(inventory->remarks, i);
}

/* What lies in the directory of a program that was known as a whole is judged with that: jrt-fs.jar of Java says nowhere what it is. */
static void drop_remarks_of_programs(KilnInventory *inventory)
{
	for (guint i = inventory->remarks->len; i-- > 0;) {
		const KilnInventoryRemark *remark = inventory->remarks->pdata[i];
		const KilnInventoryFile *entry = kiln_inventory_find(inventory, remark->path);
		const KilnInventoryPackage *owner = entry && entry->package >= 0 ? inventory->packages->pdata[entry->package] : NULL;
		if (owner && strcmp(owner->identity.type, "generic") == 0 && strcmp(remark->kind, "unreadable") == 0)
			g_ptr_array_remove_index(inventory->remarks, i);
	}
}

/* A text in a program says what it is where nobody else does. Files that are owned already know their owners by number. */
static void drop_programs(KilnInventory *inventory)
{
	g_autofree gint *number_of = g_new(gint, inventory->packages->len + 1);
	guint kept = 0;
	for (guint i = 0; i < inventory->packages->len; i++) {
		KilnInventoryPackage *package = inventory->packages->pdata[i];
		gboolean dropped = strcmp(package->identity.type, "generic") == 0 && is_owned(inventory, package->database);
		number_of[i] = dropped ? -1 : (gint)kept;
		if (dropped)
			kiln_inventory_package_free(package);
		else
			inventory->packages->pdata[kept++] = package;
	}
	for (guint i = kept; i < inventory->packages->len; i++)
		inventory->packages->pdata[i] = NULL;
	g_ptr_array_set_free_func(inventory->packages, NULL);
	g_ptr_array_set_size(inventory->packages, (gint)kept);
	g_ptr_array_set_free_func(inventory->packages, (GDestroyNotify)kiln_inventory_package_free);
	for (guint i = 0; i < inventory->files->len; i++)
		if (inventory->entries[i].package >= 0)
			inventory->entries[i].package = number_of[inventory->entries[i].package];
}

void inventory_claim_noted(KilnInventory *inventory, const KilnImageLookup *lookup)
{
	g_autoptr(GArray) order = g_array_new(FALSE, FALSE, sizeof(guint));
	drop_remarks(inventory);
	drop_programs(inventory);
	for (guint i = 0; i < inventory->packages->len; i++) {
		KilnInventoryPackage *package = inventory->packages->pdata[i];
		const KilnInventoryFile *entry = package->of_distribution ? NULL : kiln_inventory_find(inventory, package->database);
		if (package->of_distribution)
			continue;
		package->brought_by = entry ? entry->package : -1;
		g_array_append_val(order, i);
	}
	g_array_sort_with_data(order, by_depth, inventory->packages->pdata);
	for (guint i = 0; i < order->len; i++) {
		guint index = g_array_index(order, guint, i);
		const KilnInventoryPackage *package = inventory->packages->pdata[index];
		for (guint j = 0; package->claims && !package->declared && j < package->claims->len; j++) {
			const char *path = package->claims->pdata[j];
			if (g_str_has_suffix(path, "/"))
				claim_tree(inventory, lookup, path, (gint)index);
			else
				cataloger_claim(inventory, lookup, path, (gint)index);
		}
	}
	drop_remarks_of_programs(inventory);
	/* Who owns what is in the entries from here on. */
	for (guint i = 0; i < inventory->packages->len; i++)
		g_clear_pointer(&((KilnInventoryPackage *)inventory->packages->pdata[i])->claims, g_ptr_array_unref);
}
