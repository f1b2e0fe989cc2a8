/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_chisel.c: slices of Ubuntu packages that chisel cut, as its manifest names them.
 *
 * Source: chisel's manifest specification: a "jsonwall", one JSON object a line, compressed with zstd. Which source package a package is
 * of is not in it, so that source_name stays NULL.
 */
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/json.h"
#include "io/reader.h"
#include "pkg/cataloger.h"

#include <string.h>

#define MANIFEST "var/lib/chisel/manifest.wall"

static gboolean wants(const char *path)
{
	return strcmp(path, MANIFEST) == 0;
}

static gboolean add_package(KilnInventory *inventory, const json_t *entry, GHashTable *packages, const char *where, GError **error)
{
	const char *name = kiln_json_string(entry, "name", where, error), *version = name ? kiln_json_string(entry, "version", where, error) : NULL;
	if (!version)
		return FALSE;
	KilnInventoryPackage *package = cataloger_add_package(inventory, "deb", MANIFEST);
	package->identity.name = g_strdup(name);
	package->identity.version = g_strdup(version);
	package->identity.architecture = g_strdup(kiln_json_string_or_null(entry, "arch"));
	package->partial = TRUE; /* that is what slices are for */
	package->claims = g_ptr_array_new_with_free_func(g_free);
	g_hash_table_insert(packages, package->identity.name, package);
	return TRUE;
}

/* "libc6_libs" at a path: the package is what is before the last "_". */
static gboolean add_path(const json_t *entry, GHashTable *packages, const char *where, GError **error)
{
	const char *slice = kiln_json_string(entry, "slice", where, error), *path = slice ? kiln_json_string(entry, "path", where, error) : NULL;
	const char *cut = slice ? strrchr(slice, '_') : NULL;
	g_autofree char *name = cut ? g_strndup(slice, (gsize)(cut - slice)) : NULL;
	KilnInventoryPackage *package = name ? g_hash_table_lookup(packages, name) : NULL;
	if (!path)
		return FALSE;
	if (package && strlen(path) <= KILN_LIMIT_PATH_BYTES)
		g_ptr_array_add(package->claims, g_strdup(path));
	return TRUE;
}

/* Lines are sorted, "content" before "package": paths wait for a second look. */
static gboolean read_lines(KilnInventory *inventory, KilnText text, const char *wanted, GHashTable *packages, GError **error)
{
	for (guint line = 1; text.length; line++) {
		KilnText one = kiln_text_cut(&text, '\n');
		g_autofree char *where = g_strdup_printf("/" MANIFEST ":%u", line);
		g_autoptr(json_t) entry = one.length ? kiln_json_parse(one.data, one.length, where, error) : NULL;
		const char *kind = entry ? kiln_json_string_or_null(entry, "kind") : NULL;
		if (one.length && !entry)
			return FALSE;
		if (line == 1 && (!entry || !kiln_json_string_or_null(entry, "jsonwall")))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: it is no manifest of chisel: the first line has no \"jsonwall\"", where);
		if (g_strcmp0(kind, wanted) != 0)
			continue;
		if (!(strcmp(kind, "package") == 0 ? add_package(inventory, entry, packages, where, error) : add_path(entry, packages, where, error)))
			return FALSE;
	}
	return TRUE;
}

/* NULL without error: there is none. */
static GBytes *inflate_manifest(const KilnInventory *inventory, GError **error)
{
	const KilnInventoryFile *entry = kiln_inventory_find(inventory, MANIFEST);
	if (!entry || !entry->file->content)
		return NULL;
	g_autoptr(KilnReader) reader = kiln_reader_new_inflate(kiln_reader_new_bytes(entry->file->content), KILN_COMPRESSION_ZSTD, KILN_LIMIT_OWNED_PATHS_BYTES, error);
	GBytes *all = reader ? kiln_reader_read_all(reader, KILN_LIMIT_OWNED_PATHS_BYTES, error) : NULL;
	if (!all)
		g_prefix_error(error, "/" MANIFEST ": ");
	return all;
}

static gboolean read_all(KilnInventory *inventory, gboolean *found, GError **error)
{
	g_autoptr(GError) reason = NULL;
	g_autoptr(GBytes) all = inflate_manifest(inventory, &reason);
	*found = all || reason;
	if (reason) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return FALSE;
	}
	if (all) {
		g_autoptr(GHashTable) packages = g_hash_table_new(g_str_hash, g_str_equal);
		KilnText text = { g_bytes_get_data(all, NULL), g_bytes_get_size(all) };
		if (!read_lines(inventory, text, "package", packages, error) || !read_lines(inventory, text, "content", packages, error))
			return FALSE;
	}
	return TRUE;
}

/* Where chisel itself changed a file, "final_sha256" is what it left. */
static gboolean check(KilnInventory *inventory, const KilnImageLookup *lookup, GError **error)
{
	g_autoptr(GBytes) all = inflate_manifest(inventory, NULL); /* which was read before */
	KilnText text = { 0 };
	if (all)
		text = (KilnText){ g_bytes_get_data(all, NULL), g_bytes_get_size(all) };
	while (text.length) {
		KilnText one = kiln_text_cut(&text, '\n');
		g_autoptr(json_t) entry = one.length ? kiln_json_parse(one.data, one.length, MANIFEST, NULL) : NULL;
		const char *path = kiln_json_string_or_null(entry, "path"), *last = kiln_json_string_or_null(entry, "final_sha256"), *sum = last ? last : kiln_json_string_or_null(entry, "sha256");
		if (path && sum && g_strcmp0(kiln_json_string_or_null(entry, "kind"), "path") == 0)
			cataloger_check_hex(inventory, lookup, path, CATALOGER_SHA256, kiln_text(sum), FALSE);
	}
	return TRUE;
}

const KilnCataloger kiln_cataloger_chisel = { "chisel", wants, read_all, NULL, NULL, check };
