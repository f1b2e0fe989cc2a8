/* SPDX-License-Identifier: Apache-2.0 */
/* report_writers.h: the writers behind the rows of report.h, and what several of them say in the same way. Internal to this module. */
#pragma once
#include "data/json.h"
#include "sbom/document.h"
#include "vuln/report.h"

GBytes *report_write_json(const KilnReport *report, GError **error);
GBytes *report_write_sarif(const KilnReport *report, GError **error);
GBytes *report_write_markdown(const KilnReport *report, GError **error);
GBytes *report_write_csv(const KilnReport *report, GError **error);
GBytes *report_write_junit(const KilnReport *report, GError **error);
GBytes *report_write_html(const KilnReport *report, GError **error);
GBytes *report_write_cyclonedx(const KilnReport *report, GError **error);
GBytes *report_write_spdx(const KilnReport *report, GError **error);
GBytes *report_write_openvex(const KilnReport *report, GError **error);
GBytes *report_write_gitlab(const KilnReport *report, GError **error);
GBytes *report_write_trivy(const KilnReport *report, GError **error);
GBytes *report_write_grype(const KilnReport *report, GError **error);
GBytes *report_write_template(const KilnReport *report, GError **error);
/** The image's SBOM, its packages in the order of the inventory. */
KilnSbom *report_sbom(const KilnReport *report, const KilnReportImage *image);
/** The document of report_write_json(); new reference. */
json_t *report_json(const KilnReport *report);


const KilnPackage *report_package(const KilnReportImage *image, const KilnFinding *finding);
/** "1.2.3 mends it", or "no version mends it". New string. */
char *report_fix_text(const KilnFinding *finding);
/** "9.8", "" without a score; @out has 8 bytes. */
const char *report_score_text(const KilnFinding *finding, char out[8]);
/** "3 critical, 1 unknown": how many of each severity, the worst first; "none". New string. */
char *report_counts_text(const KilnScanResult *result);
/** Text for a document, made valid UTF-8. New string. */
char *report_valid(const char *text);
