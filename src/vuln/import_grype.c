/* SPDX-License-Identifier: Apache-2.0 */
/* import_grype.c: Grype's JSON. Source: Grype's JSON schema, "document". */
#include "base/clock.h"
#include "vuln/import_internal.h"

#include <string.h>

static gboolean recognises(const json_t *root)
{
	return json_is_array(json_object_get(root, "matches")) && json_is_object(json_object_get(root, "descriptor"));
}

static void note_severities(KilnImportClaim *claim, const json_t *vulnerability)
{
	const json_t *score;
	size_t i;
	const char *whose = kiln_json_string_or_null(vulnerability, "namespace");
	claim->severity = import_severity(kiln_json_string_or_null(vulnerability, "severity"));
	claim->severity_source = g_strdup(whose ? whose : "grype");
	json_array_foreach(json_object_get(vulnerability, "cvss"), i, score)
		if (import_severity(kiln_json_string_or_null(vulnerability, "severity")) == KILN_SEVERITY_UNKNOWN)
			import_note_vector(claim, kiln_json_string_or_null(score, "source"), kiln_json_string_or_null(score, "vector"));
}

static void note_fix(KilnImportClaim *claim, const json_t *fix)
{
	const char *state = kiln_json_string_or_null(fix, "state");
	const json_t *version;
	size_t i;
	g_autoptr(GString) versions = g_string_new(NULL);
	json_array_foreach(json_object_get(fix, "versions"), i, version)
		if (json_is_string(version))
			g_string_append_printf(versions, "%s%s", versions->len ? "," : "", json_string_value(version));
	claim->fixed = versions->len ? g_strdup(versions->str) : NULL;
	if (g_strcmp0(state, "wont-fix") == 0)
		claim->verdict = KILN_VERDICT_WILL_NOT_FIX;
}

/* A rule with a status of VEX speaks as that does; others only say that somebody does not want to see it. */
static KilnVerdict verdict_of_rules(const json_t *rules, KilnVerdict verdict)
{
	const json_t *rule;
	size_t i;
	json_array_foreach(rules, i, rule) {
		const char *status = kiln_json_string_or_null(rule, "vex-status");
		if (g_strcmp0(status, "not_affected") == 0)
			return KILN_VERDICT_NOT_AFFECTED;
		if (g_strcmp0(status, "fixed") == 0)
			return KILN_VERDICT_FIXED;
	}
	return verdict;
}

static gboolean add_match(KilnImport *import, const json_t *match, const char *where, GError **error)
{
	g_autofree char *at_vulnerability = g_strconcat(where, ".vulnerability.", NULL), *at_artifact = g_strconcat(where, ".artifact.", NULL), *prefix = g_strconcat(where, ".", NULL);
	const json_t *vulnerability = json_object_get(match, "vulnerability"), *artifact = json_object_get(match, "artifact"), *related, *other;
	const char *id = import_text(import, vulnerability, "id", at_vulnerability, error), *name = id ? import_text(import, artifact, "name", at_artifact, error) : NULL;
	size_t i;
	if (!name || !import_array(import, match, "relatedVulnerabilities", prefix, &related, error))
		return FALSE;
	KilnImportClaim *claim = import_add(import, id, g_strdup(where));
	json_array_foreach(related, i, other)
		import_add_name(claim, kiln_json_string_or_null(other, "id"));
	claim->package = g_strdup(name);
	claim->version = g_strdup(kiln_json_string_or_null(artifact, "version"));
	claim->purl = g_strdup(kiln_json_string_or_null(artifact, "purl"));
	claim->summary = g_strdup(kiln_json_string_or_null(vulnerability, "description"));
	note_fix(claim, json_object_get(vulnerability, "fix"));
	note_severities(claim, vulnerability);
	claim->verdict = verdict_of_rules(json_object_get(match, "appliedIgnoreRules"), claim->verdict);
	return TRUE;
}

static gboolean add_matches(KilnImport *import, const json_t *root, const char *key, GError **error)
{
	const json_t *matches, *match;
	size_t i;
	if (!import_array(import, root, key, "", &matches, error))
		return FALSE;
	json_array_foreach(matches, i, match) {
		g_autofree char *where = g_strdup_printf("%s[%zu]", key, i);
		if (!add_match(import, match, where, error))
			return FALSE;
	}
	return TRUE;
}

/* When its database was built, which the versions of Grype write in different places; else when it ran. */
static void note_time(KilnImport *import, const json_t *descriptor)
{
	const json_t *database = json_object_get(descriptor, "db"), *status = json_object_get(database, "status");
	const char *built = kiln_json_string_or_null(database, "built");
	built = built ? built : kiln_json_string_or_null(status, "built");
	built = built ? built : kiln_json_string_or_null(descriptor, "timestamp");
	if (!built || !kiln_time_parse(built, &import->made_unix_s, NULL))
		import->made_unix_s = 0;
}

static gboolean read_report(KilnImport *import, const json_t *root, GError **error)
{
	const json_t *target = json_object_get(json_object_get(root, "source"), "target"), *digests, *digest;
	size_t i;
	import->source = g_strdup("grype");
	note_time(import, json_object_get(root, "descriptor"));
	import_add_about(import, kiln_json_string_or_null(target, "imageID"));
	import_add_about(import, kiln_json_string_or_null(target, "manifestDigest"));
	if (!import_array(import, target, "repoDigests", "source.target.", &digests, error))
		return FALSE;
	json_array_foreach(digests, i, digest)
		import_add_about(import, json_string_value(digest));
	return add_matches(import, root, "matches", error) && add_matches(import, root, "ignoredMatches", error);
}

const ImportFormat import_grype = { "Grype's JSON", recognises, read_report };
