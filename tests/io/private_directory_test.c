/* SPDX-License-Identifier: Apache-2.0 */
/* private_directory_test.c: it goes when it is let go, after a kill with the next one made, and never while its owner lives. */
#include "io/private_directory.h"

#include "scratch.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static guint count(const Scratch *scratch)
{
	g_autofree char *number = scratch_run(scratch, "ls private | wc -l", NULL);
	return (guint)atoi(number);
}

static void it_goes_with_all_in_it(void **state)
{
	const Scratch *scratch = *state;
	g_autoptr(GError) error = NULL;
	KilnPrivateDirectory *directory = kiln_private_directory_new(scratch->fd, &error);
	assert_non_null(directory);
	struct stat status;
	assert_int_equal(fstat(directory->fd, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_true(kiln_file_write_at(directory->fd, "file", "x", 1, &error));
	assert_int_equal(count(scratch), 1);
	kiln_private_directory_free(directory);
	assert_int_equal(count(scratch), 0);
}

static void several_live_side_by_side(void **state)
{
	const Scratch *scratch = *state;
	g_autoptr(KilnPrivateDirectory) first = kiln_private_directory_new(scratch->fd, NULL), second = kiln_private_directory_new(scratch->fd, NULL);
	assert_string_not_equal(first->name, second->name);
	assert_int_equal(count(scratch), 2);
}

/* The child is killed while it holds its directory; another is made before and after. */
static void a_kill_leaves_it_to_the_next(void **state)
{
	const Scratch *scratch = *state;
	int ready[2];
	char byte;
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		KilnPrivateDirectory *directory = kiln_private_directory_new(scratch->fd, NULL);
		if (!directory || !kiln_file_write_at(directory->fd, "file", "x", 1, NULL) || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	g_autoptr(KilnPrivateDirectory) beside = kiln_private_directory_new(scratch->fd, NULL);
	assert_int_equal(count(scratch), 2);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(count(scratch), 2);
	g_autoptr(KilnPrivateDirectory) after = kiln_private_directory_new(scratch->fd, NULL);
	assert_int_equal(count(scratch), 2);
	assert_non_null(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = { scratch_test(it_goes_with_all_in_it), scratch_test(several_live_side_by_side), scratch_test(a_kill_leaves_it_to_the_next) };
	return cmocka_run_group_tests_name("private_directory", tests, NULL, NULL);
}
