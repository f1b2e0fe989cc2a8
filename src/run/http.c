/* SPDX-License-Identifier: Apache-2.0 */
/* http.c: URL, request, and the answer read piece by piece within limits. */
#include "run/http.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES 16384
#define CHUNK_LINE_BYTES_MAX 4096
#define DEFAULT_PORT 80

typedef enum { READING_HEADER, READING_LENGTH, READING_TO_END, READING_CHUNK_SIZE, READING_CHUNK, READING_CHUNK_END, READING_TRAILER, COMPLETE } State;

struct KilnHttpAnswer {
	State state;
	guint status;
	GByteArray *pending; /* not understood yet */
	GByteArray *body;
	guint64 left;        /* of the body or of the current chunk */
	gsize header_bytes;  /* of headers and trailers so far */
};

gboolean kiln_test_url_parse(const char *text, KilnTestUrl *out, GError **error)
{
	static const char *const own[] = { "localhost", "127.0.0.1", "::1", NULL };
	g_autoptr(GUri) uri = g_uri_parse(text, G_URI_FLAGS_ENCODED | G_URI_FLAGS_PARSE_RELAXED, NULL);
	const char *host = uri ? g_uri_get_host(uri) : NULL;
	if (!host || strpbrk(text, " \t\r\n"))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "\"%.200s\" is no URL such as http://localhost:8080/", text);
	if (g_strcmp0(g_uri_get_scheme(uri), "http") != 0)
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%.200s: only http:// is fetched; for TLS write a `run` test with a client of the image", text);
	if (!g_strv_contains(own, host))
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%.200s: the host must be localhost, for the started image has no other network", text);
	const char *path = g_uri_get_path(uri), *query = g_uri_get_query(uri);
	*out = (KilnTestUrl){ g_uri_get_port(uri) > 0 ? (guint)g_uri_get_port(uri) : DEFAULT_PORT, NULL, NULL };
	out->authority = g_strdup_printf(strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, out->port);
	out->target = g_strconcat(*path ? path : "/", query ? "?" : "", query ? query : "", NULL);
	return TRUE;
}

void kiln_test_url_clear(KilnTestUrl *url)
{
	g_free(url->authority);
	g_free(url->target);
	*url = (KilnTestUrl){ 0 };
}

KilnHttpAnswer *kiln_http_answer_new(void)
{
	KilnHttpAnswer *answer = g_new0(KilnHttpAnswer, 1);
	answer->pending = g_byte_array_new();
	answer->body = g_byte_array_new();
	return answer;
}

void kiln_http_answer_free(KilnHttpAnswer *answer)
{
	if (!answer)
		return;
	g_byte_array_unref(answer->pending);
	g_byte_array_unref(answer->body);
	g_free(answer);
}

gboolean kiln_http_answer_complete(const KilnHttpAnswer *answer)
{
	return answer->state == COMPLETE;
}

guint kiln_http_answer_status(const KilnHttpAnswer *answer)
{
	return answer->status;
}

const GByteArray *kiln_http_answer_body(const KilnHttpAnswer *answer)
{
	return answer->body;
}

static gboolean bad(GError **error, const char *what)
{
	return kiln_fail(error, KILN_ERROR_SYNTAX, "the answer is no HTTP: %s", what);
}

/* "HTTP/1.1 200 OK" */
static gboolean read_status_line(KilnHttpAnswer *answer, KilnText line, GError **error)
{
	KilnText version = kiln_text_cut(&line, ' '), code = kiln_text_cut(&line, ' ');
	guint64 status;
	if (version.length < 8 || memcmp(version.data, "HTTP/1.", 7) != 0 || code.length != 3 || !kiln_text_to_u64(code, &status) || status < 100)
		return bad(error, "bad status line");
	answer->status = (guint)status;
	return TRUE;
}

static gboolean name_is(KilnText name, const char *wanted)
{
	return name.length == strlen(wanted) && g_ascii_strncasecmp(name.data, wanted, name.length) == 0;
}

static gboolean ends_with_chunked(KilnText value)
{
	const gsize length = strlen("chunked");
	return value.length >= length && g_ascii_strncasecmp(value.data + value.length - length, "chunked", length) == 0;
}

/* Decides how the body ends. RFC 9112, section 6.3. */
static gboolean read_header(KilnHttpAnswer *answer, KilnText header, GError **error)
{
	gboolean chunked = FALSE, has_length = FALSE;
	guint64 content_length = 0, value;
	if (!read_status_line(answer, kiln_text_strip(kiln_text_cut(&header, '\n')), error))
		return FALSE;
	while (header.length) {
		KilnText line = kiln_text_strip(kiln_text_cut(&header, '\n'));
		KilnText name = kiln_text_cut(&line, ':'), content = kiln_text_strip(line);
		if (name_is(name, "Transfer-Encoding"))
			chunked = ends_with_chunked(content);
		if (!name_is(name, "Content-Length"))
			continue;
		if (!kiln_text_to_u64(content, &value) || (has_length && value != content_length))
			return bad(error, "bad Content-Length");
		content_length = value;
		has_length = TRUE;
	}
	if (answer->status < 200)
		answer->state = READING_HEADER; /* an interim answer: the real one follows */
	else if (answer->status == 204 || answer->status == 304 || (has_length && content_length == 0 && !chunked))
		answer->state = COMPLETE;
	else
		answer->state = chunked ? READING_CHUNK_SIZE : has_length ? READING_LENGTH : READING_TO_END;
	answer->left = content_length;
	return TRUE;
}

static gboolean append_body(KilnHttpAnswer *answer, gsize length, GError **error)
{
	if (answer->body->len + length > KILN_LIMIT_HTTP_TEST_BYTES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "the body has more than %u bytes", (guint)KILN_LIMIT_HTTP_TEST_BYTES);
	g_byte_array_append(answer->body, answer->pending->data, (guint)length);
	g_byte_array_remove_range(answer->pending, 0, (guint)length);
	return TRUE;
}

/* The header block with its empty line, or 0 when it is not all there. */
static gsize header_length(const GByteArray *pending)
{
	for (gsize i = 0; i + 1 < pending->len; i++) {
		if (pending->data[i] != '\n')
			continue;
		if (pending->data[i + 1] == '\n')
			return i + 2;
		if (i + 2 < pending->len && pending->data[i + 1] == '\r' && pending->data[i + 2] == '\n')
			return i + 3;
	}
	return 0;
}

static gboolean step_header(KilnHttpAnswer *answer, gboolean *progress, GError **error)
{
	gsize length = header_length(answer->pending);
	if (answer->header_bytes + MAX(length, answer->pending->len * (length == 0)) > KILN_LIMIT_HTTP_HEADER_BYTES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "the answer's header has more than %u bytes", (guint)KILN_LIMIT_HTTP_HEADER_BYTES);
	if (length == 0)
		return TRUE;
	g_autofree char *header = g_strndup((const char *)answer->pending->data, length);
	answer->header_bytes += length;
	g_byte_array_remove_range(answer->pending, 0, (guint)length);
	*progress = TRUE;
	return read_header(answer, kiln_text(header), error);
}

/* One line of the chunked coding, without its end; data NULL when it is not all there. */
static gboolean take_line(KilnHttpAnswer *answer, char **line, GError **error)
{
	const guint8 *end = answer->pending->len ? memchr(answer->pending->data, '\n', answer->pending->len) : NULL;
	*line = NULL;
	if (!end && answer->pending->len > CHUNK_LINE_BYTES_MAX)
		return bad(error, "a chunk's line never ends");
	if (!end)
		return TRUE;
	gsize length = (gsize)(end - answer->pending->data);
	*line = g_strndup((const char *)answer->pending->data, length);
	answer->header_bytes += length + 1;
	g_byte_array_remove_range(answer->pending, 0, (guint)length + 1);
	g_strstrip(*line);
	if (answer->header_bytes <= 4 * KILN_LIMIT_HTTP_HEADER_BYTES)
		return TRUE;
	g_clear_pointer(line, g_free);
	return kiln_fail(error, KILN_ERROR_LIMIT, "the answer has too many chunks");
}

static gboolean step_chunk_line(KilnHttpAnswer *answer, gboolean *progress, GError **error)
{
	g_autofree char *line = NULL;
	if (!take_line(answer, &line, error))
		return FALSE;
	if (!line)
		return TRUE;
	*progress = TRUE;
	if (answer->state == READING_TRAILER) {
		answer->state = *line ? READING_TRAILER : COMPLETE;
	} else if (answer->state == READING_CHUNK_END) {
		if (*line)
			return bad(error, "a chunk is longer than it says");
		answer->state = READING_CHUNK_SIZE;
	} else {
		line[strcspn(line, "; \t")] = '\0';
		if (!g_ascii_string_to_unsigned(line, 16, 0, G_MAXINT32, &answer->left, NULL))
			return bad(error, "bad size of a chunk");
		answer->state = answer->left ? READING_CHUNK : READING_TRAILER;
	}
	return TRUE;
}

static gboolean step_body(KilnHttpAnswer *answer, gboolean *progress, GError **error)
{
	gboolean bounded = answer->state != READING_TO_END;
	gsize length = bounded ? (gsize)MIN(answer->left, (guint64)answer->pending->len) : answer->pending->len;
	if (length == 0)
		return TRUE;
	if (!append_body(answer, length, error))
		return FALSE;
	*progress = TRUE;
	answer->left -= bounded ? length : 0;
	if (bounded && answer->left == 0)
		answer->state = answer->state == READING_CHUNK ? READING_CHUNK_END : COMPLETE;
	return TRUE;
}

gboolean kiln_http_answer_feed(KilnHttpAnswer *answer, const void *bytes, gsize length, GError **error)
{
	if (answer->state == COMPLETE)
		return TRUE;
	if (length == 0) {
		if (answer->state != READING_TO_END)
			return bad(error, "the connection ended in the middle");
		answer->state = COMPLETE;
		return TRUE;
	}
	g_byte_array_append(answer->pending, bytes, (guint)length);
	gboolean progress = TRUE;
	while (progress && answer->state != COMPLETE) {
		gboolean ok;
		progress = FALSE;
		if (answer->state == READING_HEADER)
			ok = step_header(answer, &progress, error);
		else if (answer->state == READING_CHUNK_SIZE || answer->state == READING_CHUNK_END || answer->state == READING_TRAILER)
			ok = step_chunk_line(answer, &progress, error);
		else
			ok = step_body(answer, &progress, error);
		if (!ok)
			return FALSE;
	}
	return TRUE;
}

/* Wait for @events on @fd; FALSE with @error when time is up or the caller wants to stop. */
static gboolean wait_for(int fd, short events, gint64 deadline_us, GCancellable *cancellable, GError **error)
{
	GPollFD cancel_fd = { -1, 0, 0 };
	gboolean watches = cancellable && g_cancellable_make_pollfd(cancellable, &cancel_fd);
	struct pollfd polled[] = { { fd, events, 0 }, { watches ? cancel_fd.fd : -1, POLLIN, 0 } };
	gint64 left_us = deadline_us - g_get_monotonic_time();
	int ready = left_us > 0 ? poll(polled, G_N_ELEMENTS(polled), (int)MIN(left_us / 1000 + 1, (gint64)G_MAXINT)) : 0;
	if (watches)
		g_cancellable_release_fd(cancellable);
	if (cancellable && g_cancellable_is_cancelled(cancellable))
		return kiln_fail(error, KILN_ERROR_CANCELLED, "stopped");
	return ready != 0 || kiln_fail(error, KILN_ERROR_NETWORK, "no answer in time");
}

static gboolean send_request(int fd, const KilnTestUrl *url, gint64 deadline_us, GCancellable *cancellable, GError **error)
{
	g_autofree char *request = g_strdup_printf("GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: kiln\r\nAccept: */*\r\nConnection: close\r\n\r\n",
	                                           url->target, url->authority);
	gsize done = 0, length = strlen(request);
	while (done < length) {
		ssize_t count = send(fd, request + done, length - done, MSG_NOSIGNAL);
		if (count > 0)
			done += (gsize)count;
		else if (errno != EAGAIN && errno != EINTR)
			return kiln_fail(error, KILN_ERROR_NETWORK, "cannot send the request: %s", g_strerror(errno));
		else if (!wait_for(fd, POLLOUT, deadline_us, cancellable, error))
			return FALSE;
	}
	return TRUE;
}

KilnHttpAnswer *kiln_http_get(int fd, const KilnTestUrl *url, guint timeout_ms, GCancellable *cancellable, GError **error)
{
	gint64 deadline_us = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
	g_autoptr(KilnHttpAnswer) answer = kiln_http_answer_new();
	guint8 buffer[READ_BYTES];
	if (!send_request(fd, url, deadline_us, cancellable, error))
		return NULL;
	while (!kiln_http_answer_complete(answer)) {
		if (!wait_for(fd, POLLIN, deadline_us, cancellable, error))
			return NULL;
		ssize_t count = recv(fd, buffer, sizeof buffer, 0);
		if (count < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (count < 0) {
			kiln_fail(error, KILN_ERROR_NETWORK, "the connection broke: %s", g_strerror(errno));
			return NULL;
		}
		if (!kiln_http_answer_feed(answer, buffer, (gsize)count, error))
			return NULL;
	}
	return g_steal_pointer(&answer);
}
