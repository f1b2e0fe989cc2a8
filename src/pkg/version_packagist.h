/* SPDX-License-Identifier: Apache-2.0 */
/* version_packagist.h: Composer's normal form of versions, in which it compares them and its constraints. */
#pragma once
#include "base/text.h"

/**
 * Composer's VersionParser::normalize(): "v1.2" is "1.2.0.0", "1.0RC1" is "1.0.0.0-RC1", "2.x-dev" is "2.9999999.9999999.9999999-dev",
 * "dev-main" stays. NULL when Composer takes @version for none. The caller frees it with g_free().
 */
char *kiln_packagist_normalize(KilnText version);

/** Order of two normal forms; branches ("dev-main") come before all numbers. */
int kiln_packagist_compare(const char *a, const char *b);

/** A branch without a number, which Composer only finds equal or not. */
gboolean kiln_packagist_is_branch(const char *normal);

/** What Composer reads after the numbers: [.-_]stability[.-]numbers and [.-]dev. Cut off @rest, which may go on. */
typedef struct {
	const char *stability; /* "RC", "beta", "alpha", "patch", "stable", or NULL (static) */
	KilnText number;       /* of the stability: "5" or "5.2" */
	gboolean release;      /* the word was "stable", which Composer then drops with all after it */
	gboolean dev;
} KilnPackagistModifier;

KilnPackagistModifier kiln_packagist_cut_modifier(KilnText *rest);
