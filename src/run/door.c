/* SPDX-License-Identifier: Apache-2.0 */
/* door.c: a forked process inside a network namespace that hands out sockets. */
#include "run/door.h"
#include "base/error.h"
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SERVING_FD 3

struct KilnDoor {
	GMutex mutex;
	pid_t pid;
	KilnFd socket;
};

/* What stands before each descriptor that is handed over: 0, or why there is none. */
typedef struct {
	int failed_errno;
} Answer;

static void send_answer(int channel, int failed_errno, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} control;
	Answer answer = { failed_errno };
	struct iovec part = { &answer, sizeof answer };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	memset(&control, 0, sizeof control);
	if (fd >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof control.bytes;
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof fd);
	}
	if (sendmsg(channel, &message, MSG_NOSIGNAL) < 0)
		_exit(1);
}

/*
 * The child of a program that may have threads: async-signal-safe calls only, until _exit(). It keeps no descriptor but its
 * channel, or other pipes of kiln would never end.
 */
static void serve(int channel, int user_fd, int network_fd)
{
	int failed = 0, family;
	if ((user_fd >= 0 && setns(user_fd, CLONE_NEWUSER) != 0) || setns(network_fd, CLONE_NEWNET) != 0)
		failed = errno;
	if (dup2(channel, SERVING_FD) != SERVING_FD || syscall(SYS_close_range, SERVING_FD + 1, ~0U, 0) != 0)
		_exit(1);
	send_answer(SERVING_FD, failed, -1);
	while (!failed && recv(SERVING_FD, &family, sizeof family, 0) == (ssize_t)sizeof family) {
		int made = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		send_answer(SERVING_FD, made < 0 ? errno : 0, made);
		if (made >= 0)
			close(made);
	}
	_exit(0);
}

static int receive_answer(int channel, int *fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} control;
	Answer answer = { EIO };
	struct iovec part = { &answer, sizeof answer };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes };
	ssize_t count;
	*fd = -1;
	do
		count = recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
	while (count < 0 && errno == EINTR);
	if (count != (ssize_t)sizeof answer)
		return count < 0 ? errno : ESRCH;
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(fd, CMSG_DATA(header), sizeof *fd);
	return answer.failed_errno;
}

static int open_namespace(int pid, const char *kind, GError **error)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/ns/%s", pid, kind);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		kiln_fail_errno(error, errno, "cannot enter the container's %s namespace (%s)", kind, path);
	return fd;
}

static gboolean is_own_namespace(int fd, const char *kind)
{
	struct stat own, other;
	g_autofree char *path = g_strdup_printf("/proc/self/ns/%s", kind);
	return stat(path, &own) == 0 && fstat(fd, &other) == 0 && own.st_ino == other.st_ino && own.st_dev == other.st_dev;
}

/* -1 in *fd when @pid lives in the caller's own user namespace, which setns() refuses to enter again. */
static gboolean open_other_user_namespace(int pid, KilnFd *fd, GError **error)
{
	*fd = open_namespace(pid, "user", error);
	if (*fd < 0)
		return FALSE;
	if (is_own_namespace(*fd, "user"))
		kiln_fd_close(fd);
	return TRUE;
}

KilnDoor *kiln_door_open(int pid, GError **error)
{
	g_auto(KilnFd) network_fd = open_namespace(pid, "net", error);
	g_auto(KilnFd) user_fd = -1;
	int pair[2], none;
	if (network_fd >= 0 && is_own_namespace(network_fd, "net")) {
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "process %d has no network of its own", pid);
		return NULL;
	}
	if (network_fd < 0 || !open_other_user_namespace(pid, &user_fd, error))
		return NULL;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		kiln_fail_errno(error, errno, "cannot make a socket pair");
		return NULL;
	}
	/* All signals stay blocked in the child: the caller's handlers have no business there, and the end of the channel ends it. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid_t child = fork();
	if (child == 0)
		serve(pair[1], user_fd, network_fd);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(pair[1]);
	if (child < 0) {
		kiln_fail_errno(error, errno, "cannot fork");
		close(pair[0]);
		return NULL;
	}
	KilnDoor *door = g_new0(KilnDoor, 1);
	g_mutex_init(&door->mutex);
	door->pid = child;
	door->socket = pair[0];
	int failed = receive_answer(door->socket, &none);
	if (failed) {
		kiln_fail_errno(error, failed, "cannot enter the container's network namespace");
		kiln_door_close(door);
		return NULL;
	}
	return door;
}

int kiln_door_socket(KilnDoor *door, int family, GError **error)
{
	int fd = -1, failed = ESRCH;
	g_mutex_lock(&door->mutex);
	if (send(door->socket, &family, sizeof family, MSG_NOSIGNAL) == (ssize_t)sizeof family)
		failed = receive_answer(door->socket, &fd);
	g_mutex_unlock(&door->mutex);
	if (fd < 0)
		kiln_fail_errno(error, failed ? failed : EIO, "cannot make a socket in the container's network");
	return fd;
}

static int begin_connect(int fd, int family, guint port, GError **error)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((guint16)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((guint16)port), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	const struct sockaddr *address = family == AF_INET6 ? (const struct sockaddr *)&six : (const struct sockaddr *)&four;
	if (fd < 0 || connect(fd, address, family == AF_INET6 ? sizeof six : sizeof four) == 0 || errno == EINPROGRESS)
		return fd;
	kiln_fail(error, KILN_ERROR_NETWORK, "cannot connect to port %u: %s", port, g_strerror(errno));
	close(fd);
	return -1;
}

int kiln_door_connect(KilnDoor *door, int family, guint port, GError **error)
{
	return begin_connect(kiln_door_socket(door, family, error), family, port, error);
}

int kiln_loopback_connect(int family, guint port, GError **error)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		kiln_fail_errno(error, errno, "cannot make a socket");
	return begin_connect(fd, family, port, error);
}

void kiln_door_close(KilnDoor *door)
{
	if (!door)
		return;
	kiln_fd_close(&door->socket);
	while (waitpid(door->pid, NULL, 0) < 0 && errno == EINTR)
		;
	g_mutex_clear(&door->mutex);
	g_free(door);
}
