/* SPDX-License-Identifier: Apache-2.0 */
/* deb_paths.c: which paths an archive has made so far. */
#include "pkg/deb_paths.h"
#include "base/error.h"
#include "base/limits.h"

#include <string.h>

#define KNOWN(type) GUINT_TO_POINTER((guint)(type) + 1) /* so that no type is NULL */
#define ENTRY_OVERHEAD_BYTES 64                         /* of one hash table slot and one small allocation, roughly */

struct KilnDebPaths {
	GHashTable *types; /* normalised path to KNOWN(KilnFileType); directories that are only implied are in it too */
	guint64 bytes;     /* held by the keys */
};

KilnDebPaths *kiln_deb_paths_new(void)
{
	KilnDebPaths *paths = g_new0(KilnDebPaths, 1);
	paths->types = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return paths;
}

void kiln_deb_paths_free(KilnDebPaths *paths)
{
	if (!paths)
		return;
	g_hash_table_unref(paths->types);
	g_free(paths);
}

static gboolean remember(KilnDebPaths *paths, const char *path, gsize length, KilnFileType type, GError **error)
{
	paths->bytes += length + ENTRY_OVERHEAD_BYTES;
	if (paths->bytes > KILN_LIMIT_DEB_PATHS_BYTES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "the paths together need more than %" G_GUINT64_FORMAT " bytes",
		                 (guint64)KILN_LIMIT_DEB_PATHS_BYTES);
	g_hash_table_insert(paths->types, g_strndup(path, length), KNOWN(type));
	return TRUE;
}

/* Every directory above @path must be one, or become one: longest first, until one is known to be a directory. */
static gboolean check_parents(KilnDebPaths *paths, const char *path, GError **error)
{
	g_autofree char *parent = g_strdup(path);
	char *slash;
	while ((slash = strrchr(parent, '/')) != NULL) {
		*slash = '\0';
		gpointer known = g_hash_table_lookup(paths->types, parent);
		if (known == KNOWN(KILN_FILE_DIRECTORY))
			return TRUE;
		if (known == KNOWN(KILN_FILE_SYMLINK))
			return kiln_fail(error, KILN_ERROR_DENIED, "entry \"%s\" goes through the symlink \"%s\" of the same archive",
			                 path, parent);
		if (known)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "entry \"%s\" lies below \"%s\", which is no directory", path, parent);
		if (!remember(paths, parent, (gsize)(slash - parent), KILN_FILE_DIRECTORY, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean check_type(KilnDebPaths *paths, const KilnTarEntry *entry, GError **error)
{
	switch (entry->type) {
	case KILN_FILE_REGULAR:
	case KILN_FILE_DIRECTORY:
		return TRUE;
	case KILN_FILE_SYMLINK:
		if (!entry->link_target || !*entry->link_target)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "symlink \"%s\" has an empty target", entry->path);
		return TRUE;
	case KILN_FILE_HARDLINK:
		if (!entry->link_target ||
		    g_hash_table_lookup(paths->types, entry->link_target) != KNOWN(KILN_FILE_REGULAR))
			return kiln_fail(error, KILN_ERROR_DENIED, "hard link \"%s\" to \"%s\", which is no earlier file of the same archive",
			                 entry->path, entry->link_target ? entry->link_target : "");
		return TRUE;
	case KILN_FILE_CHARACTER_DEVICE:
	case KILN_FILE_BLOCK_DEVICE:
		return kiln_fail(error, KILN_ERROR_DENIED, "\"%s\" is a device node; packages must not have any", entry->path);
	case KILN_FILE_FIFO:
		return kiln_fail(error, KILN_ERROR_DENIED, "\"%s\" is a named pipe; packages must not have any", entry->path);
	}
	return kiln_fail(error, KILN_ERROR_INTERNAL, "\"%s\" has no type that is known", entry->path);
}

gboolean kiln_deb_paths_add(KilnDebPaths *paths, const KilnTarEntry *entry, GError **error)
{
	if (entry->absolute)
		return kiln_fail(error, KILN_ERROR_DENIED, "\"/%s\" is an absolute path or a hard link to one; packages have relative ones",
		                 entry->path);
	if (!*entry->path) {
		if (entry->type != KILN_FILE_DIRECTORY)
			return kiln_fail(error, KILN_ERROR_DENIED, "the archive's root is not a directory");
		return TRUE;
	}
	if (!check_type(paths, entry, error) || !check_parents(paths, entry->path, error))
		return FALSE;

	gpointer known = g_hash_table_lookup(paths->types, entry->path);
	if (known == KNOWN(KILN_FILE_DIRECTORY) && entry->type == KILN_FILE_DIRECTORY)
		return TRUE;
	if (known)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "path \"%s\" occurs twice", entry->path);
	/* A link to a hard link is a link to the file behind it. */
	KilnFileType type = entry->type == KILN_FILE_HARDLINK ? KILN_FILE_REGULAR : entry->type;
	return remember(paths, entry->path, strlen(entry->path), type, error);
}
