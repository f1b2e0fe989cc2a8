/* SPDX-License-Identifier: Apache-2.0 */
/* certificate.h: facts of X.509 certificates. */
#pragma once
#include <glib.h>

/**
 * The hash by which OpenSSL finds a certificate in a directory ("openssl x509 -subject_hash").
 *
 * @pem: text with one certificate, borrowed
 * Errors: KILN_ERROR_SYNTAX.
 */
gboolean kiln_certificate_subject_hash(const char *pem, gsize length, guint32 *hash, GError **error) G_GNUC_WARN_UNUSED_RESULT;
