/* SPDX-License-Identifier: Apache-2.0 */
/* version_range_gem.c: requirements of Ruby gems. Source: guides.rubygems.org, "Patterns", "Declaring dependencies"; Gem::Requirement. */
#include "pkg/version_dialect.h"
#include "pkg/version_gem.h"
#include "pkg/version_internal.h"

static gboolean parse_requirement(KilnVersionRange *range, KilnText text, GError **error)
{
	KilnVersionOperator operator = KILN_VERSION_EQUAL;
	KilnText version = kiln_text_strip(text);
	gboolean similar = kiln_version_cut_word(&version, "~>");
	gboolean doubled = version.length > 1 && memcmp(version.data, "==", 2) == 0;
	if (doubled)
		return kiln_version_range_refuse(error, text, "has ==, which RubyGems writes =");
	if (!similar)
		kiln_version_cut_operator(&version, &operator);
	version = kiln_text_strip(version);
	if (!similar)
		return kiln_version_range_require(range, operator, version, error);
	return kiln_version_range_require(range, KILN_VERSION_GREATER_OR_EQUAL, version, error) &&
	       kiln_version_range_add(range, KILN_VERSION_SIMILAR, version, (KilnText){ 0 }, error);
}

static gboolean parse_gem(KilnVersionRange *range, KilnText text, GError **error)
{
	KilnText rest = kiln_text_strip(text);
	gboolean more = TRUE;
	kiln_version_range_begin(range);
	if (rest.length == 0)
		return kiln_version_range_add(range, KILN_VERSION_GREATER_OR_EQUAL, KILN_TEXT("0"), (KilnText){ 0 }, error);
	while (more) {
		more = rest.length && memchr(rest.data, ',', rest.length);
		if (!parse_requirement(range, kiln_text_cut(&rest, ','), error))
			return FALSE;
	}
	return TRUE;
}

/* The first version after all that "~> @version" means: its numbers without the last one, the one before that plus one. */
static char *bump(KilnText version)
{
	KilnText numbers = kiln_version_gem_release(version);
	const char *dot = memrchr(numbers.data, '.', numbers.length);
	if (dot)
		numbers.length = (gsize)(dot - numbers.data);
	dot = memrchr(numbers.data, '.', numbers.length);
	gsize before = dot ? (gsize)(dot - numbers.data) + 1 : 0;
	g_autofree char *next = kiln_version_next_number((KilnText){ numbers.data + before, numbers.length - before });
	return g_strdup_printf("%.*s%s", (int)before, numbers.data, next);
}

static gboolean holds_gem(const KilnVersionClause *clause, KilnText version)
{
	if (clause->operator != KILN_VERSION_SIMILAR)
		return kiln_version_clause_holds(&kiln_version_order_gem, clause, version);
	g_autofree char *end = bump(clause->version);
	return kiln_version_order_gem.compare(kiln_version_gem_release(kiln_text_strip(version)), kiln_text(end)) < 0;
}

const KilnVersionDialect kiln_version_dialect_gem = { "gem", &kiln_version_order_gem, parse_gem, holds_gem, NULL };
