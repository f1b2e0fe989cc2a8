/* SPDX-License-Identifier: Apache-2.0 */
/* feed_nvd.c: answers of NVD's API: severities of every CVE, and the programs that it is about by their CPE. Source: NVD "Vulnerability APIs" 2.0.
 *
 * Only vulnerable matches of applications are kept, each vendor:product with its ranges; what has to run beside it ("running on") is not looked at,
 * so that nothing is missed. A range that excludes its start is kept with it.
 */
#include "vuln/cpe.h"
#include "vuln/feeds.h"

#include <string.h>

static gboolean recognises(const json_t *root)
{
	return g_strcmp0(kiln_json_string_or_null(root, "format"), "NVD_CVE") == 0 && json_is_array(json_object_get(root, "vulnerabilities"));
}

/* An answer is a page of many: all of them are one source. */
static char *source_name(const json_t *root, const char *path)
{
	return g_strdup("nvd");
}

static gint64 date(const json_t *root)
{
	g_autofree char *time = g_strndup(kiln_json_string_or_null(root, "timestamp") ? kiln_json_string_or_null(root, "timestamp") : "", strlen("2026-01-01"));
	return feed_time(time);
}

static void add_severities(const json_t *metrics, GPtrArray *severities)
{
	static const char *const kinds[] = { "cvssMetricV40", "cvssMetricV31", "cvssMetricV30", "cvssMetricV2" };
	const json_t *metric;
	size_t i;
	for (gsize kind = 0; kind < G_N_ELEMENTS(kinds); kind++)
		json_array_foreach(json_object_get(metrics, kinds[kind]), i, metric) {
			const char *source = kiln_json_string_or_null(metric, "source");
			/* Version 2 only where nobody gave a newer one. */
			if (kind + 1 == G_N_ELEMENTS(kinds) && severities->len)
				continue;
			feed_add_cvss(severities, g_strcmp0(source, "nvd@nist.gov") == 0 ? "nvd" : source ? source : "nvd",
			              kiln_json_string_or_null(json_object_get(metric, "cvssData"), "vectorString"));
		}
}

static KilnAffected *affected_of(KilnAdvisory *advisory, const char *name)
{
	for (guint i = 0; i < advisory->affected->len; i++) {
		KilnAffected *affected = advisory->affected->pdata[i];
		if (strcmp(affected->name, name) == 0)
			return affected;
	}
	KilnAffected *affected = kiln_advisory_add_affected(advisory, CPE_ECOSYSTEM, name, KILN_VERDICT_AFFECTED);
	affected->evidence = g_strdup("configurations");
	return affected;
}

static void add_match(KilnAdvisory *advisory, const json_t *match)
{
	g_autofree char *name = NULL, *version = NULL;
	if (!json_is_true(json_object_get(match, "vulnerable")) || !cpe_parse(kiln_json_string_or_null(match, "criteria"), &name, &version))
		return;
	KilnAffected *affected = affected_of(advisory, name);
	if (version) {
		g_ptr_array_add(affected->versions, g_steal_pointer(&version));
		return;
	}
	const char *from = kiln_json_string_or_null(match, "versionStartIncluding"), *after = kiln_json_string_or_null(match, "versionStartExcluding");
	const char *before = kiln_json_string_or_null(match, "versionEndExcluding"), *to = kiln_json_string_or_null(match, "versionEndIncluding");
	GArray *range = kiln_affected_add_range(affected);
	kiln_advisory_add_event(range, KILN_VERSION_INTRODUCED, from ? from : after ? after : "0");
	if (before || to)
		kiln_advisory_add_event(range, before ? KILN_VERSION_FIXED : KILN_VERSION_LAST_AFFECTED, before ? before : to);
}

static void add_configurations(KilnAdvisory *advisory, const json_t *configurations)
{
	const json_t *configuration, *node, *match;
	size_t i, j, k;
	json_array_foreach(configurations, i, configuration)
		json_array_foreach(json_object_get(configuration, "nodes"), j, node)
			json_array_foreach(json_object_get(node, "cpeMatch"), k, match)
				add_match(advisory, match);
}

static void add_description(KilnAdvisory *advisory, const json_t *descriptions)
{
	const json_t *description;
	size_t i;
	json_array_foreach(descriptions, i, description) {
		const char *text = kiln_json_string_or_null(description, "value");
		if (!advisory->summary && text && g_strcmp0(kiln_json_string_or_null(description, "lang"), "en") == 0)
			advisory->summary = g_strndup(text, strcspn(text, "\n"));
	}
}

static gboolean read_root(const json_t *root, const char *name, const KilnContext *context, KilnDatabaseWriter *writer, GError **error)
{
	const json_t *entry;
	size_t i;
	json_array_foreach(json_object_get(root, "vulnerabilities"), i, entry) {
		const json_t *cve = json_object_get(entry, "cve");
		const char *id = kiln_json_string_or_null(cve, "id"), *status = kiln_json_string_or_null(cve, "vulnStatus"), *modified = kiln_json_string_or_null(cve, "lastModified");
		if (!id) {
			g_autofree char *at = g_strdup_printf("vulnerabilities[%zu]", i);
			feed_skip(context, writer, name, at, "it has no id");
			continue;
		}
		g_autoptr(KilnAdvisory) advisory = kiln_advisory_new("nvd", id);
		g_autofree char *day = modified ? g_strndup(modified, strlen("2026-01-01")) : NULL;
		advisory->modified_unix_s = feed_time(day);
		advisory->withdrawn_unix_s = g_strcmp0(status, "Rejected") == 0 ? MAX(advisory->modified_unix_s, 1) : 0;
		add_description(advisory, json_object_get(cve, "descriptions"));
		add_severities(json_object_get(cve, "metrics"), advisory->severities);
		add_configurations(advisory, json_object_get(cve, "configurations"));
		if (!kiln_database_writer_add(writer, advisory, error))
			return FALSE;
	}
	return TRUE;
}

const KilnFeed kiln_feed_nvd = { "nvd", "NVD's API, version 2.0", TRUE, recognises, source_name, date, read_root };
