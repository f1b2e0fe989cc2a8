/* SPDX-License-Identifier: Apache-2.0 */
/* container.c: one container from its bundle to its removal. */
#include "run/container.h"
#include "base/error.h"
#include "base/limits.h"
#include "io/file.h"
#include "io/subprocess.h"
#include "run/forward.h"
#include "run/signal_name.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEFAULT_MEMORY_BYTES (512 * KILN_MIB)
#define DEFAULT_PIDS 256
#define RUNC_MEMORY_BYTES (96 * KILN_MIB) /* it limits itself before it becomes the program, where there is no cgroup */
#define COMMAND_TIMEOUT_MS 20000
#define COMMAND_OUTPUT_BYTES (64 * 1024)
#define KILLED_TIMEOUT_MS 5000

static char **compose_argv(const KilnImageConfig *config, const KilnRunOptions *options)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	if (options->entrypoint) {
		g_strv_builder_addv(builder, (const char **)options->entrypoint);
		if (options->arguments)
			g_strv_builder_addv(builder, (const char **)options->arguments);
		return g_strv_builder_end(builder);
	}
	if (config->entrypoint)
		g_strv_builder_addv(builder, (const char **)config->entrypoint);
	const char **arguments = options->arguments ? (const char **)options->arguments : (const char **)config->command;
	if (arguments)
		g_strv_builder_addv(builder, arguments);
	return g_strv_builder_end(builder);
}

static gboolean parse_published(KilnContainer *container, const KilnRunOptions *options, GError **error)
{
	container->published = g_array_new(FALSE, FALSE, sizeof(KilnPublished));
	for (const char *const *text = options->publish; text && *text; text++) {
		KilnPublished published;
		if (!kiln_published_parse(*text, &published, error))
			return FALSE;
		g_array_append_val(container->published, published);
	}
	if (container->published->len && options->host_network)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "with the host's network every port is reachable as it is: leave out the published ports");
	return TRUE;
}

static void describe(KilnContainer *container, const KilnRunOptions *options)
{
	const KilnWorkspace *workspace = container->workspace;
	KilnHardening *hardening = &container->hardening;
	g_autoptr(GStrvBuilder) writable = g_strv_builder_new();
	for (guint i = 0; i < workspace->writable->len; i++)
		g_strv_builder_add(writable, ((const KilnWritablePath *)g_ptr_array_index(workspace->writable, i))->path);
	hardening->runtime = g_strconcat(workspace->host.name, " ", workspace->host.version, NULL);
	hardening->rootless = workspace->host.rootless;
	hardening->uid = workspace->identity.uid;
	hardening->gid = workspace->identity.gid;
	hardening->memory_max_bytes = options->memory_max_bytes ? options->memory_max_bytes : DEFAULT_MEMORY_BYTES;
	hardening->pids_max = options->pids_max ? options->pids_max : DEFAULT_PIDS;
	hardening->limits_by_cgroup = workspace->host.cgroup_limits;
	hardening->host_network = options->host_network;
	hardening->writable = g_strv_builder_end(writable);
	if (!hardening->limits_by_cgroup)
		kiln_context_notice(container->context, "no memory and pids cgroup can be used here%s: limits hold for each process instead (rlimits)",
		                    hardening->rootless ? " without root" : "");
}

static gboolean check_memory(const KilnContainer *container, GError **error)
{
	const KilnHost *host = &container->workspace->host;
	if (host->cgroup_limits || strcmp(host->name, "runc") != 0 || container->hardening.memory_max_bytes >= RUNC_MEMORY_BYTES)
		return TRUE;
	return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "without a cgroup the limit holds for runc as well, which needs %u MiB: use crun (--runtime crun), or allow more",
	                 (guint)(RUNC_MEMORY_BYTES / KILN_MIB));
}

static KilnBundle bundle_of(const KilnContainer *container, const char *const *argv, const char *const *environment)
{
	const KilnWorkspace *workspace = container->workspace;
	return (KilnBundle){
		.host = &workspace->host, .identity = &workspace->identity, .user = &workspace->user, .root_path = workspace->root_path,
		.container_id = container->id, .argv = argv, .environment = environment, .working_directory = container->working_directory,
		.writable = workspace->writable, .memory_max_bytes = container->hardening.memory_max_bytes, .pids_max = container->hardening.pids_max,
		.host_network = container->host_network, .joined_pid = container->joined_pid, .terminal = container->has_terminal,
		.keeps_volumes = container->keeps_volumes,
	};
}

static gboolean write_json(const KilnContainer *container, const char *name, const json_t *json, GError **error)
{
	g_autofree char *path = g_build_filename(container->path, name, NULL);
	g_autoptr(GBytes) bytes = kiln_json_pretty(json);
	gsize length;
	const void *text = g_bytes_get_data(bytes, &length);
	return kiln_file_write_at(AT_FDCWD, path, text, length, error);
}

static gboolean write_bundle(KilnContainer *container, GError **error)
{
	KilnBundle bundle = bundle_of(container, (const char *const *)container->argv, (const char *const *)container->environment);
	g_autoptr(json_t) config = kiln_bundle_config(&bundle, error);
	return config && write_json(container, "config.json", config, error);
}

/* In a user namespace that has one id only, that is who everybody in it is. */
static gboolean join(KilnContainer *container, KilnContainer *beside, GError **error)
{
	if (!beside->host_network && !kiln_container_open_door(beside, error))
		return FALSE;
	container->joined_pid = kiln_container_pid(beside);
	if (!container->workspace->identity.has_owners)
		container->workspace->identity = beside->workspace->identity;
	return TRUE;
}

KilnContainer *kiln_container_new(KilnWorkspace *workspace, const KilnImage *image, const KilnContext *context, const KilnRunOptions *options,
                                  const KilnContainerPlace *place, GError **error)
{
	g_autoptr(KilnContainer) container = g_new0(KilnContainer, 1);
	container->context = context;
	container->workspace = kiln_workspace_ref(workspace);
	container->host_network = options->host_network;
	container->interactive = options->interactive;
	container->has_terminal = options->terminal;
	container->keeps_volumes = place && place->keeps_volumes;
	if (place && place->beside && !join(container, place->beside, error))
		return NULL;
	container->working_directory = g_strdup(options->working_directory ? options->working_directory : image->config->working_directory);
	container->argv = compose_argv(image->config, options);
	container->environment = kiln_bundle_environment(image->config->environment, options->environment, workspace->user.home);
	if (!container->argv[0]) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "the image has neither entrypoint nor command: write a program behind \"--\"");
		return NULL;
	}
	if (container->working_directory && *container->working_directory && *container->working_directory != '/') {
		kiln_fail(error, KILN_ERROR_SYNTAX, "working directory \"%.200s\": it must be an absolute path in the image", container->working_directory);
		return NULL;
	}
	if (!kiln_signal_parse(image->config->stop_signal, &container->stop_signal, error) || !parse_published(container, options, error))
		return NULL;
	container->path = kiln_workspace_add_container(workspace, error);
	if (!container->path)
		return NULL;
	g_autofree char *name = g_path_get_basename(container->path);
	container->id = g_strdup_printf("kiln-%s-%s", workspace->name, name);
	container->state_path = g_build_filename(container->path, "state", NULL);
	container->pid_path = g_build_filename(container->path, "pid", NULL);
	container->log_path = g_build_filename(container->path, "runtime.log", NULL);
	describe(container, options);
	return check_memory(container, error) && write_bundle(container, error) ? g_steal_pointer(&container) : NULL;
}

KilnContainer *kiln_container_prepare(const KilnImage *image, const KilnContext *context, const char *state_directory, const KilnRunOptions *options, GError **error)
{
	g_autoptr(KilnWorkspace) workspace = kiln_workspace_new(image, context, state_directory, options, error);
	return workspace ? kiln_container_new(workspace, image, context, options, NULL, error) : NULL;
}

const KilnHardening *kiln_container_hardening(const KilnContainer *container)
{
	return &container->hardening;
}

const char *const *kiln_runtime_environment(void)
{
	static const char *const environment[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	return environment;
}

int kiln_input_descriptor(const char *input, GError **error)
{
	int fd = input ? memfd_create("kiln-input", MFD_CLOEXEC) : open("/dev/null", O_RDONLY | O_CLOEXEC);
	for (gsize done = 0, length = input ? strlen(input) : 0; fd >= 0 && done < length;) {
		ssize_t count = pwrite(fd, input + done, length - done, (off_t)done);
		if (count <= 0) {
			close(fd);
			fd = -1;
		} else {
			done += (gsize)count;
		}
	}
	if (fd < 0)
		kiln_fail_errno(error, errno, "cannot prepare the input of the program");
	return fd;
}

char *kiln_runtime_complaint(const char *path)
{
	g_autoptr(GBytes) bytes = kiln_file_read_at(AT_FDCWD, path, KILN_MIB, NULL);
	g_autofree char *text = bytes ? g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes)) : g_strdup("");
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	char *found = g_strdup("");
	for (char **line = lines; *line; line++) {
		g_autoptr(json_t) entry = kiln_json_parse(*line, strlen(*line), "runtime.log", NULL);
		const char *level = entry ? kiln_json_string_or_null(entry, "level") : NULL;
		const char *message = entry ? kiln_json_string_or_null(entry, "msg") : NULL;
		if (!message || g_strcmp0(level, "warning") == 0 || g_strcmp0(level, "info") == 0 || g_strcmp0(level, "debug") == 0)
			continue;
		g_free(found);
		found = g_strdelimit(g_strdup(message), "\n", ' ');
	}
	return found;
}

gboolean kiln_container_command(KilnContainer *container, const char *verb, const char *option, const char *last, GError **error)
{
	const char *argv[KILN_RUNTIME_ARGUMENTS_MAX + 5];
	gsize count;
	kiln_host_runtime_arguments(&container->workspace->host, container->state_path, NULL, argv, &count);
	argv[count++] = verb;
	if (option)
		argv[count++] = option;
	argv[count++] = container->id;
	if (last)
		argv[count++] = last;
	argv[count] = NULL;
	KilnCommandLine line = { argv, NULL, -1, COMMAND_TIMEOUT_MS, COMMAND_OUTPUT_BYTES, FALSE };
	g_auto(KilnCommandResult) result = { 0 };
	if (!kiln_command_run(&line, NULL, &result, error))
		return FALSE;
	if (result.exit_status == 0)
		return TRUE;
	g_autofree char *words = g_strndup(g_bytes_get_data(result.error_output, NULL), g_bytes_get_size(result.error_output));
	return kiln_fail(error, KILN_ERROR_IO, "%s %s: %s", container->workspace->host.name, verb, g_strstrip(words));
}

gboolean kiln_container_alive(KilnContainer *container)
{
	return container->process && kiln_process_status(container->process) < 0;
}

int kiln_container_pid(KilnContainer *container)
{
	g_autoptr(GBytes) bytes = container->process ? kiln_file_read_at(AT_FDCWD, container->pid_path, 32, NULL) : NULL;
	g_autofree char *text = bytes ? g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes)) : NULL;
	return text ? (int)g_ascii_strtoll(text, NULL, 10) : 0;
}

static void signal_container(KilnContainer *container, int number)
{
	char text[16];
	g_autoptr(GError) ignored = NULL; /* it ended meanwhile, or was never made: then its runtime is told */
	g_snprintf(text, sizeof text, "%d", number);
	if (!kiln_container_command(container, "kill", NULL, text, &ignored))
		kiln_process_signal(container->process, number == SIGKILL ? SIGKILL : SIGTERM);
}

/* Runtimes remove their own state when the process ends; not so when they were killed themselves. */
static void delete_state(KilnContainer *container)
{
	g_autofree char *state = g_build_filename(container->state_path, container->id, NULL);
	g_autoptr(GError) ignored = NULL;
	if (access(state, F_OK) == 0 && !kiln_container_command(container, "delete", "--force", NULL, &ignored))
		g_clear_error(&ignored);
}

gboolean kiln_container_signal(KilnContainer *container, int number)
{
	KilnProcess *process = g_atomic_pointer_get(&container->process);
	if (!process || !kiln_process_runs(process))
		return FALSE;
	if (number == SIGKILL)
		signal_container(container, number);
	else if (number != SIGWINCH || !container->terminal || !kiln_terminal_resize(container->terminal))
		kiln_process_signal(process, number); /* the runtime hands it on, or sizes the terminal */
	return TRUE;
}

void kiln_container_stop(KilnContainer *container, guint grace_ms)
{
	if (container->process && kiln_process_status(container->process) < 0) {
		if (grace_ms)
			signal_container(container, container->stop_signal);
		if (kiln_process_wait(container->process, (gint)MIN(grace_ms, (guint)G_MAXINT), NULL) != KILN_WAIT_ENDED) {
			signal_container(container, SIGKILL);
			kiln_process_wait(container->process, KILLED_TIMEOUT_MS, NULL);
		}
	}
	if (container->pump)
		kiln_pump_finish(container->pump, KILLED_TIMEOUT_MS);
	g_clear_pointer(&container->pump, kiln_pump_free);
	g_clear_pointer(&container->terminal, kiln_terminal_release);
	g_clear_pointer(&container->door, kiln_door_close);
	g_clear_pointer(&container->process, kiln_process_free);
	if (container->path) {
		g_autoptr(GError) ignored = NULL; /* the workspace's removal tries again */
		delete_state(container);
		if (!kiln_remove_tree_at(AT_FDCWD, container->path, &ignored))
			g_clear_error(&ignored);
		g_clear_pointer(&container->path, g_free);
	}
	g_clear_pointer(&container->workspace, kiln_workspace_unref);
}

void kiln_container_free(KilnContainer *container)
{
	if (!container)
		return;
	kiln_container_stop(container, 0);
	g_clear_pointer(&container->sink, kiln_sink_free);
	for (guint i = 0; container->published && i < container->published->len; i++)
		kiln_fd_close(&g_array_index(container->published, KilnPublished, i).listener);
	g_clear_pointer(&container->published, g_array_unref);
	g_strfreev(container->argv);
	g_strfreev(container->environment);
	g_strfreev(container->hardening.writable);
	g_free(container->hardening.runtime);
	g_free(container->working_directory);
	g_free(container->id);
	g_free(container->state_path);
	g_free(container->pid_path);
	g_free(container->log_path);
	g_free(container->console_path);
	g_free(container);
}
