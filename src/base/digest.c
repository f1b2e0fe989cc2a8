/* SPDX-License-Identifier: Apache-2.0 */
/* digest.c: content digests, one value type. */
#include "base/digest.h"
#include "base/error.h"

#include <string.h>

#define PREFIX "sha256:"
#define PREFIX_LENGTH (sizeof PREFIX - 1)

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

gboolean kiln_digest_parse_hex(const char *text, gsize len, KilnDigest *out, GError **error)
{
	KilnDigest parsed;
	if (len != KILN_DIGEST_HEX_LENGTH)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "a SHA-256 digest has 64 hex digits, this one has %" G_GSIZE_FORMAT, len);
	for (gsize i = 0; i < sizeof parsed.sha256; i++) {
		int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "\"%.*s\" is not a digest: only 0-9 and a-f may occur",
			                 (int)len, text);
		parsed.sha256[i] = (guint8)(high << 4 | low);
	}
	*out = parsed;
	return TRUE;
}

gboolean kiln_digest_parse(const char *text, gsize len, KilnDigest *out, GError **error)
{
	if (len < PREFIX_LENGTH || memcmp(text, PREFIX, PREFIX_LENGTH) != 0) {
		int shown = (int)MIN(len, 40);
		if (memchr(text, ':', len))
			return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "digest \"%.*s\": only sha256 is known", shown, text);
		return kiln_fail(error, KILN_ERROR_SYNTAX, "\"%.*s\" is not a digest: expected \"sha256:\" and 64 hex digits",
		                 shown, text);
	}
	return kiln_digest_parse_hex(text + PREFIX_LENGTH, len - PREFIX_LENGTH, out, error);
}

const char *kiln_digest_print_hex(const KilnDigest *digest, char text[KILN_DIGEST_HEX_LENGTH + 1])
{
	static const char digits[] = "0123456789abcdef";
	for (gsize i = 0; i < sizeof digest->sha256; i++) {
		text[2 * i] = digits[digest->sha256[i] >> 4];
		text[2 * i + 1] = digits[digest->sha256[i] & 15];
	}
	text[KILN_DIGEST_HEX_LENGTH] = '\0';
	return text;
}

const char *kiln_digest_print(const KilnDigest *digest, char text[KILN_DIGEST_TEXT_MAX])
{
	memcpy(text, PREFIX, PREFIX_LENGTH);
	kiln_digest_print_hex(digest, text + PREFIX_LENGTH);
	return text;
}

int kiln_digest_compare(const KilnDigest *a, const KilnDigest *b)
{
	return memcmp(a->sha256, b->sha256, sizeof a->sha256);
}

gboolean kiln_digest_equal(const KilnDigest *a, const KilnDigest *b)
{
	return kiln_digest_compare(a, b) == 0;
}

guint kiln_digest_hash(gconstpointer digest)
{
	guint value;
	memcpy(&value, ((const KilnDigest *)digest)->sha256, sizeof value);
	return value;
}

gboolean kiln_digest_key_equal(gconstpointer a, gconstpointer b)
{
	return kiln_digest_equal(a, b);
}
