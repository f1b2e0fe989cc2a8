/* SPDX-License-Identifier: Apache-2.0 */
/* version_range_npm.c: npm's ranges: comparators, hyphens, x, tilde and caret. Source: semver(7) of npm, "Ranges" and "Range Grammar". */
#include "pkg/version_dialect.h"
#include "pkg/version_internal.h"

#define NUMBER_MAX G_GUINT64_CONSTANT(9007199254740991)

/* "1", "1.2", "1.x", "1.2.3-beta", "*": @count of the numbers are given. */
typedef struct {
	guint count;
	guint64 numbers[3];
	KilnText prerelease; /* data is NULL when there is none */
	gboolean plain;      /* at most one v before it */
} Partial;

typedef struct {
	KilnVersionRange *range;
	gboolean audit; /* pre-releases are inside as the order says */
	GError **error;
} Parser;

static KilnText cut_word(KilnText *rest)
{
	KilnText word = { rest->data, 0 };
	while (word.length < rest->length && !kiln_version_is_one_of(rest->data[word.length], " \t\r\n"))
		word.length++;
	kiln_version_skip(rest, word.length);
	return word;
}

/* A number without leading zeros, or one of x X *, which sets @open. */
static gboolean cut_part(KilnText *rest, guint64 *number, gboolean *open)
{
	*open = rest->length && kiln_version_is_one_of(rest->data[0], "xX*");
	if (*open) {
		kiln_version_skip(rest, 1);
		return TRUE;
	}
	KilnText digits = kiln_version_cut_digits(rest);
	return (digits.length == 1 || (digits.length > 1 && digits.data[0] != '0')) && kiln_text_to_u64(digits, number) &&
	       *number <= NUMBER_MAX;
}

/* Build metadata has no part in ranges, wherever it stands. */
static void drop_build(KilnText *word)
{
	const char *plus;
	KilnText prerelease, build;
	while (word->length && (plus = memrchr(word->data, '+', word->length)) != NULL) {
		gsize before = (gsize)(plus - word->data);
		if (kiln_semver_parse_suffixes((KilnText){ plus, word->length - before }, &prerelease, &build))
			return;
		word->length = before;
	}
}

static gboolean parse_partial(KilnText word, Partial *out)
{
	gboolean open = FALSE;
	*out = (Partial){ 0 };
	gsize signs = 0;
	drop_build(&word);
	for (; word.length && kiln_version_is_one_of(word.data[0], "v="); signs++) {
		out->plain = signs == 0 && word.data[0] == 'v';
		kiln_version_skip(&word, 1);
	}
	out->plain |= signs == 0;
	for (guint i = 0; i < G_N_ELEMENTS(out->numbers); i++) {
		gboolean part_is_open;
		if (i > 0 && word.length == 0)
			return TRUE;
		if (i > 0 && !kiln_version_cut_word(&word, "."))
			return FALSE;
		if (!cut_part(&word, &out->numbers[i], &part_is_open) || (open && !part_is_open))
			return FALSE;
		open |= part_is_open;
		out->count += !open;
	}
	KilnText build;
	gboolean well_formed = !kiln_semver_parse_suffixes(word, &out->prerelease, &build);
	if (open)
		out->prerelease = (KilnText){ 0 };
	return well_formed;
}

/* Numbers that are left out are zero. @lowest: the very first of these, "-0". */
static gboolean add(const Parser *parser, KilnVersionOperator operator, guint64 major, guint64 minor, guint64 patch, KilnText prerelease,
                    gboolean written)
{
	if (major > NUMBER_MAX || minor > NUMBER_MAX || patch > NUMBER_MAX)
		return kiln_version_range_refuse(parser->error, KILN_TEXT("..."), "has a number that npm does not accept");
	if (operator == KILN_VERSION_GREATER_OR_EQUAL && !prerelease.data && !parser->audit && major + minor + patch == 0)
		return TRUE; /* npm takes ">=0.0.0" for "*" */
	g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT "%s%.*s", major, minor,
	                                        patch, prerelease.data ? "-" : "", (int)prerelease.length,
	                                        prerelease.data ? prerelease.data : "");
	return kiln_version_range_add(parser->range, operator, kiln_text(text), written ? kiln_text(text) : (KilnText){ 0 }, parser->error);
}

static const KilnText none = { NULL, 0 };
static const KilnText lowest = { "0", 1 }; /* the pre-release "-0" */

static gboolean add_from(const Parser *parser, const Partial *from, KilnText prerelease)
{
	return add(parser, KILN_VERSION_GREATER_OR_EQUAL, from->numbers[0], from->count > 1 ? from->numbers[1] : 0,
	           from->count > 2 ? from->numbers[2] : 0, prerelease, TRUE);
}

/* Below the next version that differs in the number at @place. */
static gboolean add_below_next(const Parser *parser, const Partial *to, guint place)
{
	return add(parser, KILN_VERSION_LESS, to->numbers[0] + (place == 0), place > 0 ? to->numbers[1] + (place == 1) : 0,
	           place > 1 ? to->numbers[2] + 1 : 0, lowest, FALSE);
}

static KilnText zero_prerelease(const Parser *parser)
{
	return parser->audit ? lowest : none;
}

static gboolean add_tilde(const Parser *parser, const Partial *partial)
{
	KilnText prerelease = partial->count < 3 ? zero_prerelease(parser) : partial->prerelease;
	return partial->count == 0 || (add_from(parser, partial, prerelease) &&
	                               add_below_next(parser, partial, partial->count == 1 ? 0 : 1));
}

static gboolean add_caret(const Parser *parser, const Partial *partial)
{
	if (partial->count == 0)
		return TRUE;
	guint place = 0; /* the first number that is not zero, as far as numbers are given */
	while (place + 1 < partial->count && partial->numbers[place] == 0)
		place++;
	return add_from(parser, partial, partial->count < 3 ? zero_prerelease(parser) : partial->prerelease) && add_below_next(parser, partial, place);
}

/* Nothing is below or above everything. */
static gboolean add_nothing(const Parser *parser)
{
	return add(parser, KILN_VERSION_LESS, 0, 0, 0, lowest, FALSE);
}

static gboolean add_partial_comparison(const Parser *parser, KilnVersionOperator operator, const Partial *partial)
{
	guint place = partial->count - 1;
	if (partial->count == 0)
		return operator == KILN_VERSION_LESS || operator == KILN_VERSION_GREATER ? add_nothing(parser) : TRUE;
	switch (operator) {
	case KILN_VERSION_GREATER:
		return add(parser, KILN_VERSION_GREATER_OR_EQUAL, partial->numbers[0] + (place == 0),
		           place > 0 ? partial->numbers[1] + 1 : 0, 0, zero_prerelease(parser), TRUE);
	case KILN_VERSION_LESS_OR_EQUAL:
		return add_below_next(parser, partial, place);
	case KILN_VERSION_LESS:
		return add(parser, KILN_VERSION_LESS, partial->numbers[0], place > 0 ? partial->numbers[1] : 0, 0, lowest, FALSE);
	case KILN_VERSION_GREATER_OR_EQUAL:
		return add_from(parser, partial, zero_prerelease(parser));
	default:
		return add_from(parser, partial, zero_prerelease(parser)) && add_below_next(parser, partial, place);
	}
}

static gboolean add_comparison(const Parser *parser, KilnVersionOperator operator, const Partial *partial, KilnText text)
{
	if (partial->count < 3)
		return add_partial_comparison(parser, operator, partial);
	if (!partial->plain)
		return kiln_version_range_refuse(parser->error, text, "has signs before a version that npm does not know");
	return add(parser, operator, partial->numbers[0], partial->numbers[1], partial->numbers[2], partial->prerelease, TRUE);
}

static gboolean add_hyphen(const Parser *parser, const Partial *from, const Partial *to)
{
	KilnText prerelease = from->prerelease.data ? from->prerelease : zero_prerelease(parser);
	if (from->count && !add_from(parser, from, prerelease))
		return FALSE;
	if (to->count == 0)
		return TRUE;
	if (to->count < 3 || (parser->audit && !to->prerelease.data))
		return add_below_next(parser, to, to->count - 1);
	return add(parser, KILN_VERSION_LESS_OR_EQUAL, to->numbers[0], to->numbers[1], to->numbers[2], to->prerelease, TRUE);
}

/* "1.2 - 2.3" is the whole alternative. */
static gboolean cut_hyphen(KilnText text, Partial *from, Partial *to)
{
	KilnText first = cut_word(&text);
	kiln_version_skip_blanks(&text);
	KilnText hyphen = cut_word(&text);
	kiln_version_skip_blanks(&text);
	return kiln_text_is(hyphen, "-") && parse_partial(first, from) && parse_partial(text, to);
}

static gboolean parse_word(const Parser *parser, KilnText *rest, KilnText text)
{
	KilnVersionOperator operator = KILN_VERSION_EQUAL;
	gboolean tilde = kiln_version_cut_word(rest, "~"), caret = !tilde && kiln_version_cut_word(rest, "^");
	if (tilde)
		kiln_version_cut_word(rest, ">");
	else if (!caret && !kiln_version_cut_word(rest, "="))
		kiln_version_cut_operator(rest, &operator);
	kiln_version_skip_blanks(rest);
	Partial partial;
	if (operator == KILN_VERSION_NOT_EQUAL || !parse_partial(cut_word(rest), &partial))
		return kiln_version_range_refuse(parser->error, text, "holds something that is no comparison of npm");
	kiln_version_skip_blanks(rest);
	if (tilde || caret)
		return tilde ? add_tilde(parser, &partial) : add_caret(parser, &partial);
	return add_comparison(parser, operator, &partial, text);
}

static gboolean parse_alternative(const Parser *parser, KilnText alternative)
{
	Partial from, to;
	KilnText rest = kiln_text_strip(alternative);
	kiln_version_range_begin(parser->range);
	if (cut_hyphen(rest, &from, &to))
		return add_hyphen(parser, &from, &to);
	while (rest.length)
		if (!parse_word(parser, &rest, alternative))
			return FALSE;
	return TRUE;
}

static gboolean parse(KilnVersionRange *range, KilnText text, gboolean audit, GError **error)
{
	Parser parser = { range, audit, error };
	for (KilnText rest = text;;) {
		const char *bars = rest.length ? memmem(rest.data, rest.length, "||", 2) : NULL;
		KilnText alternative = { rest.data, bars ? (gsize)(bars - rest.data) : rest.length };
		if (!parse_alternative(&parser, alternative))
			return FALSE;
		if (!bars)
			break;
		kiln_version_skip(&rest, alternative.length + 2);
	}
	kiln_version_range_reduce_to_any(range); /* npm drops all alternatives beside "*" */
	return TRUE;
}

static gboolean parse_npm(KilnVersionRange *range, KilnText text, GError **error)
{
	return parse(range, text, FALSE, error);
}

static gboolean parse_npm_audit(KilnVersionRange *range, KilnText text, GError **error)
{
	return parse(range, text, TRUE, error);
}

/* A pre-release is only inside if a clause names a pre-release of the same three numbers. */
static gboolean admits(const KilnVersionClause *clauses, gsize count, KilnText version)
{
	KilnSemver parsed, bound;
	version = kiln_text_strip(version);
	kiln_version_cut_word(&version, "v");
	if (kiln_semver_parse(version, &parsed) || !parsed.prerelease.data)
		return TRUE;
	for (gsize i = 0; i < count; i++) {
		if (kiln_semver_parse(clauses[i].version, &bound) || !bound.prerelease.data)
			continue;
		gboolean same = TRUE;
		for (gsize j = 0; j < G_N_ELEMENTS(parsed.numbers); j++)
			same &= kiln_version_compare_numbers(parsed.numbers[j], bound.numbers[j]) == 0;
		if (same)
			return TRUE;
	}
	return FALSE;
}

const KilnVersionDialect kiln_version_dialect_npm = { "npm", &kiln_version_order_npm, parse_npm, NULL, admits };
const KilnVersionDialect kiln_version_dialect_npm_audit = { "npm-audit", &kiln_version_order_npm, parse_npm_audit, NULL, NULL };
