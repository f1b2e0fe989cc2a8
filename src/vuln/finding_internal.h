/* SPDX-License-Identifier: Apache-2.0 */
/* finding_internal.h: how findings grow. Until finding_finish() all names are among the aliases, and there is no id. Internal to this module. */
#pragma once
#include "vuln/finding.h"

KilnFinding *finding_new(guint package);
void finding_free(gpointer data);
/** Does @advisory go by a name that the finding has? */
gboolean finding_shares_name(const KilnFinding *finding, const KilnAdvisory *advisory);
void finding_add_names(KilnFinding *finding, const KilnAdvisory *advisory);
/** Take names and opinions of @other, which was found to be the same; the caller frees it. */
void finding_absorb(KilnFinding *finding, KilnFinding *other);
/** The highest severity that was noted stays; @whose NULL: nothing. */
void finding_note_severity(KilnFinding *finding, const char *whose, const char *vector, KilnSeverity severity, guint score_tenths);
/** Choose the id, sort, judge: nothing is added afterwards. */
void finding_finish(KilnFinding *finding, const KilnVersionOrder *order);
