/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_php.c: what composer installed, and what composer.lock says that it should. Source: getcomposer.org, "Repositories" and "composer.lock". */
#include "data/json.h"
#include "pkg/file_cataloger.h"

#include <string.h>

#define COMPOSER_MAX_BYTES (64 * KILN_MIB)
#define INSTALLED "composer/installed.json"
#define LOCK "composer.lock"

static gboolean is_lock(const char *path)
{
	return strcmp(path, LOCK) == 0 || g_str_has_suffix(path, "/" LOCK);
}

static gboolean wants(const KilnSeenFile *file)
{
	return file->size <= COMPOSER_MAX_BYTES && (is_lock(file->path) || g_str_has_suffix(file->path, "/" INSTALLED) || strcmp(file->path, INSTALLED) == 0);
}

/* Several licences are a choice. */
static char *licence_of(const json_t *item)
{
	const json_t *name;
	size_t i;
	g_autoptr(GString) all = g_string_new(NULL);
	json_array_foreach(json_object_get(item, "license"), i, name)
		if (json_is_string(name))
			g_string_append_printf(all, "%s%s", all->len ? " OR " : "", json_string_value(name));
	return all->len ? g_string_free(g_steal_pointer(&all), FALSE) : NULL;
}

static gboolean add_all(KilnFileNotes *notes, const json_t *packages, gboolean declared, GError **error)
{
	const json_t *item;
	size_t i;
	g_autofree char *directory = file_notes_directory(notes, 1), *vendor = file_notes_directory(notes, 2);
	json_array_foreach(packages, i, item)
	{
		const char *name = kiln_json_string_or_null(item, "name"), *version = kiln_json_string_or_null(item, "version"), *at = kiln_json_string_or_null(item, "install-path");
		if (version && *version == 'v' && g_ascii_isdigit(version[1]))
			version++;
		KilnInventoryPackage *package = file_notes_add(notes, "composer", kiln_text(name), kiln_text(version), error);
		if (!package)
			return FALSE;
		package->declared = declared;
		package->licence = licence_of(item);
		package->identity.homepage = g_strdup(kiln_json_string_or_null(item, "homepage"));
		package->identity.summary = g_strdup(kiln_json_string_or_null(item, "description"));
		g_autofree char *tree = g_strconcat(at ? at : name, "/", NULL);
		if (!declared)
			file_notes_claim(package, at ? directory : vendor, kiln_text(tree));
	}
	return TRUE;
}

static gboolean read_file(KilnFileNotes *notes, KilnText content, GError **error)
{
	g_autoptr(json_t) root = kiln_json_parse(content.data, content.length, "line", error);
	if (!root)
		return FALSE;
	gboolean lock = is_lock(notes->path);
	const json_t *packages = json_is_array(root) ? root : json_object_get(root, "packages"); /* composer 1 wrote an array */
	if (!json_is_array(packages))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "\"packages\" is no array");
	return add_all(notes, packages, lock, error) && (!lock || add_all(notes, json_object_get(root, "packages-dev"), TRUE, error));
}

const KilnFileCataloger kiln_cataloger_php = { "php", wants, read_file };
