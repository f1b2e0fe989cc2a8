/* SPDX-License-Identifier: Apache-2.0 */
/* hash.c: SHA-256 while bytes stream by, through OpenSSL, which uses what the processor has. */
#include "crypto/hash.h"

#include "base/error.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES (256 * 1024)

struct KilnHash {
	EVP_MD_CTX *context;
	const EVP_MD *algorithm;
};

static KilnHash *hash_new(const EVP_MD *algorithm)
{
	KilnHash *hash = g_new0(KilnHash, 1);
	hash->algorithm = algorithm;
	hash->context = EVP_MD_CTX_new();
	/* Fails only without memory, or where a FIPS provider forbids the algorithm. */
	if (!hash->context || EVP_DigestInit_ex(hash->context, algorithm, NULL) != 1)
		g_error("OpenSSL cannot start %s", EVP_MD_get0_name(algorithm));
	return hash;
}

KilnHash *kiln_hash_new(void)
{
	return hash_new(EVP_sha256());
}

KilnHash *kiln_hash_new_sha1(void)
{
	return hash_new(EVP_sha1());
}

KilnHash *kiln_hash_new_md5(void)
{
	return hash_new(EVP_md5());
}

void kiln_hash_update(KilnHash *hash, const void *bytes, gsize length)
{
	EVP_DigestUpdate(hash->context, bytes, length);
}

static void finish(KilnHash *hash, guint8 *out)
{
	EVP_DigestFinal_ex(hash->context, out, NULL);
	EVP_DigestInit_ex(hash->context, hash->algorithm, NULL);
}

void kiln_hash_finish(KilnHash *hash, KilnDigest *out)
{
	g_assert(EVP_MD_get_size(hash->algorithm) == sizeof out->sha256);
	finish(hash, out->sha256);
}

void kiln_hash_finish_sha1(KilnHash *hash, guint8 out[20])
{
	g_assert(EVP_MD_get_size(hash->algorithm) == 20);
	finish(hash, out);
}

void kiln_hash_finish_md5(KilnHash *hash, guint8 out[16])
{
	g_assert(EVP_MD_get_size(hash->algorithm) == 16);
	finish(hash, out);
}

void kiln_hash_free(KilnHash *hash)
{
	if (!hash)
		return;
	EVP_MD_CTX_free(hash->context);
	g_free(hash);
}

void kiln_hash_bytes(const void *bytes, gsize length, KilnDigest *out)
{
	g_autoptr(KilnHash) hash = kiln_hash_new();
	kiln_hash_update(hash, bytes, length);
	kiln_hash_finish(hash, out);
}

gboolean kiln_hash_fd(int fd, KilnDigest *out, guint64 *size_bytes, GError **error)
{
	g_autoptr(KilnHash) hash = kiln_hash_new();
	g_autofree guint8 *buffer = g_malloc(READ_BYTES);
	guint64 offset = 0;
	for (;;) {
		gssize count = pread(fd, buffer, READ_BYTES, (off_t)offset);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return kiln_fail_errno(error, errno, "cannot read");
		if (count == 0)
			break;
		kiln_hash_update(hash, buffer, (gsize)count);
		offset += (guint64)count;
	}
	kiln_hash_finish(hash, out);
	*size_bytes = offset;
	return TRUE;
}

char *kiln_hash_hex(const char *algorithm, const void *bytes, gsize length, GError **error)
{
	static const char *const known[] = { "md5", "sha1", "sha256", "sha512", NULL };
	guint8 digest[EVP_MAX_MD_SIZE];
	guint size;
	if (!g_strv_contains(known, algorithm) || EVP_Digest(bytes, length, digest, &size, EVP_get_digestbyname(algorithm), NULL) != 1) {
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "hash \"%s\" is not known here", algorithm);
		return NULL;
	}
	GString *hex = g_string_sized_new(2 * size);
	for (guint i = 0; i < size; i++)
		g_string_append_printf(hex, "%02x", digest[i]);
	return g_string_free(hex, FALSE);
}
