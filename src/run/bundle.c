/* SPDX-License-Identifier: Apache-2.0 */
/* bundle.c: every hardening of a started image, as the runtime's configuration says it. */
#include "run/bundle.h"
#include "run/seccomp.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define DEFAULT_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static void append_strings(json_t *array, const char *const *strings, gsize count)
{
	for (gsize i = 0; i < count; i++)
		json_array_append_new(array, json_string(strings[i]));
}

static json_t *strings_of(const char *const *strings, gsize count)
{
	json_t *array = json_array();
	append_strings(array, strings, count);
	return array;
}

static gsize name_length(const char *variable)
{
	return strcspn(variable, "=");
}

static void set_variable(GPtrArray *environment, const char *variable, gboolean replace)
{
	gsize length = name_length(variable);
	for (guint i = 0; i < environment->len; i++) {
		char **there = (char **)&g_ptr_array_index(environment, i);
		if (name_length(*there) != length || strncmp(*there, variable, length) != 0)
			continue;
		if (replace) {
			g_free(*there);
			*there = g_strdup(variable);
		}
		return;
	}
	g_ptr_array_add(environment, g_strdup(variable));
}

char **kiln_bundle_environment(char **image, const char *const *added, const char *home)
{
	g_autoptr(GPtrArray) environment = g_ptr_array_new();
	g_autofree char *home_variable = g_strconcat("HOME=", home && *home ? home : "/", NULL);
	for (; image && *image; image++)
		set_variable(environment, *image, TRUE);
	for (; added && *added; added++)
		set_variable(environment, *added, TRUE);
	set_variable(environment, DEFAULT_PATH, FALSE);
	set_variable(environment, home_variable, FALSE);
	g_ptr_array_add(environment, NULL);
	return (char **)g_ptr_array_steal(environment, NULL);
}

/* A limit of the process may not be above the caller's own hard limit, which only privilege could raise. */
static void append_limit(json_t *limits, const char *name, int resource, guint64 value)
{
	struct rlimit current;
	if (getrlimit((__rlimit_resource_t)resource, &current) == 0 && current.rlim_max != RLIM_INFINITY)
		value = MIN(value, (guint64)current.rlim_max);
	json_array_append_new(limits, json_pack("{s:s, s:I, s:I}", "type", name, "soft", (json_int_t)value, "hard", (json_int_t)value));
}

/* RLIMIT_DATA counts private writable memory of one process; RLIMIT_AS would count what virtual machines only reserve. */
static json_t *limits_of(const KilnBundle *bundle)
{
	json_t *limits = json_array();
	append_limit(limits, "RLIMIT_CORE", RLIMIT_CORE, 0);
	if (!bundle->host->cgroup_limits) {
		append_limit(limits, "RLIMIT_DATA", RLIMIT_DATA, bundle->memory_max_bytes);
		append_limit(limits, "RLIMIT_NPROC", RLIMIT_NPROC, bundle->pids_max);
	}
	return limits;
}

json_t *kiln_bundle_process(const KilnBundle *bundle)
{
	static const char *const sets[] = { "bounding", "effective", "permitted", "inheritable", "ambient" };
	json_t *none = json_object();
	for (gsize i = 0; i < G_N_ELEMENTS(sets); i++)
		json_object_set_new(none, sets[i], json_array());
	json_t *user = json_pack("{s:I, s:I}", "uid", (json_int_t)bundle->identity->uid, "gid", (json_int_t)bundle->identity->gid);
	if (!bundle->host->rootless && bundle->user->group_count > 0) {
		json_t *groups = json_array();
		for (gsize i = 0; i < bundle->user->group_count; i++)
			json_array_append_new(groups, json_integer(bundle->user->groups[i]));
		json_object_set_new(user, "additionalGids", groups);
	}
	json_t *process = json_object();
	json_object_set_new(process, "terminal", json_boolean(bundle->terminal));
	json_object_set_new(process, "user", user);
	json_object_set_new(process, "args", kiln_json_from_strv(bundle->argv));
	json_object_set_new(process, "env", kiln_json_from_strv(bundle->environment));
	kiln_json_set_string(process, "cwd", bundle->working_directory && *bundle->working_directory ? bundle->working_directory : "/");
	json_object_set_new(process, "capabilities", none);
	json_object_set_new(process, "rlimits", limits_of(bundle));
	json_object_set_new(process, "noNewPrivileges", json_true());
	return process;
}

/* Runtimes size the terminal again once the program runs, which a short program does not see. */
static void add_console_size(json_t *process)
{
	struct winsize size = { 0 };
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row)
		json_object_set_new(process, "consoleSize", json_pack("{s:i, s:i}", "height", (int)size.ws_row, "width", (int)size.ws_col));
}

static void add_mount(json_t *mounts, const char *destination, const char *type, const char *source, const char *const *options, gsize count)
{
	json_array_append_new(mounts, json_pack("{s:s, s:s, s:s, s:o}", "destination", destination, "type", type, "source", source,
	                                        "options", strings_of(options, count)));
}

static void add_writable(json_t *mounts, const KilnBundle *bundle, const KilnWritablePath *path)
{
	static const char *const fixed[] = { "nosuid", "nodev", "noexec" }, *const kept[] = { "bind", "rw", "nosuid", "nodev", "noexec" };
	if (bundle->keeps_volumes && path->kept_at) {
		add_mount(mounts, path->path, "none", path->kept_at, kept, G_N_ELEMENTS(kept));
		return;
	}
	gboolean mapped = kiln_identity_has(bundle->identity, path->uid, path->gid);
	json_t *options = strings_of(fixed, G_N_ELEMENTS(fixed));
	json_array_append_new(options, json_sprintf("mode=%04o", path->mode));
	json_array_append_new(options, json_sprintf("uid=%u", mapped ? path->uid : bundle->identity->uid));
	json_array_append_new(options, json_sprintf("gid=%u", mapped ? path->gid : bundle->identity->gid));
	json_array_append_new(options, json_sprintf("size=%" G_GUINT64_FORMAT, path->size_bytes));
	if (path->is_volume)
		json_array_append_new(options, json_string("tmpcopyup"));
	json_array_append_new(mounts, json_pack("{s:s, s:s, s:s, s:o}", "destination", path->path, "type", "tmpfs", "source", "tmpfs", "options", options));
}

/* /dev is sealed once the runtime has filled it. Without a terminal no pseudo-terminals are needed. */
static json_t *mounts_of(const KilnBundle *bundle)
{
	static const char *const kernel[] = { "nosuid", "noexec", "nodev" };
	static const char *const kernel_read_only[] = { "nosuid", "noexec", "nodev", "ro" };
	static const char *const bound[] = { "rbind", "nosuid", "noexec", "nodev", "ro" };
	static const char *const devices[] = { "nosuid", "noexec", "strictatime", "mode=755", "size=65536", "ro" };
	static const char *const terminals[] = { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620" };
	json_t *mounts = json_array();
	add_mount(mounts, "/proc", "proc", "proc", kernel, G_N_ELEMENTS(kernel));
	add_mount(mounts, "/dev", "tmpfs", "tmpfs", devices, G_N_ELEMENTS(devices));
	if (bundle->terminal)
		add_mount(mounts, "/dev/pts", "devpts", "devpts", terminals, G_N_ELEMENTS(terminals));
	if (bundle->host->rootless && bundle->host_network) /* sysfs shows a network, so only its owner may mount it */
		add_mount(mounts, "/sys", "none", "/sys", bound, G_N_ELEMENTS(bound));
	else
		add_mount(mounts, "/sys", "sysfs", "sysfs", kernel_read_only, G_N_ELEMENTS(kernel_read_only));
	if (bundle->host->cgroup_limits) /* virtual machines size their heap by what they read there */
		add_mount(mounts, "/sys/fs/cgroup", "cgroup", "cgroup", kernel_read_only, G_N_ELEMENTS(kernel_read_only));
	if (bundle->host_network && access("/etc/resolv.conf", R_OK) == 0)
		add_mount(mounts, "/etc/resolv.conf", "none", "/etc/resolv.conf", bound, G_N_ELEMENTS(bound));
	for (guint i = 0; i < bundle->writable->len; i++)
		add_writable(mounts, bundle, g_ptr_array_index(bundle->writable, i));
	return mounts;
}

/* A new namespace, or that of the process @pid. */
static void add_namespace(json_t *namespaces, const char *type, int pid, const char *file)
{
	json_t *namespace = json_pack("{s:s}", "type", type);
	if (pid > 0)
		json_object_set_new(namespace, "path", json_sprintf("/proc/%d/ns/%s", pid, file));
	json_array_append_new(namespaces, namespace);
}

static json_t *namespaces_of(const KilnBundle *bundle)
{
	static const char *const always[] = { "pid", "ipc", "uts", "mount" };
	json_t *namespaces = json_array();
	for (gsize i = 0; i < G_N_ELEMENTS(always); i++)
		add_namespace(namespaces, always[i], 0, NULL);
	if (!bundle->host_network)
		add_namespace(namespaces, "network", bundle->joined_pid, "net");
	if (bundle->host->cgroup_unified)
		add_namespace(namespaces, "cgroup", 0, NULL);
	if (bundle->identity->range_count) /* a network belongs to a user namespace: only from there may it be joined */
		add_namespace(namespaces, "user", bundle->host_network ? 0 : bundle->joined_pid, "user");
	return namespaces;
}

static void add_id_maps(json_t *linux_part, const KilnIdentity *identity)
{
	json_t *uids = json_array(), *gids = json_array();
	for (gsize i = 0; i < identity->range_count; i++) {
		const KilnIdRange *range = &identity->ranges[i];
		json_array_append_new(uids, json_pack("{s:I, s:I, s:I}", "containerID", (json_int_t)range->uid_inside, "hostID", (json_int_t)range->uid_outside,
		                                      "size", (json_int_t)range->uid_count));
		json_array_append_new(gids, json_pack("{s:I, s:I, s:I}", "containerID", (json_int_t)range->gid_inside, "hostID", (json_int_t)range->gid_outside,
		                                      "size", (json_int_t)range->gid_count));
	}
	json_object_set_new(linux_part, "uidMappings", uids);
	json_object_set_new(linux_part, "gidMappings", gids);
}

static json_t *linux_of(const KilnBundle *bundle, json_t *seccomp)
{
	static const char *const masked[] = {
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
		"/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware", "/sys/fs/selinux",
	};
	static const char *const read_only[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger" };
	json_t *object = json_object();
	json_object_set_new(object, "namespaces", namespaces_of(bundle));
	json_object_set_new(object, "maskedPaths", strings_of(masked, G_N_ELEMENTS(masked)));
	json_t *sealed = strings_of(read_only, G_N_ELEMENTS(read_only));
	if (bundle->host->cgroup_limits && !bundle->host->cgroup_unified) /* a tmpfs of the runtime's that its owner 0 might fill */
		json_array_append_new(sealed, json_string("/sys/fs/cgroup"));
	json_object_set_new(object, "readonlyPaths", sealed);
	json_object_set_new(object, "seccomp", seccomp);
	if (bundle->identity->range_count)
		add_id_maps(object, bundle->identity);
	if (!bundle->host_network && bundle->joined_pid == 0) /* nobody else is in there whom port 80 could be taken from */
		json_object_set_new(object, "sysctl", json_pack("{s:s}", "net.ipv4.ip_unprivileged_port_start", "0"));
	if (bundle->host->cgroup_limits) {
		json_object_set_new(object, "cgroupsPath", json_sprintf("/%s", bundle->container_id)); /* one level: no parent is left behind */
		json_object_set_new(object, "resources", json_pack("{s:[{s:b, s:s}], s:{s:I}, s:{s:I}}", "devices", "allow", 0, "access", "rwm",
		                                                   "memory", "limit", (json_int_t)bundle->memory_max_bytes, "pids", "limit",
		                                                   (json_int_t)bundle->pids_max));
	}
	return object;
}

json_t *kiln_bundle_config(const KilnBundle *bundle, GError **error)
{
	json_t *seccomp = kiln_seccomp_profile(error);
	if (!seccomp)
		return NULL;
	json_t *config = json_object();
	json_t *process = kiln_bundle_process(bundle);
	if (bundle->terminal)
		add_console_size(process);
	kiln_json_set_string(config, "ociVersion", "1.0.2");
	json_object_set_new(config, "process", process);
	json_object_set_new(config, "root", json_pack("{s:s, s:b}", "path", bundle->root_path, "readonly", 1));
	kiln_json_set_string(config, "hostname", "kiln");
	json_object_set_new(config, "mounts", mounts_of(bundle));
	json_object_set_new(config, "linux", linux_of(bundle, seccomp));
	return config;
}
