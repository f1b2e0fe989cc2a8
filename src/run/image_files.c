/* SPDX-License-Identifier: Apache-2.0 */
/* image_files.c: lookup by path in the list of an image's files. */
#include "run/image_files.h"
#include "io/root.h"

#include <string.h>

#define LINKS_MAX 40 /* as the kernel */

struct KilnImageFiles {
	const GPtrArray *files;
	GHashTable *by_path;
};

KilnImageFiles *kiln_image_files_new(const GPtrArray *files)
{
	KilnImageFiles *index = g_new0(KilnImageFiles, 1);
	index->files = files;
	index->by_path = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < files->len; i++) {
		KilnImageFile *file = g_ptr_array_index(files, i);
		g_hash_table_insert(index->by_path, file->path, file);
	}
	return index;
}

/* The first component of @path that is a symbolic link, replaced by its target; NULL when none is. */
static char *follow_first_link(const KilnImageFiles *index, const char *path, gboolean *escapes)
{
	for (const char *end = path; *end;) {
		end = strchr(end + 1, '/');
		if (!end)
			end = path + strlen(path);
		g_autofree char *prefix = g_strndup(path, (gsize)(end - path));
		const KilnImageFile *file = g_hash_table_lookup(index->by_path, prefix);
		if (!file || file->type != KILN_FILE_SYMLINK)
			continue;
		g_autofree char *target = kiln_path_resolve_link(prefix, file->link_target);
		*escapes = !target;
		if (!target)
			return NULL;
		return g_strconcat(target, *target && *end ? end : *end ? end + 1 : "", NULL);
	}
	return NULL;
}

const KilnImageFile *kiln_image_files_find(const KilnImageFiles *index, const char *path)
{
	g_autofree char *at = kiln_path_normalise(path, strlen(path), NULL);
	for (guint links = 0; at && links <= LINKS_MAX; links++) {
		gboolean escapes = FALSE;
		char *next = follow_first_link(index, at, &escapes);
		if (escapes)
			return NULL;
		if (!next)
			return g_hash_table_lookup(index->by_path, at);
		g_free(at);
		at = next;
	}
	return NULL;
}

guint64 kiln_image_files_size(const KilnImageFiles *index)
{
	guint64 total = 0;
	for (guint i = 0; i < index->files->len; i++) {
		const KilnImageFile *file = g_ptr_array_index(index->files, i);
		if (file->type == KILN_FILE_REGULAR)
			total += file->size;
	}
	return total;
}

void kiln_image_files_free(KilnImageFiles *index)
{
	if (!index)
		return;
	g_hash_table_unref(index->by_path);
	g_free(index);
}
