/* SPDX-License-Identifier: Apache-2.0 */
/* forward_test.c: how published ports and signals are written. */
#include "base/error.h"
#include "run/forward.h"
#include "run/signal_name.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static void test_published(void **state)
{
	static const struct {
		const char *text;
		guint host_port, port;
		KilnError code; /* when port is 0 */
	} rows[] = {
		{ "8080:80", 8080, 80 },        { "80", 80, 80 },           { "0:65535", 0, 65535 },         { "127.0.0.1:1:2", 1, 2 },
		{ "8080:80/tcp", 8080, 80 },    { "127.0.0.1:80", 80, 80 }, { "0.0.0.0:80:80", 0, 0, KILN_ERROR_UNSUPPORTED },
		{ "[::1]:80:80", 0, 0, KILN_ERROR_UNSUPPORTED },            { "53:53/udp", 0, 0, KILN_ERROR_UNSUPPORTED },
		{ "", 0, 0, KILN_ERROR_SYNTAX }, { ":80", 0, 0, KILN_ERROR_SYNTAX }, { "80:", 0, 0, KILN_ERROR_SYNTAX },
		{ "80:0", 0, 0, KILN_ERROR_SYNTAX }, { "65536:80", 0, 0, KILN_ERROR_SYNTAX }, { "80:65536", 0, 0, KILN_ERROR_SYNTAX },
		{ "http:80", 0, 0, KILN_ERROR_SYNTAX }, { "-1:80", 0, 0, KILN_ERROR_SYNTAX }, { "8080-8090:80", 0, 0, KILN_ERROR_SYNTAX },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		KilnPublished published = { 0 };
		g_autoptr(GError) error = NULL;
		gboolean taken = kiln_published_parse(rows[i].text, &published, &error);
		if (taken != (rows[i].port != 0) || published.host_port != rows[i].host_port || published.port != rows[i].port ||
		    (error && error->code != (int)rows[i].code))
			fail_msg("%s: %s", rows[i].text, error ? error->message : "was taken");
	}
}

static void test_listening(void **state)
{
	KilnPublished published = { 0, 80, -1 };
	g_autoptr(GError) error = NULL;
	guint port, again;
	int fd = kiln_forward_listen(&published, &port, NULL);
	assert_true(fd >= 0 && port > 0);
	published.host_port = port;
	assert_int_equal(kiln_forward_listen(&published, &again, &error), -1);
	assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_EXISTS));
	close(fd);
}

static void test_signals(void **state)
{
	const struct {
		const char *name;
		int number; /* 0: refused */
	} rows[] = { { NULL, SIGTERM }, { "", SIGTERM }, { "SIGQUIT", SIGQUIT }, { "QUIT", SIGQUIT }, { "3", SIGQUIT }, { "SIGRTMIN+3", SIGRTMIN + 3 },
		     { "SIGNONE", 0 },  { "0", 0 },      { "-9", 0 },           { "999", 0 },       { "SIG", 0 } };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		int number = 0;
		g_autoptr(GError) error = NULL;
		if (kiln_signal_parse(rows[i].name, &number, &error) != (rows[i].number != 0) || number != rows[i].number)
			fail_msg("%s: %d %s", rows[i].name, number, error ? error->message : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_published), cmocka_unit_test(test_listening), cmocka_unit_test(test_signals) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
