/* SPDX-License-Identifier: Apache-2.0 */
/* certificate.h: facts of X.509 certificates. */
#pragma once
#include <glib.h>

/**
 * The certificate in @pem as DER.
 *
 * @pem: text with one certificate, borrowed; what follows it is not looked at
 * Errors: KILN_ERROR_SYNTAX.
 */
GBytes *kiln_certificate_to_der(const char *pem, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * The hash by which OpenSSL finds a certificate in a directory ("openssl x509 -subject_hash").
 *
 * @pem: text with one certificate, borrowed
 * Errors: KILN_ERROR_SYNTAX.
 */
gboolean kiln_certificate_subject_hash(const char *pem, gsize length, guint32 *hash, GError **error) G_GNUC_WARN_UNUSED_RESULT;
