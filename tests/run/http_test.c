/* SPDX-License-Identifier: Apache-2.0 */
/* http_test.c: addresses and answers of fetch tests, good and hostile, whole and byte by byte. */
#include "base/error.h"
#include "base/limits.h"
#include "run/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_urls(void **state)
{
	static const struct {
		const char *text, *authority, *target;
		guint port;
	} good[] = {
		{ "http://localhost", "localhost:80", "/", 80 },
		{ "http://127.0.0.1:8080/a/b?c=d&e", "127.0.0.1:8080", "/a/b?c=d&e", 8080 },
		{ "http://[::1]:81/%20x", "[::1]:81", "/%20x", 81 },
		{ "http://localhost/#fragment", "localhost:80", "/", 80 },
	};
	static const struct {
		const char *text;
		KilnError code;
	} bad[] = {
		{ "https://localhost/", KILN_ERROR_UNSUPPORTED }, { "http://example.org/", KILN_ERROR_UNSUPPORTED }, { "http://127.0.0.2/", KILN_ERROR_UNSUPPORTED },
		{ "localhost", KILN_ERROR_SYNTAX },               { "", KILN_ERROR_SYNTAX },                         { "http://localhost/a b", KILN_ERROR_SYNTAX },
		{ "http://localhost/\r\nX: y", KILN_ERROR_SYNTAX }, { "http://localhost:99999/", KILN_ERROR_SYNTAX },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
		g_auto(KilnTestUrl) url = { 0 };
		if (!kiln_test_url_parse(good[i].text, &url, NULL))
			fail_msg("%s", good[i].text);
		assert_string_equal(url.authority, good[i].authority);
		assert_string_equal(url.target, good[i].target);
		assert_int_equal(url.port, good[i].port);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_auto(KilnTestUrl) url = { 0 };
		g_autoptr(GError) error = NULL;
		if (kiln_test_url_parse(bad[i].text, &url, &error) || error->code != (int)bad[i].code)
			fail_msg("%s: %s", bad[i].text, error ? error->message : "was taken");
	}
}

static gboolean feed(KilnHttpAnswer *answer, const char *text, gsize piece, GError **error)
{
	for (gsize done = 0, length = strlen(text); done < length; done += piece)
		if (!kiln_http_answer_feed(answer, text + done, MIN(piece, length - done), error))
			return FALSE;
	return kiln_http_answer_complete(answer) || kiln_http_answer_feed(answer, NULL, 0, error);
}

static void test_answers(void **state)
{
	static const struct {
		const char *text, *body; /* NULL: refused */
		guint status;
	} rows[] = {
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and what comes after", "hello", 200 },
		{ "HTTP/1.0 404 Not Found\r\n\r\nno such page", "no such page", 404 },
		{ "HTTP/1.0 200\n\nbare line ends", "bare line ends", 200 },
		{ "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n again\r\n0\r\nT: x\r\n\r\n", "hello again", 200 },
		{ "HTTP/1.1 204 No Content\r\n\r\n", "", 204 },
		{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok", 200 },
		{ "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "", 500 },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", NULL, 0 },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", NULL, 0 },
		{ "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", NULL, 0 },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", NULL, 0 },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n", NULL, 0 },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", NULL, 0 },
		{ "HTTP/2 200\r\n\r\n", NULL, 0 },
		{ "HTTP/1.1 099 Low\r\n\r\n", NULL, 0 },
		{ "SSH-2.0-OpenSSH\r\n\r\n", NULL, 0 },
		{ "", NULL, 0 },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		for (gsize piece = 1; piece < 100; piece += 49) {
			g_autoptr(KilnHttpAnswer) answer = kiln_http_answer_new();
			g_autoptr(GError) error = NULL;
			gboolean taken = feed(answer, rows[i].text, piece, &error);
			if (taken != (rows[i].body != NULL) || (error && error->code != KILN_ERROR_SYNTAX))
				fail_msg("%s: %s", rows[i].text, error ? error->message : "was taken");
			if (!taken)
				continue;
			const GByteArray *body = kiln_http_answer_body(answer);
			assert_int_equal(kiln_http_answer_status(answer), rows[i].status);
			assert_int_equal(body->len, strlen(rows[i].body));
			if (body->len)
				assert_memory_equal(body->data, rows[i].body, body->len);
		}
}

/* What never ends is ended. */
static void test_limits(void **state)
{
	static const char *const begins[] = { "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" };
	static const char *const repeated[] = { "Header: value\r\n", "more and more of the body", "1\r\nx\r\n" };
	for (gsize i = 0; i < G_N_ELEMENTS(begins); i++) {
		g_autoptr(KilnHttpAnswer) answer = kiln_http_answer_new();
		g_autoptr(GError) error = NULL;
		guint64 fed = 0;
		gboolean ok = kiln_http_answer_feed(answer, begins[i], strlen(begins[i]), &error);
		for (; ok && fed <= 2 * KILN_LIMIT_HTTP_TEST_BYTES; fed += strlen(repeated[i]))
			ok = kiln_http_answer_feed(answer, repeated[i], strlen(repeated[i]), &error);
		assert_false(ok);
		assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_LIMIT));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_urls), cmocka_unit_test(test_answers), cmocka_unit_test(test_limits) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
