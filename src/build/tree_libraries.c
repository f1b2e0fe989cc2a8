/* SPDX-License-Identifier: Apache-2.0 */
/* tree_libraries.c: which libraries /etc/ld.so.cache lists: those of the loader's directories that are in the image. */
#include "base/error.h"
#include "build/ldcache.h"
#include "build/tree.h"

#include <string.h>

/* The text that ldconfig of this glibc writes into the cache: in Debian from the package's version. */
static char *generator(const KilnTree *tree)
{
	int index = kiln_closure_package(tree->closure, "libc6");
	if (index < 0)
		return NULL;
	const char *version = tree->closure->packages[index].lock->version;
	gsize upstream = strcspn(version, "-+");
	const char *name = strstr(version, "ubuntu") ? "Ubuntu" : "Debian";
	return g_strdup_printf("ldconfig (%s GLIBC %s) stable release version %.*s", name, version, (int)upstream, version);
}

static const char *hwcap_of(const char *path)
{
	static const char marker[] = "/glibc-hwcaps/";
	const char *found = strstr(path, marker);
	return found ? found + strlen(marker) : NULL;
}

static gboolean in_loader_directory(const KilnTree *tree, const char *directory)
{
	g_autofree char *triplet = g_strdup_printf("usr/lib/%s", tree->closure->platform->triplet);
	g_autofree char *local = g_strdup_printf("usr/local/lib/%s", tree->closure->platform->triplet);
	const char *const plain[] = { triplet, local, "usr/lib", "usr/local/lib", "usr/lib64", NULL };
	if (g_strv_contains(plain, directory))
		return TRUE;
	const char *hwcaps = strstr(directory, "/glibc-hwcaps/");
	g_autofree char *base = hwcaps ? g_strndup(directory, (gsize)(hwcaps - directory)) : NULL;
	return base && g_strv_contains(plain, base);
}

static const KilnElfFacts *library_facts(const KilnTree *tree, const KilnTreeEntry *entry)
{
	const char *name = strrchr(entry->path, '/');
	if (!entry->node || !name || !(g_str_has_prefix(name + 1, "lib") || g_str_has_prefix(name + 1, "ld-")) || !strstr(name, ".so"))
		return NULL;
	const KilnNode *target = kiln_closure_resolve(tree->closure, entry->path, NULL);
	return target && target->kept && target->file ? target->file->elf : NULL;
}

gboolean kiln_tree_add_library_cache(KilnTree *tree, GError **error)
{
	g_autofree char *text = generator(tree);
	g_autoptr(GArray) entries = g_array_new(FALSE, TRUE, sizeof(KilnLdCacheEntry));
	g_autoptr(GHashTable) listed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; text && i < tree->entries->len; i++) {
		const KilnTreeEntry *entry = tree->entries->pdata[i];
		const KilnElfFacts *elf = library_facts(tree, entry);
		g_autofree char *directory = g_path_get_dirname(entry->path);
		if (!elf || !in_loader_directory(tree, directory))
			continue;
		/* ldconfig lists a library under its soname; the link of that name stands for it when there is one. */
		const char *name = strrchr(entry->path, '/') + 1;
		const char *soname = elf->soname ? elf->soname : name;
		g_autofree char *by_soname = g_strdup_printf("%s/%s", directory, soname);
		const KilnTreeEntry *link = kiln_tree_get(tree, by_soname);
		if (strcmp(name, soname) != 0 && link)
			continue;
		/* The merged /usr is reached as /lib: ldconfig names files as its directories are spelt. */
		g_autofree char *key = g_strconcat("/", g_str_has_prefix(entry->path, "usr/lib/") ? entry->path + strlen("usr/") : entry->path, NULL);
		if (!g_hash_table_add(listed, g_strdup(key)))
			continue;
		KilnLdCacheEntry made = { .path = kiln_tree_keep_string(tree, g_steal_pointer(&key)), .soname = soname,
			                  .elf_machine = elf->machine, .class_bits = elf->class_bits, .hwcap = hwcap_of(directory) };
		g_array_append_val(entries, made);
	}
	if (!entries->len)
		return TRUE;
	g_autoptr(GBytes) cache = kiln_ldcache_build((KilnLdCacheEntry *)(gpointer)entries->data, entries->len, text);
	gsize length;
	const char *bytes = g_bytes_get_data(cache, &length);
	kiln_tree_add_text(tree, "etc/ld.so.cache", bytes, length, "the loader's index of libraries");
	return TRUE;
}
