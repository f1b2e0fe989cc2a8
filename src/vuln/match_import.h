/* SPDX-License-Identifier: Apache-2.0 */
/* match_import.h: what holds for reports of other scanners as a whole. Internal to this module. */
#pragma once
#include "vuln/finding.h"

/** Are they about the image that is scanned? One that does not say is an untold part. Errors: KILN_ERROR_MISMATCH. */
gboolean match_import_check(const KilnMatchOptions *options, GPtrArray *untold, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Once all packages were matched: which claims are about nothing in the image, and which findings one side alone has. */
void match_import_judge(const KilnMatchOptions *options, KilnScanResult *result);
