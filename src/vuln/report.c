/* SPDX-License-Identifier: Apache-2.0 */
/* report.c: the table of formats, and groups of findings that one upgrade removes. */
#include "vuln/report_writers.h"

#include <string.h>

static const KilnReportFormat formats[] = {
	{ "json", "kiln's own", FALSE, report_write_json },
	{ "sarif", "SARIF 2.1.0", FALSE, report_write_sarif },
	{ "cyclonedx", "CycloneDX 1.6 with vulnerabilities", TRUE, report_write_cyclonedx },
	{ "spdx", "SPDX 2.3 with advisories", TRUE, report_write_spdx },
	{ "openvex", "OpenVEX 0.2.0", FALSE, report_write_openvex },
	{ "junit", "JUnit XML", FALSE, report_write_junit },
	{ "markdown", "for a pull request", FALSE, report_write_markdown },
	{ "gitlab", "GitLab's report of container scanning", FALSE, report_write_gitlab },
	{ "csv", "a line each", FALSE, report_write_csv },
	{ "html", "one page", FALSE, report_write_html },
	{ "template", "a program of jq's language over the JSON", FALSE, report_write_template },
	{ "trivy", "the shape of Trivy's JSON", TRUE, report_write_trivy },
	{ "grype", "the shape of Grype's JSON", TRUE, report_write_grype },
};
static const char *const names[] = { "json", "sarif", "cyclonedx", "spdx", "openvex", "junit", "markdown", "gitlab", "csv", "html", "template", "trivy", "grype", NULL };

const KilnReportFormat *kiln_report_format(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

const char *const *kiln_report_format_names(void)
{
	return names;
}

const char *kiln_report_verdict(const KilnScanResult *result)
{
	return result->findings->len ? "findings" : result->untold->len ? "cannot tell" : "clean";
}

double kiln_report_unowned_percent(const KilnScanResult *result)
{
	return result->program_bytes ? (double)(result->unowned_program_bytes * 1000 / result->program_bytes) / 10.0 : -1.0;
}

char *kiln_report_coverage(const KilnReportImage *image)
{
	const KilnScanResult *result = image->result;
	double percent = kiln_report_unowned_percent(result);
	if (percent < 0)
		return g_strdup_printf("%u of %u packages judged", result->judged, image->inventory->packages->len);
	return g_strdup_printf("%u of %u packages judged; of the bytes of programs %.1f %% are of no package", result->judged, image->inventory->packages->len, percent);
}

const KilnPackage *report_package(const KilnReportImage *image, const KilnFinding *finding)
{
	return &((const KilnInventoryPackage *)image->inventory->packages->pdata[finding->package])->identity;
}

char *report_fix_text(const KilnFinding *finding)
{
	return finding->fixed ? g_strdup_printf("%s mends it", finding->fixed) : g_strdup("no version mends it");
}

const char *report_score_text(const KilnFinding *finding, char out[8])
{
	*out = '\0';
	if (finding->vector)
		g_snprintf(out, 8, "%u.%u", finding->score_tenths / 10, finding->score_tenths % 10);
	return out;
}

char *report_counts_text(const KilnScanResult *result)
{
	static const KilnSeverity order[] = { KILN_SEVERITY_CRITICAL, KILN_SEVERITY_HIGH, KILN_SEVERITY_MEDIUM, KILN_SEVERITY_LOW, KILN_SEVERITY_NONE, KILN_SEVERITY_UNKNOWN };
	GString *text = g_string_new(NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(order); i++) {
		guint count = 0;
		for (guint j = 0; j < result->findings->len; j++)
			count += ((const KilnFinding *)result->findings->pdata[j])->severity == order[i];
		if (count)
			g_string_append_printf(text, "%s%u %s", text->len ? ", " : "", count, kiln_severity_name(order[i]));
	}
	return g_string_free(text->len ? text : g_string_append(text, "none"), FALSE);
}

char *report_valid(const char *text)
{
	return g_utf8_make_valid(text ? text : "", -1);
}

static void group_free(gpointer data)
{
	KilnReportGroup *group = data;
	g_free(group->source);
	g_free(group->version);
	g_ptr_array_unref(group->packages);
	g_ptr_array_unref(group->findings);
	g_free(group->fixed);
	g_free(group);
}

/* What was seen of groups: an image may have any number of packages. */
typedef struct {
	GHashTable *groups;   /* "SOURCE\nVERSION" to its group */
	GHashTable *packages; /* "SOURCE\nVERSION\nPACKAGE" */
	GHashTable *findings; /* "SOURCE\nVERSION\nID" */
} Seen;

static KilnReportGroup *group_for(GPtrArray *groups, const Seen *seen, const KilnPackage *package)
{
	const char *source = package->source_name ? package->source_name : package->name, *version = package->source_version ? package->source_version : package->version;
	g_autofree char *key = g_strjoin("\n", source, version, NULL);
	KilnReportGroup *group = g_hash_table_lookup(seen->groups, key);
	if (group)
		return group;
	group = g_new0(KilnReportGroup, 1);
	g_hash_table_insert(seen->groups, g_steal_pointer(&key), group);
	group->source = g_strdup(source);
	group->version = g_strdup(version);
	group->packages = g_ptr_array_new();
	group->findings = g_ptr_array_new();
	g_ptr_array_add(groups, group);
	return group;
}

static void add_finding(KilnReportGroup *group, const Seen *seen, const KilnPackage *package, KilnFinding *finding, const KilnVersionOrder *order)
{
	if (g_hash_table_add(seen->packages, g_strjoin("\n", group->source, group->version, package->name, NULL)))
		g_ptr_array_add(group->packages, package->name);
	if (!g_hash_table_add(seen->findings, g_strjoin("\n", group->source, group->version, finding->id, NULL)))
		return;
	g_ptr_array_add(group->findings, finding);
	if (finding->fixed && (!group->fixed || (order && order->compare(kiln_text(finding->fixed), kiln_text(group->fixed)) > 0))) {
		g_free(group->fixed);
		group->fixed = g_strdup(finding->fixed);
	}
}

GPtrArray *kiln_report_groups(const KilnReportImage *image)
{
	GPtrArray *groups = g_ptr_array_new_with_free_func(group_free);
	g_autoptr(GHashTable) by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), packages = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
	                      findings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	const Seen seen = { by_name, packages, findings };
	for (guint i = 0; i < image->result->findings->len; i++) {
		KilnFinding *finding = image->result->findings->pdata[i];
		const KilnPackage *package = report_package(image, finding);
		add_finding(group_for(groups, &seen, package), &seen, package, finding, finding->order);
	}
	return groups;
}
