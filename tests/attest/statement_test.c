/* SPDX-License-Identifier: Apache-2.0 */
/* statement_test.c: in-toto statements printed, read back, and refused. */
#include "attest/statement.h"
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define HEX "abababababababababababababababababababababababababababababababab"
#define TYPE "\"_type\":\"https://in-toto.io/Statement/v1\""
#define SUBJECT "\"subject\":[{\"digest\":{\"sha256\":\"" HEX "\"},\"name\":\"web\"}]"

static KilnDigest subject(void)
{
	KilnDigest digest;
	memset(digest.sha256, 0xab, sizeof digest.sha256);
	return digest;
}

/* The form of the specification's own schema: v1/statement.md. */
static void test_print(void **state)
{
	KilnDigest about = subject();
	g_autoptr(json_t) predicate = json_pack("{s:i, s:i}", "b", 1, "a", 2);
	g_autoptr(GBytes) bytes = kiln_statement_print("web", &about, KILN_PREDICATE_PROVENANCE, predicate);
	g_autofree char *text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	assert_string_equal(text, "{" TYPE ",\"predicate\":{\"a\":2,\"b\":1},\"predicateType\":\"https://slsa.dev/provenance/v1\"," SUBJECT "}");

	g_autoptr(json_t) read = NULL;
	g_autoptr(GError) error = NULL;
	assert_true(kiln_statement_parse(bytes, "it", &about, KILN_PREDICATE_PROVENANCE, &read, &error));
	assert_true(json_equal(read, predicate));
}

static const struct {
	const char *name, *text;
	int code; /* -1: accepted */
} cases[] = {
	{ "one of two subjects", "{" TYPE ",\"subject\":[{\"digest\":{\"sha512\":\"00\"}},{\"digest\":{\"sha256\":\"" HEX "\"}}],\"predicateType\":\"p\",\"predicate\":{}}", -1 },
	{ "no JSON", "{", KILN_ERROR_SYNTAX },
	{ "no object", "[]", KILN_ERROR_SYNTAX },
	{ "version 0.1", "{\"_type\":\"https://in-toto.io/Statement/v0.1\"," SUBJECT ",\"predicateType\":\"p\",\"predicate\":{}}", KILN_ERROR_SYNTAX },
	{ "no type", "{" SUBJECT ",\"predicateType\":\"p\",\"predicate\":{}}", KILN_ERROR_SYNTAX },
	{ "no subject", "{" TYPE ",\"predicateType\":\"p\",\"predicate\":{}}", KILN_ERROR_SYNTAX },
	{ "empty subject", "{" TYPE ",\"subject\":[],\"predicateType\":\"p\",\"predicate\":{}}", KILN_ERROR_SYNTAX },
	{ "subject is text", "{" TYPE ",\"subject\":[\"x\"],\"predicateType\":\"p\",\"predicate\":{}}", KILN_ERROR_SYNTAX },
	{ "short digest", "{" TYPE ",\"subject\":[{\"digest\":{\"sha256\":\"abab\"}}],\"predicateType\":\"p\",\"predicate\":{}}", KILN_ERROR_SYNTAX },
	{ "another digest", "{" TYPE ",\"subject\":[{\"digest\":{\"sha256\":\"00ababababababababababababababababababababababababababababababab\"}}],\"predicateType\":\"p\",\"predicate\":{}}", KILN_ERROR_MISMATCH },
	{ "another algorithm only", "{" TYPE ",\"subject\":[{\"digest\":{\"sha512\":\"00\"}}],\"predicateType\":\"p\",\"predicate\":{}}", KILN_ERROR_MISMATCH },
	{ "another predicate", "{" TYPE "," SUBJECT ",\"predicateType\":\"q\",\"predicate\":{}}", KILN_ERROR_UNSUPPORTED },
	{ "no predicate", "{" TYPE "," SUBJECT ",\"predicateType\":\"p\"}", KILN_ERROR_SYNTAX },
};

static void test_parse(void **state)
{
	KilnDigest about = subject();
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GBytes) bytes = g_bytes_new_static(cases[i].text, strlen(cases[i].text));
		g_autoptr(json_t) predicate = NULL;
		g_autoptr(GError) error = NULL;
		gboolean ok = kiln_statement_parse(bytes, cases[i].name, &about, "p", &predicate, &error);
		print_message("# %s: %s\n", cases[i].name, error ? error->message : "accepted");
		assert_int_equal(ok, cases[i].code < 0);
		assert_int_equal(predicate != NULL, ok);
		if (!ok)
			assert_true(g_error_matches(error, KILN_ERROR, cases[i].code));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_print), cmocka_unit_test(test_parse) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
