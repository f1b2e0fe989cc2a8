/* SPDX-License-Identifier: Apache-2.0 */
/* digest_test.c: the text form of digests, and what is none. */
#include "base/digest.h"
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* SHA-256 of nothing: FIPS 180-4 example values. */
#define EMPTY "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void test_round_trip(void **state)
{
	KilnDigest digest;
	char text[KILN_DIGEST_TEXT_MAX], hex[KILN_DIGEST_HEX_LENGTH + 1];
	assert_true(kiln_digest_parse(EMPTY, strlen(EMPTY), &digest, NULL));
	assert_int_equal(digest.sha256[0], 0xe3);
	assert_int_equal(digest.sha256[31], 0x55);
	assert_string_equal(kiln_digest_print(&digest, text), EMPTY);
	assert_string_equal(kiln_digest_print_hex(&digest, hex), EMPTY + 7);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		KilnError code;
	} rows[] = {
		{ "", KILN_ERROR_SYNTAX },
		{ "sha256:", KILN_ERROR_SYNTAX },
		{ "sha256:e3b0", KILN_ERROR_SYNTAX },
		{ EMPTY "0", KILN_ERROR_SYNTAX },
		{ "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", KILN_ERROR_SYNTAX },
		{ "sha256:g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", KILN_ERROR_SYNTAX },
		{ "sha512:00", KILN_ERROR_UNSUPPORTED },
		{ "md5:d41d8cd98f00b204e9800998ecf8427e", KILN_ERROR_UNSUPPORTED },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		KilnDigest digest = { { 1 } };
		g_autoptr(GError) error = NULL;
		assert_false(kiln_digest_parse(rows[i].text, strlen(rows[i].text), &digest, &error));
		assert_int_equal(error->code, rows[i].code);
		assert_int_equal(digest.sha256[0], 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_round_trip), cmocka_unit_test(test_refused) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
