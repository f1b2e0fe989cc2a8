/* SPDX-License-Identifier: Apache-2.0 */
/* version_range_packagist.c: Composer's constraints. Source: getcomposer.org, "Versions and constraints", "Writing version constraints";
 * composer/semver's VersionParser::parseConstraints(). */
#include "pkg/version_dialect.h"
#include "pkg/version_internal.h"
#include "pkg/version_packagist.h"

#define NUMBERS 4
#define SUFFIX_LOWEST "-dev" /* the lowest version with the same numbers */

/* "1.2.3beta5", "2.x-dev": what tilde, caret and hyphen take. */
typedef struct {
	KilnText text; /* all of it */
	guint count;
	KilnText numbers[NUMBERS];
	gboolean suffixed; /* a stability or dev */
	gboolean open;     /* x-dev */
} Version;

static gboolean add(KilnVersionRange *range, KilnVersionOperator operator, const char *normal, KilnText written, GError **error)
{
	return kiln_version_range_add(range, operator, kiln_text(normal), written, error);
}

/* "+..." up to the end. */
static gboolean cut_build(KilnText *rest)
{
	if (rest->length < 2 || rest->data[0] != '+')
		return FALSE;
	kiln_version_skip(rest, rest->length);
	return TRUE;
}

static gboolean parse_version(KilnText text, Version *out)
{
	KilnText rest = text;
	*out = (Version){ .text = text };
	kiln_version_cut_word(&rest, "v");
	while (out->count < NUMBERS) {
		KilnText after = rest;
		if (out->count > 0 && !kiln_version_cut_word(&after, "."))
			break;
		KilnText number = kiln_version_cut_digits(&after);
		if (number.length == 0)
			break;
		out->numbers[out->count++] = number;
		rest = after;
	}
	if (out->count == 0)
		return FALSE;
	KilnText modified = rest;
	KilnPackagistModifier modifier = kiln_packagist_cut_modifier(&modified);
	out->suffixed = modifier.stability || modifier.dev;
	cut_build(&modified);
	if (modified.length == 0)
		return TRUE;
	KilnText open = rest;
	if (!kiln_version_cut_word(&open, ".") || (!kiln_version_cut_word(&open, "x") && !kiln_version_cut_word(&open, "*")))
		return FALSE;
	if (!kiln_version_cut_word(&open, "."))
		kiln_version_cut_word(&open, "-");
	out->open = out->suffixed = kiln_version_cut_word(&open, "dev");
	cut_build(&open);
	return out->open && open.length == 0;
}

/* The first @position numbers, the last of them plus @increment, then zeros, then "-dev". */
static char *bound(const Version *version, guint position, guint increment)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < NUMBERS; i++) {
		KilnText number = i < MIN(position, version->count) ? version->numbers[i] : KILN_TEXT("0");
		g_autofree char *next = i + 1 == position && increment ? kiln_version_next_number(number) : kiln_text_dup(number);
		g_string_append_printf(text, "%s%s", i ? "." : "", next);
	}
	g_string_append(text, SUFFIX_LOWEST);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static gboolean refuse(GError **error, KilnText text)
{
	return kiln_version_range_refuse(error, text, "holds a constraint that Composer does not know");
}

/* From the version itself, its unstable ones included unless one is named, to below the next one at @position. */
static gboolean add_from_to(KilnVersionRange *range, const Version *version, guint position, GError **error)
{
	g_autofree char *lowest = g_strdup_printf("%.*s%s", (int)version->text.length, version->text.data,
	                                          version->suffixed ? "" : SUFFIX_LOWEST);
	g_autofree char *lower = kiln_packagist_normalize(kiln_text(lowest)), *upper = bound(version, position, 1);
	if (!lower)
		return refuse(error, version->text);
	return add(range, KILN_VERSION_GREATER_OR_EQUAL, lower, version->text, error) &&
	       add(range, KILN_VERSION_LESS, upper, (KilnText){ 0 }, error);
}

static gboolean parse_tilde(KilnVersionRange *range, KilnText text, GError **error)
{
	Version version;
	if (!parse_version(text, &version))
		return refuse(error, text);
	guint position = version.count + version.open;
	return add_from_to(range, &version, MAX(1, position - 1), error);
}

static gboolean parse_caret(KilnVersionRange *range, KilnText text, GError **error)
{
	Version version;
	if (!parse_version(text, &version))
		return refuse(error, text);
	guint position = 1;
	while (position < 3 && kiln_text_is(version.numbers[position - 1], "0") && version.count > position)
		position++;
	return add_from_to(range, &version, position, error);
}

/* "1.2.*", "1.x.x". FALSE without an error when @text is none. */
static gboolean parse_open(KilnText text, Version *out)
{
	*out = (Version){ .text = text };
	kiln_version_cut_word(&text, "v");
	for (gboolean open = FALSE; text.length || !out->count; open |= out->open) {
		if ((out->count || out->open) && !kiln_version_cut_word(&text, "."))
			return FALSE;
		KilnText number = kiln_version_cut_digits(&text);
		if (number.length ? open || out->count == NUMBERS - 1
		                  : !out->count || (!kiln_version_cut_word(&text, "x") && !kiln_version_cut_word(&text, "*")))
			return FALSE;
		if (number.length)
			out->numbers[out->count++] = number;
		out->open |= number.length == 0;
	}
	return out->open;
}

static gboolean add_open(KilnVersionRange *range, const Version *version, GError **error)
{
	g_autofree char *lower = bound(version, version->count, 0), *upper = bound(version, version->count, 1);
	return (strcmp(lower, "0.0.0.0" SUFFIX_LOWEST) == 0 ||
	        add(range, KILN_VERSION_GREATER_OR_EQUAL, lower, (KilnText){ 0 }, error)) &&
	       add(range, KILN_VERSION_LESS, upper, (KilnText){ 0 }, error);
}

/* "*", "x.x", "v*": everything, which from the second star on no longer holds branches. */
static gboolean is_any(KilnText text, gboolean *branches)
{
	*branches = !kiln_version_cut_word(&text, "v");
	if (!kiln_version_cut_word(&text, "x") && !kiln_version_cut_word(&text, "*"))
		return FALSE;
	while (kiln_version_cut_word(&text, ".")) {
		*branches = FALSE;
		if (!kiln_version_cut_word(&text, "x") && !kiln_version_cut_word(&text, "*"))
			return FALSE;
	}
	return text.length == 0;
}

/* "1.0 - 2.0". */
static gboolean cut_hyphen(KilnText text, Version *from, Version *to)
{
	const char *hyphen = memmem(text.data, text.length, " - ", 3);
	if (!hyphen)
		return FALSE;
	KilnText first = { text.data, (gsize)(hyphen - text.data) };
	KilnText last = { hyphen + 3, text.length - first.length - 3 };
	return parse_version(kiln_text_strip(first), from) && parse_version(kiln_text_strip(last), to);
}

static gboolean add_hyphen(KilnVersionRange *range, const Version *from, const Version *to, GError **error)
{
	g_autofree char *low = kiln_packagist_normalize(from->text), *high = kiln_packagist_normalize(to->text);
	if (!low || !high)
		return refuse(error, low ? to->text : from->text);
	g_autofree char *lower = g_strconcat(low, from->suffixed ? "" : SUFFIX_LOWEST, NULL);
	if (!add(range, KILN_VERSION_GREATER_OR_EQUAL, lower, from->text, error))
		return FALSE;
	if (to->count >= 3 || to->suffixed)
		return add(range, KILN_VERSION_LESS_OR_EQUAL, high, to->text, error);
	g_autofree char *upper = bound(to, to->count, 1);
	return add(range, KILN_VERSION_LESS, upper, (KilnText){ 0 }, error);
}

/* Does @version name its stability after a hyphen? Composer looks for "RC" in lower-case text and so never finds it. */
static gboolean names_stability(KilnText version)
{
	for (; version.length; kiln_version_skip(&version, 1)) {
		if (version.data[0] != '-')
			continue;
		KilnText rest = { version.data + 1, version.length - 1 };
		KilnPackagistModifier modifier = kiln_packagist_cut_modifier(&rest);
		if (rest.length == 0 && g_strcmp0(modifier.stability, "RC") != 0)
			return TRUE;
	}
	return FALSE;
}

/* The normal form; "feature-dev" is meant as the branch "dev-feature" where no operator stands before it. */
static char *normalize(KilnText version)
{
	char *normal = kiln_packagist_normalize(version);
	if (normal || version.length < 5 || memcmp(version.data + version.length - 4, "-dev", 4) != 0)
		return normal;
	for (gsize i = 0; i < version.length; i++)
		if (!g_ascii_isalnum(version.data[i]) && !kiln_version_is_one_of(version.data[i], "-./"))
			return NULL;
	return g_strdup_printf("dev-%.*s", (int)version.length - 4, version.data);
}

static gboolean is_stable(const char *normal)
{
	KilnText rest = kiln_text(normal);
	while (rest.length && (g_ascii_isdigit(rest.data[0]) || rest.data[0] == '.'))
		kiln_version_skip(&rest, 1);
	KilnPackagistModifier modifier = kiln_packagist_cut_modifier(&rest);
	return !kiln_packagist_is_branch(normal) && !modifier.dev && (!modifier.stability || strcmp(modifier.stability, "patch") == 0);
}

static gboolean parse_comparison(KilnVersionRange *range, KilnText text, const char *flag, GError **error)
{
	KilnVersionOperator operator = KILN_VERSION_EQUAL;
	KilnText version = text;
	if (kiln_version_cut_word(&version, "<>"))
		operator = KILN_VERSION_NOT_EQUAL;
	else
		kiln_version_cut_operator(&version, &operator);
	version = kiln_text_strip(version);
	g_autofree char *normal = normalize(version);
	if (!normal)
		return refuse(error, text);
	const char *suffix = "";
	g_autofree char *flagged = g_strdup_printf("-%s", flag ? flag : "");
	if (operator != KILN_VERSION_EQUAL && flag && is_stable(normal))
		suffix = flagged;
	else if ((operator == KILN_VERSION_LESS || operator == KILN_VERSION_GREATER_OR_EQUAL) && !names_stability(version) &&
	         !(version.length > 3 && memcmp(version.data, "dev-", 4) == 0))
		suffix = SUFFIX_LOWEST;
	g_autofree char *compared = g_strconcat(normal, suffix, NULL);
	return add(range, operator, compared, version, error);
}

/* Cut "@beta" off the end; what it says, or NULL for none and for "stable". */
static const char *cut_flag(KilnText *text)
{
	static const char *const flags[] = { "RC", "beta", "alpha", "dev", "stable" };
	const char *at = text->length ? memrchr(text->data, '@', text->length) : NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(flags) && at; i++) {
		KilnText word = { at + 1, text->length - (gsize)(at - text->data) - 1 };
		if (word.length != strlen(flags[i]) || g_ascii_strncasecmp(word.data, flags[i], word.length) != 0 ||
		    memchr(text->data, ' ', text->length))
			continue;
		text->length = (gsize)(at - text->data);
		if (text->length == 0)
			*text = KILN_TEXT("*");
		return i + 1 < G_N_ELEMENTS(flags) ? flags[i] : NULL;
	}
	return NULL;
}

/* "dev-main#0123abc", "1.x-dev#0123abc": the commit has no part in the order. */
static void drop_commit(KilnText *text)
{
	KilnText rest = *text, head = kiln_text_cut(&rest, '#');
	KilnText branch = head;
	gboolean numbered = head.length > 6 && g_ascii_strncasecmp(head.data + head.length - 6, ".x-dev", 6) == 0;
	if (rest.length && (kiln_version_cut_word(&branch, "dev-") || numbered))
		*text = head;
}

static gboolean parse_constraint(KilnVersionRange *range, KilnText text, GError **error)
{
	Version version, to;
	gboolean branches;
	const char *alias = memmem(text.data, text.length, " as ", 4);
	if (alias)
		text.length = (gsize)(alias - text.data);
	const char *flag = cut_flag(&text);
	drop_commit(&text);
	if (is_any(text, &branches))
		return branches || add(range, KILN_VERSION_GREATER_OR_EQUAL, "0.0.0.0" SUFFIX_LOWEST, (KilnText){ 0 }, error);
	KilnText rest = text;
	if (kiln_version_cut_word(&rest, "~"))
		return parse_tilde(range, rest, error);
	if (kiln_version_cut_word(&rest, "^"))
		return parse_caret(range, rest, error);
	if (parse_open(text, &version))
		return add_open(range, &version, error);
	if (cut_hyphen(text, &version, &to))
		return add_hyphen(range, &version, &to, error);
	return parse_comparison(range, text, flag, error);
}

static void skip_blanks(KilnText *rest)
{
	while (rest->length && rest->data[0] == ' ')
		kiln_version_skip(rest, 1);
}

/* If @rest goes on with @word between blanks, skip it and the blanks after it. */
static gboolean skip_joint(KilnText *rest, const char *word)
{
	KilnText after = *rest;
	skip_blanks(&after);
	if (after.data == rest->data || !kiln_version_cut_word(&after, word) || after.length == 0 || after.data[0] != ' ')
		return FALSE;
	skip_blanks(&after);
	*rest = after;
	return TRUE;
}

/* Cut one constraint: signs, blanks, a word, and what " - " or " as " joins to it. */
static KilnText cut_constraint(KilnText *rest)
{
	KilnText constraint = *rest;
	while (rest->length && kiln_version_is_one_of(rest->data[0], "<>=! "))
		kiln_version_skip(rest, 1);
	do {
		while (rest->length && rest->data[0] != ' ' && rest->data[0] != ',')
			kiln_version_skip(rest, 1);
	} while (skip_joint(rest, "-") || skip_joint(rest, "as"));
	constraint.length -= rest->length;
	return constraint;
}

static gboolean parse_packagist(KilnVersionRange *range, KilnText text, GError **error)
{
	KilnText rest = kiln_text_strip(text);
	gboolean more = TRUE;
	while (more) {
		more = rest.length && memchr(rest.data, '|', rest.length);
		KilnText group = kiln_text_strip(kiln_text_cut(&rest, '|'));
		kiln_version_cut_word(&rest, "|");
		kiln_version_range_begin(range);
		do {
			KilnText constraint = cut_constraint(&group);
			if (constraint.length == 0)
				return refuse(error, text);
			if (!parse_constraint(range, constraint, error))
				return FALSE;
			skip_blanks(&group);
			kiln_version_cut_word(&group, ",");
			skip_blanks(&group);
		} while (group.length);
	}
	return TRUE;
}

/* A branch is only equal to itself, and neither above nor below anything. */
static gboolean holds_packagist(const KilnVersionClause *clause, KilnText version)
{
	g_autofree char *normal = kiln_packagist_normalize(version), *limit = kiln_text_dup(clause->version);
	if (!normal)
		return FALSE;
	if (!kiln_packagist_is_branch(normal) && !kiln_packagist_is_branch(limit)) {
		return kiln_version_operator_accepts(clause->operator, kiln_packagist_compare(normal, limit));
	}
	gboolean same = strcmp(normal, limit) == 0;
	return clause->operator == KILN_VERSION_EQUAL ? same : clause->operator == KILN_VERSION_NOT_EQUAL && !same;
}

const KilnVersionDialect kiln_version_dialect_packagist = { "packagist", &kiln_version_order_packagist, parse_packagist, holds_packagist,
	                                                    NULL };
