/* SPDX-License-Identifier: Apache-2.0 */
/* version_range_maven.c: ranges in brackets, as Maven and NuGet write them. Source: maven.apache.org/pom.html, "Dependency Version Requirement
 * Specification"; learn.microsoft.com, NuGet, "Package versioning", "Version ranges". */
#include "base/error.h"
#include "pkg/version_dialect.h"
#include "pkg/version_internal.h"

typedef struct {
	KilnText lower, upper; /* empty: none */
	gboolean lower_closed, upper_closed;
} Interval;

/* "[1.0,2.0)", "(,1.0]", "[1.0]". Returns NULL, or what is wrong with it. @may_be_empty: "(1.0,1.0)" is no error. */
static const char *parse_interval(const KilnVersionOrder *order, KilnText text, gboolean may_be_empty, Interval *out)
{
	if (text.length < 2 || !kiln_version_is_one_of(text.data[0], "[(") || !kiln_version_is_one_of(text.data[text.length - 1], "])"))
		return "has an interval that does not begin with [ or ( and end with ] or )";
	out->lower_closed = text.data[0] == '[';
	out->upper_closed = text.data[text.length - 1] == ']';
	KilnText inner = { text.data + 1, text.length - 2 };
	gboolean comma = inner.length && memchr(inner.data, ',', inner.length);
	out->lower = kiln_text_strip(kiln_text_cut(&inner, ','));
	out->upper = comma ? kiln_text_strip(inner) : out->lower;
	if (!comma && (!out->lower_closed || !out->upper_closed || out->lower.length == 0))
		return "has an interval of one version that is not in [ and ]";
	int difference = out->lower.length && out->upper.length ? order->compare(out->lower, out->upper) : -1;
	gboolean closed = out->lower_closed && out->upper_closed, open = !out->lower_closed && !out->upper_closed;
	if (difference > 0 || (difference == 0 && !closed && !(open && may_be_empty)))
		return "has an interval that ends before it begins, or is empty";
	return NULL;
}

static gboolean add_interval(KilnVersionRange *range, const Interval *interval, GError **error)
{
	kiln_version_range_begin(range);
	if (interval->lower.length &&
	    !kiln_version_range_require(range, interval->lower_closed ? KILN_VERSION_GREATER_OR_EQUAL : KILN_VERSION_GREATER,
	                                interval->lower, error))
		return FALSE;
	return interval->upper.length == 0 ||
	       kiln_version_range_require(range, interval->upper_closed ? KILN_VERSION_LESS_OR_EQUAL : KILN_VERSION_LESS, interval->upper,
	                                  error);
}

/* Cut up to and with the first closing bracket. */
static KilnText cut_interval(KilnText *rest)
{
	KilnText interval = { rest->data, 0 };
	while (interval.length < rest->length && rest->data[interval.length] != ')' && rest->data[interval.length] != ']')
		interval.length++;
	if (interval.length < rest->length)
		interval.length++;
	kiln_version_skip(rest, interval.length);
	return interval;
}

static gboolean parse_maven(KilnVersionRange *range, KilnText text, GError **error)
{
	KilnText rest = kiln_text_strip(text), upper = { 0 };
	gboolean first = TRUE;
	while (rest.length && (rest.data[0] == '[' || rest.data[0] == '(')) {
		Interval interval;
		const char *reason = parse_interval(&kiln_version_order_maven, cut_interval(&rest), FALSE, &interval);
		if (!reason && !first && upper.length &&
		    (interval.lower.length == 0 || kiln_version_order_maven.compare(interval.lower, upper) < 0))
			reason = "has intervals that overlap";
		if (reason)
			return kiln_version_range_refuse(error, text, reason);
		if (!add_interval(range, &interval, error))
			return FALSE;
		upper = interval.upper;
		first = FALSE;
		rest = kiln_text_strip(rest);
		if (kiln_version_cut_word(&rest, ","))
			rest = kiln_text_strip(rest);
	}
	if (first && kiln_version_order_maven.check(rest, error)) {
		kiln_version_range_begin(range); /* a version that is only recommended */
		return TRUE;
	}
	return !first && (rest.length == 0 || kiln_version_range_refuse(error, text, "goes on after its intervals"));
}

static gboolean parse_nuget(KilnVersionRange *range, KilnText text, GError **error)
{
	KilnText rest = kiln_text_strip(text);
	Interval interval = { .lower = rest, .lower_closed = TRUE };
	if (rest.length && memchr(rest.data, '*', rest.length)) {
		g_autofree char *shown = g_strndup(rest.data, MIN(rest.length, 64));
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED,
		                 "version range \"%s\" floats: it says which version to install, not which versions are meant", shown);
	}
	if (rest.length == 0)
		return kiln_version_range_refuse(error, text, "is empty");
	if (rest.data[0] == '[' || rest.data[0] == '(') {
		const char *reason = parse_interval(&kiln_version_order_nuget, rest, TRUE, &interval);
		if (!reason && interval.lower.length == 0 && interval.upper.length == 0)
			reason = "has neither a lower nor an upper version";
		if (reason)
			return kiln_version_range_refuse(error, text, reason);
	}
	return add_interval(range, &interval, error);
}

const KilnVersionDialect kiln_version_dialect_maven = { "maven", &kiln_version_order_maven, parse_maven, NULL, NULL };
const KilnVersionDialect kiln_version_dialect_nuget = { "nuget", &kiln_version_order_nuget, parse_nuget, NULL, NULL };
