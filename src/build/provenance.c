/* SPDX-License-Identifier: Apache-2.0 */
/* provenance.c: the SLSA v1 predicate: from what, by what and how an image was made. Source: slsa.dev/spec/v1.0/provenance. */
#include "build/evidence.h"
#include "build/provenance.h"

#include "base/clock.h"
#include "build/reason.h"
#include "io/deflate.h"
#include "kiln_config.h"

#include <string.h>

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
	for (guint i = 0; i < evidence->own_files->len; i++) {
		const KilnOwnFile *file = evidence->own_files->pdata[i];
		g_autofree char *uri = g_strdup_printf("recipe:/%s", file->path);
		if (file->type == KILN_FILE_REGULAR)
			json_array_append_new(array, dependency(file->path, uri, &file->digest));
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

static json_t *internal_parameters(const KilnEvidence *evidence)
{
	json_t *object = json_object();
	json_object_set_new(object, "lock", kiln_lock_to_json(evidence->lock));
	json_object_set_new(object, "files", kiln_own_files_to_json(evidence->own_files));
	kiln_json_set_integer(object, "slice-rules", KILN_SLICE_RULES_VERSION);
	return object;
}

/* The image does not depend on it: another kiln that builds the same says so of itself beside this one. */
static json_t *builder(const KilnEvidence *evidence)
{
	json_t *object = json_object(), *version = json_object();
	KilnCompression compression = strcmp(evidence->recipe->compression, "zstd") == 0 ? KILN_COMPRESSION_ZSTD : KILN_COMPRESSION_GZIP;
	g_autoptr(KilnDeflater) deflater = kiln_deflater_new(compression, NULL);
	kiln_json_set_string(object, "id", KILN_BUILDER_ID);
	kiln_json_set_string(version, "kiln", KILN_VERSION);
	kiln_json_set_string(version, "compressor", deflater ? kiln_deflater_name(deflater) : NULL);
	json_object_set_new(object, "version", version);
	if (evidence->program) {
		json_t *program = dependency("kiln", NULL, evidence->program), *dependencies_of_builder = json_array();
		json_array_append_new(dependencies_of_builder, program);
		json_object_set_new(object, "builderDependencies", dependencies_of_builder);
	}
	return object;
}

json_t *kiln_provenance_predicate(const KilnEvidence *evidence)
{
	json_t *predicate = json_object(), *definition = json_object(), *run = json_object();
	kiln_json_set_string(definition, "buildType", KILN_BUILD_TYPE);
	json_object_set_new(definition, "externalParameters", parameters(evidence));
	json_object_set_new(definition, "internalParameters", internal_parameters(evidence));
	json_object_set_new(definition, "resolvedDependencies", dependencies(evidence));
	json_object_set_new(run, "builder", builder(evidence));
	json_object_set_new(predicate, "buildDefinition", definition);
	json_object_set_new(predicate, "runDetails", run);
	return predicate;
}
