/* SPDX-License-Identifier: Apache-2.0 */
/* tree_status.c: var/lib/dpkg/status.d: the truth about packages, for every scanner that reads it. */
#include "base/text.h"
#include "build/tree.h"
#include "data/deb822.h"

#include <string.h>

/* The fields as shipped, but for those that say what dpkg made of the package: that is said here. */
static char *stanza_text(const KilnClosurePackage *package, gboolean partial)
{
	static const char *const own[] = { "Package", "Status", "X-Kiln-Content" };
	KilnDeb822 cursor = { package->facts->control, strlen(package->facts->control), package->lock->name, 1 };
	g_autofree KilnDeb822Stanza *stanza = g_new(KilnDeb822Stanza, 1);
	gboolean found, is_own;
	GString *text = g_string_new(NULL);
	g_string_append_printf(text, "Package: %s\nStatus: install ok installed\n", package->lock->name);
	if (!kiln_deb822_next(&cursor, stanza, &found, NULL)) /* closure.c refused it before */
		stanza->count = 0;
	for (guint i = 0; i < stanza->count; i++) {
		KilnText name = stanza->fields[i].name, value = stanza->fields[i].value;
		is_own = FALSE;
		for (gsize j = 0; j < G_N_ELEMENTS(own); j++)
			is_own = is_own || (name.length == strlen(own[j]) && g_ascii_strncasecmp(name.data, own[j], name.length) == 0);
		if (is_own)
			continue;
		g_string_append_len(text, name.data, value.data + value.length - name.data);
		g_string_append_c(text, '\n');
	}
	if (partial)
		g_string_append(text, "X-Kiln-Content: partial\n");
	return g_string_free(text, FALSE);
}

static char *md5sums_text(const KilnTree *tree, const KilnClosurePackage *package)
{
	GString *text = g_string_new(NULL);
	KilnText rest = kiln_text(package->facts->md5sums);
	while (rest.length) {
		KilnText line = kiln_text_cut(&rest, '\n');
		if (line.length < 35)
			continue;
		g_autofree char *path = g_strndup(line.data + 34, line.length - 34);
		g_autofree char *merged = kiln_merged_path(path);
		if (kiln_tree_get(tree, merged))
			g_string_append_printf(text, "%.*s  %s\n", 32, line.data, merged);
	}
	return g_string_free(text, FALSE);
}

gboolean kiln_tree_add_package_status(KilnTree *tree, GError **error)
{
	gsize count = tree->closure->package_count;
	g_autofree KilnPackageFiles *files = kiln_closure_count_files(tree->closure);
	for (gsize i = 0; i < count; i++) {
		const KilnClosurePackage *package = &tree->closure->packages[i];
		if (!files[i].kept)
			continue;
		g_autofree char *stanza = stanza_text(package, files[i].kept < files[i].all);
		g_autofree char *path = g_strdup_printf("var/lib/dpkg/status.d/%s", package->lock->name);
		g_autofree char *sums_path = g_strconcat(path, ".md5sums", NULL);
		kiln_tree_add_text(tree, path, stanza, strlen(stanza), "what is installed, for scanners");
		g_autofree char *sums = package->facts->md5sums ? md5sums_text(tree, package) : NULL;
		if (sums)
			kiln_tree_add_text(tree, sums_path, sums, strlen(sums), "what is installed, for scanners");
	}
	return TRUE;
}
