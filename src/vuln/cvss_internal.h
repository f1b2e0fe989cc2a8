/* SPDX-License-Identifier: Apache-2.0 */
/* cvss_internal.h: the table of one version of CVSS, and what its scoring may ask. */
#pragma once
#include "vuln/cvss.h"

#define KILN_CVSS_VALUES_MAX 6

typedef struct {
	const char *name;
	const char *values; /* blanks between them; "ND" or "X", where they exist, come last */
	guint16 weights[KILN_CVSS_VALUES_MAX]; /* thousandths, by value; version 4.0 has none */
} KilnCvssMetric;

typedef struct {
	KilnCvssVersion version;
	const char *name;   /* "3.1" */
	const char *prefix; /* "CVSS:3.1/" */
	const KilnCvssMetric *metrics;
	guint count;
	guint base_count, temporal_count; /* the first metrics are the base, the next the temporal ones */
	guint environmental_count;        /* then these; what is left has no part in scores */
	KilnCvssScores (*score)(const KilnCvss *cvss); /* fills in the three scores */
} KilnCvssTable;

extern const KilnCvssTable kiln_cvss_2_0, kiln_cvss_3_0, kiln_cvss_3_1, kiln_cvss_4_0;

/** Is the metric named, and not as "X" or "ND"? */
gboolean kiln_cvss_is_defined(const KilnCvssTable *table, const KilnCvss *cvss, guint metric);

/** The first letter of a metric's value; 'X' when it is not named. */
char kiln_cvss_letter(const KilnCvssTable *table, const KilnCvss *cvss, guint metric);

/** The weight of a metric's value in thousandths; that of its last value, "X" or "ND", when it is not named. */
guint kiln_cvss_weight(const KilnCvssTable *table, const KilnCvss *cvss, guint metric);
