/* SPDX-License-Identifier: Apache-2.0 */
/* statement.c: print and parse in-toto statements about one digest. */
#include "attest/statement.h"
#include "base/error.h"

#include <string.h>

#define STATEMENT_TYPE "https://in-toto.io/Statement/v1"

GBytes *kiln_statement_print(const char *subject_name, const KilnDigest *subject, const char *predicate_type, json_t *predicate)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	json_t *about = json_object();
	kiln_json_set_string(about, "name", subject_name);
	json_object_set_new(about, "digest", json_pack("{s:s}", "sha256", kiln_digest_print_hex(subject, hex)));
	g_autoptr(json_t) statement = json_object();
	kiln_json_set_string(statement, "_type", STATEMENT_TYPE);
	json_object_set_new(statement, "subject", json_pack("[o]", about));
	kiln_json_set_string(statement, "predicateType", predicate_type);
	json_object_set(statement, "predicate", predicate);
	return kiln_json_compact(statement);
}

/* A subject may carry digests of other algorithms beside SHA-256; only that one is compared. */
static gboolean check_subject(const json_t *statement, const char *name, const KilnDigest *subject, GError **error)
{
	char wanted[KILN_DIGEST_TEXT_MAX];
	json_t *subjects = kiln_json_array(statement, "subject", name, error);
	if (!subjects)
		return FALSE;
	if (json_array_size(subjects) == 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"subject\" is empty: the statement is about nothing", name);
	gboolean found = FALSE;
	gsize index;
	json_t *entry;
	json_array_foreach(subjects, index, entry) {
		KilnDigest digest;
		if (!json_is_object(entry))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: subject[%" G_GSIZE_FORMAT "] must be an object", name, index);
		const json_t *digests = kiln_json_object(entry, "digest", name, error);
		if (!digests)
			return FALSE;
		const char *hex = kiln_json_string_or_null(digests, "sha256");
		if (!hex)
			continue;
		if (!kiln_digest_parse_hex(hex, strlen(hex), &digest, error)) {
			g_prefix_error(error, "%s: subject[%" G_GSIZE_FORMAT "]: ", name, index);
			return FALSE;
		}
		found |= kiln_digest_equal(&digest, subject);
	}
	if (!found)
		return kiln_fail(error, KILN_ERROR_MISMATCH, "%s: the statement is not about %s", name, kiln_digest_print(subject, wanted));
	return TRUE;
}

gboolean kiln_statement_parse(GBytes *bytes, const char *name, const KilnDigest *subject, const char *predicate_type,
                              json_t **predicate, GError **error)
{
	gsize length;
	const char *text = g_bytes_get_data(bytes, &length);
	g_autoptr(json_t) statement = kiln_json_parse(text, length, name, error);
	if (!statement)
		return FALSE;
	if (!json_is_object(statement))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: a statement is a JSON object", name);
	const char *type = kiln_json_string(statement, "_type", name, error);
	if (!type)
		return FALSE;
	if (strcmp(type, STATEMENT_TYPE) != 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"_type\" is \"%.80s\", not \"%s\"", name, type, STATEMENT_TYPE);
	if (!check_subject(statement, name, subject, error))
		return FALSE;
	const char *found_type = kiln_json_string(statement, "predicateType", name, error);
	if (!found_type)
		return FALSE;
	if (strcmp(found_type, predicate_type) != 0)
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: the predicate is a \"%.120s\", wanted is \"%s\"", name, found_type, predicate_type);
	json_t *found = kiln_json_object(statement, "predicate", name, error);
	if (!found)
		return FALSE;
	*predicate = json_incref(found);
	return TRUE;
}
