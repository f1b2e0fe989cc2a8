/* SPDX-License-Identifier: Apache-2.0 */
/* scan_report.c: findings grouped by what mends them, then what cannot be told. */
#include "cli/scan_report.h"
#include "base/clock.h"
#include "cli/render.h"

#include <stdio.h>
#include <string.h>

const char *kiln_scan_verdict(const KilnScanResult *result)
{
	return result->findings->len ? "findings" : result->untold->len ? "cannot tell" : "clean";
}

static const KilnPackage *package_of(const KilnScanReport *report, const KilnFinding *finding)
{
	return &((const KilnInventoryPackage *)report->inventory->packages->pdata[finding->package])->identity;
}

/* Packages of one source move together. */
static char *group_of(const KilnScanReport *report, const KilnFinding *finding)
{
	const KilnPackage *package = package_of(report, finding);
	const char *name = package->source_name ? package->source_name : package->name, *version = package->source_version ? package->source_version : package->version;
	return g_strdup_printf("%s %s", name, version);
}

typedef struct {
	char *title;          /* "openssl 3.0.7-r0" */
	GPtrArray *packages;  /* const char *: names in the image */
	GPtrArray *findings;  /* borrowed; of several packages of one source, the first's */
	char *fixed;          /* the highest; NULL: one has none */
	gboolean unfixed;
} Group;

static void group_free(gpointer data)
{
	Group *group = data;
	g_free(group->title);
	g_ptr_array_unref(group->packages);
	g_ptr_array_unref(group->findings);
	g_free(group->fixed);
	g_free(group);
}

static Group *group_named(GPtrArray *groups, const char *title)
{
	for (guint i = 0; i < groups->len; i++)
		if (strcmp(((Group *)groups->pdata[i])->title, title) == 0)
			return groups->pdata[i];
	Group *group = g_new0(Group, 1);
	group->title = g_strdup(title);
	group->packages = g_ptr_array_new();
	group->findings = g_ptr_array_new();
	g_ptr_array_add(groups, group);
	return group;
}

static gboolean holds_id(const Group *group, const char *id)
{
	for (guint i = 0; i < group->findings->len; i++)
		if (strcmp(((const KilnFinding *)group->findings->pdata[i])->id, id) == 0)
			return TRUE;
	return FALSE;
}

static void add_to_group(const KilnScanReport *report, Group *group, KilnFinding *finding)
{
	const KilnPackage *package = package_of(report, finding);
	guint at = 0;
	while (at < group->packages->len && strcmp(group->packages->pdata[at], package->name) != 0)
		at++;
	if (at == group->packages->len)
		g_ptr_array_add(group->packages, package->name);
	if (!holds_id(group, finding->id))
		g_ptr_array_add(group->findings, finding);
}

static GPtrArray *groups_of(const KilnScanReport *report)
{
	GPtrArray *groups = g_ptr_array_new_with_free_func(group_free);
	for (guint i = 0; i < report->result->findings->len; i++) {
		KilnFinding *finding = report->result->findings->pdata[i];
		g_autofree char *title = group_of(report, finding);
		add_to_group(report, group_named(groups, title), finding);
	}
	return groups;
}

static void print_group(const KilnScanReport *report, const Group *group)
{
	gboolean colour = report->invocation->colour;
	g_autofree char *title = kiln_printable(group->title, FALSE);
	g_autoptr(KilnTable) table = kiln_table_new(NULL, "llll");
	printf("\n%s%s%s", kiln_style(colour, KILN_STYLE_BOLD), title, kiln_style(colour, KILN_STYLE_PLAIN));
	for (guint i = 0; i < group->packages->len; i++) {
		g_autofree char *name = kiln_printable(group->packages->pdata[i], FALSE);
		printf("%s%s", i ? ", " : "  in ", name);
	}
	printf("\n");
	for (guint i = 0; i < group->findings->len; i++) {
		const KilnFinding *finding = group->findings->pdata[i];
		g_autofree char *fix = finding->fixed ? g_strdup_printf("fixed in %s", finding->fixed) : g_strdup("no fix");
		kiln_table_add(table, finding->id, finding->exploitation.exploited ? "exploited" : kiln_severity_name(finding->severity), fix,
		               finding->split ? finding->split : finding->summary ? finding->summary : "", NULL);
		if (finding->exploitation.exploited || finding->severity == KILN_SEVERITY_CRITICAL)
			kiln_table_style(table, KILN_STYLE_BAD);
	}
	kiln_table_print(table, stdout, 2, report->invocation->width, colour);
}

void kiln_scan_report_print(const KilnScanReport *report)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	const KilnScanResult *result = report->result;
	const KilnDistribution *distribution = &report->inventory->distribution;
	g_autofree char *reference = kiln_printable(report->reference, FALSE), *name = kiln_printable(distribution->pretty_name ? distribution->pretty_name : "no distribution named", FALSE);
	g_autoptr(GPtrArray) groups = groups_of(report);
	printf("%s\n  %s\n  %s; %u of %u packages judged\n", reference, kiln_digest_print(&report->image->descriptor.digest, digest), name, result->judged,
	       report->inventory->packages->len);
	for (guint i = 0; i < groups->len; i++)
		print_group(report, groups->pdata[i]);
	if (result->untold->len)
		printf("\ncannot tell\n");
	for (guint i = 0; i < result->untold->len; i++) {
		g_autofree char *what = kiln_printable(((const KilnUntold *)result->untold->pdata[i])->what, FALSE);
		printf("  %s\n", what);
	}
	if (result->findings->len) {
		g_autofree char *findings = kiln_plural(result->findings->len, "finding", NULL), *sources = kiln_plural(groups->len, "source package", NULL);
		printf("\n%s in %s%s\n", findings, sources, result->untold->len ? "; not all could be told" : "");
	} else {
		printf("\n%s\n", result->untold->len ? "nothing found, but not all could be told" : "clean");
	}
}

static json_t *opinion_json(const KilnOpinion *opinion)
{
	json_t *object = json_object();
	kiln_json_set_string(object, "source", opinion->source);
	kiln_json_set_string(object, "record", opinion->record);
	kiln_json_set_string(object, "verdict", kiln_verdict_name(opinion->verdict));
	kiln_json_set_string(object, "fixed", opinion->fixed);
	kiln_json_set_string(object, "evidence", opinion->evidence);
	return object;
}

static json_t *finding_json(const KilnScanReport *report, const KilnFinding *finding)
{
	const KilnPackage *package = package_of(report, finding);
	g_autofree char *purl = kiln_package_purl(package);
	json_t *object = json_object(), *aliases = json_array(), *opinions = json_array();
	kiln_json_set_string(object, "id", finding->id);
	for (guint i = 0; i < finding->aliases->len; i++)
		json_array_append_new(aliases, json_string(finding->aliases->pdata[i]));
	json_object_set_new(object, "aliases", aliases);
	kiln_json_set_string(object, "package", package->name);
	kiln_json_set_string(object, "version", package->version);
	kiln_json_set_string(object, "source", package->source_name);
	kiln_json_set_string(object, "purl", purl);
	kiln_json_set_string(object, "verdict", kiln_verdict_name(finding->verdict));
	kiln_json_set_string(object, "fixed", finding->fixed);
	kiln_json_set_string(object, "severity", kiln_severity_name(finding->severity));
	kiln_json_set_string(object, "severity-source", finding->severity_source);
	kiln_json_set_string(object, "vector", finding->vector);
	if (finding->severity_source && finding->vector)
		json_object_set_new(object, "score", json_real(finding->score_tenths / 10.0));
	json_object_set_new(object, "exploited", json_boolean(finding->exploitation.exploited));
	kiln_json_set_string(object, "split", finding->split);
	kiln_json_set_string(object, "summary", finding->summary);
	for (guint i = 0; i < finding->opinions->len; i++)
		json_array_append_new(opinions, opinion_json(finding->opinions->pdata[i]));
	json_object_set_new(object, "opinions", opinions);
	return object;
}

json_t *kiln_scan_report_to_json(const KilnScanReport *report)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	KilnDigest of_database = kiln_database_digest(report->database);
	const KilnDistribution *distribution = &report->inventory->distribution;
	json_t *document = json_object(), *findings = json_array(), *untold = json_array();
	kiln_json_set_integer(document, "schema-version", 1);
	kiln_json_set_string(document, "image", report->reference);
	kiln_json_set_string(document, "digest", kiln_digest_print(&report->image->descriptor.digest, digest));
	kiln_json_set_string(document, "database", kiln_digest_print(&of_database, digest));
	kiln_json_set_string(document, "distribution", distribution->id);
	kiln_json_set_string(document, "distribution-version", distribution->version_id);
	kiln_json_set_string(document, "result", kiln_scan_verdict(report->result));
	kiln_json_set_integer(document, "packages", report->inventory->packages->len);
	kiln_json_set_integer(document, "packages-judged", report->result->judged);
	for (guint i = 0; i < report->result->findings->len; i++)
		json_array_append_new(findings, finding_json(report, report->result->findings->pdata[i]));
	json_object_set_new(document, "findings", findings);
	for (guint i = 0; i < report->result->untold->len; i++) {
		const KilnUntold *one = report->result->untold->pdata[i];
		json_array_append_new(untold, json_pack("{s:s,s:s}", "kind", one->kind, "what", one->what));
	}
	json_object_set_new(document, "cannot-tell", untold);
	return document;
}
