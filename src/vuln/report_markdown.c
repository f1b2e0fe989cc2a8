/* SPDX-License-Identifier: Apache-2.0 */
/* report_markdown.c: results for a pull request: what to upgrade, then what cannot be told. Source: GitHub Flavored Markdown 0.29, "Tables". */
#include "vuln/report_writers.h"

#include <string.h>

/* Text in a cell: nothing of it is markup, and it stays on one line. */
static void add_text(GString *out, const char *text)
{
	g_autofree char *valid = report_valid(text);
	for (const char *c = valid; *c; c++) {
		if (g_ascii_iscntrl(*c))
			g_string_append_c(out, ' ');
		else if (*c == '<')
			g_string_append(out, "&lt;");
		else if (*c == '&')
			g_string_append(out, "&amp;");
		else if (strchr("\\|`*_[]#@~", *c))
			g_string_append_printf(out, "\\%c", *c);
		else
			g_string_append_c(out, *c);
	}
}

static void add_finding(GString *out, const KilnFinding *finding)
{
	if (g_str_has_prefix(finding->id, "CVE-"))
		g_string_append_printf(out, "[%s](https://www.cve.org/CVERecord?id=%s)", finding->id, finding->id);
	else
		add_text(out, finding->id);
	g_string_append_printf(out, " %s%s", kiln_severity_name(finding->severity), finding->exploitation.exploited ? ", **exploited**" : "");
}

static void add_group(GString *out, const KilnReportGroup *group)
{
	g_string_append(out, "| ");
	add_text(out, group->source);
	g_string_append_c(out, ' ');
	add_text(out, group->version);
	g_string_append(out, " | ");
	add_text(out, group->fixed ? group->fixed : "no version mends it");
	g_string_append(out, " | ");
	for (guint i = 0; i < group->findings->len; i++) {
		const KilnFinding *finding = group->findings->pdata[i];
		g_string_append(out, i ? "<br>" : "");
		add_finding(out, finding);
		if (group->fixed && !finding->fixed)
			g_string_append(out, " (no version mends it)");
	}
	g_string_append(out, " |\n");
}

static void add_image(GString *out, const KilnReportImage *image)
{
	const KilnScanResult *result = image->result;
	g_autoptr(GPtrArray) groups = kiln_report_groups(image);
	g_autofree char *counts = report_counts_text(result), *coverage = kiln_report_coverage(image);
	char digest[KILN_DIGEST_TEXT_MAX];
	g_string_append(out, "## ");
	add_text(out, image->reference);
	g_string_append_printf(out, ": %s\n\n%s; findings: %s. `%s`\n\n", kiln_report_verdict(result), coverage, counts,
	                       kiln_digest_print(&image->digest, digest));
	if (groups->len)
		g_string_append(out, "| source package | upgrade to | removes |\n|---|---|---|\n");
	for (guint i = 0; i < groups->len; i++)
		add_group(out, groups->pdata[i]);
	if (groups->len)
		g_string_append_c(out, '\n');
	if (result->suppressed->len)
		g_string_append(out, "Suppressed:\n\n");
	for (guint i = 0; i < result->suppressed->len; i++) {
		const KilnFinding *finding = result->suppressed->pdata[i];
		g_string_append(out, "- ");
		add_finding(out, finding);
		g_string_append(out, " of ");
		add_text(out, report_package(image, finding)->name);
		g_string_append(out, ": ");
		add_text(out, finding->suppressed_because);
		g_string_append_c(out, '\n');
	}
	if (result->suppressed->len)
		g_string_append_c(out, '\n');
	if (result->untold->len)
		g_string_append(out, "Cannot tell:\n\n");
	for (guint i = 0; i < result->untold->len; i++) {
		g_string_append(out, "- ");
		add_text(out, ((const KilnUntold *)result->untold->pdata[i])->what);
		g_string_append_c(out, '\n');
	}
	if (result->untold->len)
		g_string_append_c(out, '\n');
}

GBytes *report_write_markdown(const KilnReport *report, GError **error)
{
	GString *out = g_string_new(NULL);
	for (gsize i = 0; i < report->count; i++)
		add_image(out, &report->images[i]);
	return g_string_free_to_bytes(out);
}
