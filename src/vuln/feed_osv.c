/* SPDX-License-Identifier: Apache-2.0 */
/* feed_osv.c: OSV records. Source: OSV schema 1.7. */
#include "base/error.h"
#include "vuln/ecosystem.h"
#include "vuln/feeds.h"

#include <string.h>

static gboolean recognises(const json_t *root)
{
	return json_is_string(json_object_get(root, "id")) && json_is_string(json_object_get(root, "modified"));
}

/* The public export has one folder for each ecosystem. */
static char *source_name(const json_t *root, const char *path)
{
	return feed_folder_name("osv", path);
}

static gint64 date(const json_t *root)
{
	return 0;
}

static void add_strings(const json_t *list, GPtrArray *out)
{
	const json_t *value;
	size_t i;
	json_array_foreach(list, i, value)
		if (json_is_string(value))
			g_ptr_array_add(out, g_strdup(json_string_value(value)));
}

/* Vectors, and the words that Ubuntu and others give instead. */
static void add_severities(const json_t *list, GPtrArray *severities)
{
	const json_t *entry;
	size_t i;
	json_array_foreach(list, i, entry) {
		const char *score = kiln_json_string_or_null(entry, "score"), *type = kiln_json_string_or_null(entry, "type");
		if (!score || !type)
			continue;
		if (g_str_has_prefix(type, "CVSS_"))
			feed_add_cvss(severities, "osv", score);
		for (KilnSeverity word = KILN_SEVERITY_NONE; word <= KILN_SEVERITY_CRITICAL; word++)
			if (g_ascii_strcasecmp(score, kiln_severity_name(word)) == 0)
				kiln_advisory_add_severity(severities, g_ascii_strcasecmp(type, "Ubuntu") == 0 ? "ubuntu" : "osv", NULL, word, 0);
	}
}

static gboolean add_event(const json_t *event, GArray *range)
{
	static const char *const kinds[] = {
		[KILN_VERSION_INTRODUCED] = "introduced", [KILN_VERSION_FIXED] = "fixed", [KILN_VERSION_LAST_AFFECTED] = "last_affected", [KILN_VERSION_LIMIT] = "limit",
	};
	for (guint kind = 0; kind < G_N_ELEMENTS(kinds); kind++) {
		const char *version = kiln_json_string_or_null(event, kinds[kind]);
		if (version) {
			kiln_advisory_add_event(range, (int)kind, version);
			return TRUE;
		}
	}
	return FALSE;
}

/* Commits say nothing of versions: ranges of type GIT are left to "versions". FALSE: an event is of no known kind. */
static gboolean add_ranges(const json_t *ranges, KilnAffected *affected)
{
	const json_t *range, *event;
	size_t i, j;
	json_array_foreach(ranges, i, range) {
		const char *type = kiln_json_string_or_null(range, "type");
		if (!type || strcmp(type, "GIT") == 0)
			continue;
		GArray *events = kiln_affected_add_range(affected);
		json_array_foreach(json_object_get(range, "events"), j, event)
			if (!add_event(event, events))
				return FALSE;
	}
	return TRUE;
}

/* Go's records name the symbols that are vulnerable, by package. */
static void add_symbols(const json_t *specific, KilnAffected *affected)
{
	const json_t *entry, *symbol;
	size_t i, j;
	json_array_foreach(json_object_get(specific, "imports"), i, entry) {
		const char *path = kiln_json_string_or_null(entry, "path");
		if (json_array_size(json_object_get(entry, "symbols")) == 0) { /* all of that package is wrong, and any function of it would do */
			g_ptr_array_set_size(affected->symbols, 0);
			return;
		}
		json_array_foreach(json_object_get(entry, "symbols"), j, symbol)
			if (path && json_is_string(symbol))
				g_ptr_array_add(affected->symbols, g_strdup_printf("%s.%s", path, json_string_value(symbol)));
	}
}

/* FALSE: the entry is not understood, and *why says it. */
static gboolean add_affected(const json_t *entry, size_t number, KilnAdvisory *advisory, const char **why)
{
	const json_t *package = json_object_get(entry, "package");
	const char *name = kiln_json_string_or_null(package, "name"), *written = kiln_json_string_or_null(package, "ecosystem");
	if (!package)
		return TRUE; /* about commits of a repository only */
	if (!name || !written) {
		*why = "a package has no name or no ecosystem";
		return FALSE;
	}
	g_autofree char *ecosystem = kiln_ecosystem_canonical(written);
	const KilnEcosystem *row = kiln_ecosystem_find(ecosystem);
	g_autofree char *normal = row && row->normalise ? row->normalise(name) : g_strdup(name);
	KilnAffected *affected = kiln_advisory_add_affected(advisory, ecosystem, normal, KILN_VERDICT_AFFECTED);
	affected->evidence = g_strdup_printf("affected[%zu]", number);
	if (!add_ranges(json_object_get(entry, "ranges"), affected)) {
		*why = "a range has an event of no known kind";
		return FALSE;
	}
	add_strings(json_object_get(entry, "versions"), affected->versions);
	add_severities(json_object_get(entry, "severity"), affected->severities);
	add_symbols(json_object_get(entry, "ecosystem_specific"), affected);
	return TRUE;
}

static KilnAdvisory *parse(const json_t *root, const char *source, const char **why)
{
	g_autoptr(KilnAdvisory) advisory = kiln_advisory_new(source, kiln_json_string_or_null(root, "id"));
	const char *summary = kiln_json_string_or_null(root, "summary"), *details = kiln_json_string_or_null(root, "details");
	const json_t *entry;
	size_t i;
	if (summary || details)
		advisory->summary = summary ? g_strdup(summary) : g_utf8_substring(details, 0, MIN(g_utf8_strlen(details, -1), (glong)strcspn(details, "\n")));
	add_strings(json_object_get(root, "aliases"), advisory->aliases);
	add_strings(json_object_get(root, "upstream"), advisory->upstream);
	add_severities(json_object_get(root, "severity"), advisory->severities);
	advisory->published_unix_s = feed_time(kiln_json_string_or_null(root, "published"));
	advisory->modified_unix_s = feed_time(kiln_json_string_or_null(root, "modified"));
	advisory->withdrawn_unix_s = feed_time(kiln_json_string_or_null(root, "withdrawn"));
	json_array_foreach(json_object_get(root, "references"), i, entry) {
		const char *url = kiln_json_string_or_null(entry, "url");
		if (url)
			g_ptr_array_add(advisory->references, g_strdup(url));
	}
	json_array_foreach(json_object_get(root, "affected"), i, entry)
		if (!add_affected(entry, i, advisory, why))
			return NULL;
	return g_steal_pointer(&advisory);
}

static gboolean read_root(const json_t *root, const char *name, const KilnContext *context, KilnDatabaseWriter *writer, GError **error)
{
	const char *why = NULL;
	g_autoptr(KilnAdvisory) advisory = parse(root, "osv", &why);
	if (advisory)
		return kiln_database_writer_add(writer, advisory, error);
	feed_skip(context, writer, name, kiln_json_string_or_null(root, "id"), "%s", why);
	return TRUE;
}

const KilnFeed kiln_feed_osv = { "osv", "OSV records", TRUE, recognises, source_name, date, read_root };
