/* SPDX-License-Identifier: Apache-2.0 */
/* process.c: one process that reads. */
#include "read/process.h"

#include "base/error.h"
#include "base/limits.h"
#include "io/file.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_MS 100

/* A build with sanitizers never has the whole sandbox, and is for tests: there is nothing to tell. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_FOR_TESTS 1
#else
#define IS_FOR_TESTS 0
#endif

#define SAID_MAX_BYTES 4096
#define ANSWER_MAX_BYTES 65536

int reader_memory_file(GBytes *bytes, GError **error)
{
	gsize length = 0;
	const guint8 *at = bytes ? g_bytes_get_data(bytes, &length) : NULL;
	g_auto(KilnFd) fd = memfd_create("kiln", MFD_CLOEXEC);
	for (gssize written = 0; fd >= 0 && length; at += written, length -= (gsize)written) {
		written = write(fd, at, length);
		if (written <= 0)
			break;
	}
	if (fd >= 0 && !length)
		return g_steal_fd(&fd);
	kiln_fail_errno(error, errno, "no memory for a file of its own");
	return -1;
}

/* The files of one process. */
typedef struct {
	KilnFd request, answer, said, output, progress;
	guint64 *shared; /* NULL: not to be had */
} Files;

static void files_clear(Files *files)
{
	KilnFd *const all[] = { &files->request, &files->answer, &files->said, &files->output, &files->progress };
	if (files->shared)
		munmap(files->shared, sizeof *files->shared);
	for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
		kiln_fd_close(all[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Files, files_clear)

static gboolean open_files(Files *files, const ReaderRequest *request, GError **error)
{
	g_autoptr(GBytes) packed = reader_request_pack(request);
	static const guint64 none = 0;
	g_autoptr(GBytes) start = g_bytes_new_static(&none, sizeof none);
	files->request = reader_memory_file(packed, error);
	files->answer = files->request < 0 ? -1 : reader_memory_file(NULL, error);
	files->said = files->answer < 0 ? -1 : reader_memory_file(NULL, error);
	files->output = files->said < 0 ? -1 : reader_memory_file(NULL, error);
	files->progress = files->output < 0 ? -1 : reader_memory_file(start, error);
	if (files->progress < 0)
		return FALSE;
	void *shared = mmap(NULL, sizeof *files->shared, PROT_READ, MAP_SHARED, files->progress, 0);
	files->shared = shared == MAP_FAILED ? NULL : shared;
	return TRUE;
}

static gboolean spawn(const ReaderProcess *process, const Files *files, const int *inputs, guint count, GPid *pid, GError **error)
{
	const char *const argv[] = { process->options->program ? process->options->program : "/proc/self/exe", KILN_READER_NAME, NULL }, *const environment[] = { NULL };
	g_autofree int *sources = g_new(int, count + 2), *targets = g_new(int, count + 2);
	sources[0] = files->output;
	targets[0] = READER_OUTPUT_FD;
	sources[1] = files->progress;
	targets[1] = READER_PROGRESS_FD;
	for (guint i = 0; i < count; i++) {
		sources[i + 2] = inputs[i];
		targets[i + 2] = READER_INPUT_FD + (int)i;
	}
	return g_spawn_async_with_pipes_and_fds("/", argv, environment, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_FILE_AND_ARGV_ZERO, NULL, NULL, files->request, files->answer,
	                                        files->said, sources, targets, count + 2, pid, NULL, NULL, NULL, error);
}

/* Until it ends: tell how far it is, and end it when the run is to stop. */
static int wait_for(const ReaderProcess *process, const Files *files, GPid pid)
{
	int status = 0;
	g_auto(KilnFd) watched = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd ends = { .fd = watched, .events = POLLIN };
	while (watched >= 0 && poll(&ends, 1, LOOK_MS) <= 0) {
		if (!kiln_context_check(process->context, NULL))
			kill(pid, SIGKILL);
		if (process->progress && files->shared)
			process->progress(*(volatile guint64 *)files->shared, process->user_data);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static char *read_text(int fd, gsize max_bytes, gsize *length)
{
	char *text = g_malloc(max_bytes + 1);
	gssize got = pread(fd, text, max_bytes, 0);
	*length = got > 0 ? (gsize)got : 0;
	text[*length] = '\0';
	return text;
}

/* It did not end by itself. */
static gboolean fail_signal(const ReaderProcess *process, const ReaderRequest *request, const Files *files, int signal_number, GError **error)
{
	gsize length;
	g_autofree char *said = read_text(files->said, SAID_MAX_BYTES, &length);
	if (!kiln_context_check(process->context, error))
		return FALSE;
	if (signal_number == SIGXCPU || signal_number == SIGKILL)
		return kiln_fail(error, KILN_ERROR_LIMIT, "reading it took more than %u s of processor time, or somebody killed it; nothing is known of it", request->cpu_s);
	if (signal_number == SIGXFSZ)
		return kiln_fail(error, KILN_ERROR_LIMIT, "what its package databases and metadata come to is more than %u MiB; nothing is known of it", (guint)(KILN_LIMIT_LAYER_FACTS_BYTES / KILN_MIB));
	if (signal_number == SIGSYS)
		return kiln_fail(error, KILN_ERROR_DENIED, "its reader asked the kernel for what readers must not do; nothing is known of it. It may be made to attack its readers");
	if (strstr(said, "failed to allocate"))
		return kiln_fail(error, KILN_ERROR_LIMIT, "reading it takes more than %" G_GUINT64_FORMAT " MiB of memory; nothing is known of it. --reader-memory gives it more", request->memory_bytes >> 20);
	return kiln_fail(error, KILN_ERROR_INTERNAL, "its reader crashed (%s); nothing is known of it. It may be made to attack its readers", g_strsignal(signal_number));
}

static gboolean judge(const ReaderProcess *process, const ReaderRequest *request, const Files *files, int status, GError **error)
{
	gsize length;
	guint missing = 0;
	g_autoptr(GError) found = NULL;
	if (WIFSIGNALED(status))
		return fail_signal(process, request, files, WTERMSIG(status), error);
	g_autofree char *answer = read_text(files->answer, ANSWER_MAX_BYTES, &length);
	gboolean ok = reader_answer_unpack(answer, length, &missing, &found);
	if (!ok && !found)
		return kiln_fail(error, KILN_ERROR_INTERNAL, "its reader ended with %d and without an answer; nothing is known of it", WEXITSTATUS(status));
	if (missing && !IS_FOR_TESTS) {
		g_autofree char *parts = kiln_sandbox_parts(missing);
		kiln_context_notice(process->context, "images are read without %s: this kernel or this build of kiln does not have it; --require-sandbox refuses that", parts);
	}
	if (ok && status == 0)
		return TRUE;
	if (ok)
		return kiln_fail(error, KILN_ERROR_INTERNAL, "its reader ended with %d after it said that all is well; nothing is known of it", WEXITSTATUS(status));
	g_propagate_error(error, g_steal_pointer(&found));
	return FALSE;
}

int reader_process_run(const ReaderProcess *process, ReaderRequest *request, const int *inputs, guint count, GError **error)
{
	g_auto(Files) files = { -1, -1, -1, -1, -1, NULL };
	GPid pid;
	g_autoptr(GError) reason = NULL;
	request->memory_bytes = process->options->memory_bytes ? process->options->memory_bytes : KILN_READER_MEMORY_BYTES;
	request->cpu_s = process->options->cpu_s ? process->options->cpu_s : KILN_READER_CPU_S;
	request->require_sandbox = process->options->require_sandbox;
	request->inputs = count;
	if (!open_files(&files, request, error))
		return -1;
	if (!spawn(process, &files, inputs, count, &pid, &reason)) {
		kiln_fail(error, KILN_ERROR_IO, "a process that reads it cannot be started: %s", reason->message);
		return -1;
	}
	int status = wait_for(process, &files, pid);
	return judge(process, request, &files, status, error) ? g_steal_fd(&files.output) : -1;
}
