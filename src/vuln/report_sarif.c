/* SPDX-License-Identifier: Apache-2.0 */
/* report_sarif.c: results for code scanning: one run an image. What cannot be told is a notification. Source: SARIF 2.1.0, sections 3.14 to 3.27. */
#include "vuln/report_writers.h"

#include <string.h>

#define SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"

static const char *level_of(KilnSeverity severity)
{
	switch (severity) {
	case KILN_SEVERITY_CRITICAL:
	case KILN_SEVERITY_HIGH: return "error";
	case KILN_SEVERITY_LOW:
	case KILN_SEVERITY_NONE: return "note";
	default: return "warning";
	}
}

static json_t *text_object(const char *text)
{
	g_autofree char *valid = report_valid(text);
	return json_pack("{s:s}", "text", valid);
}

static json_t *rule_of(const KilnFinding *finding)
{
	char score[8];
	json_t *rule = json_object(), *properties = json_object(), *tags = json_pack("[s]", "security");
	kiln_json_set_string(rule, "id", finding->id);
	json_object_set_new(rule, "shortDescription", text_object(finding->summary && *finding->summary ? finding->summary : finding->id));
	if (g_str_has_prefix(finding->id, "CVE-"))
		json_object_set_new(rule, "helpUri", json_sprintf("https://www.cve.org/CVERecord?id=%s", finding->id));
	json_array_append_new(tags, json_string(kiln_severity_name(finding->severity)));
	if (finding->exploitation.exploited)
		json_array_append_new(tags, json_string("exploited"));
	if (*report_score_text(finding, score))
		kiln_json_set_string(properties, "security-severity", score);
	json_object_set_new(properties, "tags", tags);
	json_object_set_new(rule, "properties", properties);
	return rule;
}

static json_t *location_of(const KilnReportImage *image, const KilnFinding *finding)
{
	const KilnInventoryPackage *package = image->inventory->packages->pdata[finding->package];
	g_autofree char *uri = g_uri_escape_string(package->database, "/", FALSE), *purl = kiln_package_purl(&package->identity);
	json_t *location = json_pack("{s:{s:{s:s}}}", "physicalLocation", "artifactLocation", "uri", uri);
	json_object_set_new(location, "logicalLocations", json_pack("[{s:s, s:s}]", "fullyQualifiedName", purl ? purl : package->identity.name, "kind", "package"));
	return location;
}

static json_t *result_of(const KilnReportImage *image, const KilnFinding *finding, guint rule)
{
	const KilnPackage *package = report_package(image, finding);
	g_autofree char *fix = report_fix_text(finding), *message = NULL;
	message = g_strdup_printf("%s %s: %s (%s severity); %s%s%s", package->name, package->version, finding->id, kiln_severity_name(finding->severity), fix,
	                          finding->split ? "; " : "", finding->split ? finding->split : "");
	json_t *result = json_object();
	kiln_json_set_string(result, "ruleId", finding->id);
	kiln_json_set_integer(result, "ruleIndex", rule);
	kiln_json_set_string(result, "level", level_of(finding->severity));
	json_object_set_new(result, "message", text_object(message));
	json_object_set_new(result, "locations", json_pack("[o]", location_of(image, finding)));
	if (finding->suppressed_because)
		json_object_set_new(result, "suppressions", json_pack("[{s:s, s:o}]", "kind", "external", "justification", json_string(finding->suppressed_because)));
	json_object_set_new(result, "partialFingerprints", json_pack("{s:s++}", "kiln/package/v1", finding->id, " ", package->name));
	return result;
}

static json_t *notifications_of(const KilnReportImage *image)
{
	json_t *list = json_array();
	for (guint i = 0; i < image->result->untold->len; i++) {
		const KilnUntold *untold = image->result->untold->pdata[i];
		json_array_append_new(list, json_pack("{s:s, s:o, s:{s:s}}", "level", "warning", "message", text_object(untold->what), "descriptor", "id", untold->kind));
	}
	return list;
}

static void add_results(const KilnReportImage *image, const GPtrArray *findings, GHashTable *known, json_t *rules, json_t *results)
{
	for (guint i = 0; i < findings->len; i++) {
		const KilnFinding *finding = findings->pdata[i];
		gpointer rule = NULL;
		if (!g_hash_table_lookup_extended(known, finding->id, NULL, &rule)) {
			rule = GUINT_TO_POINTER((guint)json_array_size(rules));
			g_hash_table_insert(known, finding->id, rule);
			json_array_append_new(rules, rule_of(finding));
		}
		json_array_append_new(results, result_of(image, finding, GPOINTER_TO_UINT(rule)));
	}
}

static json_t *run_of(const KilnReport *report, const KilnReportImage *image)
{
	char digest[KILN_DIGEST_TEXT_MAX], database[KILN_DIGEST_TEXT_MAX];
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
	json_t *run = json_object(), *rules = json_array(), *results = json_array();
	add_results(image, image->result->findings, known, rules, results);
	add_results(image, image->result->suppressed, known, rules, results);
	json_object_set_new(run, "tool", json_pack("{s:{s:s, s:s, s:o}}", "driver", "name", "kiln", "version", report->tool_version, "rules", rules));
	json_object_set_new(run, "automationDetails", json_pack("{s:s}", "id", image->reference));
	json_object_set_new(run, "invocations", json_pack("[{s:b, s:o}]", "executionSuccessful", TRUE, "toolExecutionNotifications", notifications_of(image)));
	json_object_set_new(run, "results", results);
	g_autofree char *coverage = kiln_report_coverage(image);
	json_object_set_new(run, "properties", json_pack("{s:s, s:s, s:s, s:s}", "image-digest", kiln_digest_print(&image->digest, digest), "database-digest",
	                                                 kiln_digest_print(&report->database, database), "result", kiln_report_verdict(image->result), "coverage", coverage));
	return run;
}

GBytes *report_write_sarif(const KilnReport *report, GError **error)
{
	g_autoptr(json_t) root = json_object();
	json_t *runs = json_array();
	kiln_json_set_string(root, "$schema", SCHEMA);
	kiln_json_set_string(root, "version", "2.1.0");
	for (gsize i = 0; i < report->count; i++)
		json_array_append_new(runs, run_of(report, &report->images[i]));
	json_object_set_new(root, "runs", runs);
	return kiln_json_pretty(root);
}
