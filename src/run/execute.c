/* SPDX-License-Identifier: Apache-2.0 */
/* execute.c: run a prepared container, in the foreground, detached or captured, and commands beside it. */
#include "base/error.h"
#include "base/limits.h"
#include "io/file.h"
#include "run/container.h"
#include "run/forward.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define START_TIMEOUT_MS 60000
#define START_POLL_MS 2
#define DOOR_TIMEOUT_MS 10000
#define FINISH_MS 2000         /* for output that is still on its way when the program has ended */
#define CANCEL_GRACE_MS 10000
#define CONNECT_ATTEMPT_MS 1000
#define CONNECT_PAUSE_MS 20

static gboolean make_pipe(KilnFd *read_end, KilnFd *write_end, GError **error)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return kiln_fail_errno(error, errno, "cannot make a pipe");
	*read_end = ends[0];
	*write_end = ends[1];
	return TRUE;
}

static gboolean launch(KilnContainer *container, const int stdio[3], GError **error)
{
	const char *argv[KILN_RUNTIME_ARGUMENTS_MAX + 9];
	gsize count;
	if (!container->path)
		return kiln_fail(error, KILN_ERROR_INTERNAL, "the container was stopped already");
	kiln_host_runtime_arguments(&container->workspace->host, container->state_path, container->log_path, argv, &count);
	argv[count++] = "run";
	argv[count++] = "--bundle";
	argv[count++] = container->path;
	argv[count++] = "--pid-file";
	argv[count++] = container->pid_path;
	if (container->console_path) {
		argv[count++] = "--console-socket";
		argv[count++] = container->console_path;
	}
	argv[count++] = container->id;
	argv[count] = NULL;
	KilnProcess *process = kiln_process_start(argv, kiln_runtime_environment(), stdio, error);
	g_atomic_pointer_set(&container->process, process);
	return process != NULL;
}

char *kiln_container_log(KilnContainer *container)
{
	if (!container->sink)
		return g_strdup("");
	if (container->pump && !kiln_container_alive(container))
		kiln_pump_finish(container->pump, FINISH_MS);
	g_autoptr(GBytes) bytes = kiln_sink_peek(container->sink, NULL);
	gsize length;
	const char *text = g_bytes_get_data(bytes, &length);
	return g_utf8_make_valid(length ? text : "", (gssize)length);
}

/* A runtime that could not start the program leaves no pid behind (runc), or says so in its log (crun). */
static gboolean check_started(KilnContainer *container, GError **error)
{
	g_autofree char *complaint = kiln_runtime_complaint(container->log_path);
	gboolean failed = kiln_container_pid(container) == 0 || (strcmp(container->workspace->host.name, "crun") == 0 && *complaint);
	if (!failed)
		return TRUE;
	g_autofree char *printed = kiln_container_log(container);
	const char *why = *complaint ? complaint : *printed ? g_strstrip(printed) : "it gave no reason";
	return kiln_fail(error, KILN_ERROR_IO, "%s could not start %s: %s", container->workspace->host.name, container->argv[0], why);
}

/* Until the runtime has written the pid. FALSE only when that did not happen. */
static gboolean wait_until_started(KilnContainer *container, GError **error)
{
	gint64 deadline_us = g_get_monotonic_time() + START_TIMEOUT_MS * (gint64)1000;
	while (kiln_container_pid(container) == 0) {
		switch (kiln_process_wait(container->process, START_POLL_MS, container->context->cancellable)) {
		case KILN_WAIT_ENDED:
			return check_started(container, error);
		case KILN_WAIT_CANCELLED:
			return kiln_fail(error, KILN_ERROR_CANCELLED, "stopped");
		case KILN_WAIT_TIMEOUT:
			break;
		}
		if (g_get_monotonic_time() > deadline_us)
			return kiln_fail(error, KILN_ERROR_IO, "%s did not start %s within %d seconds", container->workspace->host.name, container->argv[0],
			                 START_TIMEOUT_MS / 1000);
	}
	return TRUE;
}

/* Crun says the pid before the process has become the program, and until then nobody else may look into its namespaces. */
gboolean kiln_container_open_door(KilnContainer *container, GError **error)
{
	gint64 deadline_us = g_get_monotonic_time() + DOOR_TIMEOUT_MS * (gint64)1000;
	while (!container->door) {
		g_autoptr(GError) reason = NULL;
		container->door = kiln_door_open(kiln_container_pid(container), &reason);
		if (container->door)
			break;
		KilnWait wait = kiln_process_wait(container->process, START_POLL_MS, container->context->cancellable);
		if (wait == KILN_WAIT_CANCELLED)
			return kiln_fail(error, KILN_ERROR_CANCELLED, "stopped");
		if (wait == KILN_WAIT_ENDED || g_get_monotonic_time() > deadline_us) {
			g_propagate_error(error, g_steal_pointer(&reason));
			return FALSE;
		}
	}
	return TRUE;
}

/* Before anything runs, so that a port that is taken stops nothing. */
static gboolean listen_published(KilnContainer *container, GError **error)
{
	for (guint i = 0; i < container->published->len; i++) {
		KilnPublished *published = &g_array_index(container->published, KilnPublished, i);
		published->listener = kiln_forward_listen(published, &published->host_port, error);
		if (published->listener < 0)
			return FALSE;
		kiln_context_notice(container->context, "port %u of the image is at 127.0.0.1:%u", published->port, published->host_port);
	}
	return TRUE;
}

static gboolean serve_published(KilnContainer *container, GError **error)
{
	g_autoptr(GError) reason = NULL;
	if (container->published->len == 0)
		return TRUE;
	if (!wait_until_started(container, error))
		return FALSE;
	if (!kiln_container_open_door(container, &reason)) {
		if (!kiln_container_alive(container))
			return TRUE; /* it ended at once: there is nothing to reach */
		g_propagate_error(error, g_steal_pointer(&reason));
		return FALSE;
	}
	for (guint i = 0; i < container->published->len; i++) {
		KilnPublished *published = &g_array_index(container->published, KilnPublished, i);
		kiln_forward_serve(g_steal_fd(&published->listener), published->port, container->door, container->pump);
	}
	return TRUE;
}

static gboolean finish(KilnContainer *container, int *exit_status, GError **error)
{
	kiln_pump_drain(container->pump, FINISH_MS, container->context->cancellable);
	if (!check_started(container, error))
		return FALSE;
	*exit_status = kiln_process_status(container->process);
	return TRUE;
}

/* Pipes of kiln's own: runtimes give the descriptors they hand on to the image's user, and a terminal or file is the caller's. */
static gboolean launch_piped(KilnContainer *container, GError **error)
{
	g_auto(KilnFd) input_read = -1, input_write = -1, output_read = -1, output_write = -1, error_read = -1, error_write = -1;
	if (!make_pipe(&output_read, &output_write, error) || !make_pipe(&error_read, &error_write, error))
		return FALSE;
	if (container->interactive ? !make_pipe(&input_read, &input_write, error) : (input_read = kiln_input_descriptor(NULL, error)) < 0)
		return FALSE;
	const int stdio[3] = { input_read, output_write, error_write };
	if (!launch(container, stdio, error))
		return FALSE;
	kiln_fd_close(&input_read);
	kiln_fd_close(&output_write);
	kiln_fd_close(&error_write);
	if (container->interactive)
		kiln_pump_link(container->pump, STDIN_FILENO, g_steal_fd(&input_write), KILN_PUMP_BORROW_FROM);
	kiln_pump_link(container->pump, g_steal_fd(&output_read), STDOUT_FILENO, KILN_PUMP_BORROW_TO | KILN_PUMP_OUTPUT);
	if (!wait_until_started(container, error)) /* what runc prints then is in its log, too, and becomes the error */
		return FALSE;
	kiln_pump_link(container->pump, g_steal_fd(&error_read), STDERR_FILENO, KILN_PUMP_BORROW_TO | KILN_PUMP_OUTPUT);
	return TRUE;
}

/* Runc moves the bytes between the program's terminal and the caller's itself; crun loses the last of them, so it hands over the terminal. */
static gboolean launch_on_terminal(KilnContainer *container, GError **error)
{
	g_auto(KilnFd) input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	const int stdio[3] = { input, output, output };
	if (strcmp(container->workspace->host.name, "crun") == 0)
		container->console_path = g_build_filename(container->path, "console", NULL);
	container->terminal = kiln_terminal_take(container->console_path, error);
	if (!container->terminal || !launch(container, stdio, error))
		return FALSE;
	kiln_terminal_connect(container->terminal, container->process, container->pump, container->context->cancellable);
	return TRUE;
}

static gboolean run_to_end(KilnContainer *container, int *exit_status, GError **error)
{
	if (!serve_published(container, error)) {
		kiln_container_stop(container, 0);
		return FALSE;
	}
	if (kiln_process_wait(container->process, -1, container->context->cancellable) == KILN_WAIT_CANCELLED) {
		kiln_container_stop(container, CANCEL_GRACE_MS);
		return kiln_fail(error, KILN_ERROR_CANCELLED, "stopped");
	}
	return finish(container, exit_status, error);
}

gboolean kiln_container_run(KilnContainer *container, int *exit_status, GError **error)
{
	container->pump = kiln_pump_new();
	if (listen_published(container, error) && (container->has_terminal ? launch_on_terminal(container, error) : launch_piped(container, error)))
		return run_to_end(container, exit_status, error);
	kiln_container_stop(container, 0);
	return FALSE;
}

/* Begin with @input on stdin; what comes out goes to the sink. */
static gboolean launch_captured(KilnContainer *container, const char *input, GError **error)
{
	g_auto(KilnFd) input_fd = kiln_input_descriptor(input, error), output_read = -1, output_write = -1;
	if (input_fd < 0 || !make_pipe(&output_read, &output_write, error))
		return FALSE;
	const int stdio[3] = { input_fd, output_write, output_write };
	container->sink = kiln_sink_new(KILN_LIMIT_RUN_OUTPUT_BYTES);
	container->pump = kiln_pump_new();
	kiln_pump_collect(container->pump, g_steal_fd(&output_read), container->sink, KILN_PUMP_OUTPUT);
	return launch(container, stdio, error);
}

gboolean kiln_container_start(KilnContainer *container, GError **error)
{
	if (listen_published(container, error) && launch_captured(container, NULL, error) && wait_until_started(container, error) &&
	    serve_published(container, error))
		return TRUE;
	kiln_container_stop(container, 0);
	return FALSE;
}

gboolean kiln_container_capture(KilnContainer *container, const char *input, guint timeout_ms, int *exit_status, gboolean *timed_out, GBytes **output, GError **error)
{
	int status = 0;
	if (!launch_captured(container, input, error))
		return FALSE;
	KilnWait wait = kiln_process_wait(container->process, (gint)timeout_ms, container->context->cancellable);
	if (wait == KILN_WAIT_CANCELLED) {
		kiln_container_stop(container, 0);
		return kiln_fail(error, KILN_ERROR_CANCELLED, "stopped");
	}
	if (wait == KILN_WAIT_TIMEOUT)
		kiln_container_stop(container, 0);
	else if (!finish(container, &status, error))
		return FALSE;
	*timed_out = wait == KILN_WAIT_TIMEOUT;
	*exit_status = status;
	*output = kiln_sink_peek(container->sink, NULL);
	return TRUE;
}

typedef struct {
	KilnSink *sink;
	KilnPump *pump;
	KilnProcess *process;
	char *pid_path, *log_path, *process_path;
} Execution;

static void execution_clear(Execution *execution)
{
	g_clear_pointer(&execution->process, kiln_process_free);
	g_clear_pointer(&execution->pump, kiln_pump_free);
	g_clear_pointer(&execution->sink, kiln_sink_free);
	g_free(execution->pid_path);
	g_free(execution->log_path);
	g_free(execution->process_path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Execution, execution_clear)

static gboolean write_process(KilnContainer *container, const char *path, const char *const *argv, const char *const *added, GError **error)
{
	const KilnWorkspace *workspace = container->workspace;
	g_auto(GStrv) environment = kiln_bundle_environment(container->environment, added, workspace->user.home);
	KilnBundle bundle = { .host = &workspace->host, .identity = &workspace->identity, .user = &workspace->user, .argv = argv,
		              .environment = (const char *const *)environment, .working_directory = container->working_directory,
		              .memory_max_bytes = container->hardening.memory_max_bytes, .pids_max = container->hardening.pids_max };
	g_autoptr(json_t) process = kiln_bundle_process(&bundle);
	g_autoptr(GBytes) bytes = kiln_json_pretty(process);
	gsize length;
	const void *text = g_bytes_get_data(bytes, &length);
	return kiln_file_write_at(AT_FDCWD, path, text, length, error);
}

static gboolean launch_execution(KilnContainer *container, Execution *execution, const char *input, GError **error)
{
	const char *argv[KILN_RUNTIME_ARGUMENTS_MAX + 8];
	gsize count;
	g_auto(KilnFd) input_fd = kiln_input_descriptor(input, error), output_read = -1, output_write = -1;
	if (input_fd < 0 || !make_pipe(&output_read, &output_write, error))
		return FALSE;
	const int stdio[3] = { input_fd, output_write, output_write };
	execution->sink = kiln_sink_new(KILN_LIMIT_RUN_OUTPUT_BYTES);
	execution->pump = kiln_pump_new();
	kiln_pump_collect(execution->pump, g_steal_fd(&output_read), execution->sink, KILN_PUMP_OUTPUT);
	kiln_host_runtime_arguments(&container->workspace->host, container->state_path, execution->log_path, argv, &count);
	argv[count++] = "exec";
	argv[count++] = "--process";
	argv[count++] = execution->process_path;
	argv[count++] = "--pid-file";
	argv[count++] = execution->pid_path;
	argv[count++] = container->id;
	argv[count] = NULL;
	execution->process = kiln_process_start(argv, kiln_runtime_environment(), stdio, error);
	return execution->process != NULL;
}

static int read_pid(const char *path)
{
	g_autoptr(GBytes) bytes = kiln_file_read_at(AT_FDCWD, path, 32, NULL);
	g_autofree char *text = bytes ? g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes)) : NULL;
	return text ? (int)g_ascii_strtoll(text, NULL, 10) : 0;
}

/* The runtime's end does not end the program that it started inside. */
static void kill_execution(Execution *execution)
{
	int pid = read_pid(execution->pid_path);
	if (pid > 0)
		kill(pid, SIGKILL);
	if (kiln_process_wait(execution->process, FINISH_MS, NULL) != KILN_WAIT_ENDED)
		kiln_process_signal(execution->process, SIGKILL);
}

gboolean kiln_container_exec(KilnContainer *container, const char *const *argv, const char *const *environment, const char *input, guint timeout_ms, int *exit_status, GBytes **output, GError **error)
{
	g_auto(Execution) execution = { 0 };
	if (!kiln_container_alive(container))
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "the started image has ended: %s cannot run beside it", argv[0]);
	guint number = container->execs++;
	execution.process_path = g_strdup_printf("%s/exec%u.json", container->path, number);
	execution.pid_path = g_strdup_printf("%s/exec%u.pid", container->path, number);
	execution.log_path = g_strdup_printf("%s/exec%u.log", container->path, number);
	if (!write_process(container, execution.process_path, argv, environment, error) || !launch_execution(container, &execution, input, error))
		return FALSE;
	KilnWait wait = kiln_process_wait(execution.process, timeout_ms ? (gint)timeout_ms : -1, container->context->cancellable);
	if (wait != KILN_WAIT_ENDED) {
		kill_execution(&execution);
		if (wait == KILN_WAIT_CANCELLED)
			return kiln_fail(error, KILN_ERROR_CANCELLED, "stopped");
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s did not end within %u ms", argv[0], timeout_ms);
	}
	kiln_pump_finish(execution.pump, FINISH_MS);
	g_autofree char *complaint = kiln_runtime_complaint(execution.log_path);
	if (*complaint)
		return kiln_fail(error, KILN_ERROR_IO, "%s could not start %s: %s", container->workspace->host.name, argv[0], complaint);
	*exit_status = kiln_process_status(execution.process);
	*output = kiln_sink_peek(execution.sink, NULL);
	return TRUE;
}

/* TRUE when the connection that was begun on @fd stands. */
static gboolean wait_for_connection(int fd)
{
	struct pollfd polled = { fd, POLLOUT, 0 };
	int failed = 0;
	socklen_t size = sizeof failed;
	return poll(&polled, 1, CONNECT_ATTEMPT_MS) == 1 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size) == 0 && failed == 0;
}

static int connect_once(KilnContainer *container, int family, guint port)
{
	g_autoptr(GError) ignored = NULL; /* the caller tries again, and says so itself when it gives up */
	g_auto(KilnFd) fd = container->host_network ? kiln_loopback_connect(family, port, &ignored) : kiln_door_connect(container->door, family, port, &ignored);
	return fd >= 0 && wait_for_connection(fd) ? g_steal_fd(&fd) : -1;
}

static int fail_ended(KilnContainer *container, guint port, GError **error)
{
	kiln_fail(error, KILN_ERROR_NETWORK, "the started image ended with status %d before anything listened on port %u", kiln_process_status(container->process), port);
	return -1;
}

int kiln_container_connect(KilnContainer *container, guint port, guint timeout_ms, GError **error)
{
	g_autoptr(GError) reason = NULL;
	gint64 deadline_us = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
	if (!container->process) {
		kiln_fail(error, KILN_ERROR_NETWORK, "the image is not started: nothing listens on port %u", port);
		return -1;
	}
	if (!kiln_container_alive(container))
		return fail_ended(container, port, error);
	if (!container->host_network && !kiln_container_open_door(container, &reason)) {
		if (!kiln_container_alive(container))
			return fail_ended(container, port, error);
		g_propagate_error(error, g_steal_pointer(&reason));
		return -1;
	}
	for (;;) {
		int fd = connect_once(container, AF_INET, port);
		if (fd < 0)
			fd = connect_once(container, AF_INET6, port);
		if (fd >= 0)
			return fd;
		if (g_get_monotonic_time() >= deadline_us) {
			kiln_fail(error, KILN_ERROR_NETWORK, "nothing listens on port %u after %u ms", port, timeout_ms);
			return -1;
		}
		KilnWait wait = kiln_process_wait(container->process, CONNECT_PAUSE_MS, container->context->cancellable);
		if (wait == KILN_WAIT_ENDED)
			return fail_ended(container, port, error);
		if (wait == KILN_WAIT_CANCELLED) {
			kiln_fail(error, KILN_ERROR_CANCELLED, "stopped");
			return -1;
		}
	}
}
