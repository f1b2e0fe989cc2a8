/* SPDX-License-Identifier: Apache-2.0 */
/* transfer_test.c: servers on the loopback that drip, fall silent or never come to an end. */
#include "base/error.h"
#include "net/http.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct {
	int listener;
	guint16 port;
	GThread *thread;
	char *directory;
} Server;

static gboolean send_text(int fd, const char *text)
{
	return send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
}

/* The same text again and again until the client has had enough. */
static void send_for_ever(int fd, const char *text, gulong pause_us)
{
	while (send_text(fd, text))
		g_usleep(pause_us);
}

static gpointer serve(gpointer data)
{
	int fd = GPOINTER_TO_INT(data);
	char request[4096] = { 0 };
	static const char page[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct timeval patience = { .tv_sec = 20 };
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (recv(fd, request, sizeof request - 1, 0) <= 0) {
		close(fd);
		return NULL;
	}
	if (g_str_has_prefix(request, "GET /good ")) {
		send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
	} else if (g_str_has_prefix(request, "GET /drip ")) {
		send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
		send_for_ever(fd, "x", 200000);
	} else if (g_str_has_prefix(request, "GET /headers ")) {
		send_text(fd, "HTTP/1.1 200 OK\r\n");
		send_for_ever(fd, "X-Filler: 0123456789abcdef0123456789abcdef\r\n", 0);
	} else if (g_str_has_prefix(request, "GET /redirect ")) {
		send_text(fd, "HTTP/1.1 302 Found\r\nLocation: /good\r\n\r\n");
		send_for_ever(fd, page, 0);
	} else if (g_str_has_prefix(request, "GET /error ")) {
		send_text(fd, "HTTP/1.1 404 Not Found\r\n\r\n");
		send_for_ever(fd, page, 0);
	} else if (g_str_has_prefix(request, "GET /silent ")) {
		(void)!recv(fd, request, sizeof request, 0); /* until the client hangs up */
	}
	close(fd);
	return NULL;
}

static gpointer listen_loop(gpointer data)
{
	Server *server = data;
	for (;;) {
		int fd = accept(server->listener, NULL, NULL);
		if (fd < 0)
			return NULL;
		g_thread_unref(g_thread_new("serve", serve, GINT_TO_POINTER(fd)));
	}
}

static int set_up(void **state)
{
	Server *server = g_new0(Server, 1);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;
	g_setenv("no_proxy", "127.0.0.1", TRUE);
	server->directory = g_dir_make_tmp("kiln-net-XXXXXX", NULL);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server->listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(server->listener, 16) != 0 ||
	    getsockname(server->listener, (struct sockaddr *)&address, &length) != 0)
		return -1;
	server->port = ntohs(address.sin_port);
	server->thread = g_thread_new("listen", listen_loop, server);
	*state = server;
	return 0;
}

static int tear_down(void **state)
{
	Server *server = *state;
	g_autofree char *file = g_build_filename(server->directory, "file", NULL);
	shutdown(server->listener, SHUT_RDWR);
	g_thread_join(server->thread);
	close(server->listener);
	(void)!unlink(file);
	(void)!rmdir(server->directory);
	g_free(server->directory);
	g_free(server);
	return 0;
}

/* Fetch @paths in turn as one file's mirrors; returns the error's code, or -1 when it came. */
static int fetch(const Server *server, const char *first, const char *second)
{
	const KilnContext context = { .jobs = 1 };
	const KilnDownloadOptions options = { .attempts = 1, .stall_timeout_ms = 1000 };
	g_autofree char *one = g_strdup_printf("http://127.0.0.1:%u%s", server->port, first);
	g_autofree char *two = second ? g_strdup_printf("http://127.0.0.1:%u%s", server->port, second) : NULL;
	const char *const urls[] = { one, two, NULL };
	int directory = open(server->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g_autoptr(GError) error = NULL;
	KilnDownload download = { .urls = urls, .dir_fd = directory, .path = "file", .max_bytes = 1000000 };
	gboolean good = kiln_download_all(&context, &download, 1, &options, NULL, NULL, &error);
	assert_int_equal(faccessat(directory, "file", F_OK, 0) == 0, good);
	assert_int_equal(good, download.done);
	if (good)
		assert_int_equal(download.actual_bytes, 5);
	else
		assert_non_null(strstr(error->message, one));
	unlinkat(directory, "file", 0);
	close(directory);
	kiln_download_clear(&download);
	return good ? -1 : error->code;
}

static void test_what_has_no_end_ends(void **state)
{
	static const struct {
		const char *path;
		int code;
	} rows[] = {
		{ "/good", -1 },
		{ "/drip", KILN_ERROR_NETWORK },
		{ "/silent", KILN_ERROR_NETWORK },
		{ "/nothing", KILN_ERROR_NETWORK },
		{ "/headers", KILN_ERROR_LIMIT },
		{ "/error", KILN_ERROR_NOT_FOUND },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		int code = fetch(*state, rows[i].path, NULL);
		if (code != rows[i].code)
			fail_msg("%s: %d instead of %d", rows[i].path, code, rows[i].code);
	}
}

static void test_the_second_mirror_helps(void **state)
{
	static const char *const paths[] = { "/drip", "/silent", "/nothing", "/headers", "/redirect", "/error" };
	for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
		assert_int_equal(fetch(*state, paths[i], "/good"), -1);
}

static void test_passwords_stay_out_of_messages(void **state)
{
	static const struct {
		const char *url, *shown;
	} rows[] = {
		{ "http://user:secret@mirror.example/a@b", "http://mirror.example/a@b" },
		{ "http://mirror.example/a@b", "http://mirror.example/a@b" },
		{ "https://secret@mirror.example", "https://mirror.example" },
		{ "file:///a/b", "file:///a/b" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *shown = kiln_url_printable(rows[i].url);
		assert_string_equal(shown, rows[i].shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_has_no_end_ends),
		cmocka_unit_test(test_the_second_mirror_helps),
		cmocka_unit_test(test_passwords_stay_out_of_messages),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
