/* SPDX-License-Identifier: Apache-2.0 */
/* ldcache_test.c: the loader's cache against real ldconfigs, byte for byte. */
#include "build/ldcache.h"
#include "packages.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#if defined(__x86_64__)
#define TRIPLET "x86_64-linux-gnu"
#elif defined(__aarch64__)
#define TRIPLET "aarch64-linux-gnu"
#endif

typedef struct {
	const char *directory; /* the root as a directory of this machine, "" for the machine's own */
	GHashTable *facts;     /* resolved path -> KilnElfFacts */
} Root;

static char *outside(const Root *root, const char *path)
{
	return g_strconcat(root->directory, path, NULL);
}

/* Walk @path below the root; symlinks never lead out of it. The result has no symlink and need not exist. */
static char *walk(const Root *root, const char *path, gboolean follow_last)
{
	g_autoptr(GString) done = g_string_new(NULL);
	g_autofree char *rest = g_strdup(path);
	for (guint steps = 0; steps < 400 && *rest; steps++) {
		g_auto(GStrv) cut = g_strsplit(rest + strspn(rest, "/"), "/", 2);
		gboolean is_last = !cut[0] || !cut[1];
		if (!cut[0] || !*cut[0])
			break;
		if (strcmp(cut[0], "..") == 0) {
			char *slash = strrchr(done->str, '/');
			g_string_truncate(done, slash ? (gsize)(slash - done->str) : 0);
		} else if (strcmp(cut[0], ".") != 0) {
			gsize before = done->len;
			g_string_append_printf(done, "/%s", cut[0]);
			g_autofree char *real = outside(root, done->str), *target = is_last && !follow_last ? NULL : g_file_read_link(real, NULL);
			if (target) {
				char *next = g_strconcat(target, "/", is_last ? "" : cut[1], NULL);
				g_string_truncate(done, *target == '/' ? 0 : before);
				g_free(rest);
				rest = next;
				continue;
			}
		}
		char *next = g_strdup(is_last ? "" : cut[1]);
		g_free(rest);
		rest = next;
	}
	return g_strdup(done->len ? done->str : "/");
}

static char *resolve(const char *path, gpointer user_data)
{
	g_autofree char *inside = walk(user_data, path, TRUE), *real = outside(user_data, inside);
	return g_file_test(real, G_FILE_TEST_EXISTS) ? g_steal_pointer(&inside) : NULL;
}

static char **list(const char *directory, gpointer user_data)
{
	g_autofree char *inside = walk(user_data, directory, TRUE), *real = outside(user_data, inside);
	g_autoptr(GDir) open = g_dir_open(real, 0, NULL);
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	const char *name;
	if (!open)
		return NULL;
	while ((name = g_dir_read_name(open)))
		g_strv_builder_add(names, name);
	return g_strv_builder_end(names);
}

static gboolean is_symlink(const char *path, gpointer user_data)
{
	g_autofree char *inside = walk(user_data, path, FALSE), *real = outside(user_data, inside);
	return g_file_test(real, G_FILE_TEST_IS_SYMLINK);
}

static const KilnElfFacts *facts(const char *path, gpointer user_data)
{
	Root *root = user_data;
	g_autofree char *inside = walk(root, path, TRUE), *real = outside(root, inside);
	KilnElfFacts *known = g_hash_table_lookup(root->facts, inside);
	g_autoptr(GMappedFile) file = known || !g_file_test(real, G_FILE_TEST_IS_REGULAR) ? NULL : g_mapped_file_new(real, FALSE, NULL);
	if (known || !file || !kiln_elf_is(g_mapped_file_get_contents(file), g_mapped_file_get_length(file)))
		return known;
	known = kiln_elf_facts_read(g_mapped_file_get_contents(file), g_mapped_file_get_length(file), NULL);
	if (known)
		g_hash_table_insert(root->facts, g_steal_pointer(&inside), known);
	return known;
}

static GBytes *read_file(const char *path, gpointer user_data)
{
	g_autofree char *inside = walk(user_data, path, TRUE), *real = outside(user_data, inside);
	char *text;
	gsize length;
	return g_file_get_contents(real, &text, &length, NULL) ? g_bytes_new_take(text, length) : NULL;
}

static void free_facts(gpointer data)
{
	kiln_elf_facts_free(data);
}

static GBytes *scan(const char *directory, const char *generator, GPtrArray *links)
{
	Root root = { directory, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_facts) };
	KilnLdCacheRoot view = { list, resolve, is_symlink, facts, read_file, &root };
	GBytes *cache = kiln_ldcache_scan(&view, TRIPLET, generator, links);
	g_hash_table_unref(root.facts);
	return cache;
}

/* The same text as a constant of the program. */
static char *generator_in_program(const char *text, gsize length)
{
	for (gsize i = 0; i + 17 < length; i++)
		if (memcmp(text + i, "ldconfig (", 10) == 0)
			return g_strdup(text + i);
	fail_msg("this ldconfig has no text about itself");
	return NULL;
}

/* The text after the last section's offset is the one that this ldconfig writes. */
static char *generator_of(const char *cache, gsize length)
{
	const char *found = NULL;
	for (gsize i = 0; i + 9 < length; i++)
		if (memcmp(cache + i, "ldconfig ", 9) == 0)
			found = cache + i;
	assert_non_null(found);
	return g_strndup(found, (gsize)(cache + length - found));
}

static gboolean run(char **argv)
{
	int status = -1;
	return g_spawn_sync("/", argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, NULL) &&
	       status == 0;
}

static void compare(GBytes *ours, const char *theirs, gsize length)
{
	gsize our_length;
	const guint8 *bytes = g_bytes_get_data(ours, &our_length);
	for (gsize i = 0; i < MIN(our_length, length); i++)
		if (bytes[i] != (guint8)theirs[i])
			fail_msg("byte %zu: kiln writes %02x, ldconfig %02x (%zu and %zu bytes)", i, bytes[i], (guint8)theirs[i], our_length, length);
	assert_int_equal(our_length, length);
}

/* What this machine's own ldconfig says of this machine. -X: it makes no links, -C: it writes elsewhere. */
static void test_this_machine(void **state)
{
	g_autofree char *directory = g_dir_make_tmp("kiln-ldcache-XXXXXX", NULL), *file = g_build_filename(directory, "cache", NULL), *cache = NULL;
	char *argv[] = { (char *)"/usr/sbin/ldconfig", (char *)"-X", (char *)"-C", file, NULL };
	gsize length;
	if (!g_file_test(argv[0], G_FILE_TEST_IS_EXECUTABLE) || !run(argv) || !g_file_get_contents(file, &cache, &length, NULL)) {
		g_rmdir(directory);
		skip();
	}
	g_unlink(file);
	g_rmdir(directory);
	g_autofree char *generator = generator_of(cache, length);
	print_message("# %s, %zu bytes\n", generator, length);
	g_autoptr(GBytes) ours = scan("", generator, NULL);
	compare(ours, cache, length);
}

static const char *const packages[] = { "base-files", "libc6", "libc-bin", "zlib1g", "libssl3t64", "libgcc-s1", "libstdc++6",
	                                "libtinfo6",  "libncursesw6", "libreadline8t64", "libpcre2-8-0", "libgmp10", NULL };

static void shell(const char *format, ...) G_GNUC_PRINTF(1, 2);
static void shell(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *command = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	char *argv[] = { (char *)"/bin/sh", (char *)"-ec", command, NULL };
	assert_true(run(argv));
}

/*
 * Besides the packages' own files: two files with one soname, the developer's link and a strange one, a missing and a stale
 * soname link, directories for better processors, a configuration with comments and an include that does not exist.
 */
static void make_strange(const char *root)
{
	g_autofree char *libraries = g_strconcat(root, "/usr/lib/" TRIPLET, NULL);
	shell("cd '%s' && z=$(readlink libz.so.1) && cp $z libz.so.1.2.9 && ln -s $z libz.so && ln -s $z libstrange.so.7 && rm libtinfo.so.6", libraries);
	shell("cd '%s' && rm libgmp.so.10 && ln -s libgmp.so.10.99 libgmp.so.10 && ln -s nowhere.so.1 libstale.so.1 && touch libempty.so.1", libraries);
	shell("cd '%s' && z=$(readlink libz.so.1) && mkdir -p glibc-hwcaps/x86-64-v3 glibc-hwcaps/x86-64-v2 glibc-hwcaps/power9 && "
	      "cp $z glibc-hwcaps/x86-64-v3/ && cp $z glibc-hwcaps/x86-64-v2/libz.so.1 && cp libcrypto.so.3 glibc-hwcaps/x86-64-v2/", libraries);
	shell("mkdir -p '%s/opt/lib' && cp '%s/libz.so.1' '%s/opt/lib/libopt.so.2' && printf '# mine\\n  /opt/lib/ # last\\n/opt/none\\ninclude nothing.d/*.conf\\n' > '%s/etc/ld.so.conf.d/00-mine.conf'",
	      root, libraries, root, root);
}

static void check_links(const char *directory, const GPtrArray *links)
{
	Root root = { directory, NULL };
	assert_true(links->len >= 3);
	for (guint i = 0; i < links->len; i++) {
		const KilnLdCacheLink *link = links->pdata[i];
		g_autofree char *inside = walk(&root, link->path, FALSE), *real = outside(&root, inside), *target = g_file_read_link(real, NULL);
		print_message("# %s -> %s\n", link->path, link->target);
		assert_string_equal(target, link->target);
	}
}

/* A root made of real packages of @suite, judged by that root's own ldconfig. */
static void check_suite(const char *suite, const char *const *names)
{
	g_autofree char *directory = test_packages("ldcache", suite, names);
	if (!directory)
		skip();
	g_autofree char *root = g_dir_make_tmp("kiln-ldroot-XXXXXX", NULL);
	for (guint i = 0; names[i]; i++) {
		g_autofree char *deb = test_package(directory, names[i]);
		shell("dpkg-deb -x '%s' '%s'", deb, root);
	}
	shell("cd '%s' && for d in bin sbin lib lib64; do [ -L $d ] || { mkdir -p usr/$d; [ ! -d $d ] || { cp -a $d/. usr/$d/; rm -r $d; }; ln -s usr/$d $d; }; done", root);
	make_strange(root);
	g_autofree char *program = g_strconcat(root, "/usr/sbin/ldconfig", NULL), *file = g_strconcat(root, "/etc/ld.so.cache", NULL), *cache = NULL;
	g_autofree char *text = NULL;
	gsize length;
	assert_true(g_file_get_contents(program, &text, &length, NULL));
	g_autofree char *generator = generator_in_program(text, length);
	g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_ldcache_link_free);
	g_autoptr(GBytes) ours = scan(root, generator, links);
	char *argv[] = { program, (char *)"-r", root, NULL };
	assert_true(run(argv));
	assert_true(g_file_get_contents(file, &cache, &length, NULL));
	print_message("# %s, %zu bytes\n", generator, length);
	compare(ours, cache, length);
	check_links(root, links);
	/* Once the links are there nothing is left to do. */
	g_ptr_array_set_size(links, 0);
	g_autoptr(GBytes) again = scan(root, generator, links);
	compare(again, cache, length);
	assert_int_equal(links->len, 0);
	shell("rm -rf '%s'", root);
}

/* A cache for another machine cannot be made by this one's ldconfig, but it can be read by it. */
static void test_read_by_ldconfig(void **state)
{
	static const KilnLdCacheEntry entries[] = {
		{ "/lib/aarch64-linux-gnu/libz.so.1", "libz.so.1", EM_AARCH64, 64, 0, FALSE, NULL },
		{ "/lib/aarch64-linux-gnu/libx.so.10", "libx.so.10", EM_AARCH64, 64, 0, FALSE, NULL },
		{ "/lib/aarch64-linux-gnu/libx.so.9", "libx.so.9", EM_AARCH64, 64, 0, FALSE, NULL },
		{ "/lib/x86_64-linux-gnu/libx.so.9", "libx.so.9", EM_X86_64, 64, 0, FALSE, NULL },
		{ "/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libx.so.9.1", "libx.so.9", EM_X86_64, 64, 2, FALSE, "x86-64-v3" },
		{ "/lib/arm-linux-gnueabihf/libx.so.9", "libx.so.9", EM_ARM, 32, 0, FALSE, NULL },
	};
	static const char expected[] = "\tlibz.so.1 (libc6,AArch64) => /lib/aarch64-linux-gnu/libz.so.1\n"
	                               "\tlibx.so.10 (libc6,AArch64) => /lib/aarch64-linux-gnu/libx.so.10\n"
	                               "\tlibx.so.9 (libc6,AArch64) => /lib/aarch64-linux-gnu/libx.so.9\n"
	                               "\tlibx.so.9 (libc6,hard-float) => /lib/arm-linux-gnueabihf/libx.so.9\n"
	                               "\tlibx.so.9 (libc6,x86-64, hwcap: \"x86-64-v3\") => /lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libx.so.9.1\n"
	                               "\tlibx.so.9 (libc6,x86-64) => /lib/x86_64-linux-gnu/libx.so.9\n"
	                               "Cache generated by: a test\n";
	g_autoptr(GBytes) cache = kiln_ldcache_build(entries, G_N_ELEMENTS(entries), NULL, "a test");
	g_autofree char *directory = g_dir_make_tmp("kiln-ldcache-XXXXXX", NULL), *file = g_build_filename(directory, "cache", NULL), *text = NULL;
	const char *argv[] = { "/usr/sbin/ldconfig", "-p", "-C", file, NULL };
	char *environment[] = { (char *)"LC_ALL=C", NULL };
	if (!g_file_test(argv[0], G_FILE_TEST_IS_EXECUTABLE))
		skip();
	assert_true(g_file_set_contents(file, g_bytes_get_data(cache, NULL), (gssize)g_bytes_get_size(cache), NULL));
	assert_true(g_spawn_sync("/", (char **)argv, environment, G_SPAWN_DEFAULT, NULL, NULL, &text, NULL, NULL, NULL));
	assert_non_null(strchr(text, '\n'));
	assert_string_equal(strchr(text, '\n') + 1, expected);
	g_unlink(file);
	g_rmdir(directory);
}

static void test_trixie(void **state)
{
	check_suite("trixie", packages);
}

static void test_bookworm(void **state)
{
	static const char *const names[] = { "base-files", "libc6", "libc-bin", "zlib1g", "libssl3", "libgcc-s1", "libstdc++6", "libtinfo6", "libncursesw6", "libgmp10", NULL };
	check_suite("bookworm", names);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_this_machine), cmocka_unit_test(test_read_by_ldconfig), cmocka_unit_test(test_trixie), cmocka_unit_test(test_bookworm) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
