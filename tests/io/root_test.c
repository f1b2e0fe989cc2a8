/* SPDX-License-Identifier: Apache-2.0 */
/* root_test.c: no path from outside leaves its root, however the tree is built or changes meanwhile. */
#include "base/error.h"
#include "base/limits.h"
#include "io/file.h"
#include "io/root.h"
#include "scratch.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

static void test_normalise(void **state)
{
	static const struct {
		const char *path, *normal;
	} rows[] = { { "usr/bin/env", "usr/bin/env" }, { "./usr", "usr" }, { "/usr//bin/./env/", "usr/bin/env" }, { ".", "" }, { "/", "" },
		     { "", "" }, { "./", "" }, { "...", "..." }, { "..a/b..", "..a/b.." }, { "a/.b", "a/.b" }, { "\xff/\n", "\xff/\n" } };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *normal = kiln_path_normalise(rows[i].path, strlen(rows[i].path), NULL);
		assert_string_equal(normal, rows[i].normal);
	}
}

static void test_normalise_refuses(void **state)
{
	g_autofree char *component = g_strnfill(KILN_LIMIT_PATH_COMPONENT_BYTES + 1, 'c');
	g_autofree char *path = g_strnfill(KILN_LIMIT_PATH_BYTES + 1, '/');
	const struct {
		const char *path;
		gsize length;
		KilnError code;
	} rows[] = { { "..", 2, KILN_ERROR_DENIED }, { "a/../b", 6, KILN_ERROR_DENIED }, { "/..", 3, KILN_ERROR_DENIED }, { "a/..", 4, KILN_ERROR_DENIED },
		     { "a\0b", 3, KILN_ERROR_DENIED }, { "\0", 1, KILN_ERROR_DENIED }, { component, strlen(component), KILN_ERROR_LIMIT },
		     { path, strlen(path), KILN_ERROR_LIMIT } };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		assert_null(kiln_path_normalise(rows[i].path, rows[i].length, &error));
		assert_int_equal(error->code, rows[i].code);
	}
}

static void test_resolve_link(void **state)
{
	static const struct {
		const char *link, *target, *resolved;
	} rows[] = { { "usr/lib/x", "y", "usr/lib/y" }, { "usr/lib/x", "../share/z", "usr/share/z" }, { "usr/lib/x", "/etc/y", "etc/y" },
		     { "x", "y", "y" }, { "a/x", "..", "" }, { "a/x", "../..", NULL }, { "x", "..", NULL }, { "a/x", "/../etc", NULL },
		     { "a/x", "./b//c/.", "a/b/c" }, { "a/b/x", "../../../etc/passwd", NULL }, { "a/x", "/", "" } };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *resolved = kiln_path_resolve_link(rows[i].link, rows[i].target);
		if (rows[i].resolved)
			assert_string_equal(resolved, rows[i].resolved);
		else
			assert_null(resolved);
	}
}

/* root/: the tree from outside; secret: what must never be reached. */
static int build_tree(const Scratch *scratch)
{
	g_autofree char *built = scratch_run(scratch,
		"echo secret > secret; mkdir -p root/dir/deep root/etc; echo inside > root/etc/file; echo inside > root/secret;"
		"ln -s ../secret root/up; ln -s \"$PWD/secret\" root/absolute; ln -s /proc/self/root root/dir/magic; ln -s ../../../../../.. root/dir/out;"
		"ln -s etc root/alias; ln -s loop root/loop; ln -s /etc/file root/dir/chrooted; ln -s nowhere root/dangling; mkfifo root/pipe", NULL);
	assert_non_null(built);
	int root = openat(scratch->fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	return root;
}

/* What reading @fd gives: the first word, NULL for no fd. */
static char *first_word(int fd)
{
	char text[16] = "";
	if (fd < 0)
		return NULL;
	if (read(fd, text, sizeof text - 1) < 0)
		return g_strdup("");
	return g_strndup(text, strcspn(text, "\n"));
}

static void test_open_in_root(void **state)
{
	g_auto(KilnFd) root = build_tree(*state);
	static const struct {
		const char *path, *content;
		KilnError code;
	} rows[] = {
		{ "etc/file", "inside", 0 },
		{ "/etc/file", "inside", 0 },
		{ "alias/file", "inside", 0 },
		{ "dir/chrooted", "inside", 0 },
		{ "up", "inside", 0 }, /* ".." of a root is the root, as after chroot */
		{ "dir/out/secret", "inside", 0 },
		{ "../../secret", "inside", 0 },
		{ "absolute", NULL, KILN_ERROR_NOT_FOUND },
		{ "dir/magic/etc/passwd", NULL, KILN_ERROR_NOT_FOUND },
		{ "loop", NULL, KILN_ERROR_DENIED },
		{ "dangling", NULL, KILN_ERROR_NOT_FOUND },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_auto(KilnFd) fd = kiln_root_open(root, rows[i].path, O_RDONLY, 0, &error);
		g_autofree char *word = first_word(fd);
		if (rows[i].content) {
			assert_string_equal(word, rows[i].content);
			continue;
		}
		assert_null(word);
		assert_int_equal(error->code, rows[i].code);
		assert_non_null(strstr(error->message, rows[i].path));
	}
}

static void test_open_strict(void **state)
{
	g_auto(KilnFd) root = build_tree(*state);
	static const struct {
		const char *path;
		KilnError code;
	} rows[] = { { "alias/file", KILN_ERROR_DENIED }, { "up", KILN_ERROR_DENIED }, { "dir/chrooted", KILN_ERROR_DENIED },
		     { "/etc/file", KILN_ERROR_DENIED }, { "../secret", KILN_ERROR_DENIED }, { "dir/magic/etc/passwd", KILN_ERROR_DENIED },
		     { "etc/../../secret", KILN_ERROR_DENIED }, { "missing", KILN_ERROR_NOT_FOUND } };
	g_auto(KilnFd) good = kiln_root_open_strict(root, "etc/file", O_RDONLY, 0, NULL);
	g_autofree char *word = first_word(good);
	assert_string_equal(word, "inside");
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		assert_int_equal(kiln_root_open_strict(root, rows[i].path, O_RDONLY, 0, &error), -1);
		assert_int_equal(error->code, rows[i].code);
	}
}

static void test_a_magic_link_is_none(void **state)
{
	/* With /proc itself as the root its links would lead anywhere. */
	g_auto(KilnFd) proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	static const char *const paths[] = { "self/root", "self/cwd", "self/exe", "self/fd/0" };
	for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autoptr(GError) error = NULL;
		assert_int_equal(kiln_root_open(proc, paths[i], O_RDONLY, 0, &error), -1);
		assert_int_equal(error->code, KILN_ERROR_DENIED);
	}
}

static void test_a_pipe_does_not_hold_us(void **state)
{
	g_auto(KilnFd) root = build_tree(*state);
	g_auto(KilnFd) fd = kiln_root_open(root, "pipe", O_RDONLY, 0, NULL);
	struct stat status;
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	assert_true(S_ISFIFO(status.st_mode));
}

static void test_parent(void **state)
{
	const Scratch *scratch = *state;
	g_auto(KilnFd) root = build_tree(scratch);
	struct stat status;
	const char *name = NULL;
	mode_t before = umask(077);
	g_auto(KilnFd) made = kiln_root_parent(root, "usr/share/doc/file", &name, NULL);
	umask(before);
	assert_true(made >= 0);
	assert_string_equal(name, "file");
	static const char *const directories[] = { "usr", "usr/share", "usr/share/doc" };
	for (gsize i = 0; i < G_N_ELEMENTS(directories); i++) {
		assert_int_equal(fstatat(root, directories[i], &status, AT_SYMLINK_NOFOLLOW), 0);
		assert_int_equal(status.st_mode, S_IFDIR | 0755);
	}
	g_auto(KilnFd) top = kiln_root_parent(root, "file", &name, NULL);
	assert_true(top >= 0);
	assert_string_equal(name, "file");

	/* Through a link to the outside it makes the directory inside. */
	g_auto(KilnFd) outward = kiln_root_parent(root, "dir/out/made/file", &name, NULL);
	assert_true(outward >= 0);
	assert_int_equal(fstatat(root, "made", &status, 0), 0);
	assert_int_not_equal(fstatat(scratch->fd, "made", &status, 0), 0);

	static const char *const bad[] = { "etc/file/below/x", "loop/x", "dangling/x" };
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		assert_int_equal(kiln_root_parent(root, bad[i], &name, &error), -1);
		assert_non_null(error);
	}
}

typedef struct {
	int root;
	int stop; /* atomic */
} Swapper;

static gpointer swap(gpointer data)
{
	Swapper *swapper = data;
	while (!g_atomic_int_get(&swapper->stop))
		(void)!renameat2(swapper->root, "real", swapper->root, "trap", RENAME_EXCHANGE);
	return NULL;
}

/* A directory is exchanged for a symlink to the outside while we open below it: the secret never comes out. */
static void test_race(void **state)
{
	g_auto(KilnFd) root = build_tree(*state);
	g_autofree char *built = scratch_run(*state, "mkdir root/real; echo inside > root/real/secret; ln -s ../.. root/trap", NULL);
	assert_non_null(built);
	Swapper swapper = { root, 0 };
	GThread *thread = g_thread_new("swap", swap, &swapper);
	guint opened[2] = { 0, 0 }, refused = 0;
	for (int i = 0; i < 20000; i++) {
		g_auto(KilnFd) fd = i % 2 ? kiln_root_open(root, "real/secret", O_RDONLY, 0, NULL)
		                          : kiln_root_open_strict(root, "real/secret", O_RDONLY, 0, NULL);
		g_autofree char *word = first_word(fd);
		if (word)
			assert_string_equal(word, "inside");
		opened[i % 2] += word != NULL;
		refused += word == NULL;
	}
	g_atomic_int_set(&swapper.stop, 1);
	g_thread_join(thread);
	assert_true(opened[0] > 0 && opened[1] > 0 && refused > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_normalise), cmocka_unit_test(test_normalise_refuses), cmocka_unit_test(test_resolve_link),
		scratch_test(test_open_in_root), scratch_test(test_open_strict), cmocka_unit_test(test_a_magic_link_is_none),
		scratch_test(test_a_pipe_does_not_hold_us), scratch_test(test_parent), scratch_test(test_race),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
