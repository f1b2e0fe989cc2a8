/* SPDX-License-Identifier: Apache-2.0 */
/* tree_status.c: var/lib/dpkg/status.d: the truth about packages, for every scanner that reads it. */
#include "base/text.h"
#include "build/tree.h"
#include "data/deb822.h"

#include <string.h>

/* The control stanza as shipped, with a Status line, and a field of ours where only some files are there. */
static char *stanza_text(const KilnClosurePackage *package, gboolean partial)
{
	GString *text = g_string_new(NULL);
	KilnText rest = kiln_text(package->facts->control);
	while (rest.length) {
		KilnText line = kiln_text_cut(&rest, '\n');
		if (kiln_text_strip(line).length == 0)
			break;
		g_string_append_len(text, line.data, (gssize)line.length);
		g_string_append_c(text, '\n');
		if (g_str_has_prefix(text->str, "Package:") && !strstr(text->str, "\nStatus:"))
			g_string_append(text, "Status: install ok installed\n");
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
	g_autofree guint *kept = g_new0(guint, count), *all = g_new0(guint, count);
	for (guint i = 0; i < tree->closure->all->len; i++) {
		const KilnNode *node = tree->closure->all->pdata[i];
		if (node->package < 0 || node->made_by || node->type == KILN_FILE_DIRECTORY)
			continue;
		all[node->package]++;
		kept[node->package] += node->kept;
	}
	for (gsize i = 0; i < count; i++) {
		const KilnClosurePackage *package = &tree->closure->packages[i];
		if (!kept[i])
			continue;
		g_autofree char *stanza = stanza_text(package, kept[i] < all[i]);
		g_autofree char *path = g_strdup_printf("var/lib/dpkg/status.d/%s", package->lock->name);
		g_autofree char *sums_path = g_strconcat(path, ".md5sums", NULL);
		kiln_tree_add_text(tree, path, stanza, strlen(stanza), "what is installed, for scanners");
		g_autofree char *sums = package->facts->md5sums ? md5sums_text(tree, package) : NULL;
		if (sums)
			kiln_tree_add_text(tree, sums_path, sums, strlen(sums), "what is installed, for scanners");
	}
	return TRUE;
}
