/* SPDX-License-Identifier: Apache-2.0 */
/* report_grype.c: results in the shape of Grype's JSON, for what reads that. Source: Grype's JSON schema. */
#include "vuln/report_writers.h"

#include <string.h>

static const char *severity_of(KilnSeverity severity)
{
	static const char *const words[] = { [KILN_SEVERITY_UNKNOWN] = "Unknown", [KILN_SEVERITY_NONE] = "Negligible", [KILN_SEVERITY_LOW] = "Low", [KILN_SEVERITY_MEDIUM] = "Medium",
		                             [KILN_SEVERITY_HIGH] = "High", [KILN_SEVERITY_CRITICAL] = "Critical" };
	return words[severity];
}

static json_t *vulnerability_of(const KilnFinding *finding)
{
	const KilnOpinion *first = finding->opinions->len ? finding->opinions->pdata[0] : NULL;
	json_t *object = json_object(), *scores = json_array(), *versions = json_array();
	g_autofree char *summary = finding->summary ? report_valid(finding->summary) : NULL;
	kiln_json_set_string(object, "id", finding->id);
	json_object_set_new(object, "dataSource", g_str_has_prefix(finding->id, "CVE-") ? json_sprintf("https://www.cve.org/CVERecord?id=%s", finding->id) : json_string(""));
	kiln_json_set_string(object, "namespace", first ? first->source : "kiln");
	kiln_json_set_string(object, "severity", severity_of(finding->severity));
	json_object_set_new(object, "urls", json_array());
	kiln_json_set_string(object, "description", summary);
	if (finding->vector)
		json_array_append_new(scores, json_pack("{s:s, s:s, s:{s:f}}", "source", finding->severity_source ? finding->severity_source : "", "vector", finding->vector, "metrics", "baseScore",
		                                        finding->score_tenths / 10.0));
	json_object_set_new(object, "cvss", scores);
	if (finding->fixed)
		json_array_append_new(versions, json_string(finding->fixed));
	json_object_set_new(object, "fix", json_pack("{s:o, s:s}", "versions", versions, "state", finding->fixed ? "fixed" : finding->verdict == KILN_VERDICT_WILL_NOT_FIX ? "wont-fix" : "not-fixed"));
	json_object_set_new(object, "advisories", json_array());
	return object;
}

static json_t *artifact_of(const KilnReportImage *image, const KilnFinding *finding)
{
	const KilnInventoryPackage *package = image->inventory->packages->pdata[finding->package];
	const KilnPackage *identity = &package->identity;
	g_autofree char *purl = kiln_package_purl(identity), *path = g_strconcat("/", package->database, NULL);
	json_t *upstreams = json_array();
	if (identity->source_name && strcmp(identity->source_name, identity->name) != 0)
		json_array_append_new(upstreams, json_pack("{s:s}", "name", identity->source_name));
	json_t *object = json_pack("{s:s, s:s, s:s, s:[{s:s}], s:s, s:[], s:[], s:s}", "name", identity->name, "version", identity->version, "type", identity->type, "locations", "path", path,
	                           "language", "", "licenses", "cpes", "purl", purl ? purl : "");
	json_object_set_new(object, "upstreams", upstreams);
	return object;
}

static json_t *match_of(const KilnReportImage *image, const KilnFinding *finding)
{
	json_t *related = json_array();
	for (guint i = 0; i < finding->aliases->len; i++)
		json_array_append_new(related, json_pack("{s:s}", "id", (const char *)finding->aliases->pdata[i]));
	return json_pack("{s:o, s:o, s:[{s:s, s:s}], s:o}", "vulnerability", vulnerability_of(finding), "relatedVulnerabilities", related, "matchDetails", "type", "exact-direct-match", "matcher",
	                 "kiln", "artifact", artifact_of(image, finding));
}

static json_t *matches_of(const KilnReportImage *image, const GPtrArray *findings, gboolean suppressed)
{
	json_t *matches = json_array();
	for (guint i = 0; i < findings->len; i++) {
		const KilnFinding *finding = findings->pdata[i];
		json_t *match = match_of(image, finding);
		if (suppressed)
			json_object_set_new(match, "appliedIgnoreRules", json_pack("[{s:s, s:s}]", "vulnerability", finding->id, "reason", finding->suppressed_because ? finding->suppressed_because : ""));
		json_array_append_new(matches, match);
	}
	return matches;
}

GBytes *report_write_grype(const KilnReport *report, GError **error)
{
	const KilnReportImage *image = &report->images[0];
	const KilnDistribution *distribution = &image->inventory->distribution;
	char digest[KILN_DIGEST_TEXT_MAX];
	g_autoptr(json_t) root = json_object();
	json_object_set_new(root, "matches", matches_of(image, image->result->findings, FALSE));
	json_object_set_new(root, "ignoredMatches", matches_of(image, image->result->suppressed, TRUE));
	json_object_set_new(root, "source", json_pack("{s:s, s:{s:s, s:s}}", "type", "image", "target", "userInput", image->reference, "manifestDigest", kiln_digest_print(&image->digest, digest)));
	json_object_set_new(root, "distro", json_pack("{s:s, s:s, s:[]}", "name", distribution->id ? distribution->id : "", "version", distribution->version_id ? distribution->version_id : "", "idLike"));
	json_object_set_new(root, "descriptor", json_pack("{s:s, s:s}", "name", "kiln", "version", report->tool_version));
	return kiln_json_pretty(root);
}
