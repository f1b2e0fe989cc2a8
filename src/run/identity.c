/* SPDX-License-Identifier: Apache-2.0 */
/* identity.c: choose the id map of a rootless container, and enter such a namespace. Source: user_namespaces(7), newuidmap(1). */
#include "run/identity.h"
#include "base/error.h"
#include "io/file.h"
#include "io/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MESSAGE_BYTES_MAX 4096
#define MAP_TOOL_TIMEOUT_MS 10000
#define MAP_TOOL_OUTPUT_BYTES 4096

gboolean kiln_identity_can_map(const KilnSubordinateIds *subordinate)
{
	g_autofree char *uid_tool = kiln_host_find_program("newuidmap"), *gid_tool = kiln_host_find_program("newgidmap");
	return uid_tool && gid_tool && subordinate->uid_count && subordinate->gid_count;
}

void kiln_identity_choose(const KilnHost *host, const KilnSubordinateIds *subordinate, const KilnImageUser *user, const KilnContext *context, KilnIdentity *out)
{
	*out = (KilnIdentity){ .uid = user->uid, .gid = user->gid, .has_owners = TRUE };
	if (!host->rootless)
		return;
	if (user->uid <= subordinate->uid_count && user->gid <= subordinate->gid_count && kiln_identity_can_map(subordinate)) {
		out->ranges[0] = (KilnIdRange){ 0, host->uid, 1, 0, host->gid, 1 };
		out->ranges[1] = (KilnIdRange){ 1, subordinate->uid_start, subordinate->uid_count, 1, subordinate->gid_start, subordinate->gid_count };
		out->range_count = 2;
		return;
	}
	out->has_owners = FALSE;
	out->range_count = 1;
	if (strcmp(host->name, "crun") != 0) {
		if (out->uid != 0)
			kiln_context_notice(context, "the image's user %u runs as user 0 of a namespace that has only your own id: for real ids install uidmap and "
			                    "give your user a range of %u ids in /etc/subuid and /etc/subgid", out->uid, MAX(out->uid, out->gid));
		out->uid = out->gid = 0;
	}
	out->ranges[0] = (KilnIdRange){ out->uid, host->uid, 1, out->gid, host->gid, 1 };
}

gboolean kiln_identity_has(const KilnIdentity *identity, guint uid, guint gid)
{
	gboolean has_uid = identity->range_count == 0, has_gid = has_uid;
	for (gsize i = 0; i < identity->range_count; i++) {
		const KilnIdRange *range = &identity->ranges[i];
		has_uid |= uid >= range->uid_inside && uid - range->uid_inside < range->uid_count;
		has_gid |= gid >= range->gid_inside && gid - range->gid_inside < range->gid_count;
	}
	return has_uid && has_gid;
}

/* An error as bytes: its code, then its text. */
static void send_error(int fd, const GError *error)
{
	guint8 message[1 + MESSAGE_BYTES_MAX];
	gsize length = MIN(strlen(error->message), (gsize)MESSAGE_BYTES_MAX);
	message[0] = error->domain == KILN_ERROR ? (guint8)error->code : KILN_ERROR_INTERNAL;
	memcpy(message + 1, error->message, length);
	if (write(fd, message, 1 + length) < 0)
		_exit(2);
}

/* The child: a namespace of its own, wait for the maps, become root in it, work. */
static void work_in_child(int ready_fd, int go_fd, KilnNamespaceWork work, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	char byte = 0;
	if (unshare(CLONE_NEWUSER) != 0)
		kiln_fail_errno(&error, errno, "cannot make a user namespace");
	else if (write(ready_fd, &byte, 1) != 1 || read(go_fd, &byte, 1) != 1)
		_exit(2); /* the parent knows why */
	else if (setgroups(0, NULL) != 0 || setresgid(0, 0, 0) != 0 || setresuid(0, 0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		kiln_fail_errno(&error, errno, "cannot become root of the user namespace");
	else if (work(user_data, &error))
		_exit(0);
	send_error(ready_fd, error);
	_exit(1);
}

static gboolean run_map_tool(const char *tool, pid_t pid, const guint numbers[6], GCancellable *cancellable, GError **error)
{
	char texts[7][16];
	const char *argv[9] = { tool };
	g_snprintf(texts[0], sizeof texts[0], "%d", (int)pid);
	argv[1] = texts[0];
	for (gsize i = 0; i < 6; i++) {
		g_snprintf(texts[i + 1], sizeof texts[i + 1], "%u", numbers[i]);
		argv[i + 2] = texts[i + 1];
	}
	KilnCommandLine line = { argv, NULL, -1, MAP_TOOL_TIMEOUT_MS, MAP_TOOL_OUTPUT_BYTES, FALSE };
	g_auto(KilnCommandResult) result = { 0 };
	if (!kiln_command_run(&line, cancellable, &result, error))
		return FALSE;
	if (result.exit_status == 0)
		return TRUE;
	g_autofree char *words = g_strndup(g_bytes_get_data(result.error_output, NULL), g_bytes_get_size(result.error_output));
	return kiln_fail(error, KILN_ERROR_DENIED, "%s refuses the ids of /etc/subuid and /etc/subgid: %s", tool, g_strstrip(words));
}

static gboolean write_maps(const KilnIdentity *identity, pid_t pid, GCancellable *cancellable, GError **error)
{
	const KilnIdRange *a = &identity->ranges[0], *b = &identity->ranges[1];
	const guint uids[] = { a->uid_inside, a->uid_outside, a->uid_count, b->uid_inside, b->uid_outside, b->uid_count };
	const guint gids[] = { a->gid_inside, a->gid_outside, a->gid_count, b->gid_inside, b->gid_outside, b->gid_count };
	return run_map_tool("newuidmap", pid, uids, cancellable, error) && run_map_tool("newgidmap", pid, gids, cancellable, error);
}

/* FALSE at the end of the pipe or when @cancellable fired. */
static gboolean read_when_there(int fd, GCancellable *cancellable, void *buffer, gsize size, gssize *count)
{
	GPollFD cancel_fd = { -1, 0, 0 };
	gboolean watches = cancellable && g_cancellable_make_pollfd(cancellable, &cancel_fd);
	struct pollfd polled[] = { { fd, POLLIN, 0 }, { watches ? cancel_fd.fd : -1, POLLIN, 0 } };
	while (poll(polled, G_N_ELEMENTS(polled), -1) < 0 && errno == EINTR)
		;
	*count = polled[0].revents ? read(fd, buffer, size) : 0;
	if (watches)
		g_cancellable_release_fd(cancellable);
	return *count > 0;
}

static gboolean attend_child(const KilnIdentity *identity, pid_t pid, int ready_fd, int go_fd, GCancellable *cancellable, GError **error)
{
	guint8 message[1 + MESSAGE_BYTES_MAX + 1];
	gssize count = 0;
	char byte = 0;
	if (read_when_there(ready_fd, cancellable, message, 1, &count) && message[0] == 0) {
		if (!write_maps(identity, pid, cancellable, error))
			return FALSE;
		if (write(go_fd, &byte, 1) != 1)
			return kiln_fail_errno(error, errno, "cannot wake the process in the user namespace");
		if (!read_when_there(ready_fd, cancellable, message, sizeof message - 1, &count)) {
			if (cancellable && g_cancellable_is_cancelled(cancellable))
				return kiln_fail(error, KILN_ERROR_CANCELLED, "stopped");
			return TRUE; /* the exit status is the verdict */
		}
	}
	if (count <= 0)
		return kiln_fail(error, KILN_ERROR_CANCELLED, "stopped");
	message[count] = '\0';
	return kiln_fail(error, (KilnError)message[0], "%s", (const char *)message + 1);
}

gboolean kiln_identity_do(const KilnIdentity *identity, GCancellable *cancellable, KilnNamespaceWork work, gpointer user_data, GError **error)
{
	int ready[2], go[2], status = 0;
	if (identity->range_count == 0 || !identity->has_owners)
		return work(user_data, error);
	if (pipe2(ready, O_CLOEXEC) != 0)
		return kiln_fail_errno(error, errno, "cannot make a pipe");
	if (pipe2(go, O_CLOEXEC) != 0) {
		kiln_fail_errno(error, errno, "cannot make a pipe");
		close(ready[0]);
		close(ready[1]);
		return FALSE;
	}
	pid_t pid = fork();
	if (pid == 0) {
		close(ready[0]);
		close(go[1]);
		work_in_child(ready[1], go[0], work, user_data);
	}
	close(ready[1]);
	close(go[0]);
	gboolean ok = pid < 0 ? kiln_fail_errno(error, errno, "cannot fork") : attend_child(identity, pid, ready[0], go[1], cancellable, error);
	close(ready[0]);
	close(go[1]);
	if (pid > 0) {
		if (!ok)
			kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	if (ok && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return kiln_fail(error, KILN_ERROR_INTERNAL, "the process in the user namespace ended unexpectedly (status %d)", status);
	return ok;
}
