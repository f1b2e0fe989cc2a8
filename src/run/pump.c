/* SPDX-License-Identifier: Apache-2.0 */
/* pump.c: a poll loop over links (descriptor to descriptor, or to memory) and listeners. */
#include "run/pump.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINK_BUFFER_BYTES (64 * 1024)
#define ACCEPT_PAUSE_US 10000 /* when no descriptor is left: the next round would fail at once */
#define DRAIN_LOOK_US 50000
#define BORROWED_WRITE_BYTES 4096 /* PIPE_BUF: once poll() allows it, so much never blocks a pipe that was left blocking */

struct KilnSink {
	GMutex mutex;
	GByteArray *bytes;
	gsize max_bytes;
	gboolean truncated;
};

typedef struct {
	int from, to; /* -1: closed; to is -1 from the start for a sink */
	KilnSink *sink;
	KilnPumpFlags flags;
	gboolean ended; /* nothing more comes in; the buffer may still hold bytes */
	gsize start, end;
	guint8 *buffer;
} Link;

typedef struct {
	int fd;
	guint links_max;
	KilnAcceptFunction accept;
	gpointer user_data;
	GDestroyNotify destroy;
} Listener;

struct KilnPump {
	GMutex mutex; /* of all below */
	GCond changed;
	GPtrArray *links;
	GArray *listeners;
	gboolean stopping;
	int wake_fd;
	GThread *thread;
};

KilnSink *kiln_sink_new(gsize max_bytes)
{
	KilnSink *sink = g_new0(KilnSink, 1);
	g_mutex_init(&sink->mutex);
	sink->bytes = g_byte_array_new();
	sink->max_bytes = MIN(max_bytes, G_MAXUINT / 2);
	return sink;
}

static void sink_append(KilnSink *sink, const guint8 *bytes, gsize length)
{
	g_mutex_lock(&sink->mutex);
	gsize kept = MIN(length, sink->max_bytes - sink->bytes->len);
	g_byte_array_append(sink->bytes, bytes, (guint)kept);
	sink->truncated |= kept < length;
	g_mutex_unlock(&sink->mutex);
}

GBytes *kiln_sink_peek(KilnSink *sink, gboolean *truncated)
{
	g_mutex_lock(&sink->mutex);
	GBytes *bytes = g_bytes_new(sink->bytes->data, sink->bytes->len);
	if (truncated)
		*truncated = sink->truncated;
	g_mutex_unlock(&sink->mutex);
	return bytes;
}

void kiln_sink_free(KilnSink *sink)
{
	if (!sink)
		return;
	g_byte_array_unref(sink->bytes);
	g_mutex_clear(&sink->mutex);
	g_free(sink);
}

/* A socket is shut down before it is closed: its other direction is a link of its own with its own descriptor. */
static void close_end(int *fd, gboolean borrowed, int direction)
{
	if (*fd >= 0 && !borrowed) {
		shutdown(*fd, direction);
		close(*fd);
	}
	*fd = -1;
}

static void link_close(Link *link)
{
	close_end(&link->from, link->flags & KILN_PUMP_BORROW_FROM, SHUT_RD);
	close_end(&link->to, link->flags & KILN_PUMP_BORROW_TO, SHUT_WR);
	link->ended = TRUE;
	link->start = link->end = 0;
}

static void link_free(gpointer pointer)
{
	Link *link = pointer;
	link_close(link);
	g_free(link->buffer);
	g_free(link);
}

static gboolean link_done(const Link *link)
{
	return link->ended && link->start == link->end;
}

static gboolean would_block(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static void link_read(Link *link)
{
	ssize_t count = read(link->from, link->buffer, LINK_BUFFER_BYTES);
	if (count < 0 && would_block())
		return;
	if (count <= 0) {
		link->ended = TRUE;
	} else if (link->sink) {
		sink_append(link->sink, link->buffer, (gsize)count);
	} else {
		link->start = 0;
		link->end = (gsize)count;
	}
}

static void link_write(Link *link)
{
	gsize size = link->end - link->start;
	if (link->flags & KILN_PUMP_BORROW_TO)
		size = MIN(size, BORROWED_WRITE_BYTES);
	ssize_t count = write(link->to, link->buffer + link->start, size);
	if (count < 0 && would_block())
		return;
	if (count < 0)
		link_close(link);
	else
		link->start += (gsize)count;
}

/* Which descriptor a link waits for: it holds bytes, so the far one; else the near one. */
static struct pollfd link_interest(const Link *link)
{
	gboolean full = link->start < link->end;
	return (struct pollfd){ full ? link->to : link->from, full ? POLLOUT : POLLIN, 0 };
}

static void serve_link(Link *link, const struct pollfd *polled)
{
	if (!polled->revents || polled->fd < 0)
		return;
	if (polled->events == POLLOUT)
		link_write(link);
	else
		link_read(link);
}

static void drop_finished(KilnPump *pump)
{
	for (guint i = pump->links->len; i-- > 0;)
		if (link_done(g_ptr_array_index(pump->links, i)))
			g_ptr_array_remove_index_fast(pump->links, i);
	g_cond_broadcast(&pump->changed);
}

static void serve_listener(KilnPump *pump, Listener listener)
{
	int accepted = accept4(listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (accepted < 0) {
		if (errno == EMFILE || errno == ENFILE)
			g_usleep(ACCEPT_PAUSE_US);
		return;
	}
	g_mutex_unlock(&pump->mutex); /* the function adds links */
	listener.accept(pump, accepted, listener.user_data);
	g_mutex_lock(&pump->mutex);
}

/* One round: links are only dropped, and the arrays only looked at, by the pump's thread; others append. */
static void serve(KilnPump *pump, const struct pollfd *polled, guint links, guint listeners)
{
	for (guint i = 0; i < links; i++)
		serve_link(g_ptr_array_index(pump->links, i), &polled[1 + i]);
	for (guint i = 0; i < listeners; i++)
		if (polled[1 + links + i].revents & POLLIN)
			serve_listener(pump, g_array_index(pump->listeners, Listener, i));
	drop_finished(pump);
}

static gpointer pump_thread(gpointer user_data)
{
	KilnPump *pump = user_data;
	g_autoptr(GArray) polled = g_array_new(FALSE, TRUE, sizeof(struct pollfd));
	sigset_t pipe_signal;
	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE); /* a peer that went away is an error of write(), not the end of kiln */
	pthread_sigmask(SIG_BLOCK, &pipe_signal, NULL);
	g_mutex_lock(&pump->mutex);
	while (!pump->stopping) {
		guint links = pump->links->len, listeners = pump->listeners->len;
		g_array_set_size(polled, 1 + links + listeners);
		struct pollfd *fds = (struct pollfd *)(void *)polled->data;
		fds[0] = (struct pollfd){ pump->wake_fd, POLLIN, 0 };
		for (guint i = 0; i < links; i++)
			fds[1 + i] = link_interest(g_ptr_array_index(pump->links, i));
		for (guint i = 0; i < listeners; i++) {
			Listener listener = g_array_index(pump->listeners, Listener, i);
			fds[1 + links + i] = (struct pollfd){ links < listener.links_max ? listener.fd : -1, POLLIN, 0 };
		}
		g_mutex_unlock(&pump->mutex);
		poll(fds, polled->len, -1);
		guint64 count;
		if (fds[0].revents && read(pump->wake_fd, &count, sizeof count) < 0)
			fds[0].revents = 0;
		g_mutex_lock(&pump->mutex);
		if (!pump->stopping)
			serve(pump, fds, links, listeners);
	}
	g_mutex_unlock(&pump->mutex);
	return NULL;
}

static void wake(KilnPump *pump)
{
	guint64 one = 1;
	if (write(pump->wake_fd, &one, sizeof one) < 0)
		g_assert(errno == EAGAIN || errno == EINTR); /* the counter is full: the thread wakes anyway */
}

KilnPump *kiln_pump_new(void)
{
	KilnPump *pump = g_new0(KilnPump, 1);
	g_mutex_init(&pump->mutex);
	g_cond_init(&pump->changed);
	pump->links = g_ptr_array_new_with_free_func(link_free);
	pump->listeners = g_array_new(FALSE, TRUE, sizeof(Listener));
	pump->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pump->thread = g_thread_new("pump", pump_thread, pump);
	return pump;
}

static void add_link(KilnPump *pump, int from, int to, KilnSink *sink, KilnPumpFlags flags)
{
	Link *link = g_new0(Link, 1);
	*link = (Link){ .from = from, .to = to, .sink = sink, .flags = flags, .buffer = g_malloc(LINK_BUFFER_BYTES) };
	if (!(flags & KILN_PUMP_BORROW_FROM))
		fcntl(from, F_SETFL, fcntl(from, F_GETFL) | O_NONBLOCK);
	if (to >= 0 && !(flags & KILN_PUMP_BORROW_TO))
		fcntl(to, F_SETFL, fcntl(to, F_GETFL) | O_NONBLOCK);
	g_mutex_lock(&pump->mutex);
	g_ptr_array_add(pump->links, link);
	g_mutex_unlock(&pump->mutex);
	wake(pump);
}

void kiln_pump_link(KilnPump *pump, int from, int to, KilnPumpFlags flags)
{
	add_link(pump, from, to, NULL, flags);
}

void kiln_pump_collect(KilnPump *pump, int from, KilnSink *sink, KilnPumpFlags flags)
{
	add_link(pump, from, -1, sink, flags);
}

void kiln_pump_listen(KilnPump *pump, int listener, guint links_max, KilnAcceptFunction accept, gpointer user_data, GDestroyNotify destroy)
{
	Listener entry = { listener, links_max, accept, user_data, destroy };
	g_mutex_lock(&pump->mutex);
	g_array_append_val(pump->listeners, entry);
	g_mutex_unlock(&pump->mutex);
	wake(pump);
}

static gboolean has_output(const KilnPump *pump)
{
	for (guint i = 0; i < pump->links->len; i++)
		if (((const Link *)g_ptr_array_index(pump->links, i))->flags & KILN_PUMP_OUTPUT)
			return TRUE;
	return FALSE;
}

void kiln_pump_finish(KilnPump *pump, guint timeout_ms)
{
	gint64 deadline_us = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
	g_mutex_lock(&pump->mutex);
	while (has_output(pump) && g_cond_wait_until(&pump->changed, &pump->mutex, deadline_us))
		;
	g_mutex_unlock(&pump->mutex);
}

static gboolean holds_output(const KilnPump *pump)
{
	for (guint i = 0; i < pump->links->len; i++) {
		const Link *link = g_ptr_array_index(pump->links, i);
		if ((link->flags & KILN_PUMP_OUTPUT) && link->start < link->end)
			return TRUE;
	}
	return FALSE;
}

void kiln_pump_drain(KilnPump *pump, guint idle_ms, GCancellable *cancellable)
{
	gint64 idle_us = (gint64)idle_ms * 1000, deadline_us = g_get_monotonic_time() + idle_us;
	g_mutex_lock(&pump->mutex);
	while (has_output(pump) && !g_cancellable_is_cancelled(cancellable)) {
		gint64 now_us = g_get_monotonic_time();
		if (holds_output(pump))
			deadline_us = now_us + idle_us;
		if (now_us >= deadline_us)
			break;
		g_cond_wait_until(&pump->changed, &pump->mutex, now_us + MIN(DRAIN_LOOK_US, deadline_us - now_us));
	}
	g_mutex_unlock(&pump->mutex);
}

void kiln_pump_free(KilnPump *pump)
{
	if (!pump)
		return;
	g_mutex_lock(&pump->mutex);
	pump->stopping = TRUE;
	g_mutex_unlock(&pump->mutex);
	wake(pump);
	g_thread_join(pump->thread);
	g_ptr_array_unref(pump->links);
	for (guint i = 0; i < pump->listeners->len; i++) {
		Listener listener = g_array_index(pump->listeners, Listener, i);
		close(listener.fd);
		listener.destroy(listener.user_data);
	}
	g_array_unref(pump->listeners);
	close(pump->wake_fd);
	g_mutex_clear(&pump->mutex);
	g_cond_clear(&pump->changed);
	g_free(pump);
}
