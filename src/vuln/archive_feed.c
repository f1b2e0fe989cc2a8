/* SPDX-License-Identifier: Apache-2.0 */
/* archive_feed.c: advisories out of an archive's changelogs. */
#include "vuln/archive_feed.h"
#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "pkg/changelog.h"
#include "vuln/archive_uploads.h"
#include "vuln/ecosystem.h"
#include "vuln/security_support.h"

#include <string.h>

#define EVIDENCE_COLUMNS_MAX 200

typedef struct {
	const KilnArchiveFeedOptions *options;
	const KilnContext *context;
	KilnDatabaseWriter *writer;
	ArchiveUploads uploads;
	char *ecosystem, *source_name;
	const char *release; /* "13" */
	GBytes *support;     /* the list of debian-security-support; NULL or empty: the archive has none */
} Feed;

/* Where a vulnerability was fixed first. */
typedef struct {
	KilnText version, line;
	gint64 date_unix_s;
} Fix;

static KilnAffected *add_below(KilnAdvisory *advisory, const Feed *feed, const char *source, KilnVerdict verdict, const char *fixed)
{
	KilnAffected *affected = kiln_advisory_add_affected(advisory, feed->ecosystem, source, verdict);
	GArray *range = kiln_affected_add_range(affected);
	kiln_advisory_add_event(range, KILN_VERSION_INTRODUCED, "0");
	kiln_advisory_add_event(range, KILN_VERSION_FIXED, fixed);
	return affected;
}

/* An upload to a security suite that says which vulnerability it is about with no CVE. */
static gboolean add_nameless(const Feed *feed, const ArchiveUpload *upload, const KilnChangelogEntry *entry, GError **error)
{
	g_autofree char *version = kiln_text_dup(entry->version), *id = g_strdup_printf("%s/%s/%s", kiln_suite_path(upload->suite), upload->source, version);
	g_autoptr(KilnAdvisory) advisory = kiln_advisory_new(feed->source_name, id);
	KilnText body = entry->body, first = { 0 };
	while (body.length && !first.length)
		first = kiln_text_strip(kiln_text_cut(&body, '\n'));
	advisory->summary = g_strdup_printf("a newer upload in %s, which names no CVE", kiln_suite_path(upload->suite));
	advisory->modified_unix_s = entry->date_unix_s;
	add_below(advisory, feed, upload->source, KILN_VERDICT_AFFECTED, version)->evidence =
	        g_strdup_printf("changelog of %s %s: %.*s", upload->source, version, (int)MIN(first.length, EVIDENCE_COLUMNS_MAX), first.data ? first.data : "");
	return kiln_database_writer_add(feed->writer, advisory, error);
}

static gboolean entry_is_of(const KilnChangelogEntry *entry, const ArchiveUpload *upload)
{
	return kiln_text_is(entry->package, upload->source) && kiln_version_order_deb.check(entry->version, NULL);
}

static gboolean read_entries(const Feed *feed, const ArchiveUpload *upload, GHashTable *fixes, GError **error)
{
	gsize length;
	const char *text = g_bytes_get_data(upload->changelog, &length);
	KilnChangelog cursor = { { text, length }, 1 };
	KilnChangelogEntry entry;
	while (kiln_changelog_next(&cursor, &entry)) {
		char cve[KILN_CVE_TEXT_MAX];
		KilnText line;
		gsize at = 0;
		guint count = 0;
		if (!entry_is_of(&entry, upload))
			continue;
		for (; kiln_changelog_next_cve(entry.body, &at, cve, &line); count++) {
			Fix *known = g_hash_table_lookup(fixes, cve);
			if (known && kiln_version_order_deb.compare(entry.version, known->version) >= 0)
				continue;
			Fix fix = { entry.version, line, entry.date_unix_s };
			g_hash_table_replace(fixes, g_strdup(cve), g_memdup2(&fix, sizeof fix));
		}
		if (!count && archive_is_security(upload->suite) && kiln_text_is(entry.distributions, kiln_suite_path(upload->suite)) && !add_nameless(feed, upload, &entry, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean add_fixes(const Feed *feed, const char *source, GHashTable *fixes, GError **error)
{
	g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(fixes), (GCompareFunc)strcmp);
	for (GList *name = names; name; name = name->next) {
		const Fix *fix = g_hash_table_lookup(fixes, name->data);
		g_autofree char *version = kiln_text_dup(fix->version), *line = g_strndup(fix->line.data, MIN(fix->line.length, EVIDENCE_COLUMNS_MAX));
		g_autofree char *valid = g_utf8_make_valid(line, -1);
		g_autoptr(KilnAdvisory) advisory = kiln_advisory_new(feed->source_name, name->data);
		advisory->modified_unix_s = fix->date_unix_s;
		add_below(advisory, feed, source, KILN_VERDICT_AFFECTED, version)->evidence = g_strdup_printf("changelog of %s %s: %s", source, version, valid);
		if (!kiln_database_writer_add(feed->writer, advisory, error))
			return FALSE;
	}
	return TRUE;
}

/* The archive has a newer version that nobody has looked into: whoever has an older one cannot be told what it fixes. */
static gboolean add_unread(const Feed *feed, const ArchiveUpload *upload, GError **error)
{
	g_autofree char *id = g_strdup_printf("%s/%s/%s", kiln_suite_path(upload->suite), upload->source, upload->version);
	g_autoptr(KilnAdvisory) advisory = kiln_advisory_new(feed->source_name, id);
	advisory->summary = g_strdup_printf("%s has %s, whose changelog was not read", kiln_suite_path(upload->suite), upload->version);
	add_below(advisory, feed, upload->source, KILN_VERDICT_UNDER_INVESTIGATION, upload->version);
	return kiln_database_writer_add(feed->writer, advisory, error);
}

static gboolean add_source(const Feed *feed, const char *source, GError **error)
{
	const ArchiveUpload *uploads[] = { g_hash_table_lookup(feed->uploads.security, source), g_hash_table_lookup(feed->uploads.newest, source) };
	g_autoptr(GHashTable) fixes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	const char *read = NULL; /* the highest version whose changelog was */
	for (gsize i = 0; i < G_N_ELEMENTS(uploads); i++) {
		if (!uploads[i] || !uploads[i]->changelog)
			continue;
		if (!read_entries(feed, uploads[i], fixes, error))
			return FALSE;
		read = uploads[i]->version;
	}
	const ArchiveUpload *newest = uploads[1];
	gboolean is_unread = newest && (!read || kiln_version_order_deb.compare(kiln_text(read), kiln_text(newest->version)) < 0);
	return add_fixes(feed, source, fixes, error) && (!is_unread || add_unread(feed, newest, error));
}

/* Whoever has the package at all is meant, in whatever version. */
static gboolean add_support(const Feed *feed, const char *source, const SecuritySupport *entry, GError **error)
{
	g_autofree char *id = g_strdup_printf("%s/%s", entry->has_ended ? "security-support-ended" : "security-support-limited", source);
	g_autofree char *raw = g_strndup(entry->why.data, MIN(entry->why.length, EVIDENCE_COLUMNS_MAX)), *why = g_utf8_make_valid(raw, -1);
	g_autoptr(KilnAdvisory) advisory = kiln_advisory_new(feed->source_name, id);
	if (entry->ends_unix_s > feed->context->now_unix_s)
		return TRUE;
	advisory->summary = g_strdup_printf("%s%s%s", entry->has_ended ? "its security support has ended" : "its security support is limited", *why ? ": " : "", why);
	advisory->published_unix_s = entry->ends_unix_s;
	KilnAffected *affected = kiln_advisory_add_affected(advisory, feed->ecosystem, source, entry->has_ended ? KILN_VERDICT_END_OF_LIFE : KILN_VERDICT_UNDER_INVESTIGATION);
	kiln_advisory_add_event(kiln_affected_add_range(affected), KILN_VERSION_INTRODUCED, "0");
	affected->evidence = g_strdup_printf("debian-security-support: %.*s", (int)MIN(entry->name.length, EVIDENCE_COLUMNS_MAX), entry->name.data);
	return kiln_database_writer_add(feed->writer, advisory, error);
}

static gboolean add_supports(const Feed *feed, const char *source, GError **error)
{
	KilnText text = { 0 };
	SecuritySupport entry;
	if (feed->support)
		text = (KilnText){ g_bytes_get_data(feed->support, NULL), g_bytes_get_size(feed->support) };
	while (security_support_next(&text, &entry))
		if (security_support_is_of(&entry, source) && !add_support(feed, source, &entry, error))
			return FALSE;
	return TRUE;
}

/* Debian says of each release which of its packages it supports no more. */
static gboolean read_support(Feed *feed, KilnStore *store, GError **error)
{
	const ArchiveUpload *upload = g_hash_table_lookup(feed->uploads.newest, "debian-security-support");
	g_autofree char *path = security_support_path(feed->release);
	if (upload)
		feed->support = archive_upload_file(store, feed->context, upload, path, KILN_LIMIT_CHANGELOG_BYTES, error);
	return !upload || feed->support;
}

static gint by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Which changelogs are read: all of security, and of the sources that were asked for what is newer elsewhere. */
static GPtrArray *wanted_uploads(const Feed *feed)
{
	GPtrArray *wanted = g_ptr_array_new();
	GHashTableIter each;
	gpointer source, upload;
	g_hash_table_iter_init(&each, feed->uploads.security);
	while (g_hash_table_iter_next(&each, NULL, &upload))
		g_ptr_array_add(wanted, upload);
	if (!feed->options->sources)
		return wanted;
	g_hash_table_iter_init(&each, feed->options->sources);
	while (g_hash_table_iter_next(&each, &source, NULL)) {
		ArchiveUpload *newest = g_hash_table_lookup(feed->uploads.newest, source), *secure = g_hash_table_lookup(feed->uploads.security, source);
		if (newest && !(secure && strcmp(secure->version, newest->version) == 0))
			g_ptr_array_add(wanted, newest);
	}
	return wanted;
}

static void skip_silent(const Feed *feed, const GPtrArray *wanted)
{
	for (guint i = 0; i < wanted->len; i++) {
		const ArchiveUpload *upload = wanted->pdata[i];
		if (upload->changelog)
			continue;
		kiln_context_notice(feed->context, "%s %s of %s: none of its packages brings a changelog", upload->source, upload->version, kiln_suite_path(upload->suite));
		kiln_database_writer_skip(feed->writer);
	}
}

static gboolean begin(Feed *feed, GError **error)
{
	KilnDatabaseSource source = { .name = feed->source_name, .reader = (char *)"changelog", .origin = feed->options->archive->id };
	g_autoptr(KilnHash) hash = kiln_hash_new();
	for (guint i = 0; i < feed->uploads.indexes->len; i++) {
		const KilnSuiteIndex *index = feed->uploads.indexes->pdata[i];
		kiln_hash_update(hash, index->inrelease.sha256, sizeof index->inrelease.sha256);
		source.newest_unix_s = MAX(source.newest_unix_s, index->date_unix_s);
	}
	kiln_hash_finish(hash, &source.digest);
	return kiln_database_writer_begin(feed->writer, &source, error);
}

static gboolean add_all(Feed *feed, const GPtrArray *wanted, GError **error)
{
	guint count;
	g_autofree gpointer *sources = g_hash_table_get_keys_as_array(feed->uploads.newest, &count);
	qsort(sources, count, sizeof *sources, by_text);
	if (!begin(feed, error))
		return FALSE;
	skip_silent(feed, wanted);
	for (guint i = 0; i < count; i++)
		if (!add_source(feed, sources[i], error) || !add_supports(feed, sources[i], error))
			return FALSE;
	return TRUE;
}

char *kiln_archive_feed_source(const char *archive)
{
	return g_strconcat("changelog/", archive, NULL);
}

gboolean kiln_archive_feed_read(KilnStore *store, const KilnContext *context, const KilnArchiveFeedOptions *options, KilnDatabaseWriter *writer, GError **error)
{
	const KilnArchiveRelease *release = kiln_archive_release(options->archive->id);
	Feed feed = { .options = options, .context = context, .writer = writer };
	if (!release || !release->version)
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: no release with a number, so that nobody could ask for its advisories", options->archive->id);
	feed.release = release->version;
	const KilnPackage package = { .type = (char *)"deb", .distro = (char *)release->distro, .distro_version = (char *)release->version };
	feed.ecosystem = kiln_ecosystem_name(kiln_ecosystem_of(&package), &package);
	feed.source_name = kiln_archive_feed_source(options->archive->id);
	gboolean ok = archive_uploads_list(store, context, options, &feed.uploads, error);
	g_autoptr(GPtrArray) wanted = ok ? wanted_uploads(&feed) : NULL;
	ok = ok && archive_uploads_read(store, context, wanted, error) && read_support(&feed, store, error) && add_all(&feed, wanted, error);
	archive_uploads_clear(&feed.uploads);
	g_clear_pointer(&feed.support, g_bytes_unref);
	g_free(feed.ecosystem);
	g_free(feed.source_name);
	return ok;
}
