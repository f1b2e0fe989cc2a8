/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_conda.c: what conda installed: conda-meta/NAME-VERSION-BUILD.json. Source: conda documentation, "Conda package metadata". */
#include "data/json.h"
#include "pkg/file_cataloger.h"

#include <string.h>

#define RECORD_MAX_BYTES (64 * KILN_MIB)

static gboolean wants(const KilnSeenFile *file)
{
	return file->size <= RECORD_MAX_BYTES && g_str_has_suffix(file->path, ".json") && (strstr(file->path, "/conda-meta/") || g_str_has_prefix(file->path, "conda-meta/"));
}

static gboolean read_file(KilnFileNotes *notes, KilnText content, GError **error)
{
	g_autoptr(json_t) root = kiln_json_parse(content.data, content.length, "line", error);
	const json_t *file;
	size_t i;
	if (!root)
		return FALSE;
	KilnInventoryPackage *package = file_notes_add(notes, "conda", kiln_text(kiln_json_string_or_null(root, "name")), kiln_text(kiln_json_string_or_null(root, "version")), error);
	if (!package)
		return FALSE;
	g_autofree char *prefix = file_notes_directory(notes, 2);
	package->licence = g_strdup(kiln_json_string_or_null(root, "license"));
	package->identity.homepage = g_strdup(kiln_json_string_or_null(root, "url"));
	file_notes_claim(package, NULL, kiln_text(notes->path));
	json_array_foreach(json_object_get(root, "files"), i, file)
		if (json_is_string(file))
			file_notes_claim(package, prefix, kiln_text(json_string_value(file)));
	return TRUE;
}

const KilnFileCataloger kiln_cataloger_conda = { "conda", wants, read_file };
