/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_python_lock.c: what lock files of Python ask for: requirements.txt with exact versions, Pipfile.lock, poetry.lock, uv.lock, pdm.lock.
 *
 * Source: pip, "Requirements File Format"; pipenv; poetry, uv and pdm write TOML tables "[[package]]" with name and version, a line each.
 */
#include "data/json.h"
#include "pkg/file_cataloger.h"

#include <string.h>

#define LOCK_MAX_BYTES (64 * KILN_MIB)

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static gboolean is_toml(const char *path)
{
	static const char *const names[] = { "poetry.lock", "uv.lock", "pdm.lock", NULL };
	return g_strv_contains(names, base_of(path));
}

static gboolean is_requirements(const char *path)
{
	const char *base = base_of(path);
	return g_str_has_prefix(base, "requirements") && g_str_has_suffix(base, ".txt");
}

static gboolean wants(const KilnSeenFile *file)
{
	return file->size <= LOCK_MAX_BYTES && (is_toml(file->path) || is_requirements(file->path) || strcmp(base_of(file->path), "Pipfile.lock") == 0);
}

static gboolean add(KilnFileNotes *notes, KilnText name, KilnText version, GError **error)
{
	KilnInventoryPackage *package = file_notes_add(notes, "pypi", name, version, error);
	if (package)
		package->declared = TRUE;
	return package != NULL;
}

/* "name[extra]==1.0 ; marker --hash=..."; anything but one exact version says nothing certain. */
static gboolean read_requirements(KilnFileNotes *notes, KilnText content, GError **error)
{
	while (content.length) {
		KilnText line = kiln_text_strip(kiln_text_cut(&content, '\n'));
		const char *equals = line.length ? memmem(line.data, line.length, "==", 2) : NULL;
		if (!equals || !g_ascii_isalnum(line.data[0]))
			continue;
		KilnText name = { line.data, (gsize)(equals - line.data) }, version = { equals + 2, line.length - name.length - 2 };
		version = version.length && version.data[0] == '=' ? (KilnText){ version.data + 1, version.length - 1 } : version;
		version = kiln_text_strip(version);
		gsize end = 0;
		while (end < version.length && !strchr(" ;,#\\\t", version.data[end]))
			end++;
		version.length = end;
		name = kiln_text_cut(&name, '[');
		if (!memchr(name.data, '=', name.length) && !memchr(version.data, '*', version.length) && !add(notes, name, version, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean read_pipfile(KilnFileNotes *notes, KilnText content, GError **error)
{
	static const char *const sections[] = { "default", "develop" };
	g_autoptr(json_t) root = kiln_json_parse(content.data, content.length, "line", error);
	const char *name;
	const json_t *item;
	for (gsize i = 0; root && i < G_N_ELEMENTS(sections); i++)
		json_object_foreach(json_object_get(root, sections[i]), name, item)
		{
			const char *version = kiln_json_string_or_null(item, "version");
			if (version && g_str_has_prefix(version, "==") && !add(notes, kiln_text(name), kiln_text(version + 2), error))
				return FALSE;
		}
	return root != NULL;
}

static gboolean read_toml(KilnFileNotes *notes, KilnText content, GError **error)
{
	gboolean in_package = FALSE;
	KilnText name = { 0 }, version = { 0 };
	while (content.length) {
		KilnText line = kiln_text_strip(kiln_text_cut(&content, '\n'));
		if (line.length && line.data[0] == '[') {
			in_package = kiln_text_is(line, "[[package]]");
			name = version = (KilnText){ 0 };
		}
		if (in_package && (file_notes_toml_text(line, "name = ", &name) || file_notes_toml_text(line, "version = ", &version)) && name.length && version.length) {
			if (!add(notes, name, version, error))
				return FALSE;
			in_package = FALSE;
		}
	}
	return TRUE;
}

static gboolean read_file(KilnFileNotes *notes, KilnText content, GError **error)
{
	if (is_toml(notes->path))
		return read_toml(notes, content, error);
	return is_requirements(notes->path) ? read_requirements(notes, content, error) : read_pipfile(notes, content, error);
}

const KilnFileCataloger kiln_cataloger_python_lock = { "python-lock", wants, read_file };
