/* SPDX-License-Identifier: Apache-2.0 */
/* feed_fetch.h: feeds from where a list says they are, kept beside the database, and only what has changed.
 *
 * Each file is kept with what the server said about it, so that the next time it is asked only whether that has changed (RFC 9110, section 13).
 * A feed takes the place of the one before when all its files came and were understood; else the one before stays. The database is the caller's:
 * it is written with what was fetched, and only then are the new files kept.
 */
#pragma once
#include "base/context.h"
#include "vuln/database.h"
#include "vuln/feed_list.h"

#define KILN_FEED_DIRECTORY_SUFFIX ".feeds" /* behind the database's name: where files are kept */
#define KILN_FEED_LOCK_NAME "lock"          /* in that directory: who holds it may change what is in there */

typedef struct KilnFeedFetch KilnFeedFetch;

/**
 * Ask for the feeds of @list called @only (NULL-terminated; empty: those that are enabled, and those that the database has) and read those that
 * have changed. What a feed lacks is said through kiln_context_notice() and is no error of all.
 *
 * @directory: where files are kept; made if missing
 * @database_path: there may be none yet
 * Errors: KILN_ERROR_NOT_FOUND a name of @only that the list has not, KILN_ERROR_BUSY somebody else updates, KILN_ERROR_NETWORK offline,
 * KILN_ERROR_IO, KILN_ERROR_CANCELLED.
 */
KilnFeedFetch *kiln_feed_fetch(const KilnContext *context, const KilnFeedList *list, const char *const *only, const char *directory, const char *database_path,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Names of sources in the database that kiln_feed_fetch_add() brings anew, or that belong to feeds that the list has no more. NULL-terminated, borrowed. */
const char *const *kiln_feed_fetch_replaced(const KilnFeedFetch *fetch);
/** Add what was fetched to @writer, which has all the rest of the database. Errors: those of the writer. */
gboolean kiln_feed_fetch_add(KilnFeedFetch *fetch, KilnDatabaseWriter *writer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The database is there: keep the files that it was made of. Errors: KILN_ERROR_IO. */
gboolean kiln_feed_fetch_keep(KilnFeedFetch *fetch, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** FALSE with the first reason, and how many feeds are as they were, when not all could be renewed. */
gboolean kiln_feed_fetch_judge(const KilnFeedFetch *fetch, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** How many feeds have changed, and how many have not. */
void kiln_feed_fetch_count(const KilnFeedFetch *fetch, guint *changed, guint *unchanged);
void kiln_feed_fetch_free(KilnFeedFetch *fetch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnFeedFetch, kiln_feed_fetch_free)
