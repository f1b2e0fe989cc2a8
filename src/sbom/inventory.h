/* SPDX-License-Identifier: Apache-2.0 */
/* inventory.h: what an SBOM says of any image: what its inventory has. */
#pragma once
#include "pkg/inventory.h"
#include "sbom/document.h"

/**
 * Packages with their licences, all regular files with their digests and owners.
 *
 * @name: of the image, as it is referred to
 * @subject: its manifest
 */
KilnSbom *kiln_sbom_from_inventory(const KilnInventory *inventory, const char *name, const KilnDigest *subject, const char *architecture, gint64 created_unix_s,
                                   const char *tool_version);
