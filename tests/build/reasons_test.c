/* SPDX-License-Identifier: Apache-2.0 */
/* reasons_test.c: reasons that others wrote: chains that end, and documents that are refused. */
#include "base/error.h"
#include "build/reasons.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SUITES "\"suites\":[{\"archive\":\"debian/trixie\",\"suite\":\"trixie\",\"inrelease\":\"sha256:00\",\"signers\":[\"AB\",\"CD\"]}]"
#define PACKAGES "\"packages\":[{\"name\":\"one\",\"version\":\"1\",\"suite\":0,\"requested\":true},{\"name\":\"two\"}]"
#define HEAD "\"version\":1,\"recipe\":\"app\",\"places\":{\"packages\":\"app.yaml:3\",\"files[1]\":\"app.yaml:9\",\"entrypoint\":\"app.yaml:4\"}"

static KilnReasons *parse(const char *text, GError **error)
{
	json_t *document = kiln_json_parse(text, strlen(text), "test", NULL);
	assert_non_null(document);
	return kiln_reasons_parse(document, "reasons", error);
}

static void follows_chains(void **state)
{
	static const char text[] = "{" HEAD "," SUITES "," PACKAGES ",\"files\":["
		"{\"path\":\"usr/bin/app\",\"rule\":\"entrypoint\",\"package\":0,\"program\":true,\"calls\":[\"system\"]},"
		"{\"path\":\"usr/lib/libx\",\"rule\":\"needed\",\"detail\":\"libx\",\"from\":\"usr/bin/app\",\"package\":1},"
		"{\"path\":\"srv/a\",\"rule\":\"recipe-file\",\"detail\":\"files[1]\"},"
		"{\"path\":\"srv/b\",\"rule\":\"recipe-file\",\"detail\":\"files[7]\"},"
		"{\"path\":\"loop/a\",\"rule\":\"link\",\"from\":\"loop/b\"},{\"path\":\"loop/b\",\"rule\":\"link\",\"from\":\"loop/a\"},"
		"{\"path\":\"lost\",\"rule\":\"a rule of the future\",\"from\":\"nowhere\"}],"
		"\"left-out\":[{\"path\":\"usr/share/man/x\",\"rule\":\"manual\",\"package\":0,\"size\":7},{\"path\":\"srv/a\",\"rule\":\"not-needed\",\"package\":1}]}";
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnReasons) reasons = parse(text, &error);
	if (!reasons)
		fail_msg("%s", error->message);
	const KilnReason *library = kiln_reasons_find(reasons, "/lib/libx"), *program = kiln_reasons_find(reasons, "usr/bin/app");
	assert_ptr_equal(kiln_reasons_cause(reasons, library), program);
	assert_ptr_equal(kiln_reasons_root(reasons, library), program);
	assert_ptr_equal(kiln_reasons_root(reasons, program), program);
	assert_string_equal(kiln_reasons_place(reasons, program), "app.yaml:4");
	assert_null(kiln_reasons_place(reasons, library));
	assert_true(program->program);
	assert_string_equal(program->package->suite->signers[1], "CD");
	assert_null(library->package->suite);
	assert_true(kiln_reasons_find(reasons, "srv/a")->kept); /* what is kept speaks first */
	assert_string_equal(kiln_reasons_place(reasons, kiln_reasons_find(reasons, "srv/a")), "app.yaml:9");
	assert_null(kiln_reasons_place(reasons, kiln_reasons_find(reasons, "srv/b")));
	assert_int_equal(kiln_reasons_find(reasons, "//usr/share/man/x")->size, 7);
	assert_null(kiln_reasons_find(reasons, "usr/share/man"));
	assert_non_null(kiln_reasons_root(reasons, kiln_reasons_find(reasons, "loop/a"))); /* it ends */
	assert_null(kiln_reasons_cause(reasons, kiln_reasons_find(reasons, "lost")));
}

static void refuses(void **state)
{
	static const struct {
		const char *text;
		KilnError code;
		const char *says;
	} rows[] = {
		{ "[]", KILN_ERROR_SYNTAX, "version" },
		{ "{\"version\":2}", KILN_ERROR_UNSUPPORTED, "version 2; 1 is known" },
		{ "{\"version\":\"1\"}", KILN_ERROR_SYNTAX, "version" },
		{ "{" HEAD "}", KILN_ERROR_SYNTAX, "suites" },
		{ "{" HEAD "," SUITES "}", KILN_ERROR_SYNTAX, "packages" },
		{ "{" HEAD "," SUITES "," PACKAGES ",\"files\":{},\"left-out\":[]}", KILN_ERROR_SYNTAX, "files" },
		{ "{" HEAD "," SUITES "," PACKAGES ",\"files\":[]}", KILN_ERROR_SYNTAX, "left-out" },
		{ "{" HEAD "," SUITES ",\"packages\":[{\"version\":\"1\"}]}", KILN_ERROR_SYNTAX, "name" },
		{ "{" HEAD "," SUITES ",\"packages\":[{\"name\":\"x\",\"suite\":1}]}", KILN_ERROR_SYNTAX, "\"suite\" is 1, of a list of 1" },
		{ "{" HEAD "," SUITES ",\"packages\":[{\"name\":\"x\",\"suite\":-1}]}", KILN_ERROR_SYNTAX, "suite" },
		{ "{" HEAD "," SUITES "," PACKAGES ",\"files\":[{\"path\":\"x\"}],\"left-out\":[]}", KILN_ERROR_SYNTAX, "rule" },
		{ "{" HEAD "," SUITES "," PACKAGES ",\"files\":[{\"rule\":\"x\"}],\"left-out\":[]}", KILN_ERROR_SYNTAX, "path" },
		{ "{" HEAD "," SUITES "," PACKAGES ",\"files\":[1],\"left-out\":[]}", KILN_ERROR_SYNTAX, "path" },
		{ "{" HEAD "," SUITES "," PACKAGES ",\"files\":[{\"path\":\"x\",\"rule\":\"y\",\"package\":2}],\"left-out\":[]}", KILN_ERROR_SYNTAX, "package" },
		{ "{" HEAD "," SUITES "," PACKAGES ",\"files\":[],\"left-out\":[{\"path\":\"x\",\"rule\":\"y\",\"size\":\"7\"}]}", KILN_ERROR_SYNTAX, "size" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(KilnReasons) reasons = parse(rows[i].text, &error);
		if (reasons || error->code != (gint)rows[i].code || !strstr(error->message, rows[i].says))
			fail_msg("%s: %s", rows[i].text, error ? error->message : "was accepted");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(follows_chains), cmocka_unit_test(refuses) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
