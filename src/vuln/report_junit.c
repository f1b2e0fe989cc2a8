/* SPDX-License-Identifier: Apache-2.0 */
/* report_junit.c: a test suite for each image: findings fail, what cannot be told is an error, a clean image passes one test. */
#include "vuln/report_writers.h"

/* Attribute or text of XML 1.0, which has no control characters. */
static char *escaped(const char *text)
{
	g_autofree char *valid = report_valid(text);
	for (char *c = valid; *c; c++)
		if (g_ascii_iscntrl(*c))
			*c = ' ';
	return g_markup_escape_text(valid, -1);
}

static void add_case(GString *out, const char *class_name, const char *name, const char *outcome, const char *message)
{
	g_autofree char *class_text = escaped(class_name), *name_text = escaped(name), *message_text = escaped(message);
	g_string_append_printf(out, "    <testcase classname=\"%s\" name=\"%s\"", class_text, name_text);
	if (outcome)
		g_string_append_printf(out, "><%s message=\"%s\"></%s></testcase>\n", outcome, message_text, outcome);
	else
		g_string_append(out, "></testcase>\n");
}

static void add_finding(GString *out, const KilnReportImage *image, const KilnFinding *finding)
{
	const KilnPackage *package = report_package(image, finding);
	g_autofree char *fix = report_fix_text(finding), *name = g_strdup_printf("%s %s", package->name, package->version);
	if (finding->suppressed_because) {
		add_case(out, name, finding->id, "skipped", finding->suppressed_because);
		return;
	}
	g_autofree char *message = g_strdup_printf("%s severity; %s%s%s", kiln_severity_name(finding->severity), fix, finding->summary ? ": " : "",
	                                           finding->summary ? finding->summary : "");
	add_case(out, name, finding->id, "failure", message);
}

GBytes *report_write_junit(const KilnReport *report, GError **error)
{
	GString *out = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"kiln scan\">\n");
	for (gsize i = 0; i < report->count; i++) {
		const KilnReportImage *image = &report->images[i];
		const KilnScanResult *result = image->result;
		g_autofree char *reference = escaped(image->reference);
		guint suppressed = result->suppressed->len, tests = MAX(1, result->findings->len + suppressed + result->untold->len);
		g_string_append_printf(out, "  <testsuite name=\"%s\" tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\">\n", reference, tests, result->findings->len, result->untold->len,
		                       suppressed);
		g_autofree char *coverage = kiln_report_coverage(image), *shown = escaped(coverage);
		g_string_append_printf(out, "    <properties><property name=\"coverage\" value=\"%s\"/></properties>\n", shown);
		for (guint j = 0; j < result->findings->len; j++)
			add_finding(out, image, result->findings->pdata[j]);
		for (guint j = 0; j < suppressed; j++)
			add_finding(out, image, result->suppressed->pdata[j]);
		for (guint j = 0; j < result->untold->len; j++) {
			const KilnUntold *untold = result->untold->pdata[j];
			add_case(out, "cannot tell", untold->kind, "error", untold->what);
		}
		if (!result->findings->len && !suppressed && !result->untold->len)
			add_case(out, "kiln scan", "no known vulnerability", NULL, "");
		g_string_append(out, "  </testsuite>\n");
	}
	g_string_append(out, "</testsuites>\n");
	return g_string_free_to_bytes(out);
}
