/* SPDX-License-Identifier: Apache-2.0 */
/* new_file_test.c: after each way to fail, the name has its old file or none, and nothing else is there. */
#include "base/error.h"
#include "io/file.h"
#include "scratch.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define SKIPPED 77

typedef int (*ChildTest)(const Scratch *scratch);

/* As a process of its own, because limits, filters and kills stay: 0 good, SKIPPED, or the number of the failed step. */
static void run_child(const Scratch *scratch, ChildTest test)
{
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(test(scratch));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == SKIPPED)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static char *listing(const Scratch *scratch)
{
	g_auto(GStrv) names = kiln_directory_list_at(scratch->fd, ".", NULL);
	return g_strjoinv(" ", names);
}

static gboolean holds(const Scratch *scratch, const char *name, const char *content)
{
	g_autoptr(GBytes) bytes = kiln_file_read_at(scratch->fd, name, 1 << 20, NULL);
	return bytes && g_bytes_get_size(bytes) == strlen(content) && memcmp(g_bytes_get_data(bytes, NULL), content, strlen(content)) == 0;
}

static void test_write_and_replace(void **state)
{
	const Scratch *scratch = *state;
	struct stat status;
	mode_t before = umask(077);
	assert_true(kiln_file_write_at(scratch->fd, "file", "one", 3, NULL));
	assert_true(kiln_file_write_at(scratch->fd, "file", "second", 6, NULL));
	umask(before);
	assert_true(holds(scratch, "file", "second"));
	assert_int_equal(fstatat(scratch->fd, "file", &status, 0), 0);
	assert_int_equal(status.st_mode, S_IFREG | 0644);
	g_autofree char *names = listing(scratch);
	assert_string_equal(names, "file");
}

static void test_without_commit_nothing_stays(void **state)
{
	const Scratch *scratch = *state;
	KilnNewFile *file = kiln_new_file_begin(scratch->fd, "file", NULL);
	assert_non_null(file);
	assert_true(kiln_new_file_write(file, "half", 4, NULL));
	assert_int_not_equal(faccessat(scratch->fd, "file", F_OK, 0), 0);
	kiln_new_file_free(file);
	g_autofree char *names = listing(scratch);
	assert_string_equal(names, "");
}

static void test_commit_as(void **state)
{
	const Scratch *scratch = *state;
	assert_int_equal(mkdirat(scratch->fd, "blobs", 0755), 0);
	g_autoptr(KilnNewFile) file = kiln_new_file_begin(scratch->fd, "blobs/coming", NULL);
	assert_true(kiln_new_file_write(file, "content", 7, NULL));
	assert_int_equal(kiln_new_file_fd(file) >= 0, 1);
	assert_true(kiln_new_file_commit_as(file, "blobs/name", FALSE, NULL));
	assert_true(holds(scratch, "blobs/name", "content"));
	g_auto(GStrv) names = kiln_directory_list_at(scratch->fd, "blobs", NULL);
	assert_int_equal(g_strv_length(names), 1);
}

static void test_refused_names(void **state)
{
	const Scratch *scratch = *state;
	static const struct {
		const char *path;
		KilnError code;
	} rows[] = { { "directory", KILN_ERROR_EXISTS }, { "pipe", KILN_ERROR_EXISTS }, { "/dev/null", KILN_ERROR_EXISTS },
		     { "missing/file", KILN_ERROR_NOT_FOUND }, { "", KILN_ERROR_IO }, { "directory/", KILN_ERROR_IO }, { "..", KILN_ERROR_IO } };
	assert_int_equal(mkdirat(scratch->fd, "directory", 0755), 0);
	assert_int_equal(mkfifoat(scratch->fd, "pipe", 0644), 0);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		assert_false(kiln_file_write_at(scratch->fd, rows[i].path, "x", 1, &error));
		assert_int_equal(error->code, rows[i].code);
		assert_non_null(strstr(error->message, rows[i].path));
	}
	g_autofree char *names = listing(scratch);
	assert_string_equal(names, "directory pipe");
}

/* A symlink at the name is replaced; what it points to is left alone. */
static void test_symlink_is_replaced(void **state)
{
	const Scratch *scratch = *state;
	scratch_write(scratch, "target", "kept", 4);
	assert_int_equal(symlinkat("target", scratch->fd, "link"), 0);
	assert_true(kiln_file_write_at(scratch->fd, "link", "new", 3, NULL));
	assert_true(holds(scratch, "target", "kept"));
	assert_true(holds(scratch, "link", "new"));
}

/* Linux's way to say "this file system does not know O_TMPFILE", for this process. */
static gboolean forbid_nameless_files(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_TMPFILE & ~O_DIRECTORY, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { G_N_ELEMENTS(filter), filter };
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int write_with_names(const Scratch *scratch)
{
	if (!forbid_nameless_files())
		return SKIPPED;
	g_autoptr(KilnNewFile) dropped = kiln_new_file_begin(scratch->fd, "dropped", NULL);
	if (!dropped || !kiln_new_file_write(dropped, "x", 1, NULL))
		return 1;
	g_autofree char *during = listing(scratch);
	if (!g_str_has_prefix(during, ".kiln-new-"))
		return 2;
	/* Its writer lives: no sweep may take it. */
	if (!kiln_file_sweep_at(scratch->fd, ".", G_MAXINT64 / 2, 0, NULL) || faccessat(scratch->fd, during, F_OK, 0) != 0)
		return 3;
	kiln_new_file_free(g_steal_pointer(&dropped));
	if (!kiln_file_write_at(scratch->fd, "file", "one", 3, NULL) || !kiln_file_write_at(scratch->fd, "file", "two", 3, NULL))
		return 4;
	g_autofree char *after = listing(scratch);
	return strcmp(after, "file") == 0 && holds(scratch, "file", "two") ? 0 : 5;
}

static void test_where_names_are_needed(void **state)
{
	run_child(*state, write_with_names);
}

static int die_while_writing(const Scratch *scratch, gboolean nameless)
{
	if (!nameless && !forbid_nameless_files())
		return SKIPPED;
	KilnNewFile *file = kiln_new_file_begin(scratch->fd, "file", NULL);
	if (file && kiln_new_file_write(file, "half", 4, NULL))
		raise(SIGKILL);
	return 1;
}

static void test_killed_while_writing(void **state)
{
	const Scratch *scratch = *state;
	scratch_write(scratch, "file", "old", 3);
	scratch_write(scratch, ".kiln-old", "not a leftover", 14);
	for (int nameless = 0; nameless < 2; nameless++) {
		int status;
		pid_t pid = fork();
		if (pid == 0)
			_exit(die_while_writing(scratch, nameless));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_true(holds(scratch, "file", "old"));
	}
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	assert_true(kiln_file_sweep_at(scratch->fd, ".", now, 3600, NULL));
	g_autofree char *young = listing(scratch);
	assert_true(g_str_has_prefix(young, ".kiln-new-"));
	assert_true(kiln_file_sweep_at(scratch->fd, ".", now + 3600, 3600, NULL));
	g_autofree char *swept = listing(scratch);
	assert_string_equal(swept, ".kiln-old file");
}

static int write_too_much(const Scratch *scratch)
{
	static const char megabyte[1 << 20];
	g_autoptr(GError) error = NULL;
	if (kiln_file_write_at(scratch->fd, "file", megabyte, sizeof megabyte, &error))
		return 1;
	if (error->code != KILN_ERROR_IO || !strstr(error->message, "file") || strstr(error->message, ".kiln-new-"))
		return 2;
	g_autofree char *names = listing(scratch);
	return strcmp(names, "file") == 0 && holds(scratch, "file", "old") ? 0 : 3;
}

static int write_past_the_limit(const Scratch *scratch)
{
	struct rlimit limit = { 1 << 16, 1 << 16 };
	signal(SIGXFSZ, SIG_IGN);
	return setrlimit(RLIMIT_FSIZE, &limit) == 0 ? write_too_much(scratch) : SKIPPED;
}

static void test_file_size_limit(void **state)
{
	scratch_write(*state, "file", "old", 3);
	run_child(*state, write_past_the_limit);
}

static int write_to_a_full_disk(const Scratch *scratch)
{
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("tmpfs", scratch->path, "tmpfs", 0, "size=128k") != 0)
		return SKIPPED;
	Scratch full = { scratch->path, open(scratch->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	scratch_write(&full, "file", "old", 3);
	return write_too_much(&full);
}

static void test_full_disk(void **state)
{
	run_child(*state, write_to_a_full_disk);
}

typedef struct {
	const Scratch *scratch;
	char letter;
} Writer;

static gpointer write_many(gpointer data)
{
	const Writer *writer = data;
	g_autofree char *content = g_strnfill(5000, writer->letter);
	for (int i = 0; i < 50; i++) {
		g_autoptr(KilnNewFile) file = kiln_new_file_begin(writer->scratch->fd, "file", NULL);
		if (!file || !kiln_new_file_write(file, content, 5000, NULL) || !kiln_new_file_commit(file, FALSE, NULL))
			return GINT_TO_POINTER(1);
	}
	return NULL;
}

/* Whoever writes at the same time: a reader sees one whole file or another. */
static void test_writers_at_once(void **state)
{
	const Scratch *scratch = *state;
	Writer writers[4];
	GThread *threads[4];
	assert_true(kiln_file_write_at(scratch->fd, "file", "a", 1, NULL));
	for (int i = 0; i < 4; i++) {
		writers[i] = (Writer){ scratch, (char)('a' + i) };
		threads[i] = g_thread_new("writer", write_many, &writers[i]);
	}
	for (int i = 0; i < 200; i++) {
		g_autoptr(GBytes) bytes = kiln_file_read_at(scratch->fd, "file", 10000, NULL);
		assert_non_null(bytes);
		const char *text = g_bytes_get_data(bytes, NULL);
		for (gsize at = 1; at < g_bytes_get_size(bytes); at++)
			assert_int_equal(text[at], text[0]);
	}
	for (int i = 0; i < 4; i++)
		assert_null(g_thread_join(threads[i]));
	g_autofree char *names = listing(scratch);
	assert_string_equal(names, "file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_write_and_replace), scratch_test(test_without_commit_nothing_stays), scratch_test(test_commit_as),
		scratch_test(test_refused_names), scratch_test(test_symlink_is_replaced), scratch_test(test_where_names_are_needed),
		scratch_test(test_killed_while_writing), scratch_test(test_file_size_limit), scratch_test(test_full_disk),
		scratch_test(test_writers_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
