/* SPDX-License-Identifier: Apache-2.0 */
/* read.h: SBOMs that somebody wrote: SPDX 2.2 and 2.3 (JSON, tags and values), SPDX 3.0 (JSON-LD), CycloneDX 1.4 to 1.7 (JSON). */
#pragma once
#include "data/json.h"
#include "pkg/inventory.h"
#include "sbom/document.h"

/** The document as JSON, whatever it was written as; *format becomes "SPDX-2.3", "CycloneDX-1.6", ... (static or interned). New reference. */
json_t *kiln_sbom_parse(const void *bytes, gsize length, const char *name, const char **format, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * What it says, as far as kiln has a place for it: packages by their purl, licences, files, dependencies, the distribution.
 *
 * A component without a purl that nothing can be looked up by is kept with its type "generic"; files are kept, other kinds are not.
 * Errors: KILN_ERROR_UNSUPPORTED no SBOM that kiln knows; KILN_ERROR_SYNTAX, KILN_ERROR_LIMIT.
 * Source: SPDX 2.3; SPDX 3.0.1; ECMA-424; purl-spec; what Syft and Trivy write about source packages into properties and qualifiers.
 */
KilnSbom *kiln_sbom_read(const void *bytes, gsize length, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The same as an inventory, for whatever reads those. */
KilnInventory *kiln_sbom_to_inventory(const KilnSbom *sbom);
