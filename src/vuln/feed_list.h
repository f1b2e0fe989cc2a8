/* SPDX-License-Identifier: Apache-2.0 */
/* feed_list.h: which feeds there are, and where they are fetched from: a file that a site can change.
 *
 * A mapping from a feed's name to `address` (one or a list), `licence` (an SPDX expression), `enabled` (else true) and `insecure` (plain HTTP
 * is accepted). In an address "{a,b}" stands for each, and "{2002..now}" for each year. Shape and meaning: docs/database.md.
 */
#pragma once
#include <glib.h>

typedef struct {
	char *name;           /* "osv/Debian": also the folder in which its files are kept */
	GPtrArray *addresses; /* char *; http, https or file */
	GPtrArray *paths;     /* char *: for each address where its file is kept, "osv/Debian/Debian/all.zip" */
	char *licence;        /* NULL: not said */
	gboolean enabled;
} KilnFeedPlace;

typedef struct {
	char *origin;     /* the file's name, for messages */
	char *text;       /* as it is written */
	GPtrArray *feeds; /* KilnFeedPlace in the order of the file */
} KilnFeedList;

/**
 * @now_unix_s: what "now" is in addresses
 * Errors: KILN_ERROR_SYNTAX, KILN_ERROR_LIMIT, each "name:line:column: ...".
 */
KilnFeedList *kiln_feed_list_parse(const char *text, gsize length, const char *name, gint64 now_unix_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The list in the file @path; NULL: the one that comes with kiln. Errors: as above, and those of kiln_file_read_at(). */
KilnFeedList *kiln_feed_list_load(const char *path, gint64 now_unix_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_feed_list_free(KilnFeedList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnFeedList, kiln_feed_list_free)

/** The feed of that name, or NULL. */
const KilnFeedPlace *kiln_feed_list_find(const KilnFeedList *list, const char *name);
/** Names, NULL-terminated, borrowed; free the vector alone with g_free(). */
const char **kiln_feed_list_names(const KilnFeedList *list);
