/* SPDX-License-Identifier: Apache-2.0 */
/* file_test.c: bounded reads, locks, directories; trees removed without leaving them. */
#include "base/error.h"
#include "io/file.h"
#include "scratch.h"

#include <errno.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void test_read_and_map(void **state)
{
	const Scratch *scratch = *state;
	static const struct {
		const char *content;
		guint64 max_bytes;
		gboolean good;
	} rows[] = { { "", 0, TRUE }, { "x", 0, FALSE }, { "twelve bytes", 12, TRUE }, { "twelve bytes", 11, FALSE }, { "twelve bytes", G_MAXUINT64, TRUE } };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		scratch_write(scratch, "file", rows[i].content, strlen(rows[i].content));
		for (int mapped = 0; mapped < 2; mapped++) {
			g_autoptr(GError) error = NULL;
			g_autoptr(GBytes) bytes = mapped ? kiln_file_map_at(scratch->fd, "file", rows[i].max_bytes, &error)
			                                 : kiln_file_read_at(scratch->fd, "file", rows[i].max_bytes, &error);
			assert_int_equal(bytes != NULL, rows[i].good);
			if (bytes) {
				assert_int_equal(g_bytes_get_size(bytes), strlen(rows[i].content));
				assert_int_equal(strncmp(g_bytes_get_size(bytes) ? g_bytes_get_data(bytes, NULL) : "", rows[i].content,
				                         strlen(rows[i].content)), 0);
			} else {
				assert_int_equal(error->code, KILN_ERROR_LIMIT);
				assert_non_null(strstr(error->message, "file"));
			}
		}
	}
}

static void test_what_is_no_file(void **state)
{
	const Scratch *scratch = *state;
	static const struct {
		const char *path;
		KilnError code;
	} rows[] = { { "missing", KILN_ERROR_NOT_FOUND }, { "directory", KILN_ERROR_IO }, { "pipe", KILN_ERROR_IO },
		     { "/dev/null", KILN_ERROR_IO }, { "missing/file", KILN_ERROR_NOT_FOUND } };
	assert_int_equal(mkdirat(scratch->fd, "directory", 0755), 0);
	assert_int_equal(mkfifoat(scratch->fd, "pipe", 0644), 0); /* opening it must not wait for a writer */
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		assert_null(kiln_file_read_at(scratch->fd, rows[i].path, 100, &error));
		assert_int_equal(error->code, rows[i].code);
		assert_non_null(strstr(error->message, rows[i].path));
		g_clear_error(&error);
		assert_null(kiln_file_map_at(scratch->fd, rows[i].path, 100, &error));
		assert_int_equal(error->code, rows[i].code);
	}
}

static void test_file_without_a_size(void **state)
{
	/* Files of /proc say that they are empty, and are not. */
	g_autoptr(GBytes) bytes = kiln_file_read_at(AT_FDCWD, "/proc/self/status", 1 << 20, NULL);
	g_autoptr(GError) error = NULL;
	assert_non_null(bytes);
	assert_true(g_bytes_get_size(bytes) > 100);
	assert_null(kiln_file_read_at(AT_FDCWD, "/proc/self/status", 100, &error));
	assert_int_equal(error->code, KILN_ERROR_LIMIT);
}

static void test_make_directories(void **state)
{
	const Scratch *scratch = *state;
	static const char *const paths[] = { "a/b//c/", "a/b/c", "./a/d", "e" };
	struct stat status;
	mode_t before = umask(077);
	for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_auto(KilnFd) fd = kiln_directory_make_at(scratch->fd, paths[i], 0755, NULL);
		assert_true(fd >= 0);
	}
	umask(before);
	static const char *const made[] = { "a", "a/b", "a/b/c", "a/d", "e" };
	for (gsize i = 0; i < G_N_ELEMENTS(made); i++) {
		assert_int_equal(fstatat(scratch->fd, made[i], &status, AT_SYMLINK_NOFOLLOW), 0);
		assert_int_equal(status.st_mode, S_IFDIR | 0755);
	}
	g_autofree char *absolute = g_build_filename(scratch->path, "f/g", NULL);
	g_auto(KilnFd) fd = kiln_directory_make_at(AT_FDCWD, absolute, 0700, NULL);
	assert_true(fd >= 0);
	scratch_write(scratch, "file", "", 0);
	static const char *const bad[] = { "file", "file/below", "" };
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		assert_int_equal(kiln_directory_make_at(scratch->fd, bad[i], 0755, &error), -1);
		assert_non_null(error);
	}
}

static void test_list_is_sorted_by_byte(void **state)
{
	const Scratch *scratch = *state;
	static const char *const names[] = { "b", "a", "B", ".hidden", "a-b", "\xc3\xa4", "a.b" };
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		scratch_write(scratch, names[i], "", 0);
	g_auto(GStrv) listed = kiln_directory_list_at(scratch->fd, ".", NULL);
	g_autofree char *joined = g_strjoinv(" ", listed);
	assert_string_equal(joined, ".hidden B a a-b a.b b \xc3\xa4");
	g_autoptr(GError) error = NULL;
	assert_null(kiln_directory_list_at(scratch->fd, "missing", &error));
	assert_int_equal(error->code, KILN_ERROR_NOT_FOUND);
}

static void test_remove_tree(void **state)
{
	const Scratch *scratch = *state;
	g_autofree char *built = scratch_run(scratch,
		"mkdir -p tree/a/b tree/a/.kiln-removed-0/x tree/locked/inner outside; echo keep > outside/file; ln -s ../../outside tree/a/link; ln -s ../outside tree/up;"
		"echo x > tree/a/b/f; mkfifo tree/pipe; touch tree/locked/inner/f; chmod 0 tree/locked/inner; chmod 0555 tree/locked; ln -s outside direct", NULL);
	assert_non_null(built);
	assert_true(kiln_remove_tree_at(scratch->fd, "tree", NULL));
	assert_true(kiln_remove_tree_at(scratch->fd, "direct", NULL));
	assert_true(kiln_remove_tree_at(scratch->fd, "missing", NULL));
	g_auto(GStrv) left = kiln_directory_list_at(scratch->fd, ".", NULL);
	g_autofree char *joined = g_strjoinv(" ", left);
	assert_string_equal(joined, "outside");
	g_autoptr(GBytes) kept = kiln_file_read_at(scratch->fd, "outside/file", 100, NULL);
	assert_non_null(kept);
}

/* Deeper than any path may be long and than descriptors may be open. */
static void test_remove_a_deep_tree(void **state)
{
	const Scratch *scratch = *state;
	g_auto(KilnFd) at = dup(scratch->fd);
	for (int depth = 0; depth < 3000; depth++) {
		assert_int_equal(mkdirat(at, "d", 0755), 0);
		assert_int_equal(mkdirat(at, "e", 0755), 0);
		int next = openat(at, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		kiln_fd_close(&at);
		at = next;
	}
	assert_true(kiln_remove_tree_at(scratch->fd, "d", NULL));
	assert_int_not_equal(faccessat(scratch->fd, "d", F_OK, 0), 0);
}

/* In a mount namespace of its own: 0 when the tree with a mount point in it was refused and what is mounted there kept. */
static int remove_over_mount(const Scratch *scratch)
{
	g_autofree char *mounted = g_build_filename(scratch->path, "tree/a/mounted", NULL);
	g_autofree char *outside = g_build_filename(scratch->path, "outside", NULL);
	g_autoptr(GError) error = NULL;
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount(outside, mounted, NULL, MS_BIND, NULL) != 0)
		return 77;
	if (kiln_remove_tree_at(scratch->fd, "tree", &error) || error->code != KILN_ERROR_DENIED || !strstr(error->message, "mount point"))
		return 1;
	return faccessat(scratch->fd, "outside/file", F_OK, 0) == 0 ? 0 : 2;
}

static void test_remove_stops_at_a_mount(void **state)
{
	const Scratch *scratch = *state;
	g_autofree char *built = scratch_run(scratch, "mkdir -p tree/a/mounted outside; touch outside/file", NULL);
	assert_non_null(built);
	pid_t pid = fork();
	if (pid == 0)
		_exit(remove_over_mount(scratch));
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip(); /* only root may mount */
	assert_int_equal(WEXITSTATUS(status), 0);
}

static gpointer cancel_soon(gpointer cancellable)
{
	g_usleep(100 * 1000);
	g_cancellable_cancel(cancellable);
	return NULL;
}

static void test_lock(void **state)
{
	const Scratch *scratch = *state;
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GError) error = NULL;
	g_auto(KilnFd) held = kiln_file_lock_at(scratch->fd, "lock", NULL);
	assert_true(held >= 0);
	g_auto(KilnFd) probe = openat(scratch->fd, "lock", O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(probe, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(errno, EWOULDBLOCK);

	GThread *thread = g_thread_new("cancel", cancel_soon, cancellable);
	assert_int_equal(kiln_file_lock_cancellable_at(scratch->fd, "lock", cancellable, &error), -1);
	assert_int_equal(error->code, KILN_ERROR_CANCELLED);
	g_thread_join(thread);

	kiln_fd_close(&held);
	g_auto(KilnFd) again = kiln_file_lock_at(scratch->fd, "lock", NULL);
	assert_true(again >= 0);
}

typedef struct {
	const Scratch *scratch;
	int fd;
} Waiter;

static gpointer wait_for_lock(gpointer data)
{
	Waiter *waiter = data;
	waiter->fd = kiln_file_lock_at(waiter->scratch->fd, "lock", NULL);
	return NULL;
}

static void test_lock_whose_file_was_removed(void **state)
{
	Waiter waiter = { *state, -1 };
	g_auto(KilnFd) held = kiln_file_lock_at(waiter.scratch->fd, "lock", NULL);
	GThread *thread = g_thread_new("wait", wait_for_lock, &waiter);
	g_usleep(100 * 1000);
	assert_int_equal(unlinkat(waiter.scratch->fd, "lock", 0), 0);
	kiln_fd_close(&held);
	g_thread_join(thread);
	struct stat named, got;
	assert_int_equal(fstat(waiter.fd, &got), 0);
	assert_int_equal(fstatat(waiter.scratch->fd, "lock", &named, 0), 0);
	assert_true(got.st_ino == named.st_ino);
	kiln_fd_close(&waiter.fd);
}

#define SHARED_DIRECTORIES 300

static gpointer remove_from_the_end(gpointer data)
{
	const Scratch *scratch = data;
	char path[64];
	for (int i = SHARED_DIRECTORIES - 1; i >= 0; i--) {
		g_snprintf(path, sizeof path, "tree/%03d/file", i);
		unlinkat(scratch->fd, path, 0);
		g_snprintf(path, sizeof path, "tree/%03d", i);
		unlinkat(scratch->fd, path, AT_REMOVEDIR);
	}
	return NULL;
}

/* A runtime that ends tidies up after itself at the same time: what is gone already is no obstacle. */
static void test_remove_beside_somebody_else(void **state)
{
	const Scratch *scratch = *state;
	char path[64];
	for (int round = 0; round < 20; round++) {
		g_autoptr(GError) error = NULL;
		for (int i = 0; i < SHARED_DIRECTORIES; i++) {
			g_snprintf(path, sizeof path, "tree/%03d", i);
			g_auto(KilnFd) directory = kiln_directory_make_at(scratch->fd, path, 0755, NULL);
			g_auto(KilnFd) file = openat(directory, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
			assert_true(file >= 0);
		}
		GThread *thread = g_thread_new("remove", remove_from_the_end, *state);
		gboolean removed = kiln_remove_tree_at(scratch->fd, "tree", &error);
		g_thread_join(thread);
		if (!removed)
			fail_msg("round %d: %s", round, error->message);
		assert_int_equal(faccessat(scratch->fd, "tree", F_OK, 0), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_read_and_map), scratch_test(test_what_is_no_file), scratch_test(test_file_without_a_size),
		scratch_test(test_make_directories), scratch_test(test_list_is_sorted_by_byte), scratch_test(test_remove_tree),
		scratch_test(test_remove_a_deep_tree), scratch_test(test_remove_stops_at_a_mount), scratch_test(test_remove_beside_somebody_else), scratch_test(test_lock),
		scratch_test(test_lock_whose_file_was_removed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
