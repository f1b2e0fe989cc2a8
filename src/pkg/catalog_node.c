/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_node.c: what npm, yarn and pnpm installed, and what package-lock.json says that they should.
 *
 * Only what lies in node_modules is a package: an application's own package.json names no release of anybody.
 * Source: docs.npmjs.com, "package.json" and "package-lock.json" (versions 1 to 3).
 */
#include "data/json.h"
#include "pkg/file_cataloger.h"

#include <string.h>

#define NODE_MODULES "node_modules/"
#define PACKAGE_JSON_MAX_BYTES (8 * KILN_MIB)
#define LOCK_MAX_BYTES (64 * KILN_MIB)
#define NESTED_MAX 100000 /* dependencies of dependencies in a lock file of version 1 */

/* What stands behind the last "node_modules/": "name/..." or "@scope/name/..."; NULL: nothing does. */
static const char *in_modules(const char *path)
{
	const char *found = NULL;
	for (const char *at = strstr(path, NODE_MODULES); at; at = strstr(at + 1, NODE_MODULES))
		if (at == path || at[-1] == '/')
			found = at + strlen(NODE_MODULES);
	return found;
}

static gboolean is_installed(const char *path)
{
	const char *at = in_modules(path);
	for (guint slashes = at && *at == '@' ? 2 : 1; at && slashes; slashes--) {
		at = strchr(at, '/');
		at = at ? at + 1 : NULL;
	}
	return at && strcmp(at, "package.json") == 0;
}

static gboolean is_lock(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	return (strcmp(base, "package-lock.json") == 0 || strcmp(base, "npm-shrinkwrap.json") == 0) && !in_modules(path);
}

static gboolean wants(const KilnSeenFile *file)
{
	return (file->size <= PACKAGE_JSON_MAX_BYTES && is_installed(file->path)) || (file->size <= LOCK_MAX_BYTES && is_lock(file->path));
}

/* "MIT", { "type": "MIT" }, or [ { "type": "MIT" }, "ISC" ], of which any may be chosen. */
static char *licence_of(const json_t *root)
{
	const json_t *licence = json_object_get(root, "license"), *item;
	size_t i;
	if (json_is_string(licence))
		return g_strdup(json_string_value(licence));
	if (json_is_object(licence))
		return g_strdup(kiln_json_string_or_null(licence, "type"));
	g_autoptr(GString) all = g_string_new(NULL);
	json_array_foreach(json_is_array(licence) ? licence : json_object_get(root, "licenses"), i, item)
	{
		const char *name = json_is_string(item) ? json_string_value(item) : kiln_json_string_or_null(item, "type");
		if (name)
			g_string_append_printf(all, "%s%s", all->len ? " OR " : "", name);
	}
	return all->len ? g_string_free(g_steal_pointer(&all), FALSE) : NULL;
}

static gboolean read_installed(KilnFileNotes *notes, const json_t *root, GError **error)
{
	const char *name = kiln_json_string_or_null(root, "name"), *version = kiln_json_string_or_null(root, "version");
	KilnInventoryPackage *package = file_notes_add(notes, "npm", kiln_text(name), kiln_text(version), error);
	if (!package)
		return FALSE;
	g_autofree char *own = file_notes_directory(notes, 1), *tree = g_strconcat(own, "/", NULL);
	const json_t *author = json_object_get(root, "author");
	package->licence = licence_of(root);
	package->identity.homepage = g_strdup(kiln_json_string_or_null(root, "homepage"));
	package->identity.summary = g_strdup(kiln_json_string_or_null(root, "description"));
	package->identity.maintainer = g_strdup(json_is_string(author) ? json_string_value(author) : kiln_json_string_or_null(author, "name"));
	file_notes_claim(package, NULL, kiln_text(tree));
	return TRUE;
}

static gboolean add_locked(KilnFileNotes *notes, const char *name, const json_t *item, GError **error)
{
	const char *version = kiln_json_string_or_null(item, "version");
	if (!version || json_is_true(json_object_get(item, "link")) || strchr(version, ':')) /* a file or an address of one's own */
		return TRUE;
	KilnInventoryPackage *package = file_notes_add(notes, "npm", kiln_text(name), kiln_text(version), error);
	if (!package)
		return FALSE;
	package->declared = TRUE;
	package->licence = g_strdup(kiln_json_string_or_null(item, "license"));
	return TRUE;
}

/* Versions 2 and 3: "node_modules/a/node_modules/b": { "version" }; "" is the application. */
static gboolean read_packages(KilnFileNotes *notes, const json_t *packages, GError **error)
{
	const char *path;
	const json_t *item;
	json_object_foreach((json_t *)packages, path, item)
	{
		const char *alias = kiln_json_string_or_null(item, "name"), *name = alias ? alias : in_modules(path);
		if (name && in_modules(path) && !add_locked(notes, name, item, error))
			return FALSE;
	}
	return TRUE;
}

/* Version 1: dependencies inside of dependencies. */
static gboolean read_dependencies(KilnFileNotes *notes, const json_t *dependencies, GError **error)
{
	g_autoptr(GPtrArray) waiting = g_ptr_array_new();
	g_ptr_array_add(waiting, (gpointer)dependencies);
	for (guint i = 0; i < waiting->len; i++) {
		const char *name;
		const json_t *item;
		if (i > NESTED_MAX)
			return kiln_fail(error, KILN_ERROR_LIMIT, "more than %d packages have dependencies of their own", NESTED_MAX);
		json_object_foreach((json_t *)waiting->pdata[i], name, item)
		{
			if (!add_locked(notes, name, item, error))
				return FALSE;
			if (json_is_object(json_object_get(item, "dependencies")))
				g_ptr_array_add(waiting, json_object_get(item, "dependencies"));
		}
	}
	return TRUE;
}

static gboolean read_file(KilnFileNotes *notes, KilnText content, GError **error)
{
	g_autoptr(json_t) root = kiln_json_parse(content.data, content.length, "line", error);
	if (!root)
		return FALSE;
	if (!is_lock(notes->path))
		return read_installed(notes, root, error);
	const json_t *packages = json_object_get(root, "packages"), *dependencies = json_object_get(root, "dependencies");
	return packages ? read_packages(notes, packages, error) : !dependencies || read_dependencies(notes, dependencies, error);
}

const KilnFileCataloger kiln_cataloger_node = { "node", wants, read_file };
