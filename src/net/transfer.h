/* SPDX-License-Identifier: Apache-2.0 */
/* transfer.h: one attempt after another to get one download from one URL after another. Internal to this module. */
#pragma once
#include "crypto/hash.h"
#include "io/file.h"
#include "net/http.h"

#include <curl/curl.h>

typedef struct {
	KilnDownload *download;
	CURL *handle; /* NULL between attempts */
	KilnNewFile *file;
	KilnHash *hash;
	guint64 received;     /* bytes in the file */
	guint64 resumed_from; /* of these, before this attempt */
	guint64 ignored;      /* bytes of bodies that are not content */
	gsize header_bytes;
	gboolean content_began;
	char *validator;     /* strong ETag or Last-Modified of the bytes in the file: what If-Range names; may be NULL */
	char *etag, *last_modified;
	guint64 range_start; /* of Content-Range; G_MAXUINT64: none */
	guint url, attempt;
	gint64 not_before_us; /* backoff: not started again earlier; 0: not waiting */
	GError *write_error;
	struct curl_slist *headers;
	char curl_error[CURL_ERROR_SIZE];
} Transfer;

typedef enum {
	VERDICT_DONE,
	VERDICT_RETRY,    /* the same URL, going on where it broke off */
	VERDICT_RESTART,  /* the same URL, from nothing */
	VERDICT_NEXT,     /* this URL has not got it: the next one */
	VERDICT_HOPELESS, /* the fault is on this side: no URL will do */
} Verdict;

/** Make the handle of the next attempt; the caller adds it to its multi handle. */
gboolean transfer_start(Transfer *transfer, const KilnDownloadOptions *options, GError **error);
/** What the end of an attempt means; @error says why whenever it is not VERDICT_DONE. */
Verdict transfer_judge(Transfer *transfer, CURLcode code, GError **error);
/** How long to wait before the next attempt: what the server asked for, else doubling; the same every time. */
gint64 transfer_backoff_us(Transfer *transfer);
void transfer_drop_handle(Transfer *transfer);
void transfer_drop_file(Transfer *transfer);
void transfer_clear(Transfer *transfer);
