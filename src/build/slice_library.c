/* SPDX-License-Identifier: Apache-2.0 */
/* slice_library.c: where the loader finds a library. Source: ld.so(8), "DESCRIPTION". */
#include "build/slice_internal.h"

#include "data/deb822.h"
#include "io/root.h"

#include <string.h>

static void add_directory(Slice *slice, const char *directory)
{
	g_autofree char *merged = kiln_merged_path(directory + strspn(directory, "/"));
	for (guint i = 0; i < slice->search_directories->len; i++)
		if (strcmp(slice->search_directories->pdata[i], merged) == 0)
			return;
	g_ptr_array_add(slice->search_directories, (gpointer)kiln_closure_intern(slice->closure, merged));
}

/* Every directory that some package's ld.so.conf.d names counts, in the order of file names, then the built-in ones. */
static void find_directories(Slice *slice)
{
	const char *triplet = slice->closure->platform->triplet;
	const GPtrArray *files = kiln_closure_children(slice->closure, "etc/ld.so.conf.d");
	g_autofree char *local = g_strdup_printf("usr/local/lib/%s", triplet), *system = g_strdup_printf("usr/lib/%s", triplet);
	add_directory(slice, "usr/local/lib");
	add_directory(slice, local);
	add_directory(slice, system);
	for (guint i = 0; files && i < files->len; i++) {
		const KilnNode *node = files->pdata[i];
		for (const char **path = node->file ? node->file->named_paths : NULL; path && *path; path++)
			add_directory(slice, *path);
	}
	add_directory(slice, "usr/lib");
	add_directory(slice, "usr/lib64");
}

static void index_directory(Slice *slice, const char *directory)
{
	const GPtrArray *children = kiln_closure_children(slice->closure, directory);
	for (guint i = 0; children && i < children->len; i++) {
		KilnNode *node = children->pdata[i];
		const char *name = strrchr(node->path, '/') + 1;
		if (node->type == KILN_FILE_DIRECTORY || !strstr(name, ".so"))
			continue;
		GPtrArray *found = g_hash_table_lookup(slice->libraries, name);
		if (!found) {
			found = g_ptr_array_new();
			g_hash_table_insert(slice->libraries, (gpointer)name, found);
		}
		g_ptr_array_add(found, node);
		if (node->package >= 0)
			slice->closure->packages[node->package].has_loader_library = TRUE;
	}
}

void slice_index_libraries(Slice *slice)
{
	find_directories(slice);
	for (guint i = 0; i < slice->search_directories->len; i++)
		index_directory(slice, slice->search_directories->pdata[i]);
}

static gboolean fits(const Slice *slice, const KilnNode *from, const KilnNode *library)
{
	if (!library || !library->file || !library->file->elf)
		return FALSE;
	const KilnElfFacts *elf = library->file->elf;
	if (from && from->file && from->file->elf)
		return elf->machine == from->file->elf->machine && elf->class_bits == from->file->elf->class_bits;
	return elf->machine == slice->closure->platform->elf_machine;
}

/* $ORIGIN and ${ORIGIN} are the directory of the file itself, after links. */
static char *expand_origin(const KilnNode *from, const char *directory)
{
	g_autofree char *own = g_path_get_dirname(from->path);
	g_autoptr(GString) expanded = g_string_new(directory);
	g_string_replace(expanded, "${ORIGIN}", "$ORIGIN", 0);
	g_autofree char *origin = g_strconcat("/", own, NULL);
	g_string_replace(expanded, "$ORIGIN", origin, 0);
	if (strchr(expanded->str, '$'))
		return NULL; /* $LIB and $PLATFORM do not occur in Debian */
	/* ".." is the point of $ORIGIN/../lib: resolved like a link's target, which cannot leave the root either. */
	return kiln_path_resolve_link("x", expanded->str);
}

static gboolean keep_found(Slice *slice, KilnNode *from, const char *path, const char *rule, const char *soname, gboolean mandatory)
{
	KilnNode *found = kiln_closure_resolve(slice->closure, path, NULL);
	if (!fits(slice, from, found))
		return FALSE;
	return slice_keep_path(slice, path, rule, from, kiln_closure_intern(slice->closure, soname), mandatory) != NULL;
}

static gboolean search_own(Slice *slice, KilnNode *from, const KilnNode *holder, const char *soname, const char *rule, gboolean mandatory)
{
	char **directories = holder->file && holder->file->elf ? holder->file->elf->search : NULL;
	for (; directories && *directories; directories++) {
		g_autofree char *directory = expand_origin(holder, *directories);
		g_autofree char *path = directory ? g_strdup_printf("%s/%s", directory, soname) : NULL;
		if (path && keep_found(slice, from, path, rule, soname, mandatory))
			return TRUE;
	}
	return FALSE;
}

/* DT_RPATH of whoever loaded @from counts too: follow the edges back, as far as they are loader edges. */
static gboolean search_inherited(Slice *slice, KilnNode *from, const char *soname, const char *rule, gboolean mandatory)
{
	const KilnNode *loader = from;
	for (int depth = 0; loader && depth < 32; depth++, loader = loader->edge.from) {
		gboolean runpath = loader->file && loader->file->elf && loader->file->elf->search_is_runpath;
		if ((loader == from || !runpath) && search_own(slice, from, loader, soname, rule, mandatory))
			return TRUE;
	}
	return FALSE;
}

/* The same library for newer processors lies below glibc-hwcaps; the loader takes it where it can. */
static void keep_hwcaps(Slice *slice, KilnNode *library, const char *soname)
{
	g_autofree char *directory = g_path_get_dirname(library->path);
	g_autofree char *hwcaps = g_strdup_printf("%s/glibc-hwcaps", directory);
	const GPtrArray *levels = kiln_closure_children(slice->closure, hwcaps);
	for (guint i = 0; levels && i < levels->len; i++) {
		g_autofree char *path = g_strdup_printf("%s/%s", ((KilnNode *)levels->pdata[i])->path, soname);
		if (kiln_closure_resolve(slice->closure, path, NULL))
			slice_keep_path(slice, path, "hwcaps", library, NULL, FALSE);
	}
}

/* The recipe's own LD_LIBRARY_PATH. */
static gboolean search_environment(Slice *slice, KilnNode *from, const char *soname, const char *rule, gboolean mandatory)
{
	static const char variable[] = "LD_LIBRARY_PATH=";
	for (char **entry = slice->recipe->environment; *entry; entry++) {
		g_auto(GStrv) directories = g_str_has_prefix(*entry, variable) ? g_strsplit_set(*entry + strlen(variable), ":;", -1) : NULL;
		for (char **directory = directories; directory && *directory; directory++) {
			g_autofree char *path = (*directory)[0] == '/' ? g_strdup_printf("%s/%s", *directory, soname) : NULL;
			if (path && keep_found(slice, from, path, rule, soname, mandatory))
				return TRUE;
		}
	}
	return FALSE;
}

gboolean slice_need_library(Slice *slice, KilnNode *from, const char *soname, const char *rule, gboolean mandatory)
{
	if (strchr(soname, '/'))
		return keep_found(slice, from, soname, rule, soname, mandatory);
	if (search_inherited(slice, from, soname, rule, mandatory) || search_environment(slice, from, soname, rule, mandatory))
		return TRUE;
	GPtrArray *found = g_hash_table_lookup(slice->libraries, soname);
	for (guint i = 0; found && i < found->len; i++) {
		KilnNode *candidate = found->pdata[i], *library = kiln_closure_resolve(slice->closure, candidate->path, NULL);
		if (!fits(slice, from, library))
			continue;
		slice_keep_path(slice, candidate->path, rule, from, kiln_closure_intern(slice->closure, soname), mandatory);
		keep_hwcaps(slice, library, soname);
		return TRUE;
	}
	return FALSE;
}
