/* SPDX-License-Identifier: Apache-2.0 */
/* cvss.h: the Common Vulnerability Scoring System: vectors of versions 2.0, 3.0, 3.1 and 4.0, and their scores.
 *
 * Scores are whole tenths (98 is 9.8) and exact: all arithmetic is on integers, rounded only where the specification rounds.
 * Source: FIRST.org, CVSS v2.0 Complete Guide; v3.0, v3.1 and v4.0 Specification Documents.
 */
#pragma once
#include "base/text.h"

#define KILN_CVSS_METRICS_MAX 32
#define KILN_CVSS_TEXT_MAX 256 /* bytes of the longest vector that kiln writes, NUL included */

typedef enum { KILN_CVSS_2_0, KILN_CVSS_3_0, KILN_CVSS_3_1, KILN_CVSS_4_0 } KilnCvssVersion;

/** In ascending order. UNKNOWN is what nobody has said; it is never taken for NONE. */
typedef enum {
	KILN_SEVERITY_UNKNOWN,
	KILN_SEVERITY_NONE,
	KILN_SEVERITY_LOW,
	KILN_SEVERITY_MEDIUM,
	KILN_SEVERITY_HIGH,
	KILN_SEVERITY_CRITICAL,
} KilnSeverity;

/** A parsed vector, a value without owned parts. */
typedef struct {
	KilnCvssVersion version;
	guint8 values[KILN_CVSS_METRICS_MAX]; /* by metric: 0 not named, else 1 + index of its value */
} KilnCvss;

typedef struct {
	guint base_tenths;
	guint temporal_tenths;      /* of base and temporal metrics, which 4.0 calls threat metrics */
	guint environmental_tenths; /* of all; 3.1 may differ from the base by 0.1 even if none of them is defined */
	gboolean has_temporal, has_environmental; /* is any of these metrics defined? */
	guint overall_tenths;                     /* of the most specific group that is */
} KilnCvssScores;

/**
 * Parse a vector: "CVSS:3.1/AV:N/...", or without a prefix for 2.0, there also in parentheses as NVD once wrote it. Metrics may stand
 * in any order, since many published vectors of 4.0 ignore the prescribed one.
 *
 * @out: written on success only
 *
 * Errors: KILN_ERROR_UNSUPPORTED another version; KILN_ERROR_SYNTAX unknown metric or value, one named twice, a base metric missing.
 */
gboolean kiln_cvss_parse(KilnText vector, KilnCvss *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The scores of @cvss. */
KilnCvssScores kiln_cvss_score(const KilnCvss *cvss);

/** The vector in the specification's order, without metrics that are not defined. @out has KILN_CVSS_TEXT_MAX bytes. */
void kiln_cvss_print(const KilnCvss *cvss, char *out);

/** "2.0", "3.0", "3.1", "4.0". Static. */
const char *kiln_cvss_version_name(KilnCvssVersion version);

/**
 * The word for a score: section 5 of 3.0 and 3.1, section 6 of 4.0. Version 2.0 has none of its own; NVD's are used, which has
 * neither "none" nor "critical".
 */
KilnSeverity kiln_cvss_severity(KilnCvssVersion version, guint score_tenths);

/** "unknown", "none", "low", "medium", "high", "critical". Static. */
const char *kiln_severity_name(KilnSeverity severity);
