/* SPDX-License-Identifier: Apache-2.0 */
/* feed_fetch.c: ask servers what has changed, and read that into databases of its own until all is known to be good. */
#include "vuln/feed_fetch.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "io/file.h"
#include "net/http.h"
#include "vuln/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NEW_SUFFIX ".new"
#define STATE_SUFFIX ".state.json" /* what the server said of the file beside it */

/* One address of one feed. */
typedef struct {
	const char *address, *path;
	char *new_path;
	char *etag, *last_modified; /* of the file that is kept; NULL: none is */
	KilnDownload *download;     /* borrowed */
} Part;

typedef struct {
	const KilnFeedPlace *place;
	GPtrArray *parts;     /* Part */
	char *scratch;        /* the database that it was read into; NULL: it did not change */
	gboolean is_known;    /* the database has sources of it */
	GError *failure;
} Feed;

struct KilnFeedFetch {
	const KilnContext *context;
	char *directory;
	int fd, lock;
	GPtrArray *feeds;    /* Feed */
	GArray *downloads;   /* KilnDownload, one for each part, in their order */
	GPtrArray *replaced; /* char *, NULL at the end */
	GPtrArray *unchanged; /* char *: sources, NULL at the end */
};

static void part_free(gpointer data)
{
	Part *part = data;
	g_free(part->new_path);
	g_free(part->etag);
	g_free(part->last_modified);
	g_free(part);
}

static void feed_free(gpointer data)
{
	Feed *feed = data;
	if (feed->scratch)
		unlink(feed->scratch);
	g_free(feed->scratch);
	g_ptr_array_unref(feed->parts);
	g_clear_error(&feed->failure);
	g_free(feed);
}

void kiln_feed_fetch_free(KilnFeedFetch *fetch)
{
	if (!fetch)
		return;
	for (guint i = 0; i < fetch->feeds->len; i++) {
		const Feed *feed = fetch->feeds->pdata[i];
		for (guint j = 0; j < feed->parts->len; j++)
			unlinkat(fetch->fd, ((const Part *)feed->parts->pdata[j])->new_path, 0);
	}
	g_ptr_array_unref(fetch->feeds);
	g_array_unref(fetch->downloads);
	g_ptr_array_unref(fetch->replaced);
	g_ptr_array_unref(fetch->unchanged);
	kiln_fd_close(&fetch->lock);
	kiln_fd_close(&fetch->fd);
	g_free(fetch->directory);
	g_free(fetch);
}

/* What is known of the file that is kept. Of another address, or damaged: nothing, and it is fetched whole. */
static void read_state(const KilnFeedFetch *fetch, Part *part)
{
	g_autofree char *path = g_strconcat(part->path, STATE_SUFFIX, NULL);
	g_autoptr(GBytes) bytes = faccessat(fetch->fd, part->path, R_OK, 0) == 0 ? kiln_file_read_at(fetch->fd, path, KILN_LIMIT_CONFIG_BYTES, NULL) : NULL;
	g_autoptr(json_t) state = bytes ? kiln_json_parse(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), path, NULL) : NULL;
	if (g_strcmp0(kiln_json_string_or_null(state, "address"), part->address) != 0)
		return;
	part->etag = g_strdup(kiln_json_string_or_null(state, "etag"));
	part->last_modified = g_strdup(kiln_json_string_or_null(state, "last-modified"));
}

static gboolean write_state(const KilnFeedFetch *fetch, const Part *part, GError **error)
{
	g_autofree char *path = g_strconcat(part->path, STATE_SUFFIX, NULL);
	g_autoptr(json_t) state = json_object();
	kiln_json_set_string(state, "address", part->address);
	kiln_json_set_string(state, "etag", part->download->etag);
	kiln_json_set_string(state, "last-modified", part->download->last_modified);
	g_autoptr(GBytes) bytes = kiln_json_pretty(state);
	return kiln_file_write_at(fetch->fd, path, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), error);
}

static gboolean add_feed(KilnFeedFetch *fetch, const KilnFeedPlace *place, gboolean is_known, GError **error)
{
	Feed *feed = g_new0(Feed, 1);
	feed->place = place;
	feed->is_known = is_known;
	feed->parts = g_ptr_array_new_with_free_func(part_free);
	g_ptr_array_add(fetch->feeds, feed);
	for (guint i = 0; i < place->addresses->len; i++) {
		Part *part = g_new0(Part, 1);
		part->address = place->addresses->pdata[i];
		part->path = place->paths->pdata[i];
		part->new_path = g_strconcat(part->path, NEW_SUFFIX, NULL);
		g_ptr_array_add(feed->parts, part);
		g_autofree char *folder = g_path_get_dirname(part->path);
		g_auto(KilnFd) made = kiln_directory_make_at(fetch->fd, folder, 0755, error);
		if (made < 0)
			return FALSE;
		if (is_known) /* what the database has not is read again, whether it changed or not */
			read_state(fetch, part);
	}
	return TRUE;
}

/* Whose sources are of this feed: each says which address it is from. */
static gboolean is_of(const KilnDatabaseSource *source, const KilnFeedPlace *place)
{
	for (guint i = 0; i < place->addresses->len; i++) {
		g_autofree char *shown = kiln_url_printable(place->addresses->pdata[i]);
		if (g_strcmp0(source->origin, shown) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean has_sources_of(const KilnDatabase *database, const KilnFeedPlace *place)
{
	const GPtrArray *sources = database ? kiln_database_sources(database) : NULL;
	for (guint i = 0; sources && i < sources->len; i++)
		if (is_of(sources->pdata[i], place))
			return TRUE;
	return FALSE;
}

static gboolean choose(KilnFeedFetch *fetch, const KilnFeedList *list, const char *const *only, const KilnDatabase *database, GError **error)
{
	for (const char *const *name = only; *name; name++) {
		if (kiln_feed_list_find(list, *name))
			continue;
		g_autofree const char **known = kiln_feed_list_names(list);
		g_autofree char *hint = kiln_text_suggest(*name, known, "it has");
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s has no feed \"%s\"; %s", list->origin, *name, hint);
	}
	for (guint i = 0; i < list->feeds->len; i++) {
		const KilnFeedPlace *place = list->feeds->pdata[i];
		gboolean is_known = has_sources_of(database, place);
		if ((*only ? g_strv_contains(only, place->name) : place->enabled || is_known) && !add_feed(fetch, place, is_known, error))
			return FALSE;
	}
	return fetch->feeds->len > 0 || kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: no feed is enabled", list->origin);
}

static gboolean download(KilnFeedFetch *fetch, GError **error)
{
	GArray *downloads = fetch->downloads;
	g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) first = NULL;
	for (guint i = 0; i < fetch->feeds->len; i++) {
		const Feed *feed = fetch->feeds->pdata[i];
		for (guint j = 0; j < feed->parts->len; j++) {
			const Part *part = feed->parts->pdata[j];
			const char **urls = g_new0(const char *, 2);
			urls[0] = part->address;
			g_ptr_array_add(addresses, urls);
			KilnDownload one = { .urls = urls, .dir_fd = fetch->fd, .path = part->new_path, .max_bytes = KILN_LIMIT_FEED_BYTES, .if_none_match = part->etag,
				             .if_modified_since = part->last_modified, .label = feed->place->name };
			g_array_append_val(downloads, one);
		}
	}
	for (guint i = 0, next = 0; i < fetch->feeds->len; i++) {
		const Feed *feed = fetch->feeds->pdata[i];
		for (guint j = 0; j < feed->parts->len; j++)
			((Part *)feed->parts->pdata[j])->download = &g_array_index(downloads, KilnDownload, next++);
	}
	/* What one server lacks is that feed's matter. */
	if (!kiln_download_all(fetch->context, (KilnDownload *)(void *)downloads->data, downloads->len, NULL, NULL, NULL, &first) &&
	    (g_error_matches(first, KILN_ERROR, KILN_ERROR_CANCELLED) || fetch->context->offline)) {
		g_propagate_error(error, g_steal_pointer(&first));
		return FALSE;
	}
	return TRUE;
}

/* Read @feed into a database of its own: what is new where it is, else what was kept. */
static gboolean read_feed(KilnFeedFetch *fetch, Feed *feed, guint number, GError **error)
{
	g_autofree char *scratch = g_strdup_printf("%s/.scratch-%u.db", fetch->directory, number);
	g_autoptr(KilnDatabaseWriter) writer = kiln_database_writer_new(scratch, error);
	if (!writer)
		return FALSE;
	for (guint i = 0; i < feed->parts->len; i++) {
		const Part *part = feed->parts->pdata[i];
		g_autofree char *shown = kiln_url_printable(part->address);
		const KilnFeedOrigin origin = { shown, feed->place->licence, fetch->context->now_unix_s, part->path };
		g_autofree char *path = g_build_filename(fetch->directory, part->download->unchanged ? part->path : part->new_path, NULL);
		if (!kiln_feed_read(path, &origin, fetch->context, writer, error))
			return FALSE;
	}
	if (!kiln_database_writer_finish(writer, error))
		return FALSE;
	feed->scratch = g_steal_pointer(&scratch);
	return TRUE;
}

/* A server, or whoever stands before it, may hand out what was true once: what is there is newer and stays. */
static gboolean check_age(const Feed *feed, const KilnDatabase *database, GError **error)
{
	g_autoptr(KilnDatabase) read = kiln_database_open(feed->scratch, error);
	const GPtrArray *before = database ? kiln_database_sources(database) : NULL, *now = read ? kiln_database_sources(read) : NULL;
	for (guint i = 0; now && before && i < now->len; i++)
		for (guint j = 0; j < before->len; j++) {
			char came[KILN_TIME_TEXT_MAX], had[KILN_TIME_TEXT_MAX];
			const KilnDatabaseSource *source = now->pdata[i], *old = before->pdata[j];
			if (strcmp(source->name, old->name) == 0 && is_of(old, feed->place) && source->newest_unix_s < old->newest_unix_s)
				return kiln_fail(error, KILN_ERROR_UNTRUSTED, "%s: its newest word is of %s, older than that of %s which is there", source->name, kiln_time_print(source->newest_unix_s, came),
				                 kiln_time_print(old->newest_unix_s, had));
		}
	return read != NULL;
}

/* Whether any of its files is new; the failure of one is the feed's. */
static gboolean has_changed(Feed *feed)
{
	gboolean changed = FALSE;
	for (guint i = 0; i < feed->parts->len; i++) {
		const Part *part = feed->parts->pdata[i];
		if (!part->download->done && !feed->failure)
			feed->failure = g_error_copy(part->download->error);
		changed |= !part->download->unchanged;
	}
	return changed && !feed->failure;
}

static gboolean read_all(KilnFeedFetch *fetch, const KilnDatabase *database, GError **error)
{
	for (guint i = 0; i < fetch->feeds->len; i++) {
		Feed *feed = fetch->feeds->pdata[i];
		if (!kiln_context_check(fetch->context, error))
			return FALSE;
		gboolean ok = !has_changed(feed) || (read_feed(fetch, feed, i, &feed->failure) && check_age(feed, database, &feed->failure));
		if (!ok && feed->scratch) {
			unlink(feed->scratch);
			g_clear_pointer(&feed->scratch, g_free);
		}
		if (!ok && g_error_matches(feed->failure, KILN_ERROR, KILN_ERROR_CANCELLED)) {
			g_propagate_error(error, g_steal_pointer(&feed->failure));
			return FALSE;
		}
		if (feed->failure)
			kiln_context_notice(fetch->context, "%s: %s%s", feed->place->name, feed->failure->message, feed->is_known ? "; what was there stays" : "");
	}
	return TRUE;
}

static void add_once(GPtrArray *names, const char *name)
{
	if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
		g_ptr_array_add(names, g_strdup(name));
}

/* A source that was fetched from an address that the list has no more is nobody's: it would only grow old. */
static gboolean is_abandoned(const KilnDatabaseSource *source, const KilnFeedList *list)
{
	if (!source->origin || !strstr(source->origin, "://"))
		return FALSE;
	for (guint i = 0; i < list->feeds->len; i++)
		if (is_of(source, list->feeds->pdata[i]))
			return FALSE;
	return TRUE;
}

/* What of the old database is replaced, and what is still as it was. */
static gboolean sort_sources(KilnFeedFetch *fetch, const KilnFeedList *list, const KilnDatabase *database, GError **error)
{
	const GPtrArray *sources = database ? kiln_database_sources(database) : NULL;
	for (guint i = 0; sources && i < sources->len; i++) {
		const KilnDatabaseSource *source = sources->pdata[i];
		if (is_abandoned(source, list)) {
			kiln_context_notice(fetch->context, "%s goes: %s is in no feed of %s any more", source->name, source->origin, list->origin);
			add_once(fetch->replaced, source->name);
		}
		for (guint j = 0; j < fetch->feeds->len; j++) {
			const Feed *feed = fetch->feeds->pdata[j];
			if (is_of(source, feed->place) && !feed->failure)
				add_once(feed->scratch ? fetch->replaced : fetch->unchanged, source->name);
		}
	}
	for (guint j = 0; j < fetch->feeds->len; j++) {
		const Feed *feed = fetch->feeds->pdata[j];
		g_autoptr(KilnDatabase) read = feed->scratch ? kiln_database_open(feed->scratch, error) : NULL;
		const GPtrArray *added = read ? kiln_database_sources(read) : NULL;
		if (feed->scratch && !read)
			return FALSE;
		for (guint i = 0; added && i < added->len; i++)
			add_once(fetch->replaced, ((const KilnDatabaseSource *)added->pdata[i])->name);
	}
	g_ptr_array_add(fetch->replaced, NULL);
	g_ptr_array_add(fetch->unchanged, NULL);
	return TRUE;
}

KilnFeedFetch *kiln_feed_fetch(const KilnContext *context, const KilnFeedList *list, const char *const *only, const char *directory, const char *database_path, GError **error)
{
	g_autoptr(KilnFeedFetch) fetch = g_new0(KilnFeedFetch, 1);
	g_autoptr(KilnDatabase) database = NULL;
	fetch->downloads = g_array_new(FALSE, TRUE, sizeof(KilnDownload));
	g_array_set_clear_func(fetch->downloads, (GDestroyNotify)kiln_download_clear);
	fetch->context = context;
	fetch->directory = g_strdup(directory);
	fetch->feeds = g_ptr_array_new_with_free_func(feed_free);
	fetch->replaced = g_ptr_array_new_with_free_func(g_free);
	fetch->unchanged = g_ptr_array_new_with_free_func(g_free);
	fetch->lock = -1;
	fetch->fd = kiln_directory_make_at(AT_FDCWD, directory, 0755, error);
	fetch->lock = fetch->fd < 0 ? -1 : kiln_file_lock_cancellable_at(fetch->fd, KILN_FEED_LOCK_NAME, context->cancellable, error);
	if (fetch->lock < 0)
		return NULL;
	if (access(database_path, F_OK) == 0 && !(database = kiln_database_open(database_path, error)))
		return NULL;
	if (!choose(fetch, list, only, database, error) || !download(fetch, error) || !read_all(fetch, database, error) || !sort_sources(fetch, list, database, error))
		return NULL;
	return g_steal_pointer(&fetch);
}

const char *const *kiln_feed_fetch_replaced(const KilnFeedFetch *fetch)
{
	return (const char *const *)fetch->replaced->pdata;
}

gboolean kiln_feed_fetch_add(KilnFeedFetch *fetch, KilnDatabaseWriter *writer, GError **error)
{
	static const char *const none[] = { NULL };
	for (guint i = 0; i < fetch->feeds->len; i++) {
		const Feed *feed = fetch->feeds->pdata[i];
		if (feed->scratch && !kiln_database_writer_copy(writer, feed->scratch, none, error))
			return FALSE;
	}
	return kiln_database_writer_fetched(writer, (const char *const *)fetch->unchanged->pdata, fetch->context->now_unix_s, error);
}

gboolean kiln_feed_fetch_keep(KilnFeedFetch *fetch, GError **error)
{
	for (guint i = 0; i < fetch->feeds->len; i++) {
		const Feed *feed = fetch->feeds->pdata[i];
		for (guint j = 0; feed->scratch && j < feed->parts->len; j++) {
			const Part *part = feed->parts->pdata[j];
			if (part->download->unchanged)
				continue;
			if (renameat(fetch->fd, part->new_path, fetch->fd, part->path) != 0)
				return kiln_fail_errno(error, errno, "%s/%s", fetch->directory, part->path);
			if (!write_state(fetch, part, error))
				return FALSE;
		}
	}
	return TRUE;
}

gboolean kiln_feed_fetch_judge(const KilnFeedFetch *fetch, GError **error)
{
	const Feed *first = NULL;
	guint failed = 0;
	for (guint i = 0; i < fetch->feeds->len; i++) {
		const Feed *feed = fetch->feeds->pdata[i];
		failed += feed->failure != NULL;
		first = first || !feed->failure ? first : feed;
	}
	return !first || kiln_fail(error, (KilnError)first->failure->code, "%u of %u feeds could not be renewed, the first: %s: %s", failed, fetch->feeds->len, first->place->name,
	                           first->failure->message);
}

void kiln_feed_fetch_count(const KilnFeedFetch *fetch, guint *changed, guint *unchanged)
{
	*changed = *unchanged = 0;
	for (guint i = 0; i < fetch->feeds->len; i++) {
		const Feed *feed = fetch->feeds->pdata[i];
		*changed += feed->scratch != NULL;
		*unchanged += !feed->scratch && !feed->failure;
	}
}
