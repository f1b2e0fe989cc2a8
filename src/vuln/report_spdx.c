/* SPDX-License-Identifier: Apache-2.0 */
/* report_spdx.c: the image's SBOM with references to what is published about its packages, as SPDX 2.3. */
#include "sbom/inventory.h"
#include "sbom/writers.h"
#include "vuln/report_writers.h"

KilnSbom *report_sbom(const KilnReport *report, const KilnReportImage *image)
{
	return kiln_sbom_from_inventory(image->inventory, image->reference, &image->digest, image->architecture, image->created_unix_s, report->tool_version);
}

/* Section 7.21: a reference of the category SECURITY to what is published about it. */
GBytes *report_write_spdx(const KilnReport *report, GError **error)
{
	const KilnReportImage *image = &report->images[0];
	g_autoptr(KilnSbom) sbom = report_sbom(report, image);
	g_autoptr(json_t) root = kiln_sbom_spdx_json(sbom);
	for (guint i = 0; i < image->result->findings->len; i++) {
		const KilnFinding *finding = image->result->findings->pdata[i];
		json_t *references = json_object_get(json_array_get(json_object_get(root, "packages"), finding->package + 1), "externalRefs"); /* the image is the first */
		g_autofree char *id = g_uri_escape_string(finding->id, NULL, FALSE);
		gboolean is_cve = g_str_has_prefix(finding->id, "CVE-");
		json_t *reference = json_pack("{s:s, s:s, s:s++}", "referenceCategory", "SECURITY", "referenceType", "advisory", "referenceLocator",
		                              is_cve ? "https://www.cve.org/CVERecord?id=" : "https://osv.dev/vulnerability/", id, "");
		g_autofree char *fix = report_fix_text(finding), *comment = g_strdup_printf("%s, %s severity; %s", finding->id, kiln_severity_name(finding->severity), fix);
		kiln_sbom_set_text(reference, "comment", comment);
		json_array_append_new(references, reference);
	}
	g_autoptr(GString) comment = g_string_new(NULL);
	g_autofree char *coverage = kiln_report_coverage(image);
	g_string_append_printf(comment, "Result of the scan: %s; %s.", kiln_report_verdict(image->result), coverage);
	for (guint i = 0; i < image->result->untold->len; i++)
		g_string_append_printf(comment, "%s%s.", i ? " " : " Cannot tell: ", ((const KilnUntold *)image->result->untold->pdata[i])->what);
	kiln_sbom_set_text(root, "comment", comment->str);
	return kiln_json_pretty(root);
}
