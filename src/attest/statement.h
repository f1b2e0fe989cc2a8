/* SPDX-License-Identifier: Apache-2.0 */
/* statement.h: in-toto Statement v1 around any predicate. Source: in-toto attestation spec, v1/statement.md. */
#pragma once
#include "base/digest.h"
#include "data/json.h"

#define KILN_PREDICATE_PROVENANCE "https://slsa.dev/provenance/v1"
#define KILN_PREDICATE_TEST_RESULT "https://in-toto.io/attestation/test-result/v0.1"
#define KILN_MEDIA_IN_TOTO "application/vnd.in-toto+json"

/** Canonical bytes of a statement about one digest. @predicate is borrowed. */
GBytes *kiln_statement_print(const char *subject_name, const KilnDigest *subject, const char *predicate_type, json_t *predicate);

/**
 * @predicate: becomes a new reference
 * Errors: KILN_ERROR_SYNTAX not a v1 statement, KILN_ERROR_MISMATCH about another digest than @subject,
 * KILN_ERROR_UNSUPPORTED another predicate type than @predicate_type.
 */
gboolean kiln_statement_parse(GBytes *bytes, const char *name, const KilnDigest *subject, const char *predicate_type, json_t **predicate, GError **error) G_GNUC_WARN_UNUSED_RESULT;
