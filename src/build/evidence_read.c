/* SPDX-License-Identifier: Apache-2.0 */
/* evidence_read.c: documents that are attached to an image, and what they say; all of it is input from outside. */
#include "attest/statement.h"
#include "base/error.h"
#include "base/limits.h"
#include "build/evidence.h"

/* The one blob of the artifact @descriptor. */
static GBytes *read_artifact(const KilnLayout *layout, const KilnDescriptor *descriptor, GError **error)
{
	g_autoptr(GBytes) bytes = kiln_layout_read_blob(layout, &descriptor->digest, KILN_LIMIT_MANIFEST_BYTES, error);
	g_autoptr(KilnManifest) manifest = bytes ? kiln_manifest_parse(bytes, "attached document", error) : NULL;
	if (!manifest)
		return NULL;
	if (manifest->is_index || manifest->items->len != 1) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "an attached document has %u parts, not one", manifest->items->len);
		return NULL;
	}
	const KilnDescriptor *blob = manifest->items->pdata[0];
	return kiln_layout_read_blob(layout, &blob->digest, KILN_LIMIT_JSON_BYTES, error);
}

json_t *kiln_evidence_load(const KilnLayout *layout, const KilnDigest *subject, const char *predicate_type, GError **error)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	g_autoptr(GPtrArray) referrers = NULL;
	json_t *predicate = NULL;
	if (!kiln_layout_referrers(layout, subject, KILN_MEDIA_IN_TOTO, &referrers, error))
		return NULL;
	for (guint i = referrers->len; i > 0; i--) {
		g_autoptr(GError) reason = NULL;
		g_autoptr(GBytes) bytes = read_artifact(layout, referrers->pdata[i - 1], error);
		if (!bytes)
			return NULL;
		if (kiln_statement_parse(bytes, predicate_type, subject, predicate_type, &predicate, &reason))
			return predicate;
		if (!g_error_matches(reason, KILN_ERROR, KILN_ERROR_UNSUPPORTED)) { /* else it is of another type */
			g_propagate_error(error, g_steal_pointer(&reason));
			return NULL;
		}
	}
	kiln_fail(error, KILN_ERROR_NOT_FOUND, "no %s is attached to %s", predicate_type, kiln_digest_print(subject, digest));
	return NULL;
}

KilnRecipe *kiln_provenance_recipe(const KilnLayout *layout, const KilnDigest *subject, const char *name, GError **error)
{
	g_autoptr(json_t) predicate = kiln_evidence_load(layout, subject, KILN_PREDICATE_PROVENANCE, error);
	const json_t *definition = predicate ? kiln_json_object(predicate, "buildDefinition", name, error) : NULL;
	const json_t *parameters = definition ? kiln_json_object(definition, "externalParameters", name, error) : NULL;
	const json_t *recipe = parameters ? kiln_json_object(parameters, "recipe", name, error) : NULL;
	if (!recipe)
		return NULL;
	g_autoptr(GBytes) text = kiln_json_compact(recipe);
	return kiln_recipe_from_json(g_bytes_get_data(text, NULL), g_bytes_get_size(text), name, error);
}
