/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_dotnet.c: what a .NET application brings (deps.json), and what packages.lock.json says that it needs.
 *
 * Source: .NET SDK documentation, "runtime configuration files"; NuGet, "packages.lock.json".
 */
#include "data/json.h"
#include "pkg/file_cataloger.h"

#include <string.h>

#define JSON_MAX_BYTES (64 * KILN_MIB)

static gboolean is_lock(const char *path)
{
	return strcmp(path, "packages.lock.json") == 0 || g_str_has_suffix(path, "/packages.lock.json");
}

static gboolean wants(const KilnSeenFile *file)
{
	return file->size <= JSON_MAX_BYTES && (g_str_has_suffix(file->path, ".deps.json") || is_lock(file->path));
}

/* Files of "name/version" in all targets: they stand beside deps.json, under their own names. */
static void claim_files(KilnFileNotes *notes, KilnInventoryPackage *package, const json_t *targets, const char *key)
{
	static const char *const kinds[] = { "runtime", "native" };
	g_autofree char *directory = file_notes_directory(notes, 1);
	const char *target, *file;
	const json_t *libraries, *unused;
	json_object_foreach((json_t *)targets, target, libraries)
		for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
			json_object_foreach(json_object_get(json_object_get(libraries, key), kinds[i]), file, unused)
			{
				const char *slash = strrchr(file, '/');
				file_notes_claim(package, directory, kiln_text(slash ? slash + 1 : file));
			}
}

static gboolean read_deps(KilnFileNotes *notes, const json_t *root, GError **error)
{
	const json_t *libraries = json_object_get(root, "libraries"), *item;
	const char *key;
	json_object_foreach((json_t *)libraries, key, item)
	{
		const char *type = kiln_json_string_or_null(item, "type");
		KilnText version = kiln_text(key), name = kiln_text_cut(&version, '/');
		if (g_strcmp0(type, "package") != 0 && g_strcmp0(type, "runtimepack") != 0) /* projects are one's own */
			continue;
		if (name.length > strlen("runtimepack.") && memcmp(name.data, "runtimepack.", strlen("runtimepack.")) == 0)
			name = (KilnText){ name.data + strlen("runtimepack."), name.length - strlen("runtimepack.") };
		KilnInventoryPackage *package = file_notes_add(notes, "nuget", name, version, error);
		if (!package)
			return FALSE;
		claim_files(notes, package, json_object_get(root, "targets"), key);
	}
	return TRUE;
}

static gboolean read_lock(KilnFileNotes *notes, const json_t *root, GError **error)
{
	const char *framework, *name;
	const json_t *packages, *item;
	json_object_foreach(json_object_get(root, "dependencies"), framework, packages)
		json_object_foreach((json_t *)packages, name, item)
		{
			const char *version = kiln_json_string_or_null(item, "resolved");
			if (!version) /* a project of one's own */
				continue;
			KilnInventoryPackage *package = file_notes_add(notes, "nuget", kiln_text(name), kiln_text(version), error);
			if (!package)
				return FALSE;
			package->declared = TRUE;
		}
	return TRUE;
}

static gboolean read_file(KilnFileNotes *notes, KilnText content, GError **error)
{
	/* The SDK begins them with a byte order mark now and then. */
	if (content.length >= 3 && memcmp(content.data, "\357\273\277", 3) == 0)
		content = (KilnText){ content.data + 3, content.length - 3 };
	g_autoptr(json_t) root = kiln_json_parse(content.data, content.length, "line", error);
	return root && (is_lock(notes->path) ? read_lock(notes, root, error) : read_deps(notes, root, error));
}

const KilnFileCataloger kiln_cataloger_dotnet = { "dotnet", wants, read_file };
