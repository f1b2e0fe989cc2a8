/* SPDX-License-Identifier: Apache-2.0 */
/* db_update.h: kiln db update: feeds and what signed archives say, into the database that is there. */
#pragma once
#include "cli/command.h"
#include "vuln/feed_list.h"

/**
 * Replace the database at @path by one with the feeds that are asked for, and the archives of --from-archive, read anew.
 * Errors: those of feed_fetch.h, of the archive and of the writer. What could be renewed is, also when something could not.
 */
gboolean kiln_db_update(KilnInvocation *invocation, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The list of feeds that holds here: --feeds, else /etc/kiln/feeds.yaml, else kiln's own. Errors: those of kiln_feed_list_load(). */
KilnFeedList *kiln_db_feed_list(const KilnInvocation *invocation, GError **error) G_GNUC_WARN_UNUSED_RESULT;
