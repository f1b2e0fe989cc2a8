/* SPDX-License-Identifier: Apache-2.0 */
/* version_dialect.h: what a dialect of version ranges brings, one row each, and how it fills a range. */
#pragma once
#include "pkg/version_range.h"

typedef struct {
	KilnVersionOperator operator;
	KilnText version; /* as it is compared */
	KilnText written; /* as the source names it; data is NULL where the bound was computed */
} KilnVersionClause;

typedef struct {
	const char *name;
	const KilnVersionOrder *order;
	/** Fill the new, empty range. */
	gboolean (*parse)(KilnVersionRange *range, KilnText text, GError **error);
	/** Does this clause hold? NULL: the order alone decides. The version is well-formed. */
	gboolean (*holds)(const KilnVersionClause *clause, KilnText version);
	/** May this version be in an alternative all of whose clauses hold? NULL: it may. */
	gboolean (*admits)(const KilnVersionClause *clauses, gsize count, KilnText version);
} KilnVersionDialect;

/** Add a clause without checking @version again. @written: data may be NULL. Both are copied. Errors: KILN_ERROR_LIMIT. */
gboolean kiln_version_range_add(KilnVersionRange *range, KilnVersionOperator operator, KilnText version, KilnText written,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** If an alternative of @range holds every version, make it the only one. */
void kiln_version_range_reduce_to_any(KilnVersionRange *range);

/** Does @operator accept this outcome of comparing a version with the clause's? */
gboolean kiln_version_operator_accepts(KilnVersionOperator operator, int difference);

/** What the order alone says of a clause. */
gboolean kiln_version_clause_holds(const KilnVersionOrder *order, const KilnVersionClause *clause, KilnText version);

/** Cut one of <=, <, >=, >, ==, =, != off @rest; FALSE and @rest untouched when there is none. */
gboolean kiln_version_cut_operator(KilnText *rest, KilnVersionOperator *operator);

/** FALSE with KILN_ERROR_SYNTAX: `version range ">=": <reason>`. */
gboolean kiln_version_range_refuse(GError **error, KilnText text, const char *reason);

extern const KilnVersionDialect kiln_version_dialect_npm;
extern const KilnVersionDialect kiln_version_dialect_npm_audit;
extern const KilnVersionDialect kiln_version_dialect_pep440;
extern const KilnVersionDialect kiln_version_dialect_maven;
extern const KilnVersionDialect kiln_version_dialect_gem;
extern const KilnVersionDialect kiln_version_dialect_nuget;
extern const KilnVersionDialect kiln_version_dialect_packagist;
extern const KilnVersionDialect kiln_version_dialect_apk;
