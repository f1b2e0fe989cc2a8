/* SPDX-License-Identifier: Apache-2.0 */
/* version.h: version orders, one row each. */
#pragma once
#include "base/text.h"

typedef struct {
	const char *name; /* "deb" */
	/** Negative, zero, positive. Any bytes are accepted; where a version is malformed the order is total, but kiln's own. */
	int (*compare)(KilnText a, KilnText b);
	/**
	 * FALSE with the reason when @version is not well-formed: then nobody can say where it belongs, and compare() must not decide
	 * whether something is vulnerable. Errors: KILN_ERROR_SYNTAX, KILN_ERROR_LIMIT.
	 */
	gboolean (*check)(KilnText version, GError **error);
} KilnVersionOrder;

/** NULL when no order has that name. Borrowed, static. */
const KilnVersionOrder *kiln_version_order(const char *name);

/** The orders one by one, NULL after the last. Borrowed, static. */
const KilnVersionOrder *kiln_version_order_at(gsize index);

/** deb-version(7): Debian and Ubuntu. */
extern const KilnVersionOrder kiln_version_order_deb;
/** Alpine and Wolfi, as apk 2.12 and later compare. */
extern const KilnVersionOrder kiln_version_order_apk;
/** rpm-version(7): "[epoch:]version[-release]". Without a release a version comes before all with one. */
extern const KilnVersionOrder kiln_version_order_rpm;
/** Semantic Versioning 2.0.0, strictly. Build metadata does not count. */
extern const KilnVersionOrder kiln_version_order_semver;
/** As semver, with npm's leading v and its limits. */
extern const KilnVersionOrder kiln_version_order_npm;
/** Go modules with and without v, "+incompatible", pseudo-versions; releases of Go: "go1.21rc2" equals "1.21.0-rc.2". */
extern const KilnVersionOrder kiln_version_order_go;
/** PEP 440: Python packages. */
extern const KilnVersionOrder kiln_version_order_pep440;
/** Maven 3. The one order that is not transitive, as Maven's is not: see version_maven.c. */
extern const KilnVersionOrder kiln_version_order_maven;
/** Gem::Version: Ruby gems. */
extern const KilnVersionOrder kiln_version_order_gem;
/** NuGet.Versioning: .NET packages. */
extern const KilnVersionOrder kiln_version_order_nuget;
/** composer/semver: PHP packages. */
extern const KilnVersionOrder kiln_version_order_packagist;
/** kiln's own, for programs without an order of their own: see version_generic.c. */
extern const KilnVersionOrder kiln_version_order_generic;
