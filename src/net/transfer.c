/* SPDX-License-Identifier: Apache-2.0 */
/* transfer.c: one attempt after another to get one download from one URL after another. */
#include "net/transfer.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

#include <string.h>
#include <unistd.h>

#define STALL_MS 20000
#define STALL_BYTES_PER_S 64 /* slower for the whole of the stall time is no progress */
#define CONNECT_MS 15000
#define REDIRECTS_MAX 5
#define BACKOFF_MS 300 /* doubled with each attempt */
#define RETRY_AFTER_MAX_S 60
#define IGNORED_BYTES_MAX 65536 /* of the page that comes with an error or a redirect */
#define TOO_LARGE ((CURLcode)100) /* CURLE_TOO_LARGE of curl 8.6 and newer, which counts headers too */

char *kiln_url_printable(const char *url)
{
	const char *host = strstr(url, "://");
	host = host ? host + 3 : url;
	const char *at = memchr(host, '@', strcspn(host, "/?#"));
	return at ? g_strdup_printf("%.*s%s", (int)(host - url), url, at + 1) : g_strdup(url);
}

static long status_of(const Transfer *transfer)
{
	long status = 0;
	curl_easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static guint64 limit_of(const KilnDownload *download)
{
	return download->has_expected ? download->size_bytes : download->max_bytes;
}

static gboolean rewind_file(Transfer *transfer)
{
	transfer->received = transfer->resumed_from = 0;
	kiln_hash_free(transfer->hash);
	transfer->hash = kiln_hash_new();
	return lseek(kiln_new_file_fd(transfer->file), 0, SEEK_SET) == 0 && ftruncate(kiln_new_file_fd(transfer->file), 0) == 0;
}

/* The first byte of content: does it continue what is there, or begin anew because the server ignored the range? */
static gboolean begin_content(Transfer *transfer, GError **error)
{
	long status = status_of(transfer);
	transfer->content_began = TRUE;
	if (status == 206 && transfer->range_start != transfer->received)
		return kiln_fail(error, KILN_ERROR_MISMATCH, "sends another range than was asked for");
	if (status != 206 && transfer->received && !rewind_file(transfer))
		return kiln_fail(error, KILN_ERROR_IO, "the temporary file cannot be emptied");
	g_free(transfer->validator);
	/* A weak one does not speak of bytes. */
	transfer->validator = g_strdup(transfer->etag && *transfer->etag == '"' ? transfer->etag : transfer->last_modified);
	return TRUE;
}

static size_t on_bytes(char *bytes, size_t size, size_t count, void *user_data)
{
	Transfer *transfer = user_data;
	gsize length = size * count;
	if (status_of(transfer) >= 300) {
		transfer->ignored += length;
		return transfer->ignored > IGNORED_BYTES_MAX ? 0 : length;
	}
	if (!transfer->content_began && !begin_content(transfer, &transfer->write_error))
		return 0;
	guint64 limit = limit_of(transfer->download);
	if (length > limit || transfer->received > limit - length) {
		kiln_fail(&transfer->write_error, transfer->download->has_expected ? KILN_ERROR_MISMATCH : KILN_ERROR_LIMIT,
		          "sends more than the %" G_GUINT64_FORMAT " bytes that %s", limit,
		          transfer->download->has_expected ? "were promised" : "are accepted");
		return 0;
	}
	if (!kiln_new_file_write(transfer->file, bytes, length, &transfer->write_error))
		return 0;
	kiln_hash_update(transfer->hash, bytes, length);
	transfer->received += length;
	return length;
}

static void take_header(Transfer *transfer, KilnText name, KilnText value)
{
	g_autofree char *key = kiln_text_dup(name);
	if (g_ascii_strcasecmp(key, "etag") == 0) {
		g_free(transfer->etag);
		transfer->etag = kiln_text_dup(value);
	} else if (g_ascii_strcasecmp(key, "last-modified") == 0) {
		g_free(transfer->last_modified);
		transfer->last_modified = kiln_text_dup(value);
	} else if (g_ascii_strcasecmp(key, "content-range") == 0) {
		kiln_text_cut(&value, ' ');
		if (!kiln_text_to_u64(kiln_text_strip(kiln_text_cut(&value, '-')), &transfer->range_start))
			transfer->range_start = G_MAXUINT64;
	}
}

static size_t on_header(char *bytes, size_t size, size_t count, void *user_data)
{
	Transfer *transfer = user_data;
	KilnText line = { bytes, size * count };
	transfer->header_bytes += line.length;
	if (transfer->header_bytes > KILN_LIMIT_HTTP_HEADER_BYTES) {
		if (!transfer->write_error)
			kiln_fail(&transfer->write_error, KILN_ERROR_LIMIT, "sends headers without end");
		return 0;
	}
	if (line.length > 5 && memcmp(line.data, "HTTP/", 5) == 0) { /* of a redirect's target, too */
		g_clear_pointer(&transfer->etag, g_free);
		g_clear_pointer(&transfer->last_modified, g_free);
		transfer->range_start = G_MAXUINT64;
	} else if (line.length && memchr(line.data, ':', line.length)) {
		KilnText name = kiln_text_cut(&line, ':');
		take_header(transfer, kiln_text_strip(name), kiln_text_strip(line));
	}
	return size * count;
}

/* libcurl throws a redirect's page away without asking; one without end must not hold us. */
static int on_progress(void *user_data, curl_off_t total, curl_off_t now, curl_off_t upload_total, curl_off_t upload_now)
{
	Transfer *transfer = user_data;
	long status = status_of(transfer);
	return status >= 300 && status < 400 && now > IGNORED_BYTES_MAX;
}

static void add_header(Transfer *transfer, const char *name, const char *value)
{
	g_autofree char *header = g_strdup_printf("%s: %s", name, value);
	transfer->headers = curl_slist_append(transfer->headers, header);
	curl_easy_setopt(transfer->handle, CURLOPT_HTTPHEADER, transfer->headers);
}

static void set_conditions(Transfer *transfer)
{
	const KilnDownload *download = transfer->download;
	if (!transfer->received && download->if_none_match)
		add_header(transfer, "If-None-Match", download->if_none_match);
	else if (!transfer->received && download->if_modified_since) /* RFC 9110, section 13.1.3: ignored beside the other */
		add_header(transfer, "If-Modified-Since", download->if_modified_since);
	if (!transfer->received)
		return;
	g_autofree char *range = g_strdup_printf("%" G_GUINT64_FORMAT "-", transfer->received);
	curl_easy_setopt(transfer->handle, CURLOPT_RANGE, range);
	if (transfer->validator)
		add_header(transfer, "If-Range", transfer->validator);
}

static void set_callbacks(Transfer *transfer)
{
	CURL *handle = transfer->handle;
	curl_easy_setopt(handle, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(handle, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(handle, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(handle, CURLOPT_XFERINFODATA, transfer);
	curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, transfer->curl_error);
}

static void set_options(Transfer *transfer, const KilnDownloadOptions *options)
{
	CURL *handle = transfer->handle;
	const char *url = transfer->download->urls[transfer->url];
	guint stall = options && options->stall_timeout_ms ? options->stall_timeout_ms : STALL_MS;
	curl_easy_setopt(handle, CURLOPT_URL, url);
	curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(handle, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
	curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https,file");
	curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, g_ascii_strncasecmp(url, "https:", 6) == 0 ? "https" : "http,https");
	curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)MIN(stall, CONNECT_MS));
	curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_BYTES_PER_S);
	curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, (long)((stall + 999) / 1000));
	curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(handle, CURLOPT_USERAGENT, "kiln");
	curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(handle, CURLOPT_PIPEWAIT, 1L);
	if (options && options->proxy)
		curl_easy_setopt(handle, CURLOPT_PROXY, options->proxy);
	if (options && options->ca_file)
		curl_easy_setopt(handle, CURLOPT_CAINFO, options->ca_file);
	set_callbacks(transfer);
	set_conditions(transfer);
}

gboolean transfer_start(Transfer *transfer, const KilnDownloadOptions *options, GError **error)
{
	if (!transfer->file) {
		transfer->file = kiln_new_file_begin(transfer->download->dir_fd, transfer->download->path, error);
		if (!transfer->file)
			return FALSE;
		transfer->hash = kiln_hash_new();
		transfer->received = 0;
	}
	transfer->handle = curl_easy_init();
	if (!transfer->handle)
		return kiln_fail(error, KILN_ERROR_INTERNAL, "libcurl refuses to start");
	transfer->content_began = FALSE;
	transfer->resumed_from = transfer->received;
	transfer->ignored = transfer->header_bytes = 0;
	transfer->range_start = G_MAXUINT64;
	transfer->curl_error[0] = '\0';
	set_options(transfer, options);
	return TRUE;
}

/* What came is complete as the server sees it; is it what was promised? */
static Verdict check_content(Transfer *transfer, const char *url, GError **error)
{
	KilnDownload *download = transfer->download;
	char expected[KILN_DIGEST_TEXT_MAX], actual[KILN_DIGEST_TEXT_MAX];
	Verdict bad = transfer->resumed_from ? VERDICT_RESTART : VERDICT_NEXT; /* halves of two files may have met */
	kiln_hash_finish(transfer->hash, &download->actual_digest);
	download->actual_bytes = transfer->received;
	g_free(download->etag); /* of what another mirror sent, and was not right */
	g_free(download->last_modified);
	download->etag = g_strdup(transfer->etag);
	download->last_modified = g_strdup(transfer->last_modified);
	if (!download->has_expected)
		return VERDICT_DONE;
	if (download->actual_bytes != download->size_bytes) {
		kiln_fail(error, KILN_ERROR_MISMATCH, "%s: %" G_GUINT64_FORMAT " bytes, but %" G_GUINT64_FORMAT " were promised", url,
		          download->actual_bytes, download->size_bytes);
		return bad;
	}
	if (!kiln_digest_equal(&download->actual_digest, &download->digest)) {
		kiln_fail(error, KILN_ERROR_MISMATCH, "%s: is %s, but %s was promised", url, kiln_digest_print(&download->actual_digest, actual),
		          kiln_digest_print(&download->digest, expected));
		return bad;
	}
	return VERDICT_DONE;
}

static Verdict judge_status(const char *url, long status, GError **error)
{
	static const struct {
		long status;
		KilnError code;
		Verdict verdict;
		const char *text;
	} rows[] = {
		{ 401, KILN_ERROR_AUTH, VERDICT_NEXT, "it wants credentials" },
		{ 403, KILN_ERROR_AUTH, VERDICT_NEXT, "it forbids this; is a proxy between?" },
		{ 404, KILN_ERROR_NOT_FOUND, VERDICT_NEXT, "it has no such file; is the mirror's address right?" },
		{ 407, KILN_ERROR_AUTH, VERDICT_NEXT, "the proxy wants credentials" },
		{ 408, KILN_ERROR_NETWORK, VERDICT_RETRY, "it was too slow; try again later or another mirror" },
		{ 410, KILN_ERROR_NOT_FOUND, VERDICT_NEXT, "the file is gone" },
		{ 416, KILN_ERROR_NETWORK, VERDICT_RESTART, "it has no such range" },
		{ 429, KILN_ERROR_NETWORK, VERDICT_RETRY, "too many requests; try again later" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].status == status) {
			kiln_fail(error, rows[i].code, "%s: the server answers %ld: %s", url, status, rows[i].text);
			return rows[i].verdict;
		}
	kiln_fail(error, KILN_ERROR_NETWORK, "%s: the server answers %ld: try again later or another mirror", url, status);
	return status >= 500 ? VERDICT_RETRY : VERDICT_NEXT;
}

static Verdict judge_failure(Transfer *transfer, CURLcode code, const char *url, GError **error)
{
	static const CURLcode final[] = { CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_FILE_COULDNT_READ_FILE, CURLE_PEER_FAILED_VERIFICATION,
		                          CURLE_TOO_MANY_REDIRECTS, TOO_LARGE, CURLE_SSL_CACERT_BADFILE, CURLE_ABORTED_BY_CALLBACK };
	if (code == CURLE_FILE_COULDNT_READ_FILE) {
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: no such file", url);
		return VERDICT_NEXT;
	}
	if (code == CURLE_ABORTED_BY_CALLBACK)
		kiln_fail(error, KILN_ERROR_LIMIT, "%s: redirects with a page without end", url);
	else if (code == TOO_LARGE)
		kiln_fail(error, KILN_ERROR_LIMIT, "%s: sends headers without end", url);
	else
		kiln_fail(error, KILN_ERROR_NETWORK, "%s: %s; try again or name another mirror", url,
		          transfer->curl_error[0] ? transfer->curl_error : curl_easy_strerror(code));
	for (gsize i = 0; i < G_N_ELEMENTS(final); i++)
		if (final[i] == code)
			return VERDICT_NEXT;
	/* Without a validator and without a digest two halves could not be told apart. */
	return transfer->validator || transfer->download->has_expected ? VERDICT_RETRY : VERDICT_RESTART;
}

Verdict transfer_judge(Transfer *transfer, CURLcode code, GError **error)
{
	g_autofree char *url = kiln_url_printable(transfer->download->urls[transfer->url]);
	long status = status_of(transfer);
	if (code == CURLE_OK && status < 300 && !transfer->content_began)
		(void)!begin_content(transfer, &transfer->write_error);
	if (transfer->write_error) {
		Verdict verdict = transfer->write_error->code == KILN_ERROR_MISMATCH && transfer->resumed_from ? VERDICT_RESTART
		                  : transfer->write_error->code == KILN_ERROR_MISMATCH || transfer->write_error->code == KILN_ERROR_LIMIT ? VERDICT_NEXT
		                                                                                                                         : VERDICT_HOPELESS;
		g_propagate_prefixed_error(error, g_steal_pointer(&transfer->write_error), "%s: ", url);
		return verdict;
	}
	if (status >= 300 && (code == CURLE_OK || code == CURLE_WRITE_ERROR)) {
		transfer->download->unchanged = status == 304 && (transfer->download->if_none_match || transfer->download->if_modified_since);
		return transfer->download->unchanged ? VERDICT_DONE : judge_status(url, status, error);
	}
	return code == CURLE_OK ? check_content(transfer, url, error) : judge_failure(transfer, code, url, error);
}

gint64 transfer_backoff_us(Transfer *transfer)
{
	curl_off_t after = 0;
	curl_easy_getinfo(transfer->handle, CURLINFO_RETRY_AFTER, &after);
	if (after > 0)
		return (gint64)MIN(after, RETRY_AFTER_MAX_S) * G_USEC_PER_SEC;
	return (gint64)BACKOFF_MS * 1000 << MIN(transfer->attempt, 6);
}

void transfer_drop_handle(Transfer *transfer)
{
	curl_easy_cleanup(transfer->handle);
	curl_slist_free_all(transfer->headers);
	transfer->handle = NULL;
	transfer->headers = NULL;
}

void transfer_drop_file(Transfer *transfer)
{
	g_clear_pointer(&transfer->file, kiln_new_file_free);
	g_clear_pointer(&transfer->hash, kiln_hash_free);
	g_clear_pointer(&transfer->validator, g_free);
	transfer->received = 0;
}

void transfer_clear(Transfer *transfer)
{
	transfer_drop_handle(transfer);
	transfer_drop_file(transfer);
	g_clear_pointer(&transfer->etag, g_free);
	g_clear_pointer(&transfer->last_modified, g_free);
	g_clear_error(&transfer->write_error);
}
