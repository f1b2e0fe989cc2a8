/* SPDX-License-Identifier: Apache-2.0 */
/* http.h: many downloads at once into files that appear only when complete and right. The only place that knows libcurl. */
#pragma once
#include "base/context.h"
#include "base/digest.h"

typedef struct {
	const char *const *urls; /* NULL-terminated, tried in order; http, https, or file */
	int dir_fd;              /* where the file goes */
	const char *path;        /* final name below dir_fd; with a digest it is only ever made with the right content */
	guint64 max_bytes;       /* more is KILN_ERROR_LIMIT */
	gboolean has_expected;   /* digest and size_bytes below must match, else KILN_ERROR_MISMATCH and the next URL is tried */
	KilnDigest digest;
	guint64 size_bytes;
	const char *if_none_match, *if_modified_since; /* what the server said before as etag and last_modified; may be NULL; else `unchanged` may be set */
	const char *label;             /* for progress and messages: "nginx 1.26.3-3+deb13u2" */

	/* Filled on return. */
	gboolean done, unchanged;
	GError *error; /* what each URL said; owned by the request, freed with kiln_download_clear() */
	KilnDigest actual_digest;
	guint64 actual_bytes;
	char *etag, *last_modified; /* what the server says, as it says it; owned; may be NULL */
} KilnDownload;

void kiln_download_clear(KilnDownload *download);

/** @url as messages show it: without user and password. New string. */
char *kiln_url_printable(const char *url);

typedef struct {
	guint parallel;         /* transfers at once; 0: 8 */
	guint attempts;         /* per URL, with doubling waits or the server's Retry-After on 408, 429, 5xx and broken connections; 0: 3 */
	guint stall_timeout_ms; /* next to nothing for so long ends an attempt (counted in whole seconds); 0: 20000 */
	const char *proxy;      /* URL; NULL: what http_proxy and its like said when the program started */
	const char *ca_file;    /* bundle of certificate authorities; NULL: the system's */
} KilnDownloadOptions;

/**
 * Fetch all @count downloads in parallel (HTTP/2 where offered, proxies from the environment that cli passes on, resume by
 * range after a break). Returns TRUE when every one is done; else FALSE with the first error, and each request tells its own.
 * With context->offline no socket is opened: KILN_ERROR_NETWORK names what is missing (file: URLs still work).
 *
 * @finished: called in the calling thread as each download ends, so that work can start while others arrive; may be NULL
 */
gboolean kiln_download_all(const KilnContext *context, KilnDownload *downloads, gsize count,
                           const KilnDownloadOptions *options,
                           void (*finished)(KilnDownload *download, gpointer user_data), gpointer user_data,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
