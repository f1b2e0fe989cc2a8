/* SPDX-License-Identifier: Apache-2.0 */
/* subprocess_test.c: programs run, are bounded, are stopped; the shell is the program that is run. */
#include "base/error.h"
#include "io/file.h"
#include "io/subprocess.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define OUTPUT_MAX (1 << 20)

static gboolean run(const char *script, KilnCommandLine command, GCancellable *cancellable, KilnCommandResult *result, GError **error)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	command.argv = argv;
	if (command.output_max_bytes == 0)
		command.output_max_bytes = OUTPUT_MAX;
	return kiln_command_run(&command, cancellable, result, error);
}

static void assert_text(GBytes *bytes, const char *text)
{
	assert_int_equal(g_bytes_get_size(bytes), strlen(text));
	if (*text)
		assert_memory_equal(g_bytes_get_data(bytes, NULL), text, strlen(text));
}

static const KilnCommandLine plain = { .working_directory_fd = -1 };

static void test_output_and_status(void **state)
{
	static const struct {
		const char *script, *output, *error_output;
		int status;
	} rows[] = {
		{ "echo out; echo err >&2; exit 3", "out\n", "err\n", 3 },
		{ "cat; echo $#", "0\n", "", 0 }, /* stdin is empty */
		{ "kill -9 $$", "", "", 128 + SIGKILL },
		{ "echo $PATH; env | grep -vc -e ^PATH= -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD=", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n0\n", "", 1 },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(KilnCommandResult) result = { 0 };
		assert_true(run(rows[i].script, plain, NULL, &result, NULL));
		assert_text(result.output, rows[i].output);
		assert_text(result.error_output, rows[i].error_output);
		assert_int_equal(result.exit_status, rows[i].status);
		assert_false(result.timed_out);
	}
}

static void test_environment_and_directory(void **state)
{
	static const char *const environment[] = { "PATH=/usr/bin:/bin", "COLOUR=green", NULL };
	g_auto(KilnFd) root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g_auto(KilnCommandResult) result = { 0 };
	KilnCommandLine command = { .environment = environment, .working_directory_fd = root };
	assert_true(run("pwd; echo $COLOUR", command, NULL, &result, NULL));
	assert_text(result.output, "/\ngreen\n");
}

static void test_much_output_on_both(void **state)
{
	g_auto(KilnCommandResult) result = { 0 };
	/* More than a pipe holds, so that reading one and then the other would hang. */
	assert_true(run("head -c 900000 /dev/zero >&2; head -c 900000 /dev/zero", plain, NULL, &result, NULL));
	assert_int_equal(g_bytes_get_size(result.output), 900000);
	assert_int_equal(g_bytes_get_size(result.error_output), 900000);
}

static void test_output_limit(void **state)
{
	g_auto(KilnCommandResult) result = { 0 };
	g_autoptr(GError) error = NULL;
	KilnCommandLine command = { .working_directory_fd = -1, .output_max_bytes = 1000 };
	assert_true(run("head -c 1000 /dev/zero", command, NULL, &result, NULL));
	kiln_command_result_clear(&result);
	assert_false(run("while :; do echo too much; done", command, NULL, &result, &error));
	assert_int_equal(error->code, KILN_ERROR_LIMIT);
	assert_non_null(strstr(error->message, "stdout"));
}

static void test_time_limit_reaches_the_group(void **state)
{
	g_autofree char *marker = g_strdup_printf("%s/kiln-subprocess-XXXXXX", g_get_tmp_dir());
	int marker_fd = mkstemp(marker);
	g_autofree char *script = g_strdup_printf("(trap 'rm %s; exit' TERM; while :; do sleep 0.05; done) & wait", marker);
	g_auto(KilnCommandResult) result = { 0 };
	KilnCommandLine command = { .working_directory_fd = -1, .timeout_ms = 300 };
	assert_true(marker_fd >= 0);
	close(marker_fd);
	assert_true(run(script, command, NULL, &result, NULL));
	assert_true(result.timed_out);
	assert_int_equal(result.exit_status, 128 + SIGTERM);
	assert_int_not_equal(access(marker, F_OK), 0);
}

static void test_the_stubborn_are_killed(void **state)
{
	g_auto(KilnCommandResult) result = { 0 };
	KilnCommandLine command = { .working_directory_fd = -1, .timeout_ms = 100 };
	assert_true(run("trap '' TERM; while :; do sleep 0.05; done", command, NULL, &result, NULL));
	assert_true(result.timed_out);
	assert_int_equal(result.exit_status, 128 + SIGKILL);
}

static void test_stubborn_grandchildren_are_killed(void **state)
{
	g_auto(KilnCommandResult) result = { 0 };
	KilnCommandLine command = { .working_directory_fd = -1, .timeout_ms = 300 };
	assert_true(run("(trap '' TERM; while :; do sleep 0.05; done) & echo $!; wait", command, NULL, &result, NULL));
	assert_true(result.timed_out);
	g_autofree char *number = g_strndup(g_bytes_get_data(result.output, NULL), g_bytes_get_size(result.output));
	pid_t grandchild = (pid_t)atoi(number);
	assert_true(grandchild > 1);
	/* Where nobody reaps orphans it stays as a zombie, which is as dead. */
	g_autofree char *stat = g_strdup_printf("/proc/%d/stat", (int)grandchild);
	gboolean alive = TRUE;
	for (int i = 0; i < 500 && alive; i++) {
		g_autofree char *text = NULL;
		alive = g_file_get_contents(stat, &text, NULL, NULL) && !strstr(text, ") Z ");
		if (alive)
			g_usleep(10 * 1000);
	}
	assert_false(alive);
}

static gpointer cancel_soon(gpointer cancellable)
{
	g_usleep(200 * 1000);
	g_cancellable_cancel(cancellable);
	return NULL;
}

static void test_cancel(void **state)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_auto(KilnCommandResult) result = { 0 };
	g_autoptr(GError) error = NULL;
	GThread *thread = g_thread_new("cancel", cancel_soon, cancellable);
	assert_false(run("sleep 60", plain, cancellable, &result, &error));
	assert_int_equal(error->code, KILN_ERROR_CANCELLED);
	g_thread_join(thread);
	g_clear_error(&error);
	assert_false(run("sleep 60", plain, cancellable, &result, &error));
	assert_int_equal(error->code, KILN_ERROR_CANCELLED);
}

static void test_a_daemon_does_not_hold_us(void **state)
{
	g_auto(KilnCommandResult) result = { 0 };
	KilnCommandLine command = { .working_directory_fd = -1, .timeout_ms = 20000 };
	assert_true(run("setsid sleep 30 & echo started", command, NULL, &result, NULL));
	assert_text(result.output, "started\n");
	assert_false(result.timed_out);
}

static void test_signals_are_reset(void **state)
{
	sigset_t blocked, before;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, &blocked, &before), 0);
	void (*handler)(int) = signal(SIGINT, SIG_IGN);
	g_auto(KilnCommandResult) result = { 0 };
	assert_true(run("grep -E '^Sig(Blk|Ign)' /proc/self/status", plain, NULL, &result, NULL));
	signal(SIGINT, handler);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	/* Signals 32 and 33 are the C library's own: nobody can reset them, and some parents pass them on ignored. */
	static const guint64 c_library = G_GUINT64_CONSTANT(3) << 31;
	g_autofree char *text = g_strndup(g_bytes_get_data(result.output, NULL), g_bytes_get_size(result.output));
	guint64 masks[2] = { 1, 1 };
	assert_int_equal(sscanf(text, "SigBlk: %" G_GINT64_MODIFIER "x SigIgn: %" G_GINT64_MODIFIER "x", &masks[0], &masks[1]), 2);
	assert_true(masks[0] == 0);
	assert_true((masks[1] & ~c_library) == 0);
}

static void test_inherited_output(void **state)
{
	g_auto(KilnCommandResult) result = { 0 };
	KilnCommandLine command = { .working_directory_fd = -1, .inherit_output = TRUE };
	/* Its group is ours, so that the terminal's signals reach it. */
	g_autofree char *script = g_strdup_printf("test $(cut -d' ' -f5 /proc/$$/stat) -eq %d && exit 7", (int)getpgrp());
	assert_true(run(script, command, NULL, &result, NULL));
	assert_int_equal(result.exit_status, 7);
	assert_null(result.output);
	assert_null(result.error_output);
}

static void test_missing_program(void **state)
{
	static const char *const argv[] = { "no-such-program-anywhere", NULL };
	KilnCommandLine command = { .argv = argv, .working_directory_fd = -1, .output_max_bytes = 10 };
	KilnCommandResult result = { .exit_status = 42 };
	g_autoptr(GError) error = NULL;
	assert_false(kiln_command_run(&command, NULL, &result, &error));
	assert_int_equal(error->code, KILN_ERROR_NOT_FOUND);
	assert_non_null(strstr(error->message, "no-such-program-anywhere"));
	assert_int_equal(result.exit_status, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output_and_status), cmocka_unit_test(test_environment_and_directory),
		cmocka_unit_test(test_much_output_on_both), cmocka_unit_test(test_output_limit),
		cmocka_unit_test(test_time_limit_reaches_the_group), cmocka_unit_test(test_the_stubborn_are_killed),
		cmocka_unit_test(test_stubborn_grandchildren_are_killed),
		cmocka_unit_test(test_cancel), cmocka_unit_test(test_a_daemon_does_not_hold_us),
		cmocka_unit_test(test_signals_are_reset), cmocka_unit_test(test_inherited_output),
		cmocka_unit_test(test_missing_program),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
