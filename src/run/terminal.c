/* SPDX-License-Identifier: Apache-2.0 */
/* terminal.c: raw mode, and a pseudo-terminal that a runtime hands over. Source: OCI runtime-spec 1.1, "Console"; runc, docs/terminals.md. */
#include "run/terminal.h"
#include "base/error.h"
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#define CONNECT_POLL_MS 20
#define NAME_BYTES 4096 /* the runtime sends the terminal's name along */

struct KilnTerminal {
	struct termios before;
	KilnFd listener;
	int program_fd; /* the program's terminal, -1 before it came; a copy, so that it outlives the pump's */
	char *socket_path;
};

static int listen_at(const char *path, GError **error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	g_auto(KilnFd) fd = -1;
	if (g_strlcpy(address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path) {
		kiln_fail(error, KILN_ERROR_LIMIT, "%s: too long for the name of a socket; name a shorter --cache-dir", path);
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 1) != 0) {
		kiln_fail_errno(error, errno, "cannot listen at %s", path);
		return -1;
	}
	return g_steal_fd(&fd);
}

KilnTerminal *kiln_terminal_take(const char *socket_path, GError **error)
{
	struct termios before;
	if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &before) != 0) {
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "a terminal for the program (-t) needs one on standard input and output");
		return NULL;
	}
	g_autoptr(KilnTerminal) terminal = g_new0(KilnTerminal, 1);
	*terminal = (KilnTerminal){ before, -1, -1, NULL };
	terminal->socket_path = g_strdup(socket_path);
	if (socket_path && (terminal->listener = listen_at(socket_path, error)) < 0)
		return NULL;
	return g_steal_pointer(&terminal);
}

static int receive_descriptor(int connection)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} control;
	char name[NAME_BYTES];
	struct iovec part = { name, sizeof name };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes };
	int fd = -1;
	ssize_t count;
	do
		count = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
	while (count < 0 && errno == EINTR);
	struct cmsghdr *header = count >= 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(header), sizeof fd);
	return fd;
}

static int accept_descriptor(const KilnTerminal *terminal, KilnProcess *process, GCancellable *cancellable)
{
	struct pollfd polled = { terminal->listener, POLLIN, 0 };
	while (poll(&polled, 1, CONNECT_POLL_MS) == 0)
		if (kiln_process_wait(process, 0, cancellable) != KILN_WAIT_TIMEOUT)
			return -1;
	g_auto(KilnFd) connection = polled.revents ? accept4(terminal->listener, NULL, NULL, SOCK_CLOEXEC) : -1;
	return connection < 0 ? -1 : receive_descriptor(connection);
}

void kiln_terminal_connect(KilnTerminal *terminal, KilnProcess *process, KilnPump *pump, GCancellable *cancellable)
{
	struct termios raw = terminal->before;
	g_auto(KilnFd) fd = terminal->listener < 0 ? -1 : accept_descriptor(terminal, process, cancellable);
	if (fd < 0 || !isatty(fd))
		return;
	int input = fcntl(fd, F_DUPFD_CLOEXEC, 0), output = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	g_atomic_int_set(&terminal->program_fd, g_steal_fd(&fd));
	kiln_terminal_resize(terminal);
	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	kiln_pump_link(pump, STDIN_FILENO, input, KILN_PUMP_BORROW_FROM);
	kiln_pump_link(pump, output, STDOUT_FILENO, KILN_PUMP_BORROW_TO | KILN_PUMP_OUTPUT);
}

gboolean kiln_terminal_resize(KilnTerminal *terminal)
{
	struct winsize size;
	int fd = g_atomic_int_get(&terminal->program_fd);
	if (terminal->listener < 0)
		return FALSE;
	if (fd >= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		ioctl(fd, TIOCSWINSZ, &size);
	return TRUE;
}

void kiln_terminal_release(KilnTerminal *terminal)
{
	if (!terminal)
		return;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->before); /* the runtime did so itself, unless it was killed */
	if (terminal->socket_path)
		unlink(terminal->socket_path);
	kiln_fd_close(&terminal->listener);
	kiln_fd_close(&terminal->program_fd);
	g_free(terminal->socket_path);
	g_free(terminal);
}
