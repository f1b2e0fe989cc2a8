/* SPDX-License-Identifier: Apache-2.0 */
/* format.h: SBOM formats, one row each. Deterministic: the same document gives the same bytes. */
#pragma once
#include "sbom/document.h"

typedef struct {
	const char *name;       /* "spdx-json", "cyclonedx-json" */
	const char *media_type; /* "application/spdx+json", "application/vnd.cyclonedx+json" */
	const char *predicate_type; /* "https://spdx.dev/Document", "https://cyclonedx.org/bom" */
	GBytes *(*write)(const KilnSbom *sbom);
} KilnSbomFormat;

/** NULL when unknown. Borrowed, static. */
const KilnSbomFormat *kiln_sbom_format(const char *name);
/** NULL-terminated names. */
const char *const *kiln_sbom_format_names(void);
