/* SPDX-License-Identifier: Apache-2.0 */
/* ecosystem.h: where packages come from, by the names that OSV gives: their version order, and which name advisories use.
 *
 * Source: OSV schema 1.7, "Defined ecosystems"; purl-spec, PURL-TYPES.
 */
#pragma once
#include "pkg/package.h"
#include "pkg/version.h"

typedef struct {
	const char *name;      /* without release: "Debian" */
	const char *purl_type; /* "deb" */
	const char *distro;    /* os-release ID, which is the purl namespace; NULL for ecosystems that are no distribution */
	const char *order;     /* of kiln_version_order() */
	gboolean by_source;    /* advisories name the source package and its version */
	/** @release as advisories of this ecosystem write it, from VERSION_ID; NULL: the ecosystem has no releases. New string. */
	char *(*release)(const char *version_id);
	/** The name as the ecosystem compares it (PEP 503, case); NULL: as it is. New string. */
	char *(*normalise)(const char *name);
} KilnEcosystem;

/** The row of an ecosystem with or without its release ("Alpine:v3.20"), or NULL. Static. */
const KilnEcosystem *kiln_ecosystem_find(const char *ecosystem);
/** The row of a package, or NULL: nobody writes advisories for it. Static. */
const KilnEcosystem *kiln_ecosystem_of(const KilnPackage *package);
/** "Debian:13"; "PyPI". NULL when a release is needed and the package does not say which. New string. */
char *kiln_ecosystem_name(const KilnEcosystem *ecosystem, const KilnPackage *package);
/** One spelling for what feeds write: "Ubuntu:24.04:LTS" is "Ubuntu:24.04", "Debian:trixie" is "Debian:13". New string. */
char *kiln_ecosystem_canonical(const char *ecosystem);
