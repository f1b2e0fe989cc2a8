/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_r.c: packages that R installed. Source: Writing R Extensions, "The DESCRIPTION file"; an installed one has a "Built:" field. */
#include "pkg/file_cataloger.h"

#include <string.h>

#define DESCRIPTION_MAX_BYTES (1 * KILN_MIB)

static gboolean wants(const KilnSeenFile *file)
{
	return file->size <= DESCRIPTION_MAX_BYTES && g_str_has_suffix(file->path, "/DESCRIPTION");
}

static gboolean take(KilnText line, const char *key, KilnText *out)
{
	gsize length = strlen(key);
	if (line.length <= length || memcmp(line.data, key, length) != 0 || line.data[length] != ':')
		return FALSE;
	*out = kiln_text_strip((KilnText){ line.data + length + 1, line.length - length - 1 });
	return TRUE;
}

static gboolean read_file(KilnFileNotes *notes, KilnText content, GError **error)
{
	KilnText name = { 0 }, version = { 0 }, licence = { 0 }, title = { 0 }, built = { 0 }, priority = { 0 };
	while (content.length) {
		KilnText line = kiln_text_cut(&content, '\n');
		(void)(take(line, "Package", &name) || take(line, "Version", &version) || take(line, "License", &licence) || take(line, "Title", &title) ||
		       take(line, "Built", &built) || take(line, "Priority", &priority));
	}
	if (!name.length || !built.length) /* of something else, or a source */
		return TRUE;
	KilnInventoryPackage *package = file_notes_add(notes, "cran", name, version, error);
	if (!package)
		return FALSE;
	g_autofree char *own = file_notes_directory(notes, 1), *tree = g_strconcat(own, "/", NULL);
	package->licence = licence.length ? kiln_text_dup(licence) : NULL;
	package->identity.summary = title.length ? kiln_text_dup(title) : NULL;
	package->evidence = kiln_text_is(priority, "base") ? g_strdup("part of R itself") : NULL;
	file_notes_claim(package, NULL, kiln_text(tree));
	return TRUE;
}

const KilnFileCataloger kiln_cataloger_r = { "r", wants, read_file };
