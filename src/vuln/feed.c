/* SPDX-License-Identifier: Apache-2.0 */
/* feed.c: find the feeds in a file or directory, and know each by what it says. */
#include "base/error.h"
#include "base/clock.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "io/reader.h"
#include "io/zip_read.h"
#include "vuln/feed_epss.h"
#include "vuln/feed_oval.h"
#include "vuln/feeds.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORD_MAX_BYTES (64 * 1024 * 1024)
#define DATED_SINCE_UNIX_S 946684800 /* 2000: a file that is older has no date, as in reproducible archives */

static const KilnFeed *const feeds[] = { &kiln_feed_osv, &kiln_feed_secdb, &kiln_feed_debian, &kiln_feed_csaf, &kiln_feed_cve, &kiln_feed_nvd, &kiln_feed_kev, &kiln_feed_endoflife, NULL };

const KilnFeed *const *kiln_feeds(void)
{
	return feeds;
}

void feed_add_cvss(GPtrArray *severities, const char *whose, const char *vector)
{
	KilnCvss cvss;
	if (!vector || !kiln_cvss_parse(kiln_text(vector), &cvss, NULL))
		return;
	KilnCvssScores scores = kiln_cvss_score(&cvss);
	kiln_advisory_add_severity(severities, whose, vector, kiln_cvss_severity(cvss.version, scores.overall_tenths), scores.overall_tenths);
}

char *feed_folder_name(const char *kind, const char *path)
{
	g_autofree char *whole = g_canonicalize_filename(path, NULL), *directory = g_path_get_dirname(whole), *folder = g_path_get_basename(directory);
	return g_strdup_printf("%s/%s", kind, folder);
}

gint64 feed_time(const char *text)
{
	gint64 unix_s = 0;
	if (!text)
		return 0;
	g_autofree char *whole = strchr(text, 'T') ? g_strdup(text) : g_strconcat(text, "T00:00:00Z", NULL);
	return kiln_time_parse(whole, &unix_s, NULL) ? unix_s : 0;
}

void feed_skip(const KilnContext *context, KilnDatabaseWriter *writer, const char *name, const char *record, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *why = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	kiln_context_notice(context, "%s: %s is left out: %s", name, record, why);
	kiln_database_writer_skip(writer);
}

static const KilnFeed *feed_of(const json_t *root)
{
	for (gsize i = 0; feeds[i]; i++)
		if (feeds[i]->recognises(root))
			return feeds[i];
	return NULL;
}

/* One file that is being read. */
typedef struct {
	const char *path;
	const KilnFeedOrigin *origin; /* NULL: its path */
	const KilnContext *context;
	KilnDatabaseWriter *writer;
	KilnDigest digest;
	gint64 changed_unix_s; /* of the file: nobody fetched it later */
	guint64 done;
	const KilnFeed *of_members; /* what the records of a zip file are; NULL: none was seen yet */
} Reading;

static gboolean begin(const Reading *reading, const char *reader, gboolean goes_on, const char *source_name, gint64 date_unix_s, GError **error)
{
	const KilnFeedOrigin *origin = reading->origin;
	KilnDatabaseSource source = { .name = (char *)source_name, .reader = (char *)reader, .origin = (char *)(origin ? origin->address : reading->path), .digest = reading->digest,
		                      .licence = (char *)(origin ? origin->licence : NULL), .newest_unix_s = date_unix_s,
		                      .fetched_unix_s = origin ? origin->fetched_unix_s : reading->changed_unix_s };
	return goes_on ? kiln_database_writer_go_on(reading->writer, &source, error) : kiln_database_writer_begin(reading->writer, &source, error);
}

/* One record of a zip file; all are of the kind of the first. */
static gboolean read_record(const char *member, const void *bytes, gsize length, gpointer user_data, GError **error)
{
	Reading *reading = user_data;
	g_autoptr(GError) reason = NULL;
	g_autofree char *name = g_strdup_printf("%s: %s", reading->path, member);
	if (!kiln_context_check(reading->context, error))
		return FALSE;
	KilnProgress progress = { .phase = "read", .item = reading->path, .done = ++reading->done, .unit = KILN_UNIT_ITEMS };
	kiln_context_progress(reading->context, &progress);
	g_autoptr(json_t) root = kiln_json_parse(bytes, length, name, &reason);
	const KilnFeed *feed = root ? feed_of(root) : NULL;
	if (feed && feed->one_record && !reading->of_members) {
		g_autofree char *source_name = feed->source_name(root, reading->path);
		reading->of_members = feed;
		if (!begin(reading, feed->name, FALSE, source_name, 0, error))
			return FALSE;
	}
	if (feed && feed == reading->of_members)
		return feed->read(root, name, reading->context, reading->writer, error);
	feed_skip(reading->context, reading->writer, reading->path, member, "%s", reason ? reason->message : "it is no record as the others of this file");
	return TRUE;
}

static gboolean read_zip(int fd, Reading *reading, GError **error)
{
	if (!kiln_zip_read(fd, reading->path, RECORD_MAX_BYTES, read_record, reading, error))
		return FALSE;
	return reading->of_members || kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: a zip file without a single record that kiln knows", reading->path);
}

static gboolean read_json(KilnText text, const Reading *reading, gboolean *found, GError **error)
{
	g_autoptr(json_t) root = kiln_json_parse(text.length ? text.data : "", text.length, reading->path, error);
	if (!root)
		return FALSE;
	const KilnFeed *feed = feed_of(root);
	*found = feed != NULL;
	if (!feed)
		return TRUE;
	g_autofree char *source_name = feed->source_name(root, reading->path);
	return begin(reading, feed->name, feed->one_record, source_name, feed->date(root), error) && feed->read(root, reading->path, reading->context, reading->writer, error);
}

/* *found: whether it is a feed at all. */
static gboolean read_text(KilnText text, const Reading *reading, gboolean *found, GError **error)
{
	gint64 date_unix_s;
	gboolean is_oval = feed_oval_recognises(text);
	if (!is_oval && !feed_epss_recognises(text, &date_unix_s))
		return read_json(text, reading, found, error);
	*found = TRUE;
	if (is_oval) {
		g_autofree char *source_name = feed_oval_source_name(reading->path);
		return begin(reading, "oval", FALSE, source_name, 0, error) && feed_oval_read(text, reading->path, reading->context, reading->writer, error);
	}
	return begin(reading, "epss", FALSE, "epss", date_unix_s, error) && feed_epss_read(text, date_unix_s, reading->path, reading->context, reading->writer, error);
}

/* Plain files are mapped, packed ones inflated. */
static gboolean read_plain_or_packed(int fd, KilnCompression compression, const Reading *reading, gboolean *found, GError **error)
{
	if (compression == KILN_COMPRESSION_NONE) {
		g_autoptr(GMappedFile) mapped = g_mapped_file_new_from_fd(fd, FALSE, error);
		return mapped && read_text((KilnText){ g_mapped_file_get_contents(mapped), g_mapped_file_get_length(mapped) }, reading, found, error);
	}
	g_autoptr(KilnReader) reader = kiln_reader_new_inflate(kiln_reader_new_range(fd, 0, G_MAXUINT64), compression, KILN_LIMIT_JSON_BYTES, error);
	g_autoptr(GBytes) bytes = reader ? kiln_reader_read_all(reader, KILN_LIMIT_JSON_BYTES, error) : NULL;
	gsize length;
	const char *text = bytes ? g_bytes_get_data(bytes, &length) : NULL;
	if (!bytes)
		g_prefix_error(error, "%s: ", reading->path);
	return bytes && read_text((KilnText){ text, length }, reading, found, error);
}

static gboolean read_descriptor(int fd, Reading *reading, gboolean *found, GError **error)
{
	guint64 size_bytes;
	struct stat status;
	char magic[6] = { 0 };
	if (fstat(fd, &status) != 0)
		return kiln_fail_errno(error, errno, "%s", reading->path);
	if (!S_ISREG(status.st_mode))
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: not a regular file", reading->path);
	reading->changed_unix_s = status.st_mtime > DATED_SINCE_UNIX_S ? status.st_mtime : 0;
	if (!kiln_hash_fd(fd, &reading->digest, &size_bytes, error))
		return FALSE;
	if (pread(fd, magic, sizeof magic, 0) == sizeof magic && memcmp(magic, "PK\003\004", 4) == 0) {
		*found = TRUE;
		return (lseek(fd, 0, SEEK_SET) == 0 || kiln_fail_errno(error, errno, "%s", reading->path)) && read_zip(fd, reading, error);
	}
	if (size_bytes > KILN_LIMIT_JSON_BYTES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: larger than %" G_GUINT64_FORMAT " bytes", reading->path, KILN_LIMIT_JSON_BYTES);
	return read_plain_or_packed(fd, kiln_compression_detect((const guint8 *)magic, sizeof magic), reading, found, error);
}

static gboolean read_file(const char *path, const KilnFeedOrigin *origin, const KilnContext *context, KilnDatabaseWriter *writer, gboolean *found, GError **error)
{
	Reading reading = { .path = origin ? origin->path : path, .origin = origin, .context = context, .writer = writer };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	*found = FALSE;
	if (fd < 0)
		return kiln_fail_errno(error, errno, "%s", path);
	gboolean ok = read_descriptor(fd, &reading, found, error);
	close(fd);
	return ok;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The files below @path, sorted; directories wait on a list, because nothing recurses on what comes from outside. */
static gboolean list_files(const char *path, GPtrArray *files, GError **error)
{
	g_autoptr(GPtrArray) directories = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(directories, g_strdup(path));
	for (guint i = 0; i < directories->len; i++) {
		g_autoptr(GDir) directory = g_dir_open(directories->pdata[i], 0, NULL);
		if (!directory)
			return kiln_fail_errno(error, errno, "%s", (const char *)directories->pdata[i]);
		for (const char *name; (name = g_dir_read_name(directory));) {
			struct stat status;
			g_autofree char *full = g_build_filename(directories->pdata[i], name, NULL);
			if (lstat(full, &status) != 0)
				return kiln_fail_errno(error, errno, "%s", full);
			if (S_ISDIR(status.st_mode))
				g_ptr_array_add(directories, g_steal_pointer(&full));
			else if (S_ISREG(status.st_mode))
				g_ptr_array_add(files, g_steal_pointer(&full));
			if (files->len + directories->len > KILN_LIMIT_ZIP_MEMBERS)
				return kiln_fail(error, KILN_ERROR_LIMIT, "%s: more than %d files", path, KILN_LIMIT_ZIP_MEMBERS);
		}
	}
	g_ptr_array_sort(files, by_name);
	return TRUE;
}

gboolean kiln_feed_read(const char *path, const KilnFeedOrigin *origin, const KilnContext *context, KilnDatabaseWriter *writer, GError **error)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
	gboolean is_directory = g_file_test(path, G_FILE_TEST_IS_DIR);
	guint count = 0;
	if (!is_directory)
		g_ptr_array_add(files, g_strdup(path));
	else if (!list_files(path, files, error))
		return FALSE;
	for (guint i = 0; i < files->len; i++) {
		gboolean found;
		if (!kiln_context_check(context, error) || !read_file(files->pdata[i], origin, context, writer, &found, error))
			return FALSE;
		count += found;
		if (!found && is_directory)
			kiln_context_notice(context, "%s: no feed that kiln knows", (const char *)files->pdata[i]);
	}
	return count > 0 || kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: no feed that kiln knows; docs/database.md lists them", origin ? origin->path : path);
}
