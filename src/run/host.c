/* SPDX-License-Identifier: Apache-2.0 */
/* host.c: find runc or crun, and see what the host's cgroups can do. Source: cgroups(7), cgroup-v2.rst. */
#include "run/host.h"
#include "base/error.h"
#include "io/file.h"
#include "io/subprocess.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#define CGROUP_ROOT "/sys/fs/cgroup"
#define CGROUP_FILE_BYTES 4096
#define VERSION_OUTPUT_BYTES (16 * 1024)
#define VERSION_TIMEOUT_MS 10000

char *kiln_host_find_program(const char *name)
{
	static const char *const places[] = { "/usr/sbin", "/usr/local/sbin", "/sbin" };
	char *found = g_find_program_in_path(name);
	for (gsize i = 0; i < G_N_ELEMENTS(places) && !found; i++) {
		g_autofree char *path = g_build_filename(places[i], name, NULL);
		if (g_file_test(path, G_FILE_TEST_IS_EXECUTABLE))
			found = g_steal_pointer(&path);
	}
	return found;
}

static gboolean is_file_system(const char *path, guint64 magic)
{
	struct statfs status;
	return statfs(path, &status) == 0 && (guint64)status.f_type == magic;
}

static gboolean is_writable_mount(const char *path)
{
	struct statvfs status;
	return statvfs(path, &status) == 0 && !(status.f_flag & ST_RDONLY) && access(path, W_OK) == 0;
}

static gboolean file_lists(const char *path, const char *word)
{
	g_autoptr(GBytes) bytes = kiln_file_read_at(AT_FDCWD, path, CGROUP_FILE_BYTES, NULL);
	if (!bytes)
		return FALSE;
	g_autofree char *text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);
	return g_strv_contains((const char *const *)words, word);
}

static gboolean lists_both(const char *path)
{
	return file_lists(path, "memory") && file_lists(path, "pids");
}

/* Below the root of the hierarchy, children get only the controllers that were enabled, and enabling fails where processes live. */
static gboolean unified_limits(void)
{
	gboolean is_hierarchy_root = access(CGROUP_ROOT "/cgroup.type", F_OK) != 0;
	return is_writable_mount(CGROUP_ROOT) &&
	       (is_hierarchy_root ? lists_both(CGROUP_ROOT "/cgroup.controllers") : lists_both(CGROUP_ROOT "/cgroup.subtree_control"));
}

static gboolean legacy_limits(void)
{
	static const char *const needed[] = { CGROUP_ROOT "/memory", CGROUP_ROOT "/pids" };
	for (gsize i = 0; i < G_N_ELEMENTS(needed); i++)
		if (!is_file_system(needed[i], CGROUP_SUPER_MAGIC) || !is_writable_mount(needed[i]))
			return FALSE;
	return TRUE;
}

/* crun gives up on hosts where version 2 stands beside version 1 and has controllers of its own. */
static gboolean is_mixed(void)
{
	g_autoptr(GBytes) controllers = kiln_file_read_at(AT_FDCWD, CGROUP_ROOT "/unified/cgroup.controllers", CGROUP_FILE_BYTES, NULL);
	return controllers && g_bytes_get_size(controllers) > 1;
}

/* "runc version 1.1.5" or "crun version 1.8.1" on the first line. */
static gboolean read_version(KilnHost *host, const KilnContext *context, GError **error)
{
	const char *argv[] = { host->program, "--version", NULL };
	KilnCommandLine line = { argv, NULL, -1, VERSION_TIMEOUT_MS, VERSION_OUTPUT_BYTES, FALSE };
	g_auto(KilnCommandResult) result = { 0 };
	if (!kiln_command_run(&line, context->cancellable, &result, error))
		return FALSE;
	g_autofree char *text = g_strndup(g_bytes_get_data(result.output, NULL), g_bytes_get_size(result.output));
	g_auto(GStrv) words = g_strsplit_set(text, " \n", 4);
	static const char *const known[] = { "runc", "crun", NULL };
	if (g_strv_length(words) < 3 || !g_strv_contains(known, words[0]) || strcmp(words[1], "version") != 0)
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s is neither runc nor crun: \"%.40s\"", host->program, text);
	host->name = g_strdup(words[0]);
	host->version = g_strdup(words[2]);
	return TRUE;
}

static char *choose_program(const char *runtime, gboolean prefer_crun, GError **error)
{
	char *found = NULL;
	if (runtime) {
		found = strchr(runtime, '/') ? g_strdup(runtime) : kiln_host_find_program(runtime);
	} else {
		g_autofree char *crun = is_mixed() ? NULL : kiln_host_find_program("crun");
		found = prefer_crun && crun ? NULL : kiln_host_find_program("runc");
		if (!found)
			found = g_steal_pointer(&crun);
	}
	if (!found && runtime)
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "no runtime \"%s\" here; kiln starts images with runc or crun", runtime);
	else if (!found)
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "kiln starts images with runc or crun, and neither is installed: apt install runc");
	return found;
}

gboolean kiln_host_probe(const char *runtime, gboolean prefer_crun, const KilnContext *context, KilnHost *out, GError **error)
{
	g_auto(KilnHost) host = { .uid = geteuid(), .gid = getegid() };
	host.program = choose_program(runtime, prefer_crun, error);
	if (!host.program || !read_version(&host, context, error))
		return FALSE;
	host.rootless = host.uid != 0;
	host.cgroup_unified = is_file_system(CGROUP_ROOT, CGROUP2_SUPER_MAGIC);
	host.cgroup_limits = !host.rootless && (host.cgroup_unified ? unified_limits() : legacy_limits());
	if (strcmp(host.name, "crun") == 0 && !host.cgroup_unified && is_mixed())
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "crun cannot work on this host, whose " CGROUP_ROOT "/unified has controllers beside "
		                 "cgroup version 1; use runc (--runtime runc)");
	*out = host;
	host = (KilnHost){ 0 };
	return TRUE;
}

void kiln_host_clear(KilnHost *host)
{
	g_free(host->program);
	g_free(host->name);
	g_free(host->version);
	*host = (KilnHost){ 0 };
}

/* Both find cgroups by themselves where they are allowed to use them; elsewhere each has a word of its own for "do without". */
void kiln_host_runtime_arguments(const KilnHost *host, const char *state_path, const char *log_path, const char **argv, gsize *count)
{
	gboolean is_crun = strcmp(host->name, "crun") == 0;
	gsize used = 0;
	argv[used++] = host->program;
	argv[used++] = "--root";
	argv[used++] = state_path;
	if (log_path) {
		argv[used++] = "--log";
		argv[used++] = log_path;
		argv[used++] = "--log-format";
		argv[used++] = "json";
	}
	if (is_crun) {
		argv[used++] = host->cgroup_limits ? "--cgroup-manager=cgroupfs" : "--cgroup-manager=disabled";
	} else {
		argv[used++] = "--rootless";
		argv[used++] = host->cgroup_limits ? "false" : "true";
	}
	argv[used] = NULL;
	*count = used;
}
