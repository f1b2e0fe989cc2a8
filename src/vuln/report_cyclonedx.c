/* SPDX-License-Identifier: Apache-2.0 */
/* report_cyclonedx.c: the image's SBOM with its vulnerabilities, as CycloneDX 1.6. Source: ECMA-424, first edition, "vulnerabilities". */
#include "sbom/inventory.h"
#include "sbom/writers.h"
#include "vuln/report_writers.h"

#include <string.h>

static const char *analysis_of(const KilnFinding *finding)
{
	if (finding->suppressed_by)
		return "not_affected";
	return finding->verdict == KILN_VERDICT_UNDER_INVESTIGATION ? "in_triage" : "exploitable";
}

static json_t *ratings_of(const KilnFinding *finding)
{
	static const char *const methods[] = { "CVSSv2", "CVSSv3", "CVSSv31", "CVSSv4" };
	json_t *rating = json_object();
	if (finding->severity_source)
		json_object_set_new(rating, "source", json_pack("{s:s}", "name", finding->severity_source));
	if (finding->vector)
		json_object_set_new(rating, "score", json_real(finding->score_tenths / 10.0));
	kiln_json_set_string(rating, "severity", kiln_severity_name(finding->severity));
	if (finding->vector) {
		const char *vector = finding->vector;
		guint method = g_str_has_prefix(vector, "CVSS:4") ? 3 : g_str_has_prefix(vector, "CVSS:3.1") ? 2 : g_str_has_prefix(vector, "CVSS:3") ? 1 : 0;
		kiln_json_set_string(rating, "method", methods[method]);
		kiln_json_set_string(rating, "vector", vector);
	}
	return json_pack("[o]", rating);
}

static json_t *vulnerability_of(const KilnFinding *finding, const GPtrArray *references)
{
	json_t *object = json_object(), *others = json_array();
	const KilnOpinion *first = finding->opinions->len ? finding->opinions->pdata[0] : NULL;
	kiln_json_set_string(object, "id", finding->id);
	if (first)
		json_object_set_new(object, "source", json_pack("{s:s}", "name", first->source));
	for (guint i = 0; i < finding->opinions->len; i++) {
		const KilnOpinion *opinion = finding->opinions->pdata[i];
		json_array_append_new(others, json_pack("{s:s, s:{s:s}}", "id", opinion->record, "source", "name", opinion->source));
	}
	json_object_set_new(object, "references", others);
	json_object_set_new(object, "ratings", ratings_of(finding));
	if (finding->summary)
		kiln_sbom_set_text(object, "description", finding->summary);
	g_autofree char *fix = report_fix_text(finding);
	kiln_json_set_string(object, "recommendation", fix);
	json_t *analysis = json_pack("{s:s}", "state", analysis_of(finding));
	kiln_sbom_set_text(analysis, "detail", finding->suppressed_because);
	json_object_set_new(object, "analysis", analysis);
	json_object_set_new(object, "affects", json_pack("[{s:s}]", "ref", (const char *)references->pdata[finding->package]));
	return object;
}

GBytes *report_write_cyclonedx(const KilnReport *report, GError **error)
{
	const KilnReportImage *image = &report->images[0];
	const GPtrArray *const lists[] = { image->result->findings, image->result->suppressed };
	g_autoptr(KilnSbom) sbom = report_sbom(report, image);
	g_autoptr(GPtrArray) references = kiln_sbom_references(sbom);
	g_autoptr(json_t) root = kiln_sbom_cyclonedx_json(sbom, "1.6");
	json_t *vulnerabilities = json_array(), *properties = json_object_get(json_object_get(root, "metadata"), "properties");
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
		for (guint j = 0; j < lists[i]->len; j++)
			json_array_append_new(vulnerabilities, vulnerability_of(lists[i]->pdata[j], references));
	json_object_set_new(root, "vulnerabilities", vulnerabilities);
	if (!properties) {
		properties = json_array();
		json_object_set_new(json_object_get(root, "metadata"), "properties", properties);
	}
	json_array_append_new(properties, json_pack("{s:s, s:s}", "name", "kiln:result", "value", kiln_report_verdict(image->result)));
	g_autofree char *coverage = kiln_report_coverage(image);
	json_array_append_new(properties, json_pack("{s:s, s:s}", "name", "kiln:coverage", "value", coverage));
	for (guint i = 0; i < image->result->untold->len; i++) {
		g_autofree char *what = report_valid(((const KilnUntold *)image->result->untold->pdata[i])->what);
		json_array_append_new(properties, json_pack("{s:s, s:s}", "name", "kiln:cannot-tell", "value", what));
	}
	return kiln_json_pretty(root);
}
