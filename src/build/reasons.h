/* SPDX-License-Identifier: Apache-2.0 */
/* reasons.h: the reasons that an image keeps, read back: for `why`, and for what narrowing it would save. */
#pragma once
#include "data/json.h"
#include "oci/layout.h"

#define KILN_REASON_CHAIN_MAX 64 /* steps from a file to the recipe; a document that goes in circles ends there */

typedef struct {
	const char *archive, *suite, *inrelease, *date; /* any may be NULL; inrelease: "sha256:..." */
	char **signers; /* fingerprints; never NULL, empty: a trusted directory */
} KilnReasonSuite;

typedef struct {
	const char *name, *version, *architecture, *digest, *filename; /* any but name may be NULL */
	const KilnReasonSuite *suite; /* may be NULL */
	gboolean requested;
} KilnReasonPackage;

typedef struct {
	const char *path;
	gboolean kept;
	const char *rule; /* id, perhaps one that this kiln does not know (build/reason.h) */
	const char *detail, *from, *made_by; /* each may be NULL */
	const KilnReasonPackage *package;    /* NULL: no package has it */
	guint64 size;      /* of what was left out */
	gboolean program;  /* the recipe's `programs` may choose or leave it */
	const json_t *calls; /* list of "system", "popen"; NULL: none */
} KilnReason;

typedef struct {
	json_t *document; /* all texts are borrowed from it */
	const char *recipe; /* name; may be NULL */
	KilnReasonSuite *suites;
	KilnReasonPackage *packages;
	KilnReason *reasons; /* kept ones sorted by path, then those left out */
	gsize suite_count, package_count, count;
	GHashTable *by_path;
} KilnReasons;

/**
 * Those attached to the manifest @subject.
 *
 * Errors: KILN_ERROR_NOT_FOUND none are; KILN_ERROR_SYNTAX, KILN_ERROR_UNSUPPORTED another version, KILN_ERROR_MISMATCH, KILN_ERROR_LIMIT.
 * Source: docs/formats/reasons.md.
 */
KilnReasons *kiln_reasons_read(const KilnLayout *layout, const KilnDigest *subject, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** From the document itself; @document is taken, also on error. */
KilnReasons *kiln_reasons_parse(json_t *document, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_reasons_free(KilnReasons *reasons);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnReasons, kiln_reasons_free)

/** The reason of @path, with or without leading slash, as it stands or where the merged /usr has it; NULL: no package has it. */
const KilnReason *kiln_reasons_find(const KilnReasons *reasons, const char *path);
/** The reason of what @reason comes from; NULL at the end of the chain. */
const KilnReason *kiln_reasons_cause(const KilnReasons *reasons, const KilnReason *reason);
/** The end of the chain: why any of it is there. */
const KilnReason *kiln_reasons_root(const KilnReasons *reasons, const KilnReason *reason);
/** Where the recipe asks for it, "nginx.yaml:3"; NULL when it does not or that is not known. */
const char *kiln_reasons_place(const KilnReasons *reasons, const KilnReason *reason);
