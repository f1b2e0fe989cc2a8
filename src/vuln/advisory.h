/* SPDX-License-Identifier: Apache-2.0 */
/* advisory.h: one record of one source of vulnerability data: what it is about, and which versions of which packages it speaks of.
 *
 * All feeds are brought into this shape; it is OSV's, with the verdicts that vendors give and OSV cannot say.
 * Source: OSV schema 1.7.
 */
#pragma once
#include "pkg/version_range.h"
#include "vuln/cvss.h"

/** What somebody says of one version of one package. AFFECTED and those after it need an answer; the first three do not. */
typedef enum {
	KILN_VERDICT_NOT_AFFECTED,
	KILN_VERDICT_FIXED,
	KILN_VERDICT_UNDER_INVESTIGATION, /* the source does not know yet: neither affected nor not */
	KILN_VERDICT_AFFECTED,
	KILN_VERDICT_WILL_NOT_FIX,
	KILN_VERDICT_END_OF_LIFE,
} KilnVerdict;

/** "not affected", "fixed", "under investigation", "affected", "will not fix", "end of life". Static. */
const char *kiln_verdict_name(KilnVerdict verdict);

typedef struct {
	char *whose;  /* "nvd", "github", "debian": whose word it is */
	char *vector; /* CVSS; NULL when only a word is given */
	KilnSeverity severity;
	guint score_tenths; /* 0 without a vector or a score */
} KilnAdvisorySeverity;

typedef struct {
	int kind; /* as in KilnVersionEvent */
	char *version;
} KilnAdvisoryEvent;

/** One package in one ecosystem. */
typedef struct {
	char *ecosystem; /* canonical, see vuln/ecosystem.h: "Debian:13", "Alpine:v3.20", "PyPI" */
	char *name;      /* source package for distributions that say so (ecosystem.h), else as the ecosystem normalises it */
	KilnVerdict verdict; /* for versions inside the ranges: AFFECTED, WILL_NOT_FIX, END_OF_LIFE, UNDER_INVESTIGATION, or NOT_AFFECTED */
	GPtrArray *ranges;   /* GArray of KilnAdvisoryEvent, each evaluated alone */
	GPtrArray *versions; /* char *: versions that are inside whatever the ranges say */
	GPtrArray *symbols;  /* char *: "package.Function", of Go records; empty: the whole package */
	char *channel;       /* module stream, "esm-infra", ...; NULL: the plain one */
	GPtrArray *severities; /* KilnAdvisorySeverity that hold for this package only */
	char *evidence;      /* where in the record it stands: "affected[2]", "secfixes 1.36.1-r5", a changelog's line */
} KilnAffected;

typedef struct {
	char *id;     /* "GHSA-...", "CVE-2026-1234", "DSA-5001-1" */
	char *source; /* name of the source: "osv/PyPI", "alpine-secdb", "debian-changelog" */
	char *summary; /* one line; may be NULL */
	GPtrArray *aliases;      /* char *: other ids of the same vulnerability */
	GPtrArray *upstream;     /* char *: vulnerabilities that this record fixes or bundles (OSV upstream; CVEs of a DSA) */
	GPtrArray *references;   /* char *: web addresses */
	GPtrArray *severities;   /* KilnAdvisorySeverity */
	GPtrArray *affected;     /* KilnAffected */
	char *ssvc;              /* what CISA knows of it, see ssvc.h: "poc/yes/total"; NULL: it has not looked */
	gint64 published_unix_s, modified_unix_s, withdrawn_unix_s; /* 0: not said */
} KilnAdvisory;

KilnAdvisory *kiln_advisory_new(const char *source, const char *id);
/** Added to the advisory, empty. Borrowed. */
KilnAffected *kiln_advisory_add_affected(KilnAdvisory *advisory, const char *ecosystem, const char *name, KilnVerdict verdict);
/** @vector may be NULL. */
void kiln_advisory_add_severity(GPtrArray *severities, const char *whose, const char *vector, KilnSeverity severity, guint score_tenths);
/** Begin a range; borrowed. Events are added with kiln_advisory_add_event(). */
GArray *kiln_affected_add_range(KilnAffected *affected);
void kiln_advisory_add_event(GArray *range, int kind, const char *version);
void kiln_advisory_free(KilnAdvisory *advisory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnAdvisory, kiln_advisory_free)

/**
 * Is @version of the package one that @affected speaks of?
 *
 * @fixed: where the inside ends, new string, NULL when no such version is named or it is outside
 *
 * Errors: KILN_ERROR_SYNTAX a version of the record or @version is malformed: nobody can tell.
 */
gboolean kiln_affected_contains(const KilnAffected *affected, const KilnVersionOrder *order, KilnText version, gboolean *inside, char **fixed,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
