/* SPDX-License-Identifier: Apache-2.0 */
/* report.h: results of scans as documents, one row a format. The same results give the same bytes. */
#pragma once
#include "vuln/finding.h"

/** One image and what came out; all borrowed. */
typedef struct {
	const char *reference; /* as it was asked for */
	KilnDigest digest;     /* of its manifest */
	const KilnInventory *inventory;
	const KilnScanResult *result;
	const char *architecture; /* may be NULL */
	gint64 created_unix_s; /* the image's own date; 0: it has none */
} KilnReportImage;

typedef struct {
	const KilnReportImage *images;
	gsize count;
	KilnDigest database;      /* of its content */
	const GPtrArray *vex;     /* char *: digests of the files with statements; may be empty */
	const GPtrArray *imports; /* KilnImport: reports that had a say; may be empty */
	const char *tool_version;
	const char *template, *template_name; /* program in the language of jq, for the format template, which needs it; else NULL */
} KilnReport;

typedef struct {
	const char *name;  /* "sarif" */
	const char *title; /* for help: "SARIF 2.1.0" */
	gboolean one_image; /* a document is about one image */
	/** Errors: KILN_ERROR_SYNTAX in a template. */
	GBytes *(*write)(const KilnReport *report, GError **error);
} KilnReportFormat;

/** NULL when unknown. Static. */
const KilnReportFormat *kiln_report_format(const char *name);
/** NULL-terminated names. Static. */
const char *const *kiln_report_format_names(void);

/** "clean", "findings" or "cannot tell". Static. */
const char *kiln_report_verdict(const KilnScanResult *result);

/** How far the result reaches, for people: "8 of 9 packages judged; of the bytes of programs 2.5 % are of no package". New string. */
char *kiln_report_coverage(const KilnReportImage *image);
/** Which part of the bytes of programs and libraries no package claims, in percent; negative: the image has none, or its files are not known. */
double kiln_report_unowned_percent(const KilnScanResult *result);

/** Findings that one upgrade removes: those of packages of one source. */
typedef struct {
	char *source, *version; /* of the source package, as it is in the image */
	GPtrArray *packages;    /* const char *: names in the image, borrowed */
	GPtrArray *findings;    /* const KilnFinding *, of several packages of one source only the first's; borrowed */
	char *fixed;            /* the lowest version that removes all that can be removed; NULL: none can */
} KilnReportGroup;
/** KilnReportGroup, in the order of what needs an answer first. */
GPtrArray *kiln_report_groups(const KilnReportImage *image);
