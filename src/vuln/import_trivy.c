/* SPDX-License-Identifier: Apache-2.0 */
/* import_trivy.c: Trivy's JSON. Source: Trivy documentation, "Reporting: JSON", schema version 2. */
#include "base/clock.h"
#include "vuln/import_internal.h"

#include <string.h>

static gboolean recognises(const json_t *root)
{
	return json_integer_value(json_object_get(root, "SchemaVersion")) == 2 && (json_object_get(root, "ArtifactName") || json_object_get(root, "Results"));
}

/* "fixed" means that a version mends it: what is installed is affected. */
static KilnVerdict verdict_of(const char *status)
{
	static const struct {
		const char *word;
		KilnVerdict verdict;
	} rows[] = { { "not_affected", KILN_VERDICT_NOT_AFFECTED }, { "under_investigation", KILN_VERDICT_UNDER_INVESTIGATION }, { "will_not_fix", KILN_VERDICT_WILL_NOT_FIX },
		     { "fix_deferred", KILN_VERDICT_AFFECTED }, { "end_of_life", KILN_VERDICT_END_OF_LIFE } };
	for (gsize i = 0; status && i < G_N_ELEMENTS(rows); i++)
		if (strcmp(status, rows[i].word) == 0)
			return rows[i].verdict;
	return KILN_VERDICT_AFFECTED;
}

static void note_severities(KilnImportClaim *claim, const json_t *vulnerability)
{
	static const char *const kinds[] = { "V40Vector", "V3Vector", "V2Vector" };
	const char *whose = kiln_json_string_or_null(vulnerability, "SeveritySource"), *name;
	json_t *scores;
	claim->severity = import_severity(kiln_json_string_or_null(vulnerability, "Severity"));
	claim->severity_source = g_strdup(whose ? whose : "trivy");
	json_object_foreach(json_object_get(vulnerability, "CVSS"), name, scores)
		for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
			if (!whose || strcmp(name, whose) == 0)
				import_note_vector(claim, name, kiln_json_string_or_null(scores, kinds[i]));
}

static gboolean add_vulnerability(KilnImport *import, const json_t *vulnerability, const char *where, KilnImportClaim **added, GError **error)
{
	g_autofree char *prefix = g_strconcat(where, ".", NULL);
	const char *id = import_text(import, vulnerability, "VulnerabilityID", prefix, error), *package = id ? import_text(import, vulnerability, "PkgName", prefix, error) : NULL;
	const json_t *vendor_ids, *vendor_id;
	size_t i;
	if (!package || !import_array(import, vulnerability, "VendorIDs", prefix, &vendor_ids, error))
		return FALSE;
	KilnImportClaim *claim = *added = import_add(import, id, g_strdup(where));
	json_array_foreach(vendor_ids, i, vendor_id)
		import_add_name(claim, json_string_value(vendor_id));
	claim->package = g_strdup(package);
	claim->version = g_strdup(kiln_json_string_or_null(vulnerability, "InstalledVersion"));
	claim->purl = g_strdup(kiln_json_string_or_null(json_object_get(vulnerability, "PkgIdentifier"), "PURL"));
	claim->fixed = g_strdup(kiln_json_string_or_null(vulnerability, "FixedVersion"));
	claim->summary = g_strdup(kiln_json_string_or_null(vulnerability, "Title"));
	claim->verdict = verdict_of(kiln_json_string_or_null(vulnerability, "Status"));
	note_severities(claim, vulnerability);
	return TRUE;
}

/* What Trivy itself left out, because a statement or an ignore file says so. */
static gboolean add_modified(KilnImport *import, const json_t *result, const char *prefix, GError **error)
{
	const json_t *list, *entry;
	size_t i;
	if (!import_array(import, result, "ExperimentalModifiedFindings", prefix, &list, error))
		return FALSE;
	json_array_foreach(list, i, entry) {
		KilnImportClaim *claim;
		g_autofree char *where = g_strdup_printf("%sExperimentalModifiedFindings[%zu].Finding", prefix, i);
		const char *status = kiln_json_string_or_null(entry, "Status");
		if (g_strcmp0(kiln_json_string_or_null(entry, "Type"), "vulnerability") != 0)
			continue;
		if (!add_vulnerability(import, json_object_get(entry, "Finding"), where, &claim, error))
			return FALSE;
		claim->verdict = g_strcmp0(status, "fixed") == 0 ? KILN_VERDICT_FIXED : g_strcmp0(status, "not_affected") == 0 ? KILN_VERDICT_NOT_AFFECTED : claim->verdict;
	}
	return TRUE;
}

static gboolean add_result(KilnImport *import, const json_t *result, size_t number, GError **error)
{
	const json_t *list, *vulnerability;
	size_t i;
	g_autofree char *prefix = g_strdup_printf("Results[%zu].", number);
	if (!import_array(import, result, "Vulnerabilities", prefix, &list, error))
		return FALSE;
	json_array_foreach(list, i, vulnerability) {
		KilnImportClaim *claim;
		g_autofree char *where = g_strdup_printf("%sVulnerabilities[%zu]", prefix, i);
		if (!add_vulnerability(import, vulnerability, where, &claim, error))
			return FALSE;
	}
	return add_modified(import, result, prefix, error);
}

static gboolean read_report(KilnImport *import, const json_t *root, GError **error)
{
	const json_t *results, *result, *digests, *digest, *metadata = json_object_get(root, "Metadata");
	const char *created = kiln_json_string_or_null(root, "CreatedAt");
	size_t i;
	import->source = g_strdup("trivy");
	import_add_about(import, kiln_json_string_or_null(metadata, "ImageID"));
	if (created && !kiln_time_parse(created, &import->made_unix_s, NULL))
		import->made_unix_s = 0;
	if (!import_array(import, metadata, "RepoDigests", "Metadata.", &digests, error) || !import_array(import, root, "Results", "", &results, error))
		return FALSE;
	json_array_foreach(digests, i, digest)
		import_add_about(import, json_string_value(digest));
	json_array_foreach(results, i, result)
		if (!add_result(import, result, i, error))
			return FALSE;
	return TRUE;
}

const ImportFormat import_trivy = { "Trivy's JSON", recognises, read_report };
