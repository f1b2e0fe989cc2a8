/* SPDX-License-Identifier: Apache-2.0 */
/* import.h: what other scanners found in the same image, as further opinions. One row a format: Trivy's and Grype's JSON, SARIF.
 *
 * A claim is tied to a package of the inventory by its purl, or by name and version, and to other opinions by the names of the vulnerability.
 */
#pragma once
#include "pkg/inventory.h"
#include "vuln/advisory.h"

typedef struct {
	GPtrArray *names;   /* char *: the vulnerability's id first, then its aliases */
	char *package, *version, *purl; /* each may be NULL; @package as the scanner writes it, also the source package's name */
	KilnVerdict verdict;
	char *fixed;        /* "1.2.3", or several with commas between; NULL: none */
	char *severity_source, *vector; /* whose word the severity is; vector may be NULL */
	KilnSeverity severity;
	char *summary;      /* may be NULL */
	char *evidence;     /* where in the report: "Results[0].Vulnerabilities[3]" */
	gboolean is_used;   /* a package of the inventory was found for it */
} KilnImportClaim;

typedef struct {
	char *source;        /* "trivy", "grype", "sarif/Snyk" */
	char *path, *digest; /* of the report */
	GPtrArray *about;    /* char *: digests of the image or its configuration, "sha256:...", as the report says; empty: it does not */
	GPtrArray *claims;   /* KilnImportClaim */
	guint nameless;      /* results that name no package that could be tied to anything */
	gint64 made_unix_s;  /* when its data were made, else the report; 0: not said */
} KilnImport;

/**
 * Read a report.
 * Errors: KILN_ERROR_UNSUPPORTED no format that is known; KILN_ERROR_SYNTAX a member is missing or of another type, with its place; those of kiln_file_read_at().
 */
KilnImport *kiln_import_read(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_import_free(KilnImport *import);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnImport, kiln_import_free)

/**
 * Whether the report is about the image with these @digests (NULL-terminated, "sha256:..."). *says: whether it says so at all.
 * Errors: KILN_ERROR_MISMATCH it says that it is about another one.
 */
gboolean kiln_import_is_about(const KilnImport *import, const char *const *digests, gboolean *says, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Whether the claim speaks of @package. */
gboolean kiln_import_claim_is_of(const KilnImportClaim *claim, const KilnPackage *package);
/** Of several fixed versions the lowest above @version, by @order; else the first. New string; NULL: none, or none that is a version. */
char *kiln_import_claim_fixed(const KilnImportClaim *claim, const KilnVersionOrder *order, const char *version);
