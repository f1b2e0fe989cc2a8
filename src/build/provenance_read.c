/* SPDX-License-Identifier: Apache-2.0 */
/* provenance_read.c: the SLSA predicate that provenance.c wrote, as recipe, lock and files to build from. */
#include "build/provenance.h"

#include "attest/statement.h"
#include "base/error.h"
#include "base/limits.h"
#include "kiln_config.h"
#include "oci/platform.h"

#include <string.h>

void kiln_provenance_free(KilnProvenance *provenance)
{
	if (!provenance)
		return;
	kiln_recipe_free(provenance->recipe);
	kiln_lock_free(provenance->lock);
	g_clear_pointer(&provenance->own_files, g_ptr_array_unref);
	g_free(provenance->platform);
	g_free(provenance->kiln_version);
	g_free(provenance->compressor);
	g_free(provenance);
}

static gboolean read_recipe(const json_t *external, KilnProvenance *provenance, GError **error)
{
	const json_t *recipe = kiln_json_object(external, "recipe", "externalParameters", error);
	const char *platform = recipe ? kiln_json_string(external, "platform", "externalParameters", error) : NULL;
	const KilnPlatform *known = platform ? kiln_platform_parse(platform, error) : NULL;
	if (!known)
		return FALSE;
	g_autoptr(GBytes) text = kiln_json_compact(recipe);
	provenance->recipe = kiln_recipe_from_json(g_bytes_get_data(text, NULL), g_bytes_get_size(text), "recipe of the provenance", error);
	if (!provenance->recipe)
		return FALSE;
	if (!g_strv_contains((const char *const *)provenance->recipe->platforms, known->oci))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "its recipe is not for its platform %s", known->oci);
	provenance->platform = g_strdup(known->oci);
	g_strfreev(provenance->recipe->platforms);
	provenance->recipe->platforms = g_strsplit(known->oci, "\n", 1);
	provenance->source_date_epoch = -1;
	return !json_object_get(external, "source-date-epoch") ||
	       kiln_json_integer(external, "source-date-epoch", "externalParameters", &provenance->source_date_epoch, error);
}

static gboolean read_inputs(const json_t *internal, KilnProvenance *provenance, GError **error)
{
	gint64 rules;
	const json_t *lock = kiln_json_object(internal, "lock", "internalParameters", error);
	if (!lock || !kiln_json_integer(internal, "slice-rules", "internalParameters", &rules, error))
		return FALSE;
	provenance->slice_rules_version = (guint)CLAMP(rules, 0, G_MAXUINT);
	provenance->lock = kiln_lock_from_json(lock, "lock of the provenance", error);
	if (!provenance->lock)
		return FALSE;
	if (!kiln_lock_find_platform(provenance->lock, provenance->platform))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "its lock is not for its platform %s", provenance->platform);
	provenance->own_files = kiln_own_files_from_json(json_object_get(internal, "files"), provenance->recipe->files->len, "files of the provenance", error);
	return provenance->own_files != NULL;
}

/* Who built it is told to people, and decides nothing. */
static void read_builder(const json_t *builder, KilnProvenance *provenance)
{
	const json_t *version = json_object_get(builder, "version"), *dependencies = json_object_get(builder, "builderDependencies");
	provenance->kiln_version = g_strdup(kiln_json_string_or_null(version, "kiln"));
	provenance->compressor = g_strdup(kiln_json_string_or_null(version, "compressor"));
	for (gsize i = 0; i < json_array_size(dependencies); i++) {
		const json_t *one = json_array_get(dependencies, i);
		const char *hex = kiln_json_string_or_null(json_object_get(one, "digest"), "sha256");
		if (hex && g_strcmp0(kiln_json_string_or_null(one, "name"), "kiln") == 0)
			provenance->has_program = kiln_digest_parse_hex(hex, strlen(hex), &provenance->program, NULL);
	}
}

static gboolean read_predicate(const json_t *predicate, KilnProvenance *provenance, GError **error)
{
	const json_t *definition = kiln_json_object(predicate, "buildDefinition", "predicate", error);
	const char *type = definition ? kiln_json_string(definition, "buildType", "buildDefinition", error) : NULL;
	if (!type)
		return FALSE;
	if (strcmp(type, KILN_BUILD_TYPE) != 0)
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "its build type is \"%.200s\"; kiln rebuilds %s", type, KILN_BUILD_TYPE);
	const json_t *external = kiln_json_object(definition, "externalParameters", "buildDefinition", error);
	const json_t *internal = external ? kiln_json_object(definition, "internalParameters", "buildDefinition", error) : NULL;
	const json_t *run = internal ? kiln_json_object(predicate, "runDetails", "predicate", error) : NULL;
	const json_t *builder = run ? kiln_json_object(run, "builder", "runDetails", error) : NULL;
	if (!builder || !read_recipe(external, provenance, error) || !read_inputs(internal, provenance, error))
		return FALSE;
	read_builder(builder, provenance);
	return TRUE;
}

KilnProvenance *kiln_provenance_from_json(const json_t *predicate, const char *name, GError **error)
{
	g_autoptr(KilnProvenance) provenance = g_new0(KilnProvenance, 1);
	if (read_predicate(predicate, provenance, error))
		return g_steal_pointer(&provenance);
	g_prefix_error(error, "%s: ", name);
	return NULL;
}

/* The one blob of an artifact, parsed as a statement about @manifest. */
static KilnProvenance *read_artifact(const KilnLayout *layout, const KilnDescriptor *artifact, const KilnDescriptor *manifest, GError **error)
{
	g_autoptr(json_t) predicate = NULL;
	g_autoptr(GBytes) text = kiln_layout_read_artifact(layout, artifact, KILN_LIMIT_JSON_BYTES, error);
	if (!text || !kiln_statement_parse(text, "provenance", &manifest->digest, KILN_PREDICATE_PROVENANCE, &predicate, error))
		return NULL;
	return kiln_provenance_from_json(predicate, "provenance", error);
}

KilnProvenance *kiln_provenance_find(const KilnLayout *layout, const KilnDescriptor *manifest, GError **error)
{
	g_autoptr(GPtrArray) artifacts = NULL;
	g_autoptr(KilnProvenance) best = NULL;
	g_autoptr(GError) first = NULL;
	char digest[KILN_DIGEST_TEXT_MAX];
	if (!kiln_layout_referrers(layout, &manifest->digest, KILN_MEDIA_IN_TOTO, &artifacts, error))
		return NULL;
	for (guint i = artifacts->len; i-- > 0 && (!best || g_strcmp0(best->kiln_version, KILN_VERSION) != 0);) {
		g_autoptr(GError) wrong = NULL;
		g_autoptr(KilnProvenance) read = read_artifact(layout, artifacts->pdata[i], manifest, &wrong);
		if (read && (!best || g_strcmp0(read->kiln_version, KILN_VERSION) == 0)) {
			kiln_provenance_free(best);
			best = g_steal_pointer(&read);
		} else if (wrong && !first) {
			first = g_steal_pointer(&wrong);
		}
	}
	if (!best && first)
		g_propagate_error(error, g_steal_pointer(&first));
	else if (!best)
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "no provenance is attached to %s, so nobody knows what it was made from", kiln_digest_print(&manifest->digest, digest));
	return g_steal_pointer(&best);
}
