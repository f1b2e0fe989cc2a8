/* SPDX-License-Identifier: Apache-2.0 */
/* feed_secdb.c: Alpine's and Wolfi's lists of fixed versions.
 *
 * "packages[].pkg.secfixes": a version and the vulnerabilities that it fixes; under "0" stand those that never affected the package. Where
 * several versions name one vulnerability, the lowest is where it was fixed first. Source: Alpine's secdb, README of its repository. */
#include "base/error.h"
#include "vuln/feeds.h"

#include <string.h>

static gboolean recognises(const json_t *root)
{
	return json_is_array(json_object_get(root, "packages")) && json_object_get(root, "apkurl");
}

/* "Alpine:v3.17"; Wolfi and Chainguard have no releases. NULL: whose it is cannot be told. */
static char *ecosystem_of(const json_t *root)
{
	const char *release = kiln_json_string_or_null(root, "distroversion"), *repository = kiln_json_string_or_null(root, "reponame");
	const char *prefix = kiln_json_string_or_null(root, "urlprefix");
	if (g_strcmp0(repository, "os") == 0 && prefix && strstr(prefix, "wolfi"))
		return g_strdup("Wolfi");
	if (prefix && strstr(prefix, "chainguard"))
		return g_strdup("Chainguard");
	return release ? g_strconcat("Alpine:", release, NULL) : NULL;
}

static char *source_name(const json_t *root, const char *path)
{
	const char *release = kiln_json_string_or_null(root, "distroversion"), *repository = kiln_json_string_or_null(root, "reponame");
	return g_strdup_printf("secdb/%s/%s", release ? release : "none", repository ? repository : "main");
}

static gint64 date(const json_t *root)
{
	return 0;
}

typedef struct {
	const char *package, *ecosystem, *source, *name;
	const KilnContext *context;
	KilnDatabaseWriter *writer;
	GHashTable *fixed; /* id to the lowest version that fixes it, borrowed */
	GHashTable *never; /* ids that never affected the package */
} Package;

/* An entry is "CVE-2020-1", or several ids of one vulnerability with blanks between them; some say more in parentheses or after "#". */
static void note_fix(Package *package, const char *version, const char *entry)
{
	const KilnVersionOrder *order = &kiln_version_order_apk;
	g_auto(GStrv) words = g_strsplit_set(entry, " \t,", -1);
	gsize used = 0;
	for (char **word = words; *word && **word != '#' && **word != '('; word++) {
		if (!**word)
			continue;
		const char *known = g_hash_table_lookup(package->fixed, *word);
		if (strcmp(version, "0") == 0)
			g_hash_table_add(package->never, g_strdup(*word));
		else if (!known || order->compare(kiln_text(version), kiln_text(known)) < 0)
			g_hash_table_insert(package->fixed, g_strdup(*word), (gpointer)version);
		used++;
	}
	if (!used)
		feed_skip(package->context, package->writer, package->name, package->package, "\"%.60s\" names no vulnerability", entry);
}

static void note_version(Package *package, const char *version, const json_t *entries)
{
	g_autoptr(GError) reason = NULL;
	const json_t *entry;
	size_t i;
	if (strcmp(version, "0") != 0 && !kiln_version_order_apk.check(kiln_text(version), &reason)) {
		feed_skip(package->context, package->writer, package->name, package->package, "%s", reason->message);
		return;
	}
	if (!json_is_array(entries)) {
		feed_skip(package->context, package->writer, package->name, package->package, "\"%s\" has no list of vulnerabilities", version);
		return;
	}
	json_array_foreach(entries, i, entry) {
		if (json_is_string(entry))
			note_fix(package, version, json_string_value(entry));
		else
			feed_skip(package->context, package->writer, package->name, package->package, "\"%s\" names something that is no text", version);
	}
}

static gboolean add(const Package *package, const char *id, const char *version, GError **error)
{
	g_autoptr(KilnAdvisory) advisory = kiln_advisory_new(package->source, id);
	KilnAffected *affected = kiln_advisory_add_affected(advisory, package->ecosystem, package->package, version ? KILN_VERDICT_AFFECTED : KILN_VERDICT_NOT_AFFECTED);
	GArray *range = kiln_affected_add_range(affected);
	kiln_advisory_add_event(range, KILN_VERSION_INTRODUCED, "0");
	if (version)
		kiln_advisory_add_event(range, KILN_VERSION_FIXED, version);
	affected->evidence = g_strdup_printf("secfixes of %s: %s", package->package, version ? version : "0");
	return kiln_database_writer_add(package->writer, advisory, error);
}

static gboolean add_all(Package *package, GError **error)
{
	g_autoptr(GList) ids = g_list_sort(g_hash_table_get_keys(package->fixed), (GCompareFunc)strcmp);
	for (GList *id = ids; id; id = id->next)
		if (!add(package, id->data, g_hash_table_lookup(package->fixed, id->data), error))
			return FALSE;
	g_autoptr(GList) others = g_list_sort(g_hash_table_get_keys(package->never), (GCompareFunc)strcmp);
	for (GList *id = others; id; id = id->next)
		if (!g_hash_table_contains(package->fixed, id->data) && !add(package, id->data, NULL, error))
			return FALSE;
	return TRUE;
}

static gboolean read_package(Package *package, const json_t *entry, GError **error)
{
	const json_t *body = json_object_get(entry, "pkg"), *fixes = json_object_get(body, "secfixes"), *entries;
	const char *version;
	package->package = kiln_json_string_or_null(body, "name");
	if (!package->package || !json_is_object(fixes)) {
		feed_skip(package->context, package->writer, package->name, package->package ? package->package : "a package", "it has no name or no \"secfixes\"");
		return TRUE;
	}
	package->fixed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	package->never = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	json_object_foreach((json_t *)fixes, version, entries)
		note_version(package, version, entries);
	gboolean ok = add_all(package, error);
	g_hash_table_unref(package->fixed);
	g_hash_table_unref(package->never);
	return ok;
}

static gboolean read_root(const json_t *root, const char *name, const KilnContext *context, KilnDatabaseWriter *writer, GError **error)
{
	g_autofree char *ecosystem = ecosystem_of(root), *source = source_name(root, "");
	Package package = { .ecosystem = ecosystem, .source = source, .name = name, .context = context, .writer = writer };
	const json_t *entry;
	size_t i;
	if (!ecosystem)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: no \"distroversion\": which release it is about cannot be told", name);
	json_array_foreach(json_object_get(root, "packages"), i, entry)
		if (!read_package(&package, entry, error))
			return FALSE;
	return TRUE;
}

const KilnFeed kiln_feed_secdb = { "secdb", "fixed versions of Alpine and Wolfi", FALSE, recognises, source_name, date, read_root };
