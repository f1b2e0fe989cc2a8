/* SPDX-License-Identifier: Apache-2.0 */
/* signature.c: Ed25519 keys in PEM, signing with one and verifying with the other. */
#include "crypto/signature.h"

#include "base/digest.h"
#include "base/error.h"
#include "crypto/hash.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

struct KilnKey {
	EVP_PKEY *pair; /* or the public half alone */
	gboolean is_private;
	char id[KILN_KEY_ID_LENGTH + 1];
};

/* Nobody is asked: a passphrase is wanted for nothing that kiln reads. */
static int on_passphrase(char *buffer, int size, int writing, void *user_data)
{
	*(gboolean *)user_data = TRUE;
	return -1;
}

static gboolean set_id(KilnKey *key, GError **error)
{
	KilnDigest digest;
	guint8 *der = NULL;
	int size = i2d_PUBKEY(key->pair, &der);
	if (size > 0)
		kiln_hash_bytes(der, (gsize)size, &digest);
	OPENSSL_free(der);
	if (size <= 0)
		return kiln_fail(error, KILN_ERROR_INTERNAL, "OpenSSL cannot write a public key");
	kiln_digest_print_hex(&digest, key->id);
	return TRUE;
}

static KilnKey *read_key(const char *pem, gsize length, const char *name, gboolean is_private, GError **error)
{
	gboolean wants_passphrase = FALSE;
	g_autoptr(KilnKey) key = g_new0(KilnKey, 1);
	BIO *memory = length <= G_MAXINT ? BIO_new_mem_buf(pem, (int)length) : NULL;
	if (memory)
		key->pair = is_private ? PEM_read_bio_PrivateKey(memory, NULL, on_passphrase, &wants_passphrase) : PEM_read_bio_PUBKEY(memory, NULL, NULL, NULL);
	key->is_private = is_private;
	BIO_free(memory);
	ERR_clear_error();
	if (wants_passphrase)
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: wants a passphrase, and kiln asks for none; \"openssl pkey -in %s\" writes it without", name, name);
	else if (!key->pair && is_private)
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s: no private key in PEM; \"openssl genpkey -algorithm ed25519\" makes one", name);
	else if (!key->pair)
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s: no public key in PEM; \"openssl pkey -in PRIVATE -pubout\" writes it", name);
	else if (EVP_PKEY_get_base_id(key->pair) != EVP_PKEY_ED25519)
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: a key of another kind than Ed25519; \"openssl genpkey -algorithm ed25519\" makes one", name);
	else if (set_id(key, error))
		return g_steal_pointer(&key);
	return NULL;
}

KilnKey *kiln_key_read_private(const char *pem, gsize length, const char *name, GError **error)
{
	return read_key(pem, length, name, TRUE, error);
}

KilnKey *kiln_key_read_public(const char *pem, gsize length, const char *name, GError **error)
{
	return read_key(pem, length, name, FALSE, error);
}

void kiln_key_free(KilnKey *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pair);
	g_free(key);
}

const char *kiln_key_id(const KilnKey *key)
{
	return key->id;
}

gboolean kiln_key_sign(const KilnKey *key, const void *bytes, gsize length, guint8 signature[KILN_SIGNATURE_BYTES], GError **error)
{
	size_t size = KILN_SIGNATURE_BYTES;
	if (!key->is_private)
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "a public key cannot sign");
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	gboolean ok = context && EVP_DigestSignInit(context, NULL, NULL, NULL, key->pair) == 1 && EVP_DigestSign(context, signature, &size, bytes, length) == 1 &&
	              size == KILN_SIGNATURE_BYTES;
	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return ok || kiln_fail(error, KILN_ERROR_INTERNAL, "OpenSSL cannot sign with Ed25519");
}

gboolean kiln_key_verify(const KilnKey *key, const void *bytes, gsize length, const guint8 signature[KILN_SIGNATURE_BYTES])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	gboolean ok = context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->pair) == 1 &&
	              EVP_DigestVerify(context, signature, KILN_SIGNATURE_BYTES, bytes, length) == 1;
	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return ok;
}
