/* SPDX-License-Identifier: Apache-2.0 */
/* vex_write.h: statements about vulnerabilities as documents. */
#pragma once
#include "base/digest.h"
#include "base/error.h"
#include <glib.h>

/** One statement that is to be written; all borrowed, everything but vulnerability, product and status may be NULL. */
typedef struct {
	const char *vulnerability;
	const GPtrArray *aliases;  /* char * */
	const char *product;       /* purl of the image */
	const char *subcomponent;  /* purl of the package in it */
	const char *status;        /* "not_affected", "affected", "fixed", "under_investigation" */
	const char *justification; /* of kiln_vex_justifications(); for not_affected */
	const char *impact;        /* why it is not affected, in words */
	const char *action;        /* what to do when it is affected */
} KilnVexDraft;

/** "pkg:oci/nginx@sha256%3A...": an image by its digest. New string. */
char *kiln_vex_product(const char *reference, const KilnDigest *digest);
/** The five that OpenVEX and CSAF know, ended by NULL. Static. */
const char *const *kiln_vex_justifications(void);
/** The four, ended by NULL. Static. */
const char *const *kiln_vex_statuses(void);

/** OpenVEX 0.2.0; its id is made of its content. */
GBytes *kiln_vex_write_openvex(const KilnVexDraft *drafts, gsize count, const char *author, gint64 unix_s);
/** CSAF 2.0, profile VEX. Drafts of one vulnerability stand together. */
GBytes *kiln_vex_write_csaf(const KilnVexDraft *drafts, gsize count, const char *author, gint64 unix_s);
