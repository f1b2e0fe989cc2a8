/* SPDX-License-Identifier: Apache-2.0 */
/* report_json.c: results in kiln's own shape. Shape: docs/formats/scan.md. */
#include "base/error.h"
#include "data/jq.h"
#include "vuln/report_writers.h"

static json_t *opinion_json(const KilnOpinion *opinion)
{
	json_t *object = json_object();
	kiln_json_set_string(object, "source", opinion->source);
	kiln_json_set_string(object, "record", opinion->record);
	kiln_json_set_string(object, "verdict", kiln_verdict_name(opinion->verdict));
	kiln_json_set_string(object, "fixed", opinion->fixed);
	kiln_json_set_string(object, "evidence", opinion->evidence);
	return object;
}

static json_t *finding_json(const KilnReportImage *image, const KilnFinding *finding)
{
	const KilnPackage *package = report_package(image, finding);
	g_autofree char *purl = kiln_package_purl(package), *summary = finding->summary ? report_valid(finding->summary) : NULL;
	json_t *object = json_object(), *aliases = json_array(), *opinions = json_array();
	kiln_json_set_string(object, "id", finding->id);
	for (guint i = 0; i < finding->aliases->len; i++)
		json_array_append_new(aliases, json_string(finding->aliases->pdata[i]));
	json_object_set_new(object, "aliases", aliases);
	kiln_json_set_string(object, "package", package->name);
	kiln_json_set_string(object, "version", package->version);
	kiln_json_set_string(object, "source", package->source_name);
	kiln_json_set_string(object, "purl", purl);
	kiln_json_set_string(object, "verdict", kiln_verdict_name(finding->verdict));
	kiln_json_set_string(object, "fixed", finding->fixed);
	kiln_json_set_string(object, "confidence", kiln_confidence_name(finding->confidence));
	kiln_json_set_string(object, "severity", kiln_severity_name(finding->severity));
	kiln_json_set_string(object, "severity-source", finding->severity_source);
	kiln_json_set_string(object, "vector", finding->vector);
	if (finding->severity_source && finding->vector)
		json_object_set_new(object, "score", json_real(finding->score_tenths / 10.0));
	json_object_set_new(object, "exploited", json_boolean(finding->exploitation.exploited));
	if (finding->exploitation.has_epss)
		json_object_set_new(object, "epss", json_real(finding->exploitation.epss_millionths / 1000000.0));
	if (finding->ssvc.is_known)
		json_object_set_new(object, "ssvc", json_pack("{s:s, s:s, s:b, s:s, s:s}", "decision", kiln_ssvc_decision_name(finding->decision), "exploitation",
		                                              kiln_ssvc_exploitation_name(finding->ssvc.exploitation), "automatable", finding->ssvc.automatable, "technical-impact",
		                                              finding->ssvc.total ? "total" : "partial", "source", finding->ssvc.source));
	kiln_json_set_string(object, "split", finding->split);
	kiln_json_set_string(object, "suppressed-by", finding->suppressed_by);
	kiln_json_set_string(object, "suppressed-because", finding->suppressed_because);
	kiln_json_set_string(object, "summary", summary);
	for (guint i = 0; i < finding->opinions->len; i++)
		json_array_append_new(opinions, opinion_json(finding->opinions->pdata[i]));
	json_object_set_new(object, "opinions", opinions);
	return object;
}

static json_t *image_json(const KilnReport *report, const KilnReportImage *image)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	const KilnDistribution *distribution = &image->inventory->distribution;
	json_t *document = json_object(), *findings = json_array(), *suppressed = json_array(), *untold = json_array(), *vex = json_array(), *imports = json_array();
	for (guint i = 0; i < report->vex->len; i++)
		json_array_append_new(vex, json_string(report->vex->pdata[i]));
	kiln_json_set_integer(document, "schema-version", 1);
	kiln_json_set_string(document, "image", image->reference);
	kiln_json_set_string(document, "digest", kiln_digest_print(&image->digest, digest));
	kiln_json_set_string(document, "database", kiln_digest_print(&report->database, digest));
	json_object_set_new(document, "statements", vex);
	for (guint i = 0; i < report->imports->len; i++) {
		const KilnImport *import = report->imports->pdata[i];
		json_array_append_new(imports, json_pack("{s:s, s:s}", "source", import->source, "digest", import->digest));
	}
	json_object_set_new(document, "imports", imports);
	kiln_json_set_string(document, "distribution", distribution->id);
	kiln_json_set_string(document, "distribution-version", distribution->version_id);
	kiln_json_set_string(document, "result", kiln_report_verdict(image->result));
	kiln_json_set_integer(document, "packages", image->inventory->packages->len);
	kiln_json_set_integer(document, "packages-judged", image->result->judged);
	if (kiln_report_unowned_percent(image->result) >= 0)
		json_object_set_new(document, "unowned-program-percent", json_real(kiln_report_unowned_percent(image->result)));
	for (guint i = 0; i < image->result->findings->len; i++)
		json_array_append_new(findings, finding_json(image, image->result->findings->pdata[i]));
	json_object_set_new(document, "findings", findings);
	for (guint i = 0; i < image->result->suppressed->len; i++)
		json_array_append_new(suppressed, finding_json(image, image->result->suppressed->pdata[i]));
	json_object_set_new(document, "suppressed", suppressed);
	for (guint i = 0; i < image->result->untold->len; i++) {
		const KilnUntold *one = image->result->untold->pdata[i];
		g_autofree char *what = report_valid(one->what);
		json_array_append_new(untold, json_pack("{s:s,s:s}", "kind", one->kind, "what", what));
	}
	json_object_set_new(document, "cannot-tell", untold);
	return document;
}

json_t *report_json(const KilnReport *report)
{
	json_t *images = json_array();
	for (gsize i = 0; i < report->count; i++)
		json_array_append_new(images, image_json(report, &report->images[i]));
	return images;
}

GBytes *report_write_json(const KilnReport *report, GError **error)
{
	g_autoptr(json_t) images = report_json(report);
	return kiln_json_pretty(images);
}

/* A program of the person's own over the same document. */
GBytes *report_write_template(const KilnReport *report, GError **error)
{
	g_autoptr(json_t) images = report_json(report);
	return kiln_jq_run(report->template, report->template_name, images, error);
}
