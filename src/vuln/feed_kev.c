/* SPDX-License-Identifier: Apache-2.0 */
/* feed_kev.c: CISA's catalog of known exploited vulnerabilities. Source: its JSON schema. */
#include "vuln/feeds.h"

#include <string.h>

static gboolean recognises(const json_t *root)
{
	return json_is_array(json_object_get(root, "vulnerabilities")) && json_object_get(root, "catalogVersion");
}

static char *source_name(const json_t *root, const char *path)
{
	return g_strdup("kev");
}

static gint64 date(const json_t *root)
{
	return feed_time(kiln_json_string_or_null(root, "dateReleased"));
}

static gboolean read_root(const json_t *root, const char *name, const KilnContext *context, KilnDatabaseWriter *writer, GError **error)
{
	const json_t *entry;
	size_t i;
	json_array_foreach(json_object_get(root, "vulnerabilities"), i, entry) {
		const char *cve = kiln_json_string_or_null(entry, "cveID"), *ransomware = kiln_json_string_or_null(entry, "knownRansomwareCampaignUse");
		KilnExploitation what = { .exploited = TRUE, .ransomware = g_strcmp0(ransomware, "Known") == 0 };
		what.exploited_since_unix_s = feed_time(kiln_json_string_or_null(entry, "dateAdded"));
		what.due_unix_s = feed_time(kiln_json_string_or_null(entry, "dueDate"));
		if (!cve || !*cve)
			feed_skip(context, writer, name, "an entry", "it has no \"cveID\"");
		else if (!kiln_database_writer_add_exploitation(writer, cve, &what, error))
			return FALSE;
	}
	return TRUE;
}

const KilnFeed kiln_feed_kev = { "kev", "known exploited vulnerabilities", FALSE, recognises, source_name, date, read_root };
