/* SPDX-License-Identifier: Apache-2.0 */
/* provenance.c: the SLSA v1 predicate: from what, by what and how an image was made. Source: slsa.dev/spec/v1.0/provenance. */
#include "build/evidence.h"

#include "base/clock.h"
#include "build/reason.h"
#include "kiln_config.h"

static json_t *dependency(const char *name, const char *uri, const KilnDigest *digest)
{
	json_t *object = json_object(), *digests = json_object();
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	kiln_json_set_string(object, "name", name);
	kiln_json_set_string(object, "uri", uri);
	kiln_json_set_string(digests, "sha256", kiln_digest_print_hex(digest, hex));
	json_object_set_new(object, "digest", digests);
	return object;
}

/* Addresses of mirrors are no part of it: content is by digest, and the same image comes from any mirror. */
static json_t *dependencies(const KilnEvidence *evidence)
{
	json_t *array = json_array();
	for (guint i = 0; i < evidence->lock->suites->len; i++) {
		const KilnLockSuite *suite = evidence->lock->suites->pdata[i];
		g_autofree char *uri = suite->signers[0] ? g_strdup_printf("archive:%s/dists/%s/%s", suite->archive, suite->suite, suite->detached ? "Release" : "InRelease")
		                                         : g_strdup_printf("archive:%s/Packages", suite->archive); /* a trusted directory */
		json_t *object = dependency(suite->suite, uri, &suite->inrelease), *annotations = json_object();
		json_object_set_new(annotations, "signers", kiln_json_from_strv((const char *const *)suite->signers));
		json_object_set_new(object, "annotations", annotations);
		json_array_append_new(array, object);
	}
	for (guint i = 0; i < evidence->platform->packages->len; i++) {
		const KilnLockPackage *package = evidence->platform->packages->pdata[i];
		const KilnLockSuite *suite = evidence->lock->suites->pdata[package->suite];
		g_autofree char *uri = g_strdup_printf("archive:%s/%s", suite->archive, package->filename);
		json_array_append_new(array, dependency(package->name, uri, &package->digest));
	}
	for (guint i = 0; i < evidence->tree->entries->len; i++) {
		const KilnTreeEntry *entry = evidence->tree->entries->pdata[i];
		g_autofree char *uri = g_strdup_printf("recipe:/%s", entry->path);
		if (entry->package == KILN_PACKAGE_RECIPE && entry->type == KILN_FILE_REGULAR)
			json_array_append_new(array, dependency(entry->path, uri, &entry->digest));
	}
	return array;
}

static json_t *parameters(const KilnEvidence *evidence)
{
	json_t *object = json_object();
	g_autoptr(GBytes) recipe = kiln_recipe_to_json(evidence->recipe, FALSE);
	json_object_set_new(object, "recipe", kiln_json_parse(g_bytes_get_data(recipe, NULL), g_bytes_get_size(recipe), "recipe", NULL));
	kiln_json_set_string(object, "platform", evidence->platform->platform);
	if (evidence->created_from_environment)
		kiln_json_set_integer(object, "source-date-epoch", evidence->created_unix_s);
	return object;
}

json_t *kiln_provenance_predicate(const KilnEvidence *evidence)
{
	json_t *predicate = json_object(), *definition = json_object(), *run = json_object(), *builder = json_object(), *version = json_object();
	json_t *internal = json_object();
	kiln_json_set_string(definition, "buildType", KILN_BUILD_TYPE);
	json_object_set_new(definition, "externalParameters", parameters(evidence));
	json_object_set_new(internal, "lock", kiln_lock_to_json(evidence->lock));
	kiln_json_set_integer(internal, "slice-rules", KILN_SLICE_RULES_VERSION);
	json_object_set_new(definition, "internalParameters", internal);
	json_object_set_new(definition, "resolvedDependencies", dependencies(evidence));
	kiln_json_set_string(builder, "id", "https://kiln.example/kiln");
	kiln_json_set_string(version, "kiln", KILN_VERSION);
	json_object_set_new(builder, "version", version);
	json_object_set_new(run, "builder", builder);
	json_object_set_new(predicate, "buildDefinition", definition);
	json_object_set_new(predicate, "runDetails", run);
	return predicate;
}
