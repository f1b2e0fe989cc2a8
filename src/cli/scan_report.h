/* SPDX-License-Identifier: Apache-2.0 */
/* scan_report.h: the result of a scan on a terminal. */
#pragma once
#include "cli/command.h"
#include "vuln/report.h"

void kiln_scan_report_print(const KilnInvocation *invocation, const KilnReportImage *image);
