/* SPDX-License-Identifier: Apache-2.0 */
/* openpgp.h: is this text signed by a key of this keyring? The only place that knows librnp. */
#pragma once
#include <glib.h>

typedef struct KilnKeyring KilnKeyring;

typedef struct {
	char *fingerprint;   /* upper-case hex of the primary key that the signature belongs to */
	char *key_id;        /* of the key or subkey that signed */
	char *user_id;       /* first user id of the key, "Debian Archive Automatic Signing Key (13/trixie) <...>" */
	gint64 created_unix_s; /* of the signature */
	char *hash_algorithm;  /* "SHA256" */
	gint64 good_until_unix_s; /* when the signature, its key or the primary key expires; G_MAXINT64: never */
} KilnSigner;

void kiln_signer_free(KilnSigner *signer);

/**
 * Load public keys, binary or armored, one or many.
 *
 * @name: for messages
 * Errors: KILN_ERROR_SYNTAX not a keyring, KILN_ERROR_NOT_FOUND no key in it.
 */
KilnKeyring *kiln_keyring_load(GBytes *keys, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Verify a cleartext-signed text (InRelease) or, with @signature, a detached signature over @signed_text.
 * At least one signature must be valid by a key of @keyring at @now_unix_s. Signatures by keys that the keyring does not
 * have are ignored as long as one good one stands. MD5, SHA-1 and RIPEMD-160 never count; nor do expired or revoked
 * keys, signatures from the future (more than a day) and expired signatures.
 *
 * @content: becomes exactly the text that is covered by the signature (for a detached one: @signed_text)
 * @signers: becomes an array of KilnSigner, one per good signature, owned by the caller
 *
 * Errors: KILN_ERROR_UNTRUSTED, and the text says of each signature which key id and why not; KILN_ERROR_SYNTAX no signature there.
 */
gboolean kiln_keyring_verify(KilnKeyring *keyring, GBytes *signed_text, GBytes *signature, gint64 now_unix_s,
                             GBytes **content, GPtrArray **signers, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void kiln_keyring_free(KilnKeyring *keyring);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnKeyring, kiln_keyring_free)
