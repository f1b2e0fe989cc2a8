/* SPDX-License-Identifier: Apache-2.0 */
/* forward.c: listen on loopback, connect through the door, let the pump move the bytes. */
#include "run/forward.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 128
#define PORT_MAX 65535
#define LOOPBACK_PREFIX "127.0.0.1:"

typedef struct {
	KilnDoor *door;
	guint port;
} Target;

gboolean kiln_published_parse(const char *text, KilnPublished *out, GError **error)
{
	g_auto(GStrv) protocol = g_strsplit(text, "/", 2);
	const char *ports = protocol[0] ? protocol[0] : "";
	gboolean own_address = g_str_has_prefix(ports, LOOPBACK_PREFIX);
	KilnText rest = kiln_text(own_address ? ports + strlen(LOOPBACK_PREFIX) : ports), first = kiln_text_cut(&rest, ':');
	guint64 host_port, port;
	if (protocol[0] && protocol[1] && strcmp(protocol[1], "tcp") != 0)
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "published port \"%.80s\": only TCP ports can be", text);
	if (rest.data && memchr(rest.data, ':', rest.length))
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "published port \"%.80s\": ports are published on 127.0.0.1 alone; put a proxy before it to reach more", text);
	if (!kiln_text_to_u64(first, &host_port) || !kiln_text_to_u64(rest.data ? rest : first, &port) || host_port > PORT_MAX || port > PORT_MAX || port == 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "published port \"%.80s\": write HOST-PORT:PORT, as in 8080:80", text);
	*out = (KilnPublished){ (guint)host_port, (guint)port, -1 };
	return TRUE;
}

/* Each direction is a link with descriptors of its own; the socket is closed when both are. */
static void hand_on(KilnPump *pump, int accepted, gpointer user_data)
{
	const Target *target = user_data;
	int inner = kiln_door_connect(target->door, AF_INET, target->port, NULL);
	int accepted_too = inner >= 0 ? fcntl(accepted, F_DUPFD_CLOEXEC, 0) : -1;
	int inner_too = accepted_too >= 0 ? fcntl(inner, F_DUPFD_CLOEXEC, 0) : -1;
	if (inner_too >= 0) {
		kiln_pump_link(pump, accepted, inner, 0);
		kiln_pump_link(pump, inner_too, accepted_too, 0);
		return;
	}
	int unused[] = { accepted, inner, accepted_too };
	for (gsize i = 0; i < G_N_ELEMENTS(unused); i++)
		if (unused[i] >= 0)
			close(unused[i]);
}

int kiln_forward_listen(const KilnPublished *published, guint *host_port, GError **error)
{
	g_auto(KilnFd) listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((guint16)published->host_port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	int yes = 1;
	if (listener < 0) {
		kiln_fail_errno(error, errno, "cannot make a socket");
		return -1;
	}
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes); /* else a port stays taken for a minute after its last connection */
	if (bind(listener, (const struct sockaddr *)&address, sizeof address) != 0 || listen(listener, BACKLOG) != 0) {
		KilnError code = errno == EADDRINUSE ? KILN_ERROR_EXISTS : errno == EACCES ? KILN_ERROR_DENIED : KILN_ERROR_IO;
		kiln_fail(error, code, "cannot listen on 127.0.0.1:%u: %s; choose another host port, as in 8080:%u", published->host_port, g_strerror(errno),
		          published->port);
		return -1;
	}
	if (getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
		kiln_fail_errno(error, errno, "cannot read the port that was given");
		return -1;
	}
	*host_port = ntohs(address.sin_port);
	return g_steal_fd(&listener);
}

void kiln_forward_serve(int listener, guint port, KilnDoor *door, KilnPump *pump)
{
	Target *target = g_new0(Target, 1);
	*target = (Target){ door, port };
	kiln_pump_listen(pump, listener, 2 * KILN_LIMIT_RUN_CONNECTIONS, hand_on, target, g_free);
}
