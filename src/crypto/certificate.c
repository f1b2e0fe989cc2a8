/* SPDX-License-Identifier: Apache-2.0 */
/* certificate.c: facts of X.509 certificates. */
#include "crypto/certificate.h"

#include "base/error.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static X509 *read_pem(const char *pem, gsize length, GError **error)
{
	BIO *memory = length <= G_MAXINT ? BIO_new_mem_buf(pem, (int)length) : NULL;
	X509 *certificate = memory ? PEM_read_bio_X509(memory, NULL, NULL, NULL) : NULL;
	BIO_free(memory);
	ERR_clear_error();
	if (!certificate)
		kiln_fail(error, KILN_ERROR_SYNTAX, "no PEM certificate in it");
	return certificate;
}

gboolean kiln_certificate_subject_hash(const char *pem, gsize length, guint32 *hash, GError **error)
{
	X509 *certificate = read_pem(pem, length, error);
	if (!certificate)
		return FALSE;
	*hash = (guint32)X509_subject_name_hash(certificate);
	X509_free(certificate);
	return TRUE;
}

GBytes *kiln_certificate_to_der(const char *pem, gsize length, GError **error)
{
	X509 *certificate = read_pem(pem, length, error);
	guint8 *der = NULL;
	int size = certificate ? i2d_X509(certificate, &der) : -1;
	GBytes *bytes = size >= 0 ? g_bytes_new(der, (gsize)size) : NULL;
	if (certificate && !bytes)
		kiln_fail(error, KILN_ERROR_SYNTAX, "the certificate cannot be written as DER");
	OPENSSL_free(der);
	X509_free(certificate);
	return bytes;
}
