/* SPDX-License-Identifier: Apache-2.0 */
/* feed_debian.c: Debian's security tracker: what is open, fixed or given up in which release. Source: the tracker's JSON export.
 *
 * { "source package": { "CVE-...": { "releases": { "trixie": { "status", "fixed_version", "urgency", "nodsa_reason" } } } } }; a fixed version "0" never
 * was affected. */
#include "base/error.h"
#include "vuln/ecosystem.h"
#include "vuln/feeds.h"

#include <string.h>

static gboolean recognises(const json_t *root)
{
	void *package = json_object_iter((json_t *)root);
	const json_t *issues = package ? json_object_iter_value(package) : NULL;
	void *issue = json_object_iter((json_t *)issues);
	return issue && json_is_object(json_object_get(json_object_iter_value(issue), "releases"));
}

static char *source_name(const json_t *root, const char *path)
{
	return g_strdup("debian-tracker");
}

static gint64 date(const json_t *root)
{
	return 0;
}

static KilnVerdict verdict_of_open(const json_t *release)
{
	const char *urgency = kiln_json_string_or_null(release, "urgency"), *reason = kiln_json_string_or_null(release, "nodsa_reason");
	if (g_strcmp0(urgency, "end-of-life") == 0)
		return KILN_VERDICT_END_OF_LIFE;
	return g_strcmp0(reason, "ignored") == 0 ? KILN_VERDICT_WILL_NOT_FIX : KILN_VERDICT_AFFECTED;
}

/* "low**" is low, said by a person; "unimportant" is what no installation needs to mend. */
static void add_severity(const json_t *release, KilnAffected *affected)
{
	static const struct {
		const char *word;
		KilnSeverity severity;
	} words[] = { { "unimportant", KILN_SEVERITY_NONE }, { "low", KILN_SEVERITY_LOW }, { "medium", KILN_SEVERITY_MEDIUM }, { "high", KILN_SEVERITY_HIGH } };
	const char *urgency = kiln_json_string_or_null(release, "urgency");
	for (gsize i = 0; urgency && i < G_N_ELEMENTS(words); i++)
		if (g_str_has_prefix(urgency, words[i].word))
			kiln_advisory_add_severity(affected->severities, "debian", NULL, words[i].severity, 0);
}

/* FALSE: it is not understood, and *why says it. */
static gboolean add_release(KilnAdvisory *advisory, const char *package, const char *codename, const json_t *release, const char **why)
{
	const char *status = kiln_json_string_or_null(release, "status"), *fixed = kiln_json_string_or_null(release, "fixed_version");
	gboolean resolved = g_strcmp0(status, "resolved") == 0, open = g_strcmp0(status, "open") == 0;
	if (!resolved && !open && g_strcmp0(status, "undetermined") != 0) {
		*why = "its status is none of open, resolved, undetermined";
		return FALSE;
	}
	if (resolved && (!fixed || (strcmp(fixed, "0") != 0 && !kiln_version_order_deb.check(kiln_text(fixed), NULL)))) {
		*why = "it is resolved in no version";
		return FALSE;
	}
	gboolean never = resolved && strcmp(fixed, "0") == 0;
	g_autofree char *named = g_strconcat("Debian:", codename, NULL), *ecosystem = kiln_ecosystem_canonical(named);
	KilnVerdict verdict = never ? KILN_VERDICT_NOT_AFFECTED : resolved ? KILN_VERDICT_AFFECTED : open ? verdict_of_open(release) : KILN_VERDICT_UNDER_INVESTIGATION;
	KilnAffected *affected = kiln_advisory_add_affected(advisory, ecosystem, package, verdict);
	GArray *range = kiln_affected_add_range(affected);
	kiln_advisory_add_event(range, KILN_VERSION_INTRODUCED, "0");
	if (resolved && !never)
		kiln_advisory_add_event(range, KILN_VERSION_FIXED, fixed);
	affected->evidence = g_strdup_printf("%s: %s%s%s", codename, status, fixed ? " " : "", fixed ? fixed : "");
	add_severity(release, affected);
	return TRUE;
}

static gboolean read_issue(const char *package, const char *id, const json_t *issue, const char *name, const KilnContext *context, KilnDatabaseWriter *writer, GError **error)
{
	g_autoptr(KilnAdvisory) advisory = kiln_advisory_new("debian-tracker", id);
	const char *codename, *why = "it has no releases", *description = kiln_json_string_or_null(issue, "description");
	const json_t *release;
	advisory->summary = description ? g_strndup(description, strcspn(description, "\n")) : NULL;
	json_object_foreach(json_object_get(issue, "releases"), codename, release)
		if (!add_release(advisory, package, codename, release, &why))
			feed_skip(context, writer, name, id, "%s: %s: %s", package, codename, why);
	return !advisory->affected->len || kiln_database_writer_add(writer, advisory, error);
}

static gboolean read_root(const json_t *root, const char *name, const KilnContext *context, KilnDatabaseWriter *writer, GError **error)
{
	const char *package, *id;
	const json_t *issues, *issue;
	json_object_foreach((json_t *)root, package, issues)
		json_object_foreach((json_t *)issues, id, issue)
			if (!read_issue(package, id, issue, name, context, writer, error))
				return FALSE;
	return TRUE;
}

const KilnFeed kiln_feed_debian = { "debian", "Debian's security tracker", FALSE, recognises, source_name, date, read_root };
