/* SPDX-License-Identifier: Apache-2.0 */
/* import_sarif.c: SARIF, in which each scanner says in its own way which package it means. Source: SARIF 2.1.0, sections 3.13, 3.14, 3.27.
 *
 * The package is looked for in logical locations (a purl, or "name@version" as Snyk writes) and then in the words of Trivy, Grype and kiln. A result
 * without a vulnerability's name is no claim about one; a result that names one and no package is counted.
 */
#include "vuln/import_internal.h"

#include <string.h>

static const char *const phrases[] = {
	"Package: (?<name>\\S+)\\s+Installed Version: (?<version>\\S+)",
	"in \\S+ package: (?<name>\\S+), version (?<version>\\S+?) was found",
	"^(?<name>\\S+) (?<version>\\S+): (?:CVE|GHSA)-",
	"vulnerable (?<name>\\S+) package",
};

static gboolean recognises(const json_t *root)
{
	return g_strcmp0(kiln_json_string_or_null(root, "version"), "2.1.0") == 0 && json_is_array(json_object_get(root, "runs"));
}

static char *first_match(const char *pattern, const char *text, const char *group)
{
	g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_RAW | G_REGEX_MULTILINE, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	if (!text || !regex || !g_regex_match(regex, text, 0, &match))
		return NULL;
	g_autofree char *found = g_match_info_fetch_named(match, group);
	return found && *found && g_utf8_validate(found, -1, NULL) ? g_steal_pointer(&found) : NULL;
}

static char *vulnerability_in(const char *text)
{
	return first_match("(?<id>CVE-[0-9]{4}-[0-9]{4,19}|GHSA(?:-[0-9a-z]{4}){3}|[A-Z]{2,10}-[0-9]{4}-[0-9]+)", text, "id");
}

/* "pkg:deb/debian/zlib@1.2", "zlib@1.2". */
static void take_location(KilnImportClaim *claim, const char *name)
{
	const char *at = name ? strrchr(name, '@') : NULL;
	if (!at || claim->package || claim->purl || strchr(name, ' '))
		return;
	if (g_str_has_prefix(name, "pkg:")) {
		claim->purl = g_strdup(name);
	} else if (at != name && !strstr(name, "sha256:")) {
		claim->package = g_strndup(name, (gsize)(at - name));
		claim->version = g_strdup(at + 1);
	}
}

static void take_package(KilnImportClaim *claim, const json_t *result, const char *message)
{
	const json_t *location, *logical;
	size_t i, j;
	json_array_foreach(json_object_get(result, "locations"), i, location)
		json_array_foreach(json_object_get(location, "logicalLocations"), j, logical)
			take_location(claim, kiln_json_string_or_null(logical, "fullyQualifiedName"));
	for (gsize k = 0; k < G_N_ELEMENTS(phrases) && !claim->package && !claim->purl; k++) {
		claim->package = first_match(phrases[k], message, "name");
		claim->version = claim->package ? first_match(phrases[k], message, "version") : NULL;
	}
}

/* What its level says when no rule has a score. */
static KilnSeverity severity_of(const json_t *rule, const char *level, const char *message)
{
	g_autofree char *word = first_match("Severity: (?<word>\\S+)", message, "word");
	const char *score = kiln_json_string_or_null(json_object_get(rule, "properties"), "security-severity");
	double value = score ? g_ascii_strtod(score, NULL) : 0;
	if (word && import_severity(word) != KILN_SEVERITY_UNKNOWN)
		return import_severity(word);
	if (score)
		return value >= 9 ? KILN_SEVERITY_CRITICAL : value >= 7 ? KILN_SEVERITY_HIGH : value >= 4 ? KILN_SEVERITY_MEDIUM : value > 0 ? KILN_SEVERITY_LOW : KILN_SEVERITY_NONE;
	return g_strcmp0(level, "error") == 0 ? KILN_SEVERITY_HIGH : KILN_SEVERITY_UNKNOWN;
}

static const json_t *rule_of(const json_t *rules, const json_t *result, const char *id)
{
	const json_t *rule, *index = json_object_get(result, "ruleIndex");
	size_t i;
	if (json_is_integer(index) && json_integer_value(index) >= 0)
		return json_array_get(rules, (size_t)json_integer_value(index));
	json_array_foreach(rules, i, rule)
		if (g_strcmp0(kiln_json_string_or_null(rule, "id"), id) == 0)
			return rule;
	return NULL;
}

static gboolean add_result(KilnImport *import, const json_t *rules, const json_t *result, const char *where, GError **error)
{
	g_autofree char *prefix = g_strconcat(where, ".", NULL);
	const char *rule_id = kiln_json_string_or_null(result, "ruleId"), *message = kiln_json_string_or_null(json_object_get(result, "message"), "text");
	const json_t *rule = rule_of(rules, result, rule_id), *suppressions;
	const char *short_text = kiln_json_string_or_null(json_object_get(rule, "shortDescription"), "text");
	g_autofree char *in_id = vulnerability_in(rule_id), *in_message = vulnerability_in(message), *in_rule = vulnerability_in(short_text);
	const char *id = in_id ? in_id : in_message ? in_message : in_rule;
	if (!import_array(import, result, "suppressions", prefix, &suppressions, error))
		return FALSE;
	if (!id)
		return TRUE;
	KilnImportClaim *claim = import_add(import, id, g_strdup(where));
	import_add_name(claim, in_rule);
	take_package(claim, result, message);
	claim->fixed = first_match("Fixed Version: (?<version>\\S+)", message, "version");
	if (!claim->fixed)
		claim->fixed = first_match("; (?<version>\\S+) mends it", message, "version");
	claim->severity = severity_of(rule, kiln_json_string_or_null(result, "level"), message);
	claim->severity_source = g_strdup(import->source);
	claim->summary = g_strdup(short_text);
	if (json_array_size(suppressions))
		claim->verdict = KILN_VERDICT_NOT_AFFECTED;
	if (!claim->package && !claim->purl) {
		import->nameless++;
		g_ptr_array_remove_index(import->claims, import->claims->len - 1);
	}
	return TRUE;
}

static void take_about(KilnImport *import, const json_t *properties)
{
	const json_t *digest;
	size_t i;
	import_add_about(import, kiln_json_string_or_null(properties, "imageID"));
	import_add_about(import, kiln_json_string_or_null(properties, "image-digest"));
	json_array_foreach(json_object_get(properties, "repoDigests"), i, digest)
		import_add_about(import, json_string_value(digest));
}

static gboolean read_report(KilnImport *import, const json_t *root, GError **error)
{
	const json_t *run, *results, *result;
	size_t i, j;
	json_array_foreach(json_object_get(root, "runs"), i, run) {
		const json_t *driver = json_object_get(json_object_get(run, "tool"), "driver");
		const char *tool = kiln_json_string_or_null(driver, "name");
		g_autofree char *prefix = g_strdup_printf("runs[%zu].", i);
		if (!import->source)
			import->source = g_strdup_printf("sarif/%s", tool ? tool : "unnamed");
		take_about(import, json_object_get(run, "properties"));
		if (!import_array(import, run, "results", prefix, &results, error))
			return FALSE;
		json_array_foreach(results, j, result) {
			g_autofree char *where = g_strdup_printf("%sresults[%zu]", prefix, j);
			if (!add_result(import, json_object_get(driver, "rules"), result, where, error))
				return FALSE;
		}
	}
	if (!import->source)
		import->source = g_strdup("sarif/unnamed");
	return TRUE;
}

const ImportFormat import_sarif = { "SARIF", recognises, read_report };
