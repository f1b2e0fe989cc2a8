/* SPDX-License-Identifier: Apache-2.0 */
/* image_lookup.c: find files of an image by path, through symbolic links. */
#include "oci/image_lookup.h"
#include "io/root.h"

#include <string.h>

#define LINKS_MAX 40 /* as the kernel */

struct KilnImageLookup {
	const GPtrArray *files;
	GHashTable *by_path;
};

KilnImageLookup *kiln_image_lookup_new(const GPtrArray *files)
{
	KilnImageLookup *lookup = g_new0(KilnImageLookup, 1);
	lookup->files = files;
	lookup->by_path = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < files->len; i++) {
		KilnImageFile *file = g_ptr_array_index(files, i);
		g_hash_table_insert(lookup->by_path, file->path, file);
	}
	return lookup;
}

/* The first component of @path that is a symbolic link, replaced by its target; NULL when none is. The last one counts only when @follows_last. */
static char *follow_first_link(const KilnImageLookup *lookup, const char *path, gboolean follows_last, gboolean *escapes)
{
	for (const char *end = path; *end;) {
		end = strchr(end + 1, '/');
		if (!end)
			end = path + strlen(path);
		if (!*end && !follows_last)
			return NULL;
		g_autofree char *prefix = g_strndup(path, (gsize)(end - path));
		const KilnImageFile *file = g_hash_table_lookup(lookup->by_path, prefix);
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

static const KilnImageFile *find(const KilnImageLookup *lookup, const char *path, gboolean follows_last)
{
	g_autofree char *at = kiln_path_normalise(path, strlen(path), NULL);
	for (guint links = 0; at && links <= LINKS_MAX; links++) {
		gboolean escapes = FALSE;
		char *next = follow_first_link(lookup, at, follows_last, &escapes);
		if (escapes)
			return NULL;
		if (!next)
			return g_hash_table_lookup(lookup->by_path, at);
		g_free(at);
		at = next;
	}
	return NULL;
}

const KilnImageFile *kiln_image_lookup_find(const KilnImageLookup *lookup, const char *path)
{
	return find(lookup, path, TRUE);
}

const KilnImageFile *kiln_image_lookup_find_link(const KilnImageLookup *lookup, const char *path)
{
	return find(lookup, path, FALSE);
}

guint64 kiln_image_lookup_size(const KilnImageLookup *lookup)
{
	guint64 total = 0;
	for (guint i = 0; i < lookup->files->len; i++) {
		const KilnImageFile *file = g_ptr_array_index(lookup->files, i);
		if (file->type == KILN_FILE_REGULAR)
			total += file->size;
	}
	return total;
}

void kiln_image_lookup_free(KilnImageLookup *lookup)
{
	if (!lookup)
		return;
	g_hash_table_unref(lookup->by_path);
	g_free(lookup);
}
