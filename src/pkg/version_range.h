/* SPDX-License-Identifier: Apache-2.0 */
/* version_range.h: sets of versions, as advisories and requirements write them.
 *
 * A range is one or more alternatives; an alternative is clauses, "operator version", which must all hold. All dialects are brought
 * into this one shape, so that a matcher knows only two questions: is this version inside, and where does the inside end?
 */
#pragma once
#include "pkg/version.h"

typedef struct KilnVersionRange KilnVersionRange;

typedef enum {
	KILN_VERSION_LESS,
	KILN_VERSION_LESS_OR_EQUAL,
	KILN_VERSION_EQUAL,
	KILN_VERSION_NOT_EQUAL,
	KILN_VERSION_GREATER_OR_EQUAL,
	KILN_VERSION_GREATER,
	KILN_VERSION_SIMILAR,     /* the dialect's own test: PEP 440's ==1.2.*, RubyGems' ~>, apk's ~ */
	KILN_VERSION_NOT_SIMILAR, /* PEP 440's !=1.2.* */
	KILN_VERSION_IDENTICAL,   /* PEP 440's ===: the same text, case aside */
} KilnVersionOperator;

/** One event of an OSV range. Source: OSV schema 1.7, "affected[].ranges[].events fields". */
typedef struct {
	enum { KILN_VERSION_INTRODUCED, KILN_VERSION_FIXED, KILN_VERSION_LAST_AFFECTED, KILN_VERSION_LIMIT } kind;
	KilnText version; /* borrowed; "0" of introduced is before all versions, "*" of limit after them */
} KilnVersionEvent;

/**
 * Parse @text after @dialect:
 *
 * - "npm": npm's semver(7), "Ranges", where a pre-release is inside only if the range names one of the same three numbers.
 * - "npm-audit": the same with pre-releases inside as their order says, which is how npm audit asks for vulnerable versions.
 * - "pep440": specifiers with commas between them. Pre-releases are inside, as they are for pip when nothing else is there.
 * - "maven": "[1.0,2.0),(3.0,]". A bare version is a wish and holds every version, as in Maven.
 * - "gem": requirements with commas between them. The empty text is ">= 0".
 * - "nuget": "[1.0,2.0)"; a bare version is the lowest one. Floating versions ("1.*") are KILN_ERROR_UNSUPPORTED.
 * - "packagist": Composer's constraints.
 * - "apk": one dependency's "<1.2", "~1.2", and so on; without operator, any version.
 *
 * Errors: KILN_ERROR_SYNTAX, KILN_ERROR_LIMIT, KILN_ERROR_UNSUPPORTED. The caller frees the result.
 */
KilnVersionRange *kiln_version_range_parse(const char *dialect, KilnText text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Parse plain comparators, as GitHub's advisories write them for every ecosystem: clauses of <, <=, =, ==, !=, >=, > (none is =)
 * and a version, with commas or blanks between them; alternatives with || between them. Errors as above.
 */
KilnVersionRange *kiln_version_range_parse_comparators(const KilnVersionOrder *order, KilnText text, GError **error)
        G_GNUC_WARN_UNUSED_RESULT;

/**
 * The range that OSV's evaluation of @events gives. Events of the same version keep their order in the record.
 * Errors: KILN_ERROR_SYNTAX no event introduces anything, or a version is malformed; KILN_ERROR_LIMIT.
 */
KilnVersionRange *kiln_version_range_from_events(const KilnVersionOrder *order, const KilnVersionEvent *events, gsize count,
                                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** An empty range, which holds nothing until it has an alternative. For records that give bounds in fields of their own. */
KilnVersionRange *kiln_version_range_new(const KilnVersionOrder *order);

/** Begin an alternative; without clauses it holds every version. */
void kiln_version_range_begin(KilnVersionRange *range);

/** Add a clause to the alternative begun last. @version is copied. Errors: KILN_ERROR_SYNTAX malformed, KILN_ERROR_LIMIT. */
gboolean kiln_version_range_require(KilnVersionRange *range, KilnVersionOperator operator, KilnText version,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Is @version in @range?
 *
 * @inside: written on success only
 *
 * Errors: KILN_ERROR_SYNTAX, KILN_ERROR_LIMIT when @version is malformed, so that nobody can tell.
 */
gboolean kiln_version_range_contains(const KilnVersionRange *range, KilnText version, gboolean *inside,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * The lowest version named by the range at which its inside ends for somebody who has @version: what to upgrade to.
 * NULL when @version is not inside, or when no such version is named. The caller frees it with g_free().
 */
char *kiln_version_range_end(const KilnVersionRange *range, KilnText version);

/** The order whose versions the range holds. Borrowed, static. */
const KilnVersionOrder *kiln_version_range_order(const KilnVersionRange *range);

void kiln_version_range_free(KilnVersionRange *range);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnVersionRange, kiln_version_range_free)
