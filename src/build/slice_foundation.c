/* SPDX-License-Identifier: Apache-2.0 */
/* slice_foundation.c: what nothing names but every image needs, and the licences of what is kept. */
#include "build/slice_internal.h"

#include <string.h>

typedef struct {
	const char *path; /* a file, or with a trailing slash everything below a directory */
	gboolean for_libc; /* only the C library reads it */
	const char *detail;
} Row;

static const Row rows[] = {
	{ "etc/os-release", FALSE, "says what the image is" },
	{ "usr/lib/os-release", FALSE, "says what the image is" },
	{ "etc/debian_version", FALSE, "says what the image is" },
	{ "etc/ld.so.conf", TRUE, "directories that the loader's index is made from" },
	{ "etc/ld.so.conf.d/", TRUE, "directories that the loader's index is made from" },
	{ "etc/host.conf", TRUE, "how the C library looks up names" },
	{ "etc/gai.conf", TRUE, "how the C library orders addresses" },
	{ "usr/lib/locale/C.utf8/", TRUE, "the locale C.UTF-8" },
};

static gboolean keep_one(Slice *slice, KilnNode *node, const char *detail)
{
	if (node->kept)
		return FALSE;
	slice_keep(slice, node, "foundation", NULL, detail, FALSE);
	return node->kept;
}

static gboolean keep_below(Slice *slice, const char *directory, const char *detail)
{
	const GPtrArray *children = kiln_closure_children(slice->closure, directory);
	gboolean added = FALSE;
	for (guint i = 0; children && i < children->len; i++) {
		KilnNode *child = children->pdata[i];
		added |= child->type == KILN_FILE_DIRECTORY ? keep_below(slice, child->path, detail) : keep_one(slice, child, detail);
	}
	return added;
}

static gboolean has_libc(const Slice *slice)
{
	static const char *const names[] = { "libc.so.6", "libc.so.6.1" };
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		const GPtrArray *found = g_hash_table_lookup(slice->libraries, names[i]);
		for (guint j = 0; found && j < found->len; j++)
			if (((const KilnNode *)found->pdata[j])->kept)
				return TRUE;
	}
	return FALSE;
}

gboolean slice_keep_foundation(Slice *slice)
{
	gboolean libc = has_libc(slice), added = FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		gsize length = strlen(rows[i].path);
		if (rows[i].for_libc && !libc)
			continue;
		g_autofree char *directory = rows[i].path[length - 1] == '/' ? g_strndup(rows[i].path, length - 1) : NULL;
		KilnNode *node = directory ? NULL : kiln_closure_get(slice->closure, rows[i].path);
		if (directory)
			added |= keep_below(slice, directory, rows[i].detail);
		else if (node)
			added |= keep_one(slice, node, rows[i].detail);
	}
	return added;
}

static const KilnNode *keep_text(Slice *slice, const char *path, const KilnNode *from, const char *detail)
{
	KilnNode *named, *file = kiln_closure_resolve(slice->closure, path, &named);
	if (!file || file->type != KILN_FILE_REGULAR)
		return NULL;
	slice_keep(slice, named, "licence", from, detail, FALSE);
	slice_keep(slice, file, "licence", from, detail, FALSE);
	return file;
}

/* usr/share/doc/PACKAGE may be a link to that of another package of the same source. The file names the long texts that hold for it. */
static void keep_licence(Slice *slice, const char *package)
{
	g_autofree char *directory = g_strdup_printf("usr/share/doc/%s", package), *path = g_strdup_printf("%s/copyright", directory);
	KilnNode *link = kiln_closure_get(slice->closure, directory);
	const char *detail = kiln_closure_intern(slice->closure, package);
	const KilnNode *file = keep_text(slice, path, NULL, detail);
	if (file && link && link->type == KILN_FILE_SYMLINK)
		slice_keep(slice, link, "licence", NULL, detail, FALSE);
	for (const char **text = file && file->file ? file->file->named_paths : NULL; text && *text; text++)
		if (g_str_has_prefix(*text, "/usr/share/common-licenses/"))
			keep_text(slice, *text, file, detail);
}

void slice_keep_licences(Slice *slice)
{
	gsize count = slice->closure->package_count;
	g_autofree gboolean *used = g_new0(gboolean, count + 1);
	for (guint i = 0; i < slice->closure->all->len; i++) {
		const KilnNode *node = slice->closure->all->pdata[i];
		if (node->kept && node->package >= 0 && node->type != KILN_FILE_DIRECTORY)
			used[node->package] = TRUE;
	}
	for (gsize i = 0; i < count; i++)
		if (used[i])
			keep_licence(slice, slice->closure->packages[i].lock->name);
	/* Links to licences lead to nothing that needs more. */
	g_queue_clear(&slice->queue);
}
