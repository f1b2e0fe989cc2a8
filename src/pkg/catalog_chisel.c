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

static gboolean read_all(KilnInventory *inventory, gboolean *found, GError **error)
{
	for (guint i = 0; i < inventory->files->len; i++) {
		const KilnImageFile *file = inventory->files->pdata[i];
		if (!file->content || !wants(file->path))
			continue;
		*found = TRUE;
		g_autoptr(GHashTable) packages = g_hash_table_new(g_str_hash, g_str_equal);
		g_autoptr(KilnReader) reader = kiln_reader_new_inflate(kiln_reader_new_bytes(file->content), KILN_COMPRESSION_ZSTD, KILN_LIMIT_OWNED_PATHS_BYTES, error);
		g_autoptr(GBytes) all = reader ? kiln_reader_read_all(reader, KILN_LIMIT_OWNED_PATHS_BYTES, error) : NULL;
		if (!all) {
			g_prefix_error(error, "/%s: ", file->path);
			return FALSE;
		}
		KilnText text = { g_bytes_get_data(all, NULL), g_bytes_get_size(all) };
		if (!read_lines(inventory, text, "package", packages, error) || !read_lines(inventory, text, "content", packages, error))
			return FALSE;
	}
	return TRUE;
}

const KilnCataloger kiln_cataloger_chisel = { "chisel", wants, read_all, NULL };
