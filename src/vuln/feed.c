/* SPDX-License-Identifier: Apache-2.0 */
/* feed.c: find the feeds in a file or directory, and know each by what it says. */
#include "base/error.h"
#include "base/clock.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "io/zip_read.h"
#include "vuln/feeds.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORD_MAX_BYTES (64 * 1024 * 1024)

static const KilnFeed *const feeds[] = { &kiln_feed_osv, &kiln_feed_secdb, &kiln_feed_kev, &kiln_feed_endoflife, NULL };

const KilnFeed *const *kiln_feeds(void)
{
	return feeds;
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

static gboolean begin(KilnDatabaseWriter *writer, const KilnFeed *feed, char *source_name, const char *path, const KilnDigest *digest, gint64 date_unix_s, GError **error)
{
	KilnDatabaseSource source = { .name = source_name, .reader = (char *)feed->name, .origin = (char *)path, .digest = *digest, .newest_unix_s = date_unix_s };
	return kiln_database_writer_begin(writer, &source, error);
}

typedef struct {
	const char *path;
	const KilnContext *context;
	KilnDatabaseWriter *writer;
	guint64 done;
} ZipReading;

static gboolean read_record(const char *member, const void *bytes, gsize length, gpointer user_data, GError **error)
{
	ZipReading *reading = user_data;
	g_autoptr(GError) reason = NULL;
	g_autofree char *name = g_strdup_printf("%s: %s", reading->path, member);
	KilnProgress progress = { "read", reading->path, reading->done++, 0, KILN_UNIT_ITEMS };
	kiln_context_progress(reading->context, &progress);
	if (!kiln_context_check(reading->context, error))
		return FALSE;
	g_autoptr(json_t) root = kiln_json_parse(bytes, length, name, &reason);
	if (root && kiln_feed_osv.recognises(root))
		return kiln_feed_osv.read(root, name, reading->context, reading->writer, error);
	feed_skip(reading->context, reading->writer, reading->path, member, "%s", reason ? reason->message : "it is no OSV record");
	return TRUE;
}

static gboolean read_zip(int fd, const char *path, const KilnDigest *digest, const KilnContext *context, KilnDatabaseWriter *writer, GError **error)
{
	g_autofree char *source_name = kiln_feed_osv.source_name(NULL, path);
	ZipReading reading = { path, context, writer, 0 };
	return begin(writer, &kiln_feed_osv, source_name, path, digest, 0, error) && kiln_zip_read(fd, path, RECORD_MAX_BYTES, read_record, &reading, error);
}

/* *found: whether it is a feed at all. */
static gboolean read_json(const char *text, gsize length, const char *path, const KilnDigest *digest, const KilnContext *context, KilnDatabaseWriter *writer, gboolean *found,
                          GError **error)
{
	g_autoptr(json_t) root = kiln_json_parse(text, length, path, error);
	if (!root)
		return FALSE;
	const KilnFeed *feed = feed_of(root);
	*found = feed != NULL;
	if (!feed)
		return TRUE;
	g_autofree char *source_name = feed->source_name(root, path);
	return begin(writer, feed, source_name, path, digest, feed->date(root), error) && feed->read(root, path, context, writer, error);
}

static gboolean read_file(const char *path, const KilnContext *context, KilnDatabaseWriter *writer, gboolean *found, GError **error)
{
	KilnDigest digest;
	guint64 size_bytes;
	char magic[4] = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	*found = FALSE;
	if (fd < 0)
		return kiln_fail_errno(error, errno, "%s", path);
	gboolean ok = kiln_hash_fd(fd, &digest, &size_bytes, error);
	ok = ok && (lseek(fd, 0, SEEK_SET) == 0 || kiln_fail_errno(error, errno, "%s", path));
	if (ok && pread(fd, magic, sizeof magic, 0) == sizeof magic && memcmp(magic, "PK\003\004", sizeof magic) == 0) {
		*found = TRUE;
		ok = read_zip(fd, path, &digest, context, writer, error);
	} else if (ok && size_bytes > KILN_LIMIT_JSON_BYTES) {
		ok = kiln_fail(error, KILN_ERROR_LIMIT, "%s: larger than %" G_GUINT64_FORMAT " bytes", path, KILN_LIMIT_JSON_BYTES);
	} else if (ok) {
		g_autoptr(GMappedFile) mapped = g_mapped_file_new_from_fd(fd, FALSE, error);
		ok = mapped && read_json(g_mapped_file_get_contents(mapped), g_mapped_file_get_length(mapped), path, &digest, context, writer, found, error);
	}
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

gboolean kiln_feed_read(const char *path, const KilnContext *context, KilnDatabaseWriter *writer, GError **error)
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
		if (!kiln_context_check(context, error) || !read_file(files->pdata[i], context, writer, &found, error))
			return FALSE;
		count += found;
		if (!found && is_directory)
			kiln_context_notice(context, "%s: no feed that kiln knows", (const char *)files->pdata[i]);
	}
	return count > 0 || kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: no feed that kiln knows; docs/database.md lists them", path);
}
