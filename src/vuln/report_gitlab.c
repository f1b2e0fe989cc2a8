/* SPDX-License-Identifier: Apache-2.0 */
/* report_gitlab.c: GitLab's report of container scanning. Source: GitLab's security report schemas, container-scanning 15.0. */
#include "base/clock.h"
#include "crypto/hash.h"
#include "vuln/report_writers.h"

#define SCHEMA_VERSION "15.0.7"

static const char *severity_of(KilnSeverity severity)
{
	static const char *const words[] = { [KILN_SEVERITY_UNKNOWN] = "Unknown", [KILN_SEVERITY_NONE] = "Info", [KILN_SEVERITY_LOW] = "Low", [KILN_SEVERITY_MEDIUM] = "Medium",
		                             [KILN_SEVERITY_HIGH] = "High", [KILN_SEVERITY_CRITICAL] = "Critical" };
	return words[severity];
}

static json_t *identifiers_of(const KilnFinding *finding)
{
	gboolean is_cve = g_str_has_prefix(finding->id, "CVE-");
	json_t *identifier = json_pack("{s:s, s:s, s:s}", "type", is_cve ? "cve" : "osv", "name", finding->id, "value", finding->id);
	if (is_cve)
		json_object_set_new(identifier, "url", json_sprintf("https://www.cve.org/CVERecord?id=%s", finding->id));
	return json_pack("[o]", identifier);
}

static json_t *vulnerability_of(const KilnReportImage *image, const KilnFinding *finding)
{
	const KilnPackage *package = report_package(image, finding);
	const KilnDistribution *distribution = &image->inventory->distribution;
	char digest[KILN_DIGEST_TEXT_MAX], hex[KILN_DIGEST_HEX_LENGTH + 1];
	KilnDigest key;
	g_autofree char *text = g_strdup_printf("%s %s %s %s", finding->id, package->name, package->version, kiln_digest_print(&image->digest, digest));
	g_autofree char *system = g_strdup_printf("%s %s", distribution->id ? distribution->id : "unknown", distribution->version_id ? distribution->version_id : "");
	g_autofree char *name = g_strdup_printf("%s in %s", finding->id, package->name), *summary = report_valid(finding->summary ? finding->summary : name), *fix = report_fix_text(finding);
	kiln_hash_bytes(text, strlen(text), &key);
	json_t *object = json_object();
	kiln_json_set_string(object, "id", kiln_digest_print_hex(&key, hex));
	kiln_json_set_string(object, "name", name);
	kiln_json_set_string(object, "description", summary);
	kiln_json_set_string(object, "severity", severity_of(finding->severity));
	kiln_json_set_string(object, "solution", fix);
	json_object_set_new(object, "location", json_pack("{s:{s:{s:s}, s:s}, s:s, s:s}", "dependency", "package", "name", package->name, "version", package->version, "operating_system",
	                                                  g_strstrip(system), "image", image->reference));
	json_object_set_new(object, "identifiers", identifiers_of(finding));
	return object;
}

static json_t *scanner(const KilnReport *report)
{
	return json_pack("{s:s, s:s, s:s, s:{s:s}}", "id", "kiln", "name", "kiln", "version", report->tool_version, "vendor", "name", "kiln");
}

GBytes *report_write_gitlab(const KilnReport *report, GError **error)
{
	char time[KILN_TIME_TEXT_MAX];
	g_autoptr(json_t) root = json_object();
	json_t *vulnerabilities = json_array(), *messages = json_array();
	gint64 newest_unix_s = 0;
	for (gsize i = 0; i < report->count; i++) {
		const KilnReportImage *image = &report->images[i];
		newest_unix_s = MAX(newest_unix_s, image->created_unix_s);
		for (guint j = 0; j < image->result->findings->len; j++)
			json_array_append_new(vulnerabilities, vulnerability_of(image, image->result->findings->pdata[j]));
		for (guint j = 0; j < image->result->untold->len; j++) {
			g_autofree char *what = report_valid(((const KilnUntold *)image->result->untold->pdata[j])->what);
			json_array_append_new(messages, json_pack("{s:s, s:s+}", "level", "warn", "value", "cannot tell: ", what));
		}
	}
	/* The same results give the same bytes: GitLab wants times and takes any. */
	g_autofree char *stamp = g_strndup(kiln_time_print(newest_unix_s, time), strlen("2026-01-01T00:00:00"));
	json_t *scan = json_pack("{s:o, s:o, s:s, s:s, s:s, s:s}", "analyzer", scanner(report), "scanner", scanner(report), "type", "container_scanning", "status", "success", "start_time", stamp,
	                         "end_time", stamp);
	json_object_set_new(scan, "messages", messages);
	kiln_json_set_string(root, "version", SCHEMA_VERSION);
	json_object_set_new(root, "scan", scan);
	json_object_set_new(root, "vulnerabilities", vulnerabilities);
	return kiln_json_pretty(root);
}
