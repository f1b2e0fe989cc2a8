/* SPDX-License-Identifier: Apache-2.0 */
/* feed.h: what is published about vulnerabilities, into a database; one row a format. */
#pragma once
#include "base/context.h"
#include "data/json.h"
#include "vuln/database.h"

typedef struct {
	const char *name;    /* "osv" */
	const char *title;   /* for people: "OSV records" */
	gboolean one_record; /* each document is one record: those of one folder are one source */
	/** Is @root a document of this format? By its own members, never by its file's name. */
	gboolean (*recognises)(const json_t *root);
	/** The source's name, from the document and where it is; new string. */
	char *(*source_name)(const json_t *root, const char *path);
	/** When the feed itself says that it was made; 0: it does not. */
	gint64 (*date)(const json_t *root);
	/**
	 * Add what @root says. A record that is not understood is left out: the reason is said through kiln_context_notice(), and it is counted.
	 * @name: for messages
	 * Errors: those of the writer; KILN_ERROR_SYNTAX the document as a whole is not of this format.
	 */
	gboolean (*read)(const json_t *root, const char *name, const KilnContext *context, KilnDatabaseWriter *writer, GError **error);
} KilnFeed;

/** All rows, ended by NULL. Static. */
const KilnFeed *const *kiln_feeds(void);

/** Where a file really comes from, when that is not its path. */
typedef struct {
	const char *address;   /* what its sources name as their origin */
	const char *licence;   /* of what is in it; may be NULL */
	gint64 fetched_unix_s;
	const char *path;      /* what messages and sources call it */
} KilnFeedOrigin;

/**
 * Read the file or directory @path into @writer: JSON documents of any known format, zip files of records. What is in a directory and is no feed is said.
 *
 * @origin: of a file that was fetched; NULL: it is what it is
 * Errors: KILN_ERROR_NOT_FOUND; KILN_ERROR_UNSUPPORTED @path is a file of no known format, or a directory without any feed;
 * KILN_ERROR_LIMIT, KILN_ERROR_SYNTAX, KILN_ERROR_IO.
 */
gboolean kiln_feed_read(const char *path, const KilnFeedOrigin *origin, const KilnContext *context, KilnDatabaseWriter *writer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
