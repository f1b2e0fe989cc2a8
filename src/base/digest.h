/* SPDX-License-Identifier: Apache-2.0 */
/* digest.h: content digests, one value type. Nobody else splits "sha256:..." by hand. */
#pragma once
#include <glib.h>

#define KILN_DIGEST_HEX_LENGTH 64
#define KILN_DIGEST_TEXT_MAX 72 /* bytes: "sha256:", 64 hex digits, NUL */

typedef struct {
	guint8 sha256[32];
} KilnDigest;

/**
 * Parse "sha256:<64 lowercase hex digits>".
 *
 * @text: borrowed; exactly @len bytes are read, no NUL needed
 * @out: written on success only
 *
 * Errors: KILN_ERROR_UNSUPPORTED another algorithm, KILN_ERROR_SYNTAX bad length or digit.
 * Source: OCI image-spec 1.1, descriptor.md, "Digests".
 */
gboolean kiln_digest_parse(const char *text, gsize len, KilnDigest *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** As kiln_digest_parse() for the 64 bare digits that Debian's indexes use. */
gboolean kiln_digest_parse_hex(const char *text, gsize len, KilnDigest *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Write "sha256:..." with its NUL into @text and return @text. */
const char *kiln_digest_print(const KilnDigest *digest, char text[KILN_DIGEST_TEXT_MAX]);

/** The 64 bare digits with their NUL; @text needs 65 bytes. Returns @text. */
const char *kiln_digest_print_hex(const KilnDigest *digest, char text[KILN_DIGEST_HEX_LENGTH + 1]);

gboolean kiln_digest_equal(const KilnDigest *a, const KilnDigest *b);
int kiln_digest_compare(const KilnDigest *a, const KilnDigest *b);

/** For GHashTable keys that point to a KilnDigest. */
guint kiln_digest_hash(gconstpointer digest);
gboolean kiln_digest_key_equal(gconstpointer a, gconstpointer b);
