/* SPDX-License-Identifier: Apache-2.0 */
/* workspace.c: make, prune and remove the directories in which images run. */
#include "run/workspace.h"
#include "base/error.h"
#include "io/file.h"
#include "io/root.h"
#include "io/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "run-"
#define STATE_MODE 0700
#define ROOT_MODE 0755
#define RUNTIME_FILE "runtime" /* in a workspace: which runtime its containers run under */
#define RUNTIME_NAME_BYTES 16
#define DELETE_TIMEOUT_MS 20000
#define DELETE_OUTPUT_BYTES (64 * 1024)

typedef struct {
	int parent_fd;
	const char *name;
} Removal;

static gboolean remove_tree(gpointer user_data, GError **error)
{
	const Removal *removal = user_data;
	return kiln_remove_tree_at(removal->parent_fd, removal->name, error);
}

/* Whatever still runs in a workspace that nobody holds any more: its owner was killed. */
static void end_stale_containers(const char *workspace_path, int directory_fd)
{
	g_autoptr(GBytes) bytes = kiln_file_read_at(directory_fd, RUNTIME_FILE, RUNTIME_NAME_BYTES, NULL);
	g_autofree char *name = bytes ? g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes)) : NULL;
	KilnHost host = { .name = name };
	if (!name || (strcmp(name, "runc") != 0 && strcmp(name, "crun") != 0) || !(host.program = kiln_host_find_program(name)))
		return;
	g_auto(GStrv) entries = kiln_directory_list_at(directory_fd, ".", NULL);
	for (char **entry = entries; entry && *entry; entry++) {
		g_autofree char *state = g_build_filename(workspace_path, *entry, "state", NULL);
		g_auto(GStrv) ids = kiln_directory_list_at(AT_FDCWD, state, NULL);
		for (char **id = ids; id && *id; id++) {
			const char *argv[KILN_RUNTIME_ARGUMENTS_MAX + 4];
			gsize count;
			host.cgroup_limits = geteuid() == 0;
			kiln_host_runtime_arguments(&host, state, NULL, argv, &count);
			argv[count++] = "delete";
			argv[count++] = "--force";
			argv[count++] = *id;
			argv[count] = NULL;
			KilnCommandLine line = { argv, NULL, -1, DELETE_TIMEOUT_MS, DELETE_OUTPUT_BYTES, FALSE };
			g_auto(KilnCommandResult) result = { 0 };
			g_autoptr(GError) ignored = NULL; /* what remains is removed as far as it can be */
			if (!kiln_command_run(&line, NULL, &result, &ignored))
				continue;
		}
	}
	g_free(host.program);
}

static void prune(int state_fd, const char *state_path, const KilnIdentity *identity)
{
	g_auto(GStrv) names = kiln_directory_list_at(state_fd, ".", NULL);
	for (char **name = names; name && *name; name++) {
		if (!g_str_has_prefix(*name, PREFIX))
			continue;
		g_auto(KilnFd) directory_fd = openat(state_fd, *name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		g_auto(KilnFd) lock_fd = directory_fd < 0 ? -1 : openat(directory_fd, "lock", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		if (directory_fd < 0 || (lock_fd >= 0 && flock(lock_fd, LOCK_EX | LOCK_NB) != 0))
			continue;
		g_autofree char *path = g_build_filename(state_path, *name, NULL);
		Removal removal = { state_fd, *name };
		g_autoptr(GError) ignored = NULL;
		end_stale_containers(path, directory_fd);
		if (!kiln_identity_do(identity, NULL, remove_tree, &removal, &ignored))
			continue; /* made under other ids: the next caller who has them removes it */
	}
}

static char *path_of_descriptor(int fd, GError **error)
{
	char target[PATH_MAX];
	g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, target, sizeof target);
	if (length > 0 && (gsize)length < sizeof target)
		return g_strndup(target, (gsize)length);
	kiln_fail_errno(error, errno, "cannot find the path of an open directory");
	return NULL;
}

static gboolean check_state_directory(int fd, const char *path, GError **error)
{
	struct stat status;
	if (fstat(fd, &status) != 0)
		return kiln_fail_errno(error, errno, "cannot look at %s", path);
	if (status.st_uid != geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)))
		return kiln_fail(error, KILN_ERROR_DENIED, "%s belongs to somebody else or others may write there; name a directory of your own", path);
	return TRUE;
}

/* With the state directory locked, so that nobody takes the new one for stale before its lock is held. */
static gboolean make_directory(KilnWorkspace *workspace, const char *state_directory, GError **error)
{
	workspace->state_fd = kiln_directory_make_at(AT_FDCWD, state_directory, STATE_MODE, error);
	if (workspace->state_fd < 0 || !check_state_directory(workspace->state_fd, state_directory, error))
		return FALSE;
	g_autofree char *state_path = path_of_descriptor(workspace->state_fd, error);
	if (!state_path)
		return FALSE;
	g_auto(KilnFd) state_lock = kiln_file_lock_at(workspace->state_fd, "lock", error);
	if (state_lock < 0)
		return FALSE;
	prune(workspace->state_fd, state_path, &workspace->identity);
	g_autofree char *template = g_build_filename(state_path, PREFIX "XXXXXX", NULL);
	if (!g_mkdtemp_full(template, STATE_MODE))
		return kiln_fail_errno(error, errno, "cannot make a directory in %s", state_path);
	workspace->path = g_steal_pointer(&template);
	workspace->name = g_path_get_basename(workspace->path);
	workspace->root_path = g_build_filename(workspace->path, "rootfs", NULL);
	workspace->directory_fd = kiln_directory_open_at(AT_FDCWD, workspace->path, error);
	if (workspace->directory_fd < 0)
		return FALSE;
	workspace->lock_fd = kiln_file_lock_at(workspace->directory_fd, "lock", error);
	return workspace->lock_fd >= 0 && kiln_file_write_at(workspace->directory_fd, RUNTIME_FILE, workspace->host.name, strlen(workspace->host.name), error);
}

/* What is done as root of the container's user namespace, so that files have their owners. */
typedef struct {
	const KilnImage *image;
	const KilnContext *context;
	const KilnWorkspace *workspace;
	int root_fd;
} Unpacking;

/* runc takes mode and owner of a tmpfs from the directory that it is mounted on, whatever its options say. */
static gboolean make_mount_point(const Unpacking *unpacking, const KilnWritablePath *path, GError **error)
{
	const char *relative = path->path + 1, *name;
	g_auto(KilnFd) parent = kiln_root_parent(unpacking->root_fd, relative, &name, error);
	if (parent < 0)
		return FALSE;
	if (mkdirat(parent, name, ROOT_MODE) != 0 && errno != EEXIST)
		return kiln_fail_errno(error, errno, "cannot make the writable path %s", path->path);
	g_auto(KilnFd) directory = kiln_root_open(unpacking->root_fd, relative, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, error);
	if (directory < 0) {
		g_prefix_error(error, "writable path %s: ", path->path);
		return FALSE;
	}
	const KilnIdentity *identity = &unpacking->workspace->identity;
	gboolean sets_owner = identity->has_owners && kiln_identity_has(identity, path->uid, path->gid);
	if (sets_owner && fchown(directory, path->uid, path->gid) != 0)
		return kiln_fail_errno(error, errno, "cannot give the writable path %s to user %u", path->path, path->uid);
	if (fchmod(directory, path->mode) != 0)
		return kiln_fail_errno(error, errno, "cannot set the mode of the writable path %s", path->path);
	return TRUE;
}

static gboolean make_mount_points(gpointer user_data, GError **error)
{
	const Unpacking *unpacking = user_data;
	const GPtrArray *writable = unpacking->workspace->writable;
	for (guint i = 0; i < writable->len; i++)
		if (!make_mount_point(unpacking, g_ptr_array_index(writable, i), error))
			return FALSE;
	return TRUE;
}

static gboolean unpack(gpointer user_data, GError **error)
{
	const Unpacking *unpacking = user_data;
	return kiln_image_unpack(unpacking->image, unpacking->context, unpacking->root_fd, unpacking->workspace->identity.has_owners, error);
}

static const char *user_of(const KilnImage *image, const KilnRunOptions *options)
{
	return options->user ? options->user : image->config->user ? image->config->user : "";
}

/* Before the image is unpacked its user's name means nothing; a number already decides which ids are needed. */
static void choose_identity_to_unpack(KilnWorkspace *workspace, const KilnImage *image, const KilnRunOptions *options)
{
	KilnImageUser numbers = { 0 };
	KilnContext silent = { 0 };
	const char *user = user_of(image, options);
	numbers.uid = (guint)MIN(g_ascii_strtoull(user, NULL, 10), (guint64)G_MAXUINT32);
	kiln_identity_choose(&workspace->host, &options->subordinate, &numbers, &silent, &workspace->identity);
}

static gboolean choose_identity(KilnWorkspace *workspace, const KilnContext *context, const KilnRunOptions *options, GError **error)
{
	KilnIdentity unpacked = workspace->identity;
	const KilnImageUser *user = &workspace->user;
	kiln_identity_choose(&workspace->host, &options->subordinate, user, context, &workspace->identity);
	if (unpacked.range_count == workspace->identity.range_count && unpacked.has_owners == workspace->identity.has_owners)
		return TRUE;
	return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "the image's user %u:%u is outside the %u ids that /etc/subuid and /etc/subgid give you", user->uid,
	                 user->gid, options->subordinate.uid_count);
}

static gboolean fill(KilnWorkspace *workspace, const KilnImage *image, const KilnContext *context, const KilnRunOptions *options, GError **error)
{
	KilnContext quiet = *context; /* a child process must not call back into the caller */
	quiet.on_progress = NULL;
	quiet.on_notice = NULL;
	quiet.jobs = 1;
	gboolean in_child = workspace->identity.range_count && workspace->identity.has_owners;
	g_auto(KilnFd) root_fd = kiln_directory_make_at(workspace->directory_fd, "rootfs", ROOT_MODE, error);
	Unpacking unpacking = { image, in_child ? &quiet : context, workspace, root_fd };
	return root_fd >= 0 && kiln_identity_do(&workspace->identity, context->cancellable, unpack, &unpacking, error) &&
	       kiln_image_user_resolve(user_of(image, options), root_fd, &workspace->user, error) && choose_identity(workspace, context, options, error) &&
	       kiln_writable_from_config(image->config, workspace->identity.uid, workspace->identity.gid, &workspace->writable, error) &&
	       kiln_identity_do(&workspace->identity, context->cancellable, make_mount_points, &unpacking, error) && fchmod(root_fd, ROOT_MODE) == 0;
}

KilnWorkspace *kiln_workspace_new(const KilnImage *image, const KilnContext *context, const char *state_directory, const KilnRunOptions *options, GError **error)
{
	g_autoptr(KilnWorkspace) workspace = g_new0(KilnWorkspace, 1);
	workspace->references = 1;
	workspace->directory_fd = workspace->lock_fd = workspace->state_fd = -1;
	gboolean one_id = geteuid() != 0 && !kiln_identity_can_map(&options->subordinate); /* crun can make it any id, runc only 0 */
	if (!kiln_host_probe(options->runtime, one_id, context, &workspace->host, error))
		return NULL;
	choose_identity_to_unpack(workspace, image, options);
	if (!make_directory(workspace, state_directory, error) || !fill(workspace, image, context, options, error))
		return NULL;
	return g_steal_pointer(&workspace);
}

KilnWorkspace *kiln_workspace_ref(KilnWorkspace *workspace)
{
	g_atomic_int_inc(&workspace->references);
	return workspace;
}

void kiln_workspace_unref(KilnWorkspace *workspace)
{
	if (!workspace || !g_atomic_int_dec_and_test(&workspace->references))
		return;
	if (workspace->name) {
		Removal removal = { workspace->state_fd, workspace->name };
		g_autoptr(GError) error = NULL;
		if (!kiln_identity_do(&workspace->identity, NULL, remove_tree, &removal, &error))
			g_clear_error(&error); /* the next one that is made prunes it */
	}
	kiln_fd_close(&workspace->directory_fd);
	kiln_fd_close(&workspace->lock_fd);
	kiln_fd_close(&workspace->state_fd);
	kiln_host_clear(&workspace->host);
	kiln_image_user_clear(&workspace->user);
	g_clear_pointer(&workspace->writable, g_ptr_array_unref);
	g_free(workspace->path);
	g_free(workspace->root_path);
	g_free(workspace->name);
	g_free(workspace);
}

/* The real path of a directory of the unpacked image, whatever links of it lead there. */
static char *real_path(const KilnWorkspace *workspace, const char *path, GError **error)
{
	g_auto(KilnFd) root_fd = kiln_directory_open_at(workspace->directory_fd, "rootfs", error);
	g_auto(KilnFd) fd = root_fd < 0 ? -1 : kiln_root_open(root_fd, path + 1, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, error);
	return fd < 0 ? NULL : path_of_descriptor(fd, error);
}

static KilnWritablePath *find_writable(const KilnWorkspace *workspace, const char *path)
{
	for (guint i = 0; i < workspace->writable->len; i++) {
		KilnWritablePath *writable = g_ptr_array_index(workspace->writable, i);
		if (strcmp(writable->path, path) == 0)
			return writable;
	}
	return NULL;
}

gboolean kiln_workspace_keep_volumes(KilnWorkspace *workspace, const KilnWorkspace *owner, GError **error)
{
	for (guint i = 0; i < owner->writable->len; i++) {
		const KilnWritablePath *volume = g_ptr_array_index(owner->writable, i);
		if (!volume->is_volume)
			continue;
		g_autofree char *path = real_path(owner, volume->path, error);
		if (!path)
			return FALSE;
		KilnWritablePath *own = find_writable(workspace, volume->path);
		if (!own)
			return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "the volume %s is none of the variant's: its \"writable\" must have it, too", volume->path);
		g_free(own->kept_at);
		own->kept_at = g_steal_pointer(&path);
	}
	return TRUE;
}

char *kiln_workspace_add_container(KilnWorkspace *workspace, GError **error)
{
	g_autofree char *name = g_strdup_printf("c%u", workspace->containers++);
	g_auto(KilnFd) fd = kiln_directory_make_at(workspace->directory_fd, name, STATE_MODE, error);
	return fd < 0 ? NULL : g_build_filename(workspace->path, name, NULL);
}
