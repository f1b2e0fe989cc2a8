/* SPDX-License-Identifier: Apache-2.0 */
/* version_range_pep440.c: specifiers of Python packages. Source: packaging.python.org, "Version specifiers" (PEP 440): "Compatible release",
 * "Version matching", "Version exclusion", "Inclusive ordered comparison", "Exclusive ordered comparison", "Arbitrary equality". */
#include "pkg/version_dialect.h"
#include "pkg/version_internal.h"
#include "pkg/version_pep440.h"

static gboolean add(KilnVersionRange *range, KilnVersionOperator operator, KilnText version, GError **error)
{
	return kiln_version_range_add(range, operator, version, version, error);
}

/* "==1.2.*": nothing but epoch and release may stand before the star. */
static gboolean parse_prefix(KilnVersionRange *range, KilnVersionOperator operator, KilnText version, GError **error)
{
	KilnPep440 parsed;
	KilnText prefix = { version.data, version.length - strlen(".*") };
	if (kiln_pep440_parse(prefix, &parsed) || parsed.pre != KILN_PEP440_NO_PRE || parsed.has_post || parsed.has_dev || parsed.local.data)
		return kiln_version_range_refuse(error, version, "has a star after something else than numbers");
	return add(range, operator == KILN_VERSION_EQUAL ? KILN_VERSION_SIMILAR : KILN_VERSION_NOT_SIMILAR, prefix, error);
}

/* "~=2.2.post3" is ">=2.2.post3, ==2.*". */
static gboolean parse_compatible(KilnVersionRange *range, KilnText version, GError **error)
{
	KilnPep440 parsed;
	const char *reason = kiln_pep440_parse(version, &parsed);
	if (reason || parsed.local.data)
		return kiln_version_refuse(error, version, reason ? reason : "has a local part, which ~= cannot take");
	const char *dot = memrchr(parsed.release.data, '.', parsed.release.length);
	if (!dot)
		return kiln_version_refuse(error, version, "has one number; ~= needs two");
	g_autofree char *prefix = g_strdup_printf("%.*s!%.*s", parsed.epoch.length ? (int)parsed.epoch.length : 1,
	                                          parsed.epoch.length ? parsed.epoch.data : "0", (int)(dot - parsed.release.data),
	                                          parsed.release.data);
	return add(range, KILN_VERSION_GREATER_OR_EQUAL, version, error) &&
	       kiln_version_range_add(range, KILN_VERSION_SIMILAR, kiln_text(prefix), (KilnText){ 0 }, error);
}

static gboolean parse_specifier(KilnVersionRange *range, KilnText text, GError **error)
{
	KilnVersionOperator operator;
	KilnText version = text;
	gboolean identical = kiln_version_cut_word(&version, "===");
	gboolean compatible = !identical && kiln_version_cut_word(&version, "~=");
	gboolean single = text.length > 1 && text.data[0] == '=' && text.data[1] != '=';
	if (!identical && !compatible && (single || !kiln_version_cut_operator(&version, &operator)))
		return kiln_version_range_refuse(error, text, "does not begin with one of === ~= == != <= >= < >");
	version = kiln_text_strip(version);
	if (identical)
		return version.length && !memchr(version.data, ' ', version.length)
		               ? add(range, KILN_VERSION_IDENTICAL, version, error)
		               : kiln_version_range_refuse(error, text, "has no text that could be identical");
	if (compatible)
		return parse_compatible(range, version, error);
	gboolean equality = operator == KILN_VERSION_EQUAL || operator == KILN_VERSION_NOT_EQUAL;
	if (equality && version.length > 2 && memcmp(version.data + version.length - 2, ".*", 2) == 0)
		return parse_prefix(range, operator, version, error);
	KilnPep440 parsed;
	const char *reason = kiln_pep440_parse(version, &parsed);
	if (!reason && parsed.local.data && !equality)
		reason = "has a local part, which only == and != can take";
	return reason ? kiln_version_refuse(error, version, reason) : add(range, operator, version, error);
}

static gboolean parse_pep440(KilnVersionRange *range, KilnText text, GError **error)
{
	kiln_version_range_begin(range);
	for (KilnText rest = text; rest.length;) {
		KilnText specifier = kiln_text_strip(kiln_text_cut(&rest, ','));
		if (specifier.length && !parse_specifier(range, specifier, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean same_release(const KilnPep440 *a, const KilnPep440 *b, gsize numbers)
{
	return kiln_version_compare_numbers(a->epoch, b->epoch) == 0 && kiln_pep440_compare_release(a->release, b->release, numbers) == 0;
}

static gboolean same_pre(const KilnPep440 *a, const KilnPep440 *b)
{
	return same_release(a, b, 0) && a->pre == b->pre && kiln_version_compare_numbers(a->pre_number, b->pre_number) == 0;
}

/* Above @bound, without its local versions and, unless it is one itself, its post-releases. */
static gboolean is_above(const KilnPep440 *version, const KilnPep440 *bound)
{
	KilnPep440 public = *version;
	public.local = (KilnText){ 0 };
	if (!bound->has_post && !bound->has_dev && same_pre(version, bound))
		return FALSE;
	return kiln_pep440_compare(&public, bound) > 0;
}

/* Below @bound, without its pre-releases unless it is one itself. */
static gboolean is_below(const KilnPep440 *version, const KilnPep440 *bound)
{
	KilnPep440 first = *bound;
	if (first.pre == KILN_PEP440_NO_PRE && !first.has_dev)
		first.has_dev = TRUE;
	return kiln_pep440_compare(version, &first) < 0;
}

static gsize count_numbers(KilnText release)
{
	gsize count = 0;
	while (release.length) {
		kiln_text_cut(&release, '.');
		count++;
	}
	return count;
}

static gboolean holds_identical(KilnText a, KilnText b)
{
	return kiln_version_compare_folded(kiln_text_strip(a), b) == 0;
}

static gboolean holds_pep440(const KilnVersionClause *clause, KilnText text)
{
	KilnPep440 version, bound;
	if (clause->operator == KILN_VERSION_IDENTICAL)
		return holds_identical(text, clause->version);
	if (kiln_pep440_parse(text, &version) || kiln_pep440_parse(clause->version, &bound))
		return FALSE;
	KilnPep440 comparable = version; /* local parts only count where the bound has one */
	if (!bound.local.data)
		comparable.local = (KilnText){ 0 };
	switch (clause->operator) {
	case KILN_VERSION_LESS:
		return is_below(&version, &bound);
	case KILN_VERSION_GREATER:
		return is_above(&version, &bound);
	case KILN_VERSION_LESS_OR_EQUAL:
		return kiln_pep440_compare(&comparable, &bound) <= 0;
	case KILN_VERSION_GREATER_OR_EQUAL:
		return kiln_pep440_compare(&comparable, &bound) >= 0;
	case KILN_VERSION_SIMILAR:
		return same_release(&version, &bound, count_numbers(bound.release));
	case KILN_VERSION_NOT_SIMILAR:
		return !same_release(&version, &bound, count_numbers(bound.release));
	case KILN_VERSION_NOT_EQUAL:
		return kiln_pep440_compare(&comparable, &bound) != 0;
	case KILN_VERSION_EQUAL:
	case KILN_VERSION_IDENTICAL:
		break;
	}
	return kiln_pep440_compare(&comparable, &bound) == 0;
}

const KilnVersionDialect kiln_version_dialect_pep440 = { "pep440", &kiln_version_order_pep440, parse_pep440, holds_pep440, NULL };
