/* SPDX-License-Identifier: Apache-2.0 */
/* scan_report.h: the result of a scan, for people and as a document. */
#pragma once
#include "cli/command.h"
#include "data/json.h"
#include "oci/image.h"
#include "vuln/finding.h"

typedef struct {
	const KilnInvocation *invocation;
	const char *reference;
	const KilnImage *image;
	const KilnInventory *inventory;
	const KilnDatabase *database;
	const KilnScanResult *result;
} KilnScanReport;

/** "clean", "findings" or "cannot tell". Static. */
const char *kiln_scan_verdict(const KilnScanResult *result);
void kiln_scan_report_print(const KilnScanReport *report);
/** Shape: docs/formats/scan.md. New reference. */
json_t *kiln_scan_report_to_json(const KilnScanReport *report);
