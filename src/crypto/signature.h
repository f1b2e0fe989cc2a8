/* SPDX-License-Identifier: Apache-2.0 */
/* signature.h: Ed25519 keys in PEM, signing with one and verifying with the other. */
#pragma once
#include <glib.h>

#define KILN_SIGNATURE_BYTES 64
#define KILN_KEY_ID_LENGTH 64 /* hex digits */

typedef struct KilnKey KilnKey;

/**
 * Read a private or a public key, PKCS #8 or SubjectPublicKeyInfo, as "openssl genpkey -algorithm ed25519" and "openssl pkey -pubout" write them.
 *
 * @pem: borrowed; what follows the first key is not looked at
 * @name: for messages, the file
 * Errors: KILN_ERROR_SYNTAX none in it; KILN_ERROR_UNSUPPORTED another algorithm, or one that wants a passphrase, which nobody is asked for.
 * Source: RFC 8410.
 */
KilnKey *kiln_key_read_private(const char *pem, gsize length, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
KilnKey *kiln_key_read_public(const char *pem, gsize length, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_key_free(KilnKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnKey, kiln_key_free)

/** SHA-256 over the public key as DER SubjectPublicKeyInfo, in hex: the same for both halves. Borrowed. */
const char *kiln_key_id(const KilnKey *key);

/** The same bytes and key give the same signature (RFC 8032, 5.1.6). Errors: KILN_ERROR_INTERNAL; KILN_ERROR_UNSUPPORTED a public key. */
gboolean kiln_key_sign(const KilnKey *key, const void *bytes, gsize length, guint8 signature[KILN_SIGNATURE_BYTES], GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Whether @signature over @bytes was made with the private half of @key. */
gboolean kiln_key_verify(const KilnKey *key, const void *bytes, gsize length, const guint8 signature[KILN_SIGNATURE_BYTES]);
