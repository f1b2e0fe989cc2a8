/* SPDX-License-Identifier: Apache-2.0 */
/* ldcache_scan.c: which directories ldconfig scans and which files it takes. Source: ldconfig(8), glibc 2.36 and 2.41 as Debian builds them. */
#include "base/limits.h"
#include "base/text.h"
#include "build/ldcache_order.h"
#include "build/shell.h"

#include <elf.h>

#define CONFIGURATIONS_MAX 1000
#define INCLUDE_DEPTH_MAX 16

typedef struct {
	char *path;
	char *hwcap; /* or NULL */
} Directory;

typedef struct {
	char *name, *soname;
	gboolean is_link;
	const KilnElfFacts *facts;
} Library;

typedef struct {
	const KilnLdCacheRoot *root;
	const char *triplet;
	gboolean knows_old_libraries; /* glibc up to 2.36 */
	GPtrArray *directories; /* Directory in order */
	GHashTable *seen;       /* resolved paths of directories */
	guint configurations;
	GArray *entries;        /* KilnLdCacheEntry */
	GPtrArray *texts;       /* what entries borrow */
	GPtrArray *links;
} Scan;

void kiln_ldcache_link_free(KilnLdCacheLink *link)
{
	g_free(link->path);
	g_free(link->target);
	g_free(link);
}

static void free_directory(gpointer data)
{
	Directory *directory = data;
	g_free(directory->path);
	g_free(directory->hwcap);
	g_free(directory);
}

static int compare_strings(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char **list_sorted(const Scan *scan, const char *directory)
{
	char **names = scan->root->list(directory, scan->root->user_data);
	if (names && names[0])
		qsort(names, g_strv_length(names), sizeof(*names), compare_strings);
	return names;
}

/* FALSE when it does not exist or was given already under any name. */
static gboolean add_single(Scan *scan, const char *path, const char *hwcap)
{
	char *real = scan->root->resolve(path, scan->root->user_data);
	if (!real)
		return FALSE;
	if (!g_hash_table_add(scan->seen, real))
		return FALSE;
	Directory *directory = g_new(Directory, 1);
	*directory = (Directory){ g_strdup(path), g_strdup(hwcap) };
	g_ptr_array_add(scan->directories, directory);
	return TRUE;
}

static void add_directory(Scan *scan, KilnText text)
{
	text = kiln_text_strip(text);
	while (text.length && text.data[text.length - 1] == '/')
		text.length--;
	if (text.length == 0 || text.data[0] != '/' || text.length > KILN_LIMIT_PATH_BYTES)
		return;
	g_autofree char *path = kiln_text_dup(text);
	if (!add_single(scan, path, NULL))
		return;
	g_autofree char *hwcaps = g_build_filename(path, "glibc-hwcaps", NULL);
	g_auto(GStrv) names = list_sorted(scan, hwcaps);
	for (char **name = names; name && *name; name++) {
		g_autofree char *below = g_build_filename(hwcaps, *name, NULL);
		g_auto(GStrv) content = **name == '.' || strchr(*name, ':') ? NULL : scan->root->list(below, scan->root->user_data);
		if (content)
			add_single(scan, below, *name);
	}
}

static void read_configuration(Scan *scan, const char *path, guint depth);

/* One word of an "include" line: a pattern, relative to the file that names it. */
static void include(Scan *scan, const char *from, KilnText word, guint depth)
{
	g_autofree char *text = kiln_text_dup(word), *parent = g_path_get_dirname(from);
	g_autofree char *pattern = *text == '/' ? g_strdup(text) : g_build_filename(parent, text, NULL);
	g_autofree char *directory = g_path_get_dirname(pattern), *last = g_path_get_basename(pattern);
	if (!kiln_shell_is_glob(last)) {
		read_configuration(scan, pattern, depth + 1);
		return;
	}
	g_auto(GStrv) names = list_sorted(scan, directory);
	for (char **name = names; name && *name; name++) {
		g_autofree char *path = g_build_filename(directory, *name, NULL);
		if ((**name != '.' || *last == '.') && kiln_shell_match(last, *name) == KILN_OUTCOME_TRUE)
			read_configuration(scan, path, depth + 1);
	}
}

static gboolean is_blank_at(KilnText line, gsize at)
{
	return line.length > at && (line.data[at] == ' ' || line.data[at] == '\t');
}

static void read_configuration(Scan *scan, const char *path, guint depth)
{
	g_autoptr(GBytes) bytes = depth <= INCLUDE_DEPTH_MAX && ++scan->configurations <= CONFIGURATIONS_MAX ? scan->root->read(path, scan->root->user_data) : NULL;
	KilnText rest = { NULL, 0 };
	if (bytes)
		rest.data = g_bytes_get_data(bytes, &rest.length);
	while (rest.length) {
		KilnText line = kiln_text_cut(&rest, '\n');
		line = kiln_text_strip(kiln_text_cut(&line, '#'));
		if (line.length > 7 && memcmp(line.data, "include", 7) == 0 && is_blank_at(line, 7)) {
			for (KilnText words = { line.data + 8, line.length - 8 }; words.length;) {
				KilnText word = kiln_text_strip(kiln_text_cut(&words, ' '));
				if (word.length)
					include(scan, path, word, depth);
			}
		} else if (!(line.length > 5 && g_ascii_strncasecmp(line.data, "hwcap", 5) == 0 && is_blank_at(line, 5)))
			add_directory(scan, line);
	}
}

static gboolean is_library_name(const char *name)
{
	if (strchr(name, ';') || g_str_has_suffix(name, ".dpkg-new") || g_str_has_suffix(name, ".dpkg-tmp"))
		return FALSE;
	return ((g_str_has_prefix(name, "lib") || g_str_has_prefix(name, "ld-")) && strstr(name, ".so")) || g_str_has_prefix(name, "ld.so.") ||
	       g_str_has_prefix(name, "ld64.so.");
}

/* The machines that the ldconfig of each triplet reads. */
static gboolean takes_machine(const char *triplet, guint machine)
{
	static const struct {
		const char *triplet;
		guint machines[2];
	} rows[] = {
		{ "x86_64-linux-gnu", { EM_X86_64, EM_386 } }, { "i386-linux-gnu", { EM_X86_64, EM_386 } },     { "aarch64-linux-gnu", { EM_AARCH64, EM_ARM } },
		{ "arm-linux-gnueabihf", { EM_AARCH64, EM_ARM } },
	};
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
		if (strcmp(rows[i].triplet, triplet) == 0)
			return machine == rows[i].machines[0] || machine == rows[i].machines[1];
	return g_strcmp0(kiln_elf_triplet(machine), triplet) == 0;
}

/* A soname comes from a file that may be hostile, and becomes a file name. */
static gboolean is_file_name(const char *name)
{
	return *name && strlen(name) <= KILN_LIMIT_PATH_COMPONENT_BYTES && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/*
 * A link called like the soname, or the "libx.so" that a compiler's linker uses, stands for itself; any other link is taken
 * for one more file with that soname.
 */
static gboolean stands_for_itself(const char *name, const char *soname)
{
	gsize length = strlen(name);
	return strcmp(name, soname) == 0 || (g_str_has_suffix(name, ".so") && strncmp(name, soname, length) == 0);
}

/* Of two with one soname a file beats a link, then the higher number in the name. */
static void add_library(GHashTable *libraries, const char *name, const char *soname, gboolean is_link, const KilnElfFacts *facts)
{
	Library *known = g_hash_table_lookup(libraries, soname);
	if (known && !((!is_link && known->is_link) || (is_link == known->is_link && kiln_ldcache_compare_names(known->name, name) < 0)))
		return;
	Library *library = g_new(Library, 1);
	*library = (Library){ g_strdup(name), g_strdup(soname), is_link, facts };
	g_hash_table_replace(libraries, library->soname, library);
}

static void free_library(gpointer data)
{
	Library *library = data;
	g_free(library->name);
	g_free(library->soname);
	g_free(library);
}

static void consider_file(const Scan *scan, const Directory *directory, const char *name, GHashTable *libraries)
{
	g_autofree char *path = g_build_filename(directory->path, name, NULL);
	const KilnElfFacts *facts = is_library_name(name) ? scan->root->facts(path, scan->root->user_data) : NULL;
	if (!facts || facts->kind == KILN_ELF_OTHER || !facts->hardening.position_independent || !takes_machine(scan->triplet, facts->machine))
		return;
	gboolean is_link = scan->root->is_symlink(path, scan->root->user_data);
	const char *soname = facts->soname ? facts->soname : name;
	if (is_link && !stands_for_itself(name, soname))
		is_link = FALSE;
	if (is_link)
		soname = name;
	if (is_file_name(soname))
		add_library(libraries, name, soname, is_link, facts);
}

/* The link from the soname to the file, unless it is there and right, or a file has the soname's name. */
static void note_link(const Scan *scan, const Directory *directory, const Library *library)
{
	g_autofree char *link = g_build_filename(directory->path, library->soname, NULL), *file = g_build_filename(directory->path, library->name, NULL);
	g_autofree char *link_real = scan->root->resolve(link, scan->root->user_data), *file_real = scan->root->resolve(file, scan->root->user_data);
	if (!scan->links || g_strcmp0(link_real, file_real) == 0 || (link_real && !scan->root->is_symlink(link, scan->root->user_data)))
		return;
	KilnLdCacheLink *made = g_new(KilnLdCacheLink, 1);
	*made = (KilnLdCacheLink){ g_steal_pointer(&link), g_strdup(library->name) };
	g_ptr_array_add(scan->links, made);
}

static char *keep_text(Scan *scan, char *text)
{
	g_ptr_array_add(scan->texts, text);
	return text;
}

/*
 * Up to glibc 2.36 ldconfig told libraries of old C libraries apart by what they need. Only for 32-bit x86 does the answer
 * stay; all other machines never had an old C library.
 */
static gboolean is_plain_elf(const Scan *scan, const KilnElfFacts *facts)
{
	static const char *const interpreters[] = { "/lib/ld-linux.so.2", "/libx32/ld-linux-x32.so.2", "/lib64/ld-linux-x86-64.so.2", NULL };
	if (!scan->knows_old_libraries || facts->machine != EM_386)
		return FALSE;
	if (facts->interpreter && g_strv_contains(interpreters, facts->interpreter))
		return FALSE;
	return !g_strv_contains((const char *const *)facts->needed, "libc.so.6") && !g_strv_contains((const char *const *)facts->needed, "libm.so.6");
}

/* "... release version 2.36" */
static gboolean is_before_2_37(const char *generator)
{
	static const char words[] = "release version 2.";
	const char *found = strstr(generator, words);
	return found && g_ascii_strtoull(found + strlen(words), NULL, 10) < 37;
}

/* In a directory for better processors the file itself is listed, elsewhere the soname's link. */
static void list_library(Scan *scan, const Directory *directory, const Library *library)
{
	guint32 needed = library->facts->hardening.x86_isa_needed;
	if (!directory->hwcap && !library->is_link)
		note_link(scan, directory, library);
	KilnLdCacheEntry entry = { .path = keep_text(scan, g_build_filename(directory->path, directory->hwcap ? library->name : library->soname, NULL)),
		                   .soname = keep_text(scan, g_strdup(library->soname)),
		                   .elf_machine = library->facts->machine,
		                   .class_bits = library->facts->class_bits,
		                   .isa_level = needed ? (guint)g_bit_nth_msf(needed, -1) : 0,
		                   .is_plain_elf = is_plain_elf(scan, library->facts),
		                   .hwcap = directory->hwcap };
	g_array_append_val(scan->entries, entry);
}

static void scan_directory(Scan *scan, const Directory *directory)
{
	g_auto(GStrv) names = list_sorted(scan, directory->path);
	g_autoptr(GHashTable) libraries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_library);
	for (char **name = names; name && *name; name++)
		consider_file(scan, directory, *name, libraries);
	guint count;
	g_autofree char **sonames = (char **)g_hash_table_get_keys_as_array(libraries, &count);
	if (count)
		qsort(sonames, count, sizeof(*sonames), compare_strings);
	for (guint i = 0; i < count; i++)
		list_library(scan, directory, g_hash_table_lookup(libraries, sonames[i]));
}

GBytes *kiln_ldcache_scan(const KilnLdCacheRoot *root, const char *triplet, const char *generator, GPtrArray *links)
{
	g_autoptr(GPtrArray) directories = g_ptr_array_new_with_free_func(free_directory);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GArray) entries = g_array_new(FALSE, TRUE, sizeof(KilnLdCacheEntry));
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	Scan scan = { .root = root, .triplet = triplet, .directories = directories, .seen = seen, .entries = entries, .texts = texts, .links = links };
	scan.knows_old_libraries = is_before_2_37(generator);
	static const char *const built_in[] = { "/lib/", "/usr/lib/" };
	read_configuration(&scan, "/etc/ld.so.conf", 0);
	for (guint i = 0; i < G_N_ELEMENTS(built_in); i++) {
		g_autofree char *path = g_strconcat(built_in[i], triplet, NULL);
		add_directory(&scan, kiln_text(path));
	}
	for (guint i = 0; i < G_N_ELEMENTS(built_in); i++)
		add_directory(&scan, kiln_text(built_in[i]));
	for (guint i = 0; i < directories->len; i++)
		scan_directory(&scan, directories->pdata[i]);
	g_autoptr(GPtrArray) hwcaps = g_ptr_array_new();
	for (guint i = 0; i < directories->len; i++)
		if (((const Directory *)directories->pdata[i])->hwcap)
			g_ptr_array_add(hwcaps, ((const Directory *)directories->pdata[i])->hwcap);
	g_ptr_array_add(hwcaps, NULL);
	return kiln_ldcache_build((const KilnLdCacheEntry *)(gpointer)entries->data, entries->len, (const char *const *)hwcaps->pdata, generator);
}
