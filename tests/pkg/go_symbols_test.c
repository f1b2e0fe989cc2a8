/* SPDX-License-Identifier: Apache-2.0 */
/* go_symbols_test.c: names as Go's linker writes them against names as advisories write them. */
#include "pkg/go_symbols.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char names[] =
        "main.main\0golang.org/x/net/http2.(*Server).ServeConn\0golang.org/x/net/http2.Framer.ReadFrame-fm\0golang.org/x/network.Other\0"
        "gopkg.in/yaml%2ev3.Unmarshal\0example.org/generic.(*List[go.shape.int]).Push\0example.org/generic.Map[...]\0net/http.(*conn).serve\0os.Getenv\0"
        "type:.eq.os.File\0go:buildid\0golang.org/x/net/http2.(*Server).ServeConn\0";

static gboolean has(const char *module, const char *function)
{
	g_autoptr(GArray) symbols = go_symbols_of_module((KilnText){ names, sizeof names - 1 }, module);
	return go_symbols_has(symbols, go_symbols_hash(kiln_text(function)));
}

static void modules_have_their_own(void **state)
{
	assert_true(has("golang.org/x/net", "golang.org/x/net/http2.Server.ServeConn"));
	assert_true(has("golang.org/x/net", "golang.org/x/net/http2.Framer.ReadFrame"));
	assert_false(has("golang.org/x/net", "golang.org/x/network.Other"));
	assert_false(has("golang.org/x/net", "golang.org/x/net/http2.Server.Other"));
	assert_true(has("gopkg.in/yaml.v3", "gopkg.in/yaml.v3.Unmarshal"));
	assert_true(has("example.org/generic", "example.org/generic.List.Push"));
	assert_true(has("example.org/generic", "example.org/generic.Map"));
}

static void the_library_has_paths_without_a_dot(void **state)
{
	assert_true(has("stdlib", "net/http.conn.serve"));
	assert_true(has("stdlib", "os.Getenv"));
	assert_false(has("stdlib", "main.main"));
	assert_false(has("stdlib", "golang.org/x/net/http2.Server.ServeConn"));
	g_autoptr(GArray) symbols = go_symbols_of_module((KilnText){ names, sizeof names - 1 }, "stdlib");
	assert_int_equal(symbols->len, 2);
}

static void both_together(void **state)
{
	g_autoptr(GArray) one = go_symbols_of_module((KilnText){ "os.A\0os.B", 9 }, "stdlib"), two = go_symbols_of_module((KilnText){ "os.B\0os.C", 9 }, "stdlib");
	go_symbols_merge(one, two);
	assert_int_equal(one->len, 3);
	assert_true(go_symbols_has(one, go_symbols_hash(KILN_TEXT("os.C"))));
}

static void files_without_a_table(void **state)
{
	KilnText found;
	assert_false(go_symbols_find((KilnText){ "", 0 }, &found));
	assert_false(go_symbols_find(KILN_TEXT("\177ELF and nothing else"), &found));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(modules_have_their_own), cmocka_unit_test(the_library_has_paths_without_a_dot), cmocka_unit_test(both_together),
		                            cmocka_unit_test(files_without_a_table) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
