/* SPDX-License-Identifier: Apache-2.0 */
/* version_range_comparators.c: ranges of plain comparators under any order, and apk's, which has one more.
 * Source: docs.github.com, REST API, "Global security advisories" (vulnerable_version_range); apk-package(5), "Dependencies". */
#include "pkg/version_apk.h"
#include "pkg/version_dialect.h"
#include "pkg/version_internal.h"

gboolean kiln_version_cut_operator(KilnText *rest, KilnVersionOperator *operator)
{
	static const struct {
		const char *text;
		KilnVersionOperator operator;
	} operators[] = {
		{ "<=", KILN_VERSION_LESS_OR_EQUAL }, { "<", KILN_VERSION_LESS },  { ">=", KILN_VERSION_GREATER_OR_EQUAL },
		{ ">", KILN_VERSION_GREATER },        { "==", KILN_VERSION_EQUAL }, { "=", KILN_VERSION_EQUAL },
		{ "!=", KILN_VERSION_NOT_EQUAL },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(operators); i++) {
		if (!kiln_version_cut_word(rest, operators[i].text))
			continue;
		*operator = operators[i].operator;
		return TRUE;
	}
	return FALSE;
}

/* Cut up to the next blank, comma, bar or sign of comparison. */
static KilnText cut_version(KilnText *rest)
{
	KilnText version = { rest->data, 0 };
	while (version.length < rest->length && !kiln_version_is_one_of(rest->data[version.length], " \t\r\n,|<>=!"))
		version.length++;
	kiln_version_skip(rest, version.length);
	return version;
}

static gboolean parse_clause(KilnVersionRange *range, KilnText *rest, KilnText text, GError **error)
{
	KilnVersionOperator operator = KILN_VERSION_EQUAL;
	kiln_version_skip_blanks(rest);
	kiln_version_cut_operator(rest, &operator);
	kiln_version_skip_blanks(rest);
	KilnText version = cut_version(rest);
	kiln_version_skip_blanks(rest);
	return version.length ? kiln_version_range_require(range, operator, version, error)
	                      : kiln_version_range_refuse(error, text, "lacks a version where one should be");
}

static gboolean parse_comparators(KilnVersionRange *range, KilnText text, GError **error)
{
	KilnText rest = text;
	do {
		kiln_version_range_begin(range);
		do {
			if (!parse_clause(range, &rest, text, error))
				return FALSE;
		} while (kiln_version_cut_word(&rest, ",") || (rest.length && rest.data[0] != '|'));
	} while (kiln_version_cut_word(&rest, "||"));
	return rest.length == 0 || kiln_version_range_refuse(error, text, "has a single bar; alternatives have two between them");
}

KilnVersionRange *kiln_version_range_parse_comparators(const KilnVersionOrder *order, KilnText text, GError **error)
{
	g_autoptr(KilnVersionRange) range = kiln_version_range_new(order);
	return parse_comparators(range, text, error) ? g_steal_pointer(&range) : NULL;
}

/* "<1.2", "~1.2", ">~1.2": one comparison, or any version. The tilde takes all that begins with its version for equal. */
static gboolean parse_apk(KilnVersionRange *range, KilnText text, GError **error)
{
	KilnText version = kiln_text_strip(text);
	gboolean less = FALSE, greater = FALSE, equal = FALSE, similar = FALSE;
	gsize signs = 0;
	for (; signs < version.length && kiln_version_is_one_of(version.data[signs], "<>=~"); signs++) {
		less |= version.data[signs] == '<';
		greater |= version.data[signs] == '>';
		equal |= version.data[signs] == '=';
		similar |= version.data[signs] == '~';
	}
	kiln_version_skip(&version, signs);
	if (version.length == 0 && signs == 0) {
		kiln_version_range_begin(range);
		return TRUE;
	}
	if (signs == 0 || (less && greater))
		return kiln_version_range_refuse(error, text, "is no comparison of apk: <, <=, =, >=, >, ~, <~ or >~ and a version");
	const struct {
		gboolean wanted;
		KilnVersionOperator operator;
	} clauses[] = { { less, KILN_VERSION_LESS },
		        { greater, KILN_VERSION_GREATER },
		        { equal, KILN_VERSION_EQUAL },
		        { similar, KILN_VERSION_SIMILAR } };
	for (gsize i = 0; i < G_N_ELEMENTS(clauses); i++) {
		if (!clauses[i].wanted)
			continue;
		kiln_version_range_begin(range);
		if (!kiln_version_range_require(range, clauses[i].operator, version, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean holds_apk(const KilnVersionClause *clause, KilnText version)
{
	return clause->operator == KILN_VERSION_SIMILAR ? kiln_version_apk_begins_with(version, clause->version)
	                                                : kiln_version_clause_holds(&kiln_version_order_apk, clause, version);
}

const KilnVersionDialect kiln_version_dialect_apk = { "apk", &kiln_version_order_apk, parse_apk, holds_apk, NULL };
