/* SPDX-License-Identifier: Apache-2.0 */
/* certificate.c: facts of X.509 certificates. */
#include "crypto/certificate.h"

#include "base/error.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

gboolean kiln_certificate_subject_hash(const char *pem, gsize length, guint32 *hash, GError **error)
{
	BIO *memory = length <= G_MAXINT ? BIO_new_mem_buf(pem, (int)length) : NULL;
	X509 *certificate = memory ? PEM_read_bio_X509(memory, NULL, NULL, NULL) : NULL;
	BIO_free(memory);
	ERR_clear_error();
	if (!certificate)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "no PEM certificate in it");
	*hash = (guint32)X509_subject_name_hash(certificate);
	X509_free(certificate);
	return TRUE;
}
