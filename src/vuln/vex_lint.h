/* SPDX-License-Identifier: Apache-2.0 */
/* vex_lint.h: what is weak about statements, and why they decide nothing. */
#pragma once
#include "vuln/vex.h"

typedef struct {
	guint statement;  /* index */
	const char *kind; /* stable: "unversioned-product", "no-justification", "unknown-justification", "no-product", "no-vulnerability", "expired", "no-such-finding", "other-product", "overruled" */
	char *what;
} KilnVexRemark;

/**
 * KilnVexRemark, in the order of the statements. With @subject and @result, which statements were applied to, also why those that touched
 * nothing did not.
 */
GPtrArray *kiln_vex_lint(const KilnVex *vex, const KilnVexSubject *subject, const KilnScanResult *result, gint64 now_unix_s);
