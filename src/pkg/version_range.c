/* SPDX-License-Identifier: Apache-2.0 */
/* version_range.c: alternatives of clauses, whether a version is inside, and where the inside ends. */
#include "pkg/version_range.h"
#include "base/error.h"
#include "base/limits.h"
#include "pkg/version_dialect.h"
#include "pkg/version_internal.h"

struct KilnVersionRange {
	const KilnVersionDialect *dialect; /* NULL: plain comparators under order */
	const KilnVersionOrder *order;
	GArray *clauses;      /* KilnVersionClause, those of one alternative side by side */
	GArray *alternatives; /* gsize: where each begins in clauses */
	GStringChunk *texts;
};

static const KilnVersionDialect *const dialects[] = {
	&kiln_version_dialect_npm,  &kiln_version_dialect_npm_audit, &kiln_version_dialect_pep440,    &kiln_version_dialect_maven,
	&kiln_version_dialect_gem,  &kiln_version_dialect_nuget,     &kiln_version_dialect_packagist, &kiln_version_dialect_apk,
};

KilnVersionRange *kiln_version_range_new(const KilnVersionOrder *order)
{
	KilnVersionRange *range = g_new0(KilnVersionRange, 1);
	range->order = order;
	range->clauses = g_array_new(FALSE, FALSE, sizeof(KilnVersionClause));
	range->alternatives = g_array_new(FALSE, FALSE, sizeof(gsize));
	range->texts = g_string_chunk_new(256);
	return range;
}

void kiln_version_range_free(KilnVersionRange *range)
{
	if (!range)
		return;
	g_array_unref(range->clauses);
	g_array_unref(range->alternatives);
	g_string_chunk_free(range->texts);
	g_free(range);
}

const KilnVersionOrder *kiln_version_range_order(const KilnVersionRange *range)
{
	return range->order;
}

KilnVersionRange *kiln_version_range_parse(const char *dialect, KilnText text, GError **error)
{
	const KilnVersionDialect *row = NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(dialects); i++)
		if (g_strcmp0(dialects[i]->name, dialect) == 0)
			row = dialects[i];
	if (!row) {
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "no dialect of version ranges is called \"%s\"", dialect);
		return NULL;
	}
	if (text.length > KILN_LIMIT_VERSION_RANGE_BYTES) {
		kiln_fail(error, KILN_ERROR_LIMIT, "a version range has %zu bytes; more than %" G_GUINT64_FORMAT " cannot be", text.length,
		          KILN_LIMIT_VERSION_RANGE_BYTES);
		return NULL;
	}
	g_autoptr(KilnVersionRange) range = kiln_version_range_new(row->order);
	range->dialect = row;
	return row->parse(range, text, error) ? g_steal_pointer(&range) : NULL;
}

void kiln_version_range_begin(KilnVersionRange *range)
{
	gsize begin = range->clauses->len;
	g_array_append_val(range->alternatives, begin);
}

static KilnText keep(KilnVersionRange *range, KilnText text)
{
	if (!text.data)
		return text;
	return (KilnText){ g_string_chunk_insert_len(range->texts, text.data, (gssize)text.length), text.length };
}

gboolean kiln_version_range_add(KilnVersionRange *range, KilnVersionOperator operator, KilnText version, KilnText written,
                                GError **error)
{
	if (range->clauses->len >= KILN_LIMIT_VERSION_RANGE_CLAUSES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "a version range has more than %d clauses", KILN_LIMIT_VERSION_RANGE_CLAUSES);
	KilnVersionClause clause = { operator, keep(range, version), keep(range, written) };
	g_array_append_val(range->clauses, clause);
	return TRUE;
}

gboolean kiln_version_range_require(KilnVersionRange *range, KilnVersionOperator operator, KilnText version, GError **error)
{
	return range->order->check(version, error) && kiln_version_range_add(range, operator, version, version, error);
}

/* The clauses of one alternative. */
static const KilnVersionClause *clauses_of(const KilnVersionRange *range, gsize alternative, gsize *count)
{
	gsize begin = g_array_index(range->alternatives, gsize, alternative);
	gsize end = alternative + 1 < range->alternatives->len ? g_array_index(range->alternatives, gsize, alternative + 1)
	                                                       : range->clauses->len;
	*count = end - begin;
	return *count ? &g_array_index(range->clauses, KilnVersionClause, begin) : NULL;
}

void kiln_version_range_reduce_to_any(KilnVersionRange *range)
{
	for (gsize i = 0; i < range->alternatives->len; i++) {
		gsize count;
		clauses_of(range, i, &count);
		if (count)
			continue;
		g_array_set_size(range->clauses, 0);
		g_array_set_size(range->alternatives, 0);
		kiln_version_range_begin(range);
		return;
	}
}

gboolean kiln_version_operator_accepts(KilnVersionOperator operator, int difference)
{
	switch (operator) {
	case KILN_VERSION_LESS:
		return difference < 0;
	case KILN_VERSION_LESS_OR_EQUAL:
		return difference <= 0;
	case KILN_VERSION_GREATER_OR_EQUAL:
		return difference >= 0;
	case KILN_VERSION_GREATER:
		return difference > 0;
	case KILN_VERSION_NOT_EQUAL:
	case KILN_VERSION_NOT_SIMILAR:
		return difference != 0;
	case KILN_VERSION_EQUAL:
	case KILN_VERSION_SIMILAR:
	case KILN_VERSION_IDENTICAL:
		break;
	}
	return difference == 0;
}

gboolean kiln_version_clause_holds(const KilnVersionOrder *order, const KilnVersionClause *clause, KilnText version)
{
	return kiln_version_operator_accepts(clause->operator, order->compare(version, clause->version));
}

static gboolean alternative_holds(const KilnVersionRange *range, gsize alternative, KilnText version)
{
	gsize count;
	const KilnVersionClause *clauses = clauses_of(range, alternative, &count);
	const KilnVersionDialect *dialect = range->dialect;
	for (gsize i = 0; i < count; i++)
		if (dialect && dialect->holds ? !dialect->holds(&clauses[i], version)
		                              : !kiln_version_clause_holds(range->order, &clauses[i], version))
			return FALSE;
	return !dialect || !dialect->admits || dialect->admits(clauses, count, version);
}

/* The first alternative that holds @version; the number of alternatives when none does. */
static gsize find(const KilnVersionRange *range, KilnText version)
{
	gsize alternative = 0;
	while (alternative < range->alternatives->len && !alternative_holds(range, alternative, version))
		alternative++;
	return alternative;
}

gboolean kiln_version_range_contains(const KilnVersionRange *range, KilnText version, gboolean *inside, GError **error)
{
	if (!range->order->check(version, error))
		return FALSE;
	*inside = find(range, version) < range->alternatives->len;
	return TRUE;
}

/* The lowest upper bound of one alternative, if it is a version that is named and no longer inside. */
static KilnText end_of(const KilnVersionRange *range, gsize alternative)
{
	gsize count;
	const KilnVersionClause *clauses = clauses_of(range, alternative, &count), *lowest = NULL;
	for (gsize i = 0; i < count; i++) {
		const KilnVersionClause *clause = &clauses[i];
		if (clause->operator == KILN_VERSION_NOT_EQUAL || clause->operator == KILN_VERSION_NOT_SIMILAR ||
		    clause->operator == KILN_VERSION_GREATER || clause->operator == KILN_VERSION_GREATER_OR_EQUAL)
			continue;
		if (!lowest || range->order->compare(clause->version, lowest->version) < 0)
			lowest = clause;
	}
	return lowest && lowest->operator == KILN_VERSION_LESS ? lowest->written : (KilnText){ 0 };
}

char *kiln_version_range_end(const KilnVersionRange *range, KilnText version)
{
	gsize alternative = find(range, version);
	KilnText end = { 0 };
	/* Where one alternative ends the next may begin; each is left once at most, since versions only rise. */
	for (gsize i = 0; i < range->alternatives->len && alternative < range->alternatives->len; i++) {
		end = end_of(range, alternative);
		if (!end.data)
			return NULL;
		alternative = find(range, end);
	}
	return end.data && alternative == range->alternatives->len ? kiln_text_dup(end) : NULL;
}

gboolean kiln_version_range_refuse(GError **error, KilnText text, const char *reason)
{
	g_autofree char *bytes = g_strndup(text.data ? text.data : "", MIN(text.length, 128));
	g_autofree char *shown = g_strescape(bytes, NULL);
	return kiln_fail(error, KILN_ERROR_SYNTAX, "version range \"%s\" %s", shown, reason);
}
