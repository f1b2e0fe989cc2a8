/* SPDX-License-Identifier: Apache-2.0 */
/* vex.h: what somebody says about vulnerabilities of a product: whether it is affected, and why not.
 *
 * Statements come from OpenVEX 0.2, CSAF 2.0 (profile VEX) and CycloneDX documents, and from ignore files, which say the same with fewer words.
 */
#pragma once
#include "base/context.h"
#include "vuln/finding.h"

typedef enum {
	KILN_VEX_NOT_AFFECTED,
	KILN_VEX_AFFECTED,
	KILN_VEX_FIXED,
	KILN_VEX_UNDER_INVESTIGATION,
	KILN_VEX_IGNORED, /* by an ignore file: nobody says that it is not affected */
} KilnVexStatus;

typedef struct {
	KilnVexStatus status;
	GPtrArray *names;      /* char *: the vulnerability and its aliases */
	GPtrArray *products;   /* KilnVexProduct; empty: whatever is scanned (ignore files) */
	char *justification;   /* "component_not_present"; may be NULL */
	char *statement;       /* in words; may be NULL */
	char *origin;          /* "file.json: statements[2]" */
	gint64 unix_s;         /* when it was made; 0: not said */
	gint64 expires_unix_s; /* 0: never */
	struct VexCondition *condition; /* of ignore files, see ignore.h; NULL: none */
	char *void_because;    /* it decides nothing; NULL: it does */
	guint touched;         /* findings that it decided about */
	guint matched;         /* findings that it speaks of, also where a later statement decided */
} KilnVexStatement;

typedef struct {
	char *id;                 /* purl, digest, image reference or whatever was written */
	GPtrArray *subcomponents; /* char *: of these only; empty: all of the product */
} KilnVexProduct;

typedef struct {
	GPtrArray *statements; /* KilnVexStatement, in the order of the documents */
	GPtrArray *digests;    /* char *: "sha256:..." of each file that was read, in its order */
} KilnVex;

KilnVex *kiln_vex_new(void);
void kiln_vex_free(KilnVex *vex);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnVex, kiln_vex_free)

/**
 * Add the statements of the file at @path; which format it is, its content says.
 * Errors: KILN_ERROR_UNSUPPORTED none that is known; KILN_ERROR_SYNTAX a status or a member that is not understood, with its place; KILN_ERROR_NOT_FOUND, KILN_ERROR_LIMIT.
 */
gboolean kiln_vex_read(KilnVex *vex, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * Add the rules of an ignore file: .trivyignore (a name a line, "exp:2026-12-31" behind it, comments after #), and in YAML or TOML by its name's end
 * .trivyignore.yaml, .grype.yaml and osv-scanner.toml. Errors: KILN_ERROR_SYNTAX with file and line; those of kiln_file_read_at().
 */
gboolean kiln_vex_read_ignores(KilnVex *vex, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The image that statements may name. */
typedef struct {
	const char *reference; /* as it was asked for */
	KilnDigest digest;
	const KilnInventory *inventory;
	gint64 now_unix_s;
} KilnVexSubject;

/**
 * Move the findings that a statement says are not affected, fixed or to be ignored from @result's findings to its suppressed ones. Of several
 * statements on one finding the newest decides, of one time the last. Expired ones decide nothing.
 */
void kiln_vex_apply(KilnVex *vex, const KilnVexSubject *subject, KilnScanResult *result);
/** Say of each statement that touched nothing why: its vulnerability was not found, its product is another one, it has expired, or a later one decided. */
void kiln_vex_tell(const KilnVex *vex, const KilnContext *context, gint64 now_unix_s);
