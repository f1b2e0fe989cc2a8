/* SPDX-License-Identifier: Apache-2.0 */
/* finding.h: what is known to be vulnerable in an inventory, who says so, and what cannot be told.
 *
 * A result has parts that never merge: findings, and what cannot be told. Without either it is clean; an image that cannot be read
 * is an error and has no result.
 */
#pragma once
#include "pkg/inventory.h"
#include "vuln/database.h"
#include "vuln/import.h"
#include "vuln/ssvc.h"

/** What one record says of one package of the inventory. */
typedef struct {
	char *source, *record;
	KilnVerdict verdict;
	char *fixed;        /* the version that the record names as good again; NULL: none */
	char *evidence;     /* where it stands in the record; may be NULL */
	gint64 modified_unix_s;
} KilnOpinion;

/** One vulnerability of one package, with every opinion on it. */
typedef struct {
	char *id;              /* a CVE where it has one */
	GPtrArray *aliases;    /* char *, sorted, without @id */
	guint package;         /* index into the inventory's packages */
	const KilnVersionOrder *order; /* of its versions; static */
	GPtrArray *opinions;   /* KilnOpinion sorted by source and record */
	KilnVerdict verdict;   /* the worst: whoever says affected is heard */
	char *fixed;           /* the lowest version that satisfies every opinion; NULL: there is none */
	char *split;           /* why opinions differ; NULL: they do not */
	KilnSeverity severity; /* the highest that anybody gives; unknown stays unknown */
	guint score_tenths;
	char *severity_source, *vector; /* whose word it is; vector may be NULL */
	KilnExploitation exploitation;
	KilnSsvc ssvc;             /* what CISA knows, else what vector and catalog come to */
	KilnSsvcDecision decision; /* of that, for the mission that was asked for */
	KilnConfidence confidence; /* that the package is what the advisories speak of */
	char *summary;         /* may be NULL */
	char *suppressed_by, *suppressed_because; /* the statement that says that it needs no answer, and its words; NULL: none */
} KilnFinding;

/** Something that this result says nothing about, and why. */
typedef struct {
	const char *kind; /* "no-package-database", "unknown-distribution", "unknown-source", "unknown-program", "no-feed", "stale-feed", "end-of-life", "malformed-version", "unowned-programs", "unfixed", "under-investigation", "unreadable", "import" */
	char *what;       /* "the packages of openSUSE 15.6"; for people */
} KilnUntold;

/** Whether @name, in any case, is its id or one of its aliases. */
gboolean kiln_finding_is_named(const KilnFinding *finding, const char *name);

typedef struct {
	GPtrArray *findings; /* KilnFinding, what needs an answer first comes first */
	GPtrArray *suppressed; /* KilnFinding that a statement says need no answer; see vex.h */
	GPtrArray *untold;   /* KilnUntold, sorted */
	guint judged;        /* packages that some source speaks about */
	guint64 program_bytes, unowned_program_bytes; /* of all ELF files, and of those that no package claims; 0 where an image's files are not known */
} KilnScanResult;

typedef struct {
	gint64 now_unix_s;
	gint64 max_age_s;             /* of a source's newest word; 0: no limit */
	guint unowned_max_percent;    /* of the bytes of programs and libraries, that no package owns */
	KilnSsvcMission mission;      /* how much depends on what is scanned */
	const GPtrArray *imports;     /* KilnImport, whose claims are marked when they are used; NULL: none */
	const char *const *digests;   /* "sha256:...": what reports may call the image; NULL-terminated; NULL without imports */
} KilnMatchOptions;

/**
 * Match the packages of @inventory.
 * Errors: those of the database; KILN_ERROR_MISMATCH an import is about another image. What a single record or version lacks is an untold part, never an error and never clean.
 */
KilnScanResult *kiln_match(const KilnInventory *inventory, KilnDatabase *database, const KilnMatchOptions *options, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_scan_result_free(KilnScanResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnScanResult, kiln_scan_result_free)
