/* SPDX-License-Identifier: Apache-2.0 */
/* version_pep440.h: a parsed version of a Python package, for its order and for its specifiers. */
#pragma once
#include "base/text.h"

/** All texts are views into what was parsed; numbers are digits, empty when left out, which is zero. */
typedef struct {
	KilnText epoch;
	KilnText release; /* "1.2.3" */
	enum { KILN_PEP440_ALPHA, KILN_PEP440_BETA, KILN_PEP440_RC, KILN_PEP440_NO_PRE } pre;
	KilnText pre_number;
	gboolean has_post, has_dev;
	KilnText post, dev;
	KilnText local; /* "ubuntu.1", or data NULL */
} KilnPep440;

/** Returns NULL, or why @text is no version after PEP 440, appendix B (static). */
const char *kiln_pep440_parse(KilnText text, KilnPep440 *out);

int kiln_pep440_compare(const KilnPep440 *a, const KilnPep440 *b);

/** Order of two releases, "1.2" and "1.2.0" being equal. @count numbers are compared; 0 means all. */
int kiln_pep440_compare_release(KilnText a, KilnText b, gsize count);
