/* SPDX-License-Identifier: Apache-2.0 */
/* feed_cve.c: records of the CVE list: what the authority that assigned a CVE says of it, and those who enrich it. Source: CVE Record Format 5.1.
 *
 * Ranges are kept for programs with a CPE; names of vendors and products without one are written too freely to match anything by them.
 */
#include "vuln/cpe.h"
#include "vuln/feeds.h"
#include "vuln/ssvc.h"

#include <string.h>

static gboolean recognises(const json_t *root)
{
	return g_strcmp0(kiln_json_string_or_null(root, "dataType"), "CVE_RECORD") == 0 && json_is_object(json_object_get(root, "cveMetadata"));
}

static char *source_name(const json_t *root, const char *path)
{
	return g_strdup("cve");
}

static gint64 date(const json_t *root)
{
	return 0;
}

static gint64 day_of(const json_t *metadata, const char *key)
{
	const char *time = kiln_json_string_or_null(metadata, key);
	g_autofree char *day = time ? g_strndup(time, strlen("2026-01-01")) : NULL;
	return feed_time(day);
}

static void add_metrics(const json_t *container, GPtrArray *severities)
{
	static const char *const kinds[] = { "cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0" };
	const char *whose = kiln_json_string_or_null(json_object_get(container, "providerMetadata"), "shortName");
	const json_t *metric;
	size_t i;
	json_array_foreach(json_object_get(container, "metrics"), i, metric)
		for (gsize kind = 0; kind < G_N_ELEMENTS(kinds); kind++)
			feed_add_cvss(severities, whose ? whose : "cve", kiln_json_string_or_null(json_object_get(metric, kinds[kind]), "vectorString"));
}

/* { "version", "status": "affected", "lessThan" | "lessThanOrEqual" }; without an end it is that one version. */
static void add_version(KilnAffected *affected, const json_t *version)
{
	const char *from = kiln_json_string_or_null(version, "version"), *before = kiln_json_string_or_null(version, "lessThan"), *to = kiln_json_string_or_null(version, "lessThanOrEqual");
	if (g_strcmp0(kiln_json_string_or_null(version, "status"), "affected") != 0 || !from || strcmp(from, "n/a") == 0)
		return;
	if (!before && !to) {
		g_ptr_array_add(affected->versions, g_strdup(from));
		return;
	}
	GArray *range = kiln_affected_add_range(affected);
	kiln_advisory_add_event(range, KILN_VERSION_INTRODUCED, strcmp(from, "*") == 0 || strcmp(from, "unspecified") == 0 ? "0" : from);
	if (!before || strcmp(before, "*") != 0)
		kiln_advisory_add_event(range, before ? KILN_VERSION_FIXED : KILN_VERSION_LAST_AFFECTED, before ? before : to);
}

static void add_affected(KilnAdvisory *advisory, const json_t *container, const char *where)
{
	const json_t *entry, *cpe, *version;
	size_t i, j, k;
	json_array_foreach(json_object_get(container, "affected"), i, entry)
		json_array_foreach(json_object_get(entry, "cpes"), j, cpe) {
			g_autofree char *name = NULL, *number = NULL;
			if (!cpe_parse(json_string_value(cpe), &name, &number))
				continue;
			KilnAffected *affected = kiln_advisory_add_affected(advisory, CPE_ECOSYSTEM, name, KILN_VERDICT_AFFECTED);
			affected->evidence = g_strdup_printf("%s.affected[%zu]", where, i);
			json_array_foreach(json_object_get(entry, "versions"), k, version)
				add_version(affected, version);
			if (number)
				g_ptr_array_add(affected->versions, g_steal_pointer(&number));
			else if (g_strcmp0(kiln_json_string_or_null(entry, "defaultStatus"), "affected") == 0 && !affected->ranges->len && !affected->versions->len)
				kiln_advisory_add_event(kiln_affected_add_range(affected), KILN_VERSION_INTRODUCED, "0");
		}
}

static const char *option_of(const json_t *options, const char *key)
{
	const json_t *option;
	size_t i;
	json_array_foreach(options, i, option)
		if (kiln_json_string_or_null(option, key))
			return kiln_json_string_or_null(option, key);
	return NULL;
}

/* CISA's "Vulnrichment" says it among the metrics, as { "other": { "type": "ssvc", "content": { "options": [ { "Exploitation": "poc" }, ... ] } } }. */
static void add_ssvc(KilnAdvisory *advisory, const json_t *container)
{
	const json_t *metric;
	size_t i;
	json_array_foreach(json_object_get(container, "metrics"), i, metric) {
		const json_t *other = json_object_get(metric, "other"), *options = json_object_get(json_object_get(other, "content"), "options");
		if (advisory->ssvc || g_strcmp0(kiln_json_string_or_null(other, "type"), "ssvc") != 0)
			continue;
		advisory->ssvc = kiln_ssvc_text(option_of(options, "Exploitation"), option_of(options, "Automatable"), option_of(options, "Technical Impact"));
	}
}

static void add_description(KilnAdvisory *advisory, const json_t *cna)
{
	const char *title = kiln_json_string_or_null(cna, "title"), *text = kiln_json_string_or_null(json_array_get(json_object_get(cna, "descriptions"), 0), "value");
	if (title || text)
		advisory->summary = title ? g_strdup(title) : g_strndup(text, strcspn(text, "\n"));
}

static gboolean read_root(const json_t *root, const char *name, const KilnContext *context, KilnDatabaseWriter *writer, GError **error)
{
	const json_t *metadata = json_object_get(root, "cveMetadata"), *containers = json_object_get(root, "containers"), *cna = json_object_get(containers, "cna"), *adp;
	const char *id = kiln_json_string_or_null(metadata, "cveId"), *state = kiln_json_string_or_null(metadata, "state");
	size_t i;
	if (!id) {
		feed_skip(context, writer, name, "a record", "it has no cveId");
		return TRUE;
	}
	g_autoptr(KilnAdvisory) advisory = kiln_advisory_new("cve", id);
	advisory->published_unix_s = day_of(metadata, "datePublished");
	advisory->modified_unix_s = day_of(metadata, "dateUpdated");
	if (g_strcmp0(state, "REJECTED") == 0)
		advisory->withdrawn_unix_s = MAX(advisory->modified_unix_s, 1);
	add_description(advisory, cna);
	add_metrics(cna, advisory->severities);
	add_affected(advisory, cna, "cna");
	json_array_foreach(json_object_get(containers, "adp"), i, adp) {
		add_metrics(adp, advisory->severities);
		add_ssvc(advisory, adp);
		add_affected(advisory, adp, "adp");
	}
	return kiln_database_writer_add(writer, advisory, error);
}

const KilnFeed kiln_feed_cve = { "cve", "records of the CVE list", TRUE, recognises, source_name, date, read_root };
