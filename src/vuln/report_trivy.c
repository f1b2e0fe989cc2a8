/* SPDX-License-Identifier: Apache-2.0 */
/* report_trivy.c: results in the shape of Trivy's JSON, for what reads that. Source: Trivy documentation, "JSON", schema version 2. */
#include "base/clock.h"
#include "vuln/report_writers.h"

#include <string.h>

/* How Trivy calls what is not of the distribution. */
static const char *type_of(const char *purl_type)
{
	static const struct {
		const char *purl, *trivy;
	} types[] = { { "pypi", "python-pkg" }, { "npm", "node-pkg" }, { "golang", "gobinary" }, { "maven", "jar" }, { "gem", "gemspec" }, { "cargo", "rustbinary" },
		      { "composer", "composer" }, { "nuget", "dotnet-core" }, { "conda", "conda-pkg" }, { "hex", "hex" } };
	for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
		if (strcmp(purl_type, types[i].purl) == 0)
			return types[i].trivy;
	return purl_type;
}

static const char *status_of(const KilnFinding *finding)
{
	static const char *const words[] = { [KILN_VERDICT_NOT_AFFECTED] = "not_affected", [KILN_VERDICT_FIXED] = "fixed", [KILN_VERDICT_UNDER_INVESTIGATION] = "under_investigation",
		                             [KILN_VERDICT_AFFECTED] = "affected", [KILN_VERDICT_WILL_NOT_FIX] = "will_not_fix", [KILN_VERDICT_END_OF_LIFE] = "end_of_life" };
	return finding->fixed ? "fixed" : words[finding->verdict];
}

static json_t *vulnerability_of(const KilnReportImage *image, const KilnFinding *finding)
{
	const KilnPackage *package = report_package(image, finding);
	const KilnInventoryPackage *found = image->inventory->packages->pdata[finding->package];
	g_autofree char *purl = kiln_package_purl(package), *upper = g_ascii_strup(finding->severity == KILN_SEVERITY_NONE ? "low" : kiln_severity_name(finding->severity), -1);
	g_autofree char *summary = finding->summary ? report_valid(finding->summary) : NULL, *id = g_strdup_printf("%s@%s", package->name, package->version);
	json_t *object = json_object();
	kiln_json_set_string(object, "VulnerabilityID", finding->id);
	kiln_json_set_string(object, "PkgID", id);
	kiln_json_set_string(object, "PkgName", package->name);
	if (!found->of_distribution)
		kiln_json_set_string(object, "PkgPath", found->database);
	json_object_set_new(object, "PkgIdentifier", json_pack("{s:s}", "PURL", purl ? purl : ""));
	kiln_json_set_string(object, "InstalledVersion", package->version);
	kiln_json_set_string(object, "FixedVersion", finding->fixed);
	kiln_json_set_string(object, "Status", status_of(finding));
	kiln_json_set_string(object, "SeveritySource", finding->severity_source);
	if (g_str_has_prefix(finding->id, "CVE-"))
		json_object_set_new(object, "PrimaryURL", json_sprintf("https://www.cve.org/CVERecord?id=%s", finding->id));
	kiln_json_set_string(object, "Title", summary);
	kiln_json_set_string(object, "Severity", upper);
	if (finding->vector && finding->severity_source) {
		const char *key = g_str_has_prefix(finding->vector, "CVSS:4") ? "V40" : g_str_has_prefix(finding->vector, "CVSS:3") ? "V3" : "V2";
		g_autofree char *vector_key = g_strconcat(key, "Vector", NULL), *score_key = g_strconcat(key, "Score", NULL);
		json_object_set_new(object, "CVSS", json_pack("{s:{s:s, s:f}}", finding->severity_source, vector_key, finding->vector, score_key, finding->score_tenths / 10.0));
	}
	return object;
}

/* Findings of one kind of package; NULL without any. */
static json_t *result_of(const KilnReportImage *image, const char *type, gboolean of_distribution)
{
	const KilnDistribution *distribution = &image->inventory->distribution;
	json_t *vulnerabilities = json_array(), *result = json_object();
	for (guint i = 0; i < image->result->findings->len; i++) {
		const KilnFinding *finding = image->result->findings->pdata[i];
		const KilnInventoryPackage *package = image->inventory->packages->pdata[finding->package];
		if (package->of_distribution == of_distribution && (of_distribution || strcmp(package->identity.type, type) == 0))
			json_array_append_new(vulnerabilities, vulnerability_of(image, finding));
	}
	const char *id = distribution->id ? distribution->id : "unknown", *version = distribution->version_id ? distribution->version_id : "";
	json_object_set_new(result, "Target", of_distribution ? json_sprintf("%s (%s %s)", image->reference, id, version) : json_string(type_of(type)));
	kiln_json_set_string(result, "Class", of_distribution ? "os-pkgs" : "lang-pkgs");
	kiln_json_set_string(result, "Type", of_distribution ? id : type_of(type));
	if (json_array_size(vulnerabilities))
		json_object_set(result, "Vulnerabilities", vulnerabilities);
	json_decref(vulnerabilities);
	return result;
}

static json_t *results_of(const KilnReportImage *image)
{
	json_t *results = json_array();
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	if (image->inventory->databases->len)
		json_array_append_new(results, result_of(image, NULL, TRUE));
	for (guint i = 0; i < image->inventory->packages->len; i++) {
		const KilnInventoryPackage *package = image->inventory->packages->pdata[i];
		if (!package->of_distribution && g_hash_table_add(seen, package->identity.type))
			json_array_append_new(results, result_of(image, package->identity.type, FALSE));
	}
	return results;
}

GBytes *report_write_trivy(const KilnReport *report, GError **error)
{
	const KilnReportImage *image = &report->images[0];
	const KilnDistribution *distribution = &image->inventory->distribution;
	char time[KILN_TIME_TEXT_MAX], digest[KILN_DIGEST_TEXT_MAX];
	g_autoptr(json_t) root = json_object();
	json_t *metadata = json_object();
	if (distribution->id)
		json_object_set_new(metadata, "OS", json_pack("{s:s, s:s}", "Family", distribution->id, "Name", distribution->version_id ? distribution->version_id : ""));
	json_object_set_new(metadata, "RepoDigests", json_pack("[s++]", image->reference, "@", kiln_digest_print(&image->digest, digest)));
	kiln_json_set_integer(root, "SchemaVersion", 2);
	kiln_json_set_string(root, "CreatedAt", kiln_time_print(image->created_unix_s, time));
	kiln_json_set_string(root, "ArtifactName", image->reference);
	kiln_json_set_string(root, "ArtifactType", "container_image");
	json_object_set_new(root, "Metadata", metadata);
	json_object_set_new(root, "Results", results_of(image));
	return kiln_json_pretty(root);
}
