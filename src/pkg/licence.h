/* SPDX-License-Identifier: Apache-2.0 */
/* licence.h: from a Debian copyright file, or a package database, to SPDX terms, or to raw text; never a guess. */
#pragma once
#include <glib.h>

typedef struct {
	char *expression;   /* SPDX expression over all stanzas, "BSD-2-Clause AND LicenseRef-debian-Expat-like-0a1b2c3d"; NULL when not machine-readable */
	GPtrArray *extracted; /* KilnExtractedLicence: one for each LicenseRef- in the expression */
	char *raw;          /* the whole text when there is no expression, else NULL */
	const char *raw_from; /* what the text is: "Debian copyright file"; static */
	GPtrArray *holders; /* copyright lines, each once, in file order; may be empty */
} KilnLicence;

typedef struct {
	char *id;   /* "LicenseRef-debian-<name>-<8 hex digits>": made of name and text, so that one id never has two texts */
	char *name; /* as the copyright file calls it */
	char *text; /* reference-counted (g_ref_string_new): many names may share one long text */
} KilnExtractedLicence;

/**
 * One operand per Files stanza, each once, in file order; stand-alone stanzas only give texts. A name that SPDX has not, or of
 * which several texts go about ("MIT" unless its text is Expat's, "GPL" without a version, "Bison exception"), is a LicenseRef.
 * A file that is not copyright-format 1.0, or has a stanza without a License, is raw.
 *
 * Source: DEP-5 "copyright-format 1.0"; SPDX 2.3 annex D. Never fails: what cannot be read is raw.
 */
KilnLicence *kiln_licence_from_debian_copyright(const char *text, gsize length, const char *package_name);
/** An SPDX expression, of which every name is known (in any case, also as "GPL-2.0+"); else @text is raw. */
KilnLicence *kiln_licence_from_expression(const char *text);
/** An empty one. */
KilnLicence *kiln_licence_new(void);
/** A copy that shares the long texts; of NULL, NULL. */
KilnLicence *kiln_licence_copy(const KilnLicence *licence);
void kiln_licence_free(KilnLicence *licence);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnLicence, kiln_licence_free)
