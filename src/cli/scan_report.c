/* SPDX-License-Identifier: Apache-2.0 */
/* scan_report.c: findings grouped by what mends them, then what cannot be told. */
#include "cli/scan_report.h"
#include "cli/render.h"

#include <stdio.h>

static void print_group(const KilnInvocation *invocation, const KilnReportGroup *group)
{
	g_autofree char *title = g_strdup_printf("%s %s", group->source, group->version), *shown = kiln_printable(title, FALSE);
	g_autoptr(KilnTable) table = kiln_table_new(NULL, "llll");
	printf("\n%s%s%s", kiln_style(invocation->colour, KILN_STYLE_BOLD), shown, kiln_style(invocation->colour, KILN_STYLE_PLAIN));
	for (guint i = 0; i < group->packages->len; i++) {
		g_autofree char *name = kiln_printable(group->packages->pdata[i], FALSE);
		printf("%s%s", i ? ", " : "  in ", name);
	}
	const KilnFinding *first = group->findings->pdata[0];
	if (first->confidence != KILN_CONFIDENCE_HIGH)
		printf("; %s confidence", kiln_confidence_name(first->confidence));
	printf("\n");
	for (guint i = 0; i < group->findings->len; i++) {
		const KilnFinding *finding = group->findings->pdata[i];
		g_autofree char *fix = finding->fixed ? g_strdup_printf("fixed in %s", finding->fixed) : g_strdup("no fix");
		kiln_table_add(table, finding->id, finding->exploitation.exploited ? "exploited" : kiln_severity_name(finding->severity), fix,
		               finding->split ? finding->split : finding->summary ? finding->summary : "", NULL);
		if (finding->exploitation.exploited || finding->severity == KILN_SEVERITY_CRITICAL)
			kiln_table_style(table, KILN_STYLE_BAD);
	}
	kiln_table_print(table, stdout, 2, invocation->width, invocation->colour);
}

static void print_suppressed(const KilnInvocation *invocation, const KilnReportImage *image)
{
	const GPtrArray *suppressed = image->result->suppressed;
	g_autoptr(KilnTable) table = kiln_table_new(NULL, "lll");
	if (!suppressed->len)
		return;
	g_autofree char *count = kiln_plural(suppressed->len, "finding", NULL);
	if (!kiln_option_flag(invocation, "show-suppressed")) {
		printf("\n%s suppressed by statements; --show-suppressed shows them\n", count);
		return;
	}
	printf("\nsuppressed by statements\n");
	for (guint i = 0; i < suppressed->len; i++) {
		const KilnFinding *finding = suppressed->pdata[i];
		const KilnPackage *package = &((const KilnInventoryPackage *)image->inventory->packages->pdata[finding->package])->identity;
		kiln_table_add(table, finding->id, package->name, finding->suppressed_because, NULL);
	}
	kiln_table_print(table, stdout, 2, invocation->width, invocation->colour);
}

static void print_end(const KilnScanResult *result, guint groups)
{
	if (result->findings->len) {
		g_autofree char *findings = kiln_plural(result->findings->len, "finding", NULL), *sources = kiln_plural(groups, "source package", NULL);
		printf("\n%s in %s%s\n", findings, sources, result->untold->len ? "; not all could be told" : "");
	} else {
		printf("\n%s\n", result->untold->len ? "nothing found, but not all could be told" : "clean");
	}
}

void kiln_scan_report_print(const KilnInvocation *invocation, const KilnReportImage *image)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	const KilnScanResult *result = image->result;
	const char *distribution = image->inventory->distribution.pretty_name ? image->inventory->distribution.pretty_name : image->inventory->distribution.id;
	g_autofree char *reference = kiln_printable(image->reference, FALSE), *name = kiln_printable(distribution ? distribution : "no distribution named", FALSE);
	g_autoptr(GPtrArray) groups = kiln_report_groups(image);
	g_autofree char *coverage = kiln_report_coverage(image);
	printf("%s\n  %s\n  %s; %s\n", reference, kiln_digest_print(&image->digest, digest), name, coverage);
	for (guint i = 0; i < groups->len; i++)
		print_group(invocation, groups->pdata[i]);
	print_suppressed(invocation, image);
	if (result->untold->len)
		printf("\ncannot tell\n");
	for (guint i = 0; i < result->untold->len; i++) {
		g_autofree char *what = kiln_printable(((const KilnUntold *)result->untold->pdata[i])->what, FALSE);
		printf("  %s\n", what);
	}
	print_end(result, groups->len);
}
