/* SPDX-License-Identifier: Apache-2.0 */
/* licence.h: from a Debian copyright file to SPDX terms, or its raw text; never a guess. */
#pragma once
#include <glib.h>

typedef struct {
	char *expression;   /* SPDX expression over all stanzas, "BSD-2-Clause AND LicenseRef-debian-Expat-like"; NULL when not machine-readable */
	GPtrArray *extracted; /* KilnExtractedLicence: one for each LicenseRef- in the expression */
	char *raw;          /* the whole text when there is no expression, else NULL */
	GPtrArray *holders; /* copyright lines, each once, in file order; may be empty */
} KilnLicence;

typedef struct {
	char *id;   /* "LicenseRef-debian-..." */
	char *name; /* as the copyright file calls it */
	char *text;
} KilnExtractedLicence;

/** Source: DEP-5 "copyright-format 1.0"; SPDX 2.3 annex D. Never fails: what cannot be read is raw. */
KilnLicence *kiln_licence_from_debian_copyright(const char *text, gsize length, const char *package_name);
void kiln_licence_free(KilnLicence *licence);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnLicence, kiln_licence_free)
