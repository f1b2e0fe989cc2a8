/* SPDX-License-Identifier: Apache-2.0 */
/* version_packagist.c: versions of Composer packages. Source: getcomposer.org, "Versions and constraints"; composer/semver's VersionParser
 * makes a normal form and PHP's version_compare() orders it. */
#include "pkg/version_packagist.h"
#include "base/limits.h"
#include "pkg/version_internal.h"

#define NUMBERS 4
#define FIRST_DIGITS_MAX 5       /* a longer first number is a date */
#define ANY_NUMBER "9999999"     /* what Composer writes for the x of "1.x-dev" */

gboolean kiln_packagist_is_branch(const char *normal)
{
	return g_str_has_prefix(normal, "dev-");
}

static gboolean cut_one_of(KilnText *rest, const char *bytes)
{
	if (rest->length == 0 || !kiln_version_is_one_of(rest->data[0], bytes))
		return FALSE;
	kiln_version_skip(rest, 1);
	return TRUE;
}

static gboolean cut_dev(KilnText *rest)
{
	KilnText after = *rest;
	cut_one_of(&after, ".-");
	if (!kiln_version_cut_word(&after, "dev"))
		return FALSE;
	*rest = after;
	return TRUE;
}

/* {[.-]digits}, without the separator before the first. */
static KilnText cut_modifier_number(KilnText *rest)
{
	KilnText begin = *rest;
	for (;;) {
		KilnText after = *rest;
		cut_one_of(&after, ".-");
		if (kiln_version_cut_digits(&after).length == 0)
			break;
		*rest = after;
	}
	begin.length -= rest->length;
	while (begin.length && !g_ascii_isdigit(begin.data[0]))
		kiln_version_skip(&begin, 1);
	return begin;
}

KilnPackagistModifier kiln_packagist_cut_modifier(KilnText *rest)
{
	static const struct {
		const char *word, *stability;
	} words[] = { { "stable", "stable" }, { "beta", "beta" }, { "b", "beta" }, { "rc", "RC" }, { "alpha", "alpha" },
		      { "a", "alpha" },       { "patch", "patch" }, { "pl", "patch" }, { "p", "patch" } };
	KilnPackagistModifier modifier = { 0 };
	cut_one_of(rest, "._-");
	for (gsize i = 0; i < G_N_ELEMENTS(words) && !modifier.stability; i++) {
		KilnText word = *rest;
		if (!kiln_version_cut_word(rest, words[i].word))
			continue;
		modifier.stability = words[i].stability;
		modifier.release = i == 0 && memcmp(word.data, "stable", strlen("stable")) == 0;
		modifier.number = cut_modifier_number(rest);
	}
	modifier.dev = cut_dev(rest);
	return modifier;
}

/* v?digits{1,5}[.digits][.digits][.digits], missing numbers written as zero. */
static gboolean append_numbers(KilnText *rest, GString *out)
{
	KilnText number = kiln_version_cut_digits(rest);
	if (number.length == 0 || number.length > FIRST_DIGITS_MAX)
		return FALSE;
	g_string_append_len(out, number.data, (gssize)number.length);
	for (guint i = 1; i < NUMBERS; i++) {
		KilnText after = *rest;
		number = cut_one_of(&after, ".") ? kiln_version_cut_digits(&after) : (KilnText){ 0 };
		if (number.length)
			*rest = after;
		g_string_append_c(out, '.');
		g_string_append_len(out, number.length ? number.data : "0", number.length ? (gssize)number.length : 1);
	}
	return TRUE;
}

/* Cut exactly @least to @most digits after an optional separator of dates. */
static gboolean cut_date_part(KilnText *rest, gsize least, gsize most)
{
	KilnText after = *rest;
	cut_one_of(&after, ".:-");
	gsize digits = 0;
	while (digits < most && digits < after.length && g_ascii_isdigit(after.data[digits]))
		digits++;
	if (digits < least)
		return FALSE;
	kiln_version_skip(&after, digits);
	*rest = after;
	return TRUE;
}

/* "20100102", "2010-01-02.1": four digits, one to six times two digits, up to twice one to three digits. */
static gboolean append_date(KilnText *rest, GString *out)
{
	KilnText date = *rest;
	if (rest->length == 0 || !g_ascii_isdigit(rest->data[0]) || !cut_date_part(rest, 4, 4))
		return FALSE;
	guint pairs = 0;
	while (pairs < 6 && cut_date_part(rest, 2, 2))
		pairs++;
	if (pairs == 0)
		return FALSE;
	if (cut_date_part(rest, 1, 3))
		cut_date_part(rest, 1, 3);
	date.length -= rest->length;
	for (gsize i = 0; i < date.length; i++)
		g_string_append_c(out, g_ascii_isdigit(date.data[i]) ? date.data[i] : '.');
	return TRUE;
}

/* Numbers or a date, then a modifier and nothing else. */
static gboolean append_version(KilnText version, gboolean (*append)(KilnText *rest, GString *out), GString *out)
{
	g_string_truncate(out, 0);
	if (version.length && (version.data[0] == 'v' || version.data[0] == 'V'))
		kiln_version_skip(&version, 1);
	if (!append(&version, out))
		return FALSE;
	KilnPackagistModifier modifier = kiln_packagist_cut_modifier(&version);
	if (modifier.stability && !modifier.release)
		g_string_append_printf(out, "-%s%.*s", modifier.stability, (int)modifier.number.length,
		                       modifier.number.length ? modifier.number.data : "");
	if (modifier.dev && !modifier.release)
		g_string_append(out, "-dev");
	return version.length == 0;
}

/* "1.x-dev", "2.*.x.dev": a branch with numbers, of which those that are open count as very large. */
static gboolean append_numbered_branch(KilnText version, GString *out)
{
	g_string_truncate(out, 0);
	if (version.length < 3 || g_ascii_strncasecmp(version.data + version.length - 3, "dev", 3) != 0)
		return FALSE;
	version.length -= 3;
	if (version.length && kiln_version_is_one_of(version.data[version.length - 1], ".-"))
		version.length--;
	version = kiln_text_strip(version);
	if (version.length && (version.data[0] == 'v' || version.data[0] == 'V'))
		kiln_version_skip(&version, 1);
	for (guint i = 0; i < NUMBERS; i++) {
		KilnText number = { 0 };
		if (version.length && (i == 0 || cut_one_of(&version, "."))) {
			number = kiln_version_cut_digits(&version);
			if (number.length == 0 && (i == 0 || !cut_one_of(&version, "xX*")))
				return FALSE;
		} else if (i == 0 || version.length) {
			return FALSE;
		}
		g_string_append_printf(out, "%s%.*s", i ? "." : "", number.length ? (int)number.length : (int)strlen(ANY_NUMBER),
		                       number.length ? number.data : ANY_NUMBER);
	}
	g_string_append(out, "-dev");
	return version.length == 0;
}

/* "1.0 as 2.0": what stands before "as", if there is one word on each side of it. */
static KilnText drop_alias(KilnText version)
{
	KilnText rest = version, head = kiln_text_cut(&rest, ' ');
	rest = kiln_text_strip(rest);
	gboolean alias = kiln_text_is(kiln_text_cut(&rest, ' '), "as");
	rest = kiln_text_strip(rest);
	for (gsize i = 0; i < rest.length; i++)
		alias &= rest.data[i] != ',' && !g_ascii_isspace(rest.data[i]);
	return alias && rest.length && !memchr(head.data, ',', head.length) ? head : version;
}

/* "1.0@beta": what stands before the flag. */
static KilnText drop_flag(KilnText version)
{
	static const char *const flags[] = { "@stable", "@RC", "@beta", "@alpha", "@dev" };
	for (gsize i = 0; i < G_N_ELEMENTS(flags); i++) {
		gsize length = strlen(flags[i]);
		if (version.length < length || g_ascii_strncasecmp(version.data + version.length - length, flags[i], length) != 0)
			continue;
		version.length -= length;
		break;
	}
	return version;
}

/* "1.0+build": what stands before the build, in a text without blanks. */
static KilnText drop_build(KilnText version)
{
	KilnText rest = version, head = kiln_text_cut(&rest, '+');
	for (gsize i = 0; i < version.length; i++)
		if (g_ascii_isspace(version.data[i]) || (i < head.length && version.data[i] == ','))
			return version;
	return head.length && rest.length ? head : version;
}

char *kiln_packagist_normalize(KilnText version)
{
	static const char *const default_branches[] = { "master", "trunk", "default" };
	if (version.length > KILN_LIMIT_VERSION_BYTES || (version.length && memchr(version.data, '\0', version.length)))
		return NULL;
	version = drop_flag(drop_alias(kiln_text_strip(version)));
	g_autoptr(GString) out = g_string_new("dev-");
	KilnText branch = version;
	gboolean is_branch = kiln_version_cut_word(&branch, "dev-");
	for (gsize i = 0; i < G_N_ELEMENTS(default_branches); i++)
		is_branch |= kiln_text_is(version, default_branches[i]);
	if (is_branch) {
		g_string_append_len(out, branch.data, (gssize)branch.length);
		return g_string_free(g_steal_pointer(&out), FALSE);
	}
	version = drop_build(version);
	if (append_version(version, append_numbers, out) || append_version(version, append_date, out) ||
	    append_numbered_branch(version, out))
		return g_string_free(g_steal_pointer(&out), FALSE);
	return NULL;
}

/* What PHP's version_compare() finds next in a version, in ascending order. */
typedef enum { UNKNOWN, DEV, ALPHA, BETA, RC, END, NUMBER, PATCH } Kind;

static Kind next(KilnText *rest)
{
	static const struct {
		const char *word;
		Kind kind;
	} words[] = { { "dev", DEV }, { "alpha", ALPHA }, { "beta", BETA }, { "RC", RC }, { "patch", PATCH } };
	while (cut_one_of(rest, ".-"))
		;
	if (rest->length == 0 || g_ascii_isdigit(rest->data[0]))
		return rest->length ? NUMBER : END;
	KilnText word = kiln_version_cut_letters(rest);
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (kiln_text_is(word, words[i].word))
			return words[i].kind;
	return UNKNOWN;
}

int kiln_packagist_compare(const char *normal_a, const char *normal_b)
{
	gboolean a_is_branch = kiln_packagist_is_branch(normal_a), b_is_branch = kiln_packagist_is_branch(normal_b);
	if (a_is_branch || b_is_branch)
		return a_is_branch && b_is_branch ? strcmp(normal_a, normal_b) : b_is_branch - a_is_branch;
	KilnText a = kiln_text(normal_a), b = kiln_text(normal_b);
	for (;;) {
		Kind kind_a = next(&a), kind_b = next(&b);
		if (kind_a != kind_b || kind_a == END)
			return (int)kind_a - (int)kind_b;
		if (kind_a != NUMBER)
			continue;
		int difference = kiln_version_compare_numbers(kiln_version_cut_digits(&a), kiln_version_cut_digits(&b));
		if (difference)
			return difference;
	}
}

static int compare_packagist(KilnText a, KilnText b)
{
	g_autofree char *normal_a = kiln_packagist_normalize(a), *normal_b = kiln_packagist_normalize(b);
	if (!normal_a || !normal_b)
		return kiln_version_compare_malformed(normal_a != NULL, normal_b != NULL, a, b);
	return kiln_packagist_compare(normal_a, normal_b);
}

static gboolean check_packagist(KilnText version, GError **error)
{
	if (!kiln_version_check_length(version, error))
		return FALSE;
	g_autofree char *normal = kiln_packagist_normalize(version);
	return normal || kiln_version_refuse(error, version, "is none that Composer knows: numbers, a date, or a branch dev-NAME or N.x-dev");
}

const KilnVersionOrder kiln_version_order_packagist = { "packagist", compare_packagist, check_packagist };
