/* SPDX-License-Identifier: Apache-2.0 */
/* http.c: many downloads at once into files that appear only when complete and right. */
#include "net/http.h"

#include "base/error.h"
#include "crypto/hash.h"
#include "io/file.h"

#include <curl/curl.h>
#include <string.h>
#include <unistd.h>

#define PARALLEL 8
#define ATTEMPTS 3
#define STALL_MS 20000
#define CONNECT_MS 15000
#define REDIRECTS_MAX 5
#define BACKOFF_MS 300 /* doubled with each attempt */
#define RETRY_AFTER_MAX_S 60

/* One download on its way: which URL, which attempt, what has come. */
typedef struct {
	KilnDownload *download;
	CURL *handle;
	KilnNewFile *file;
	KilnHash *hash;
	guint64 received; /* bytes in the file */
	guint64 resumed;  /* of these, before this attempt */
	guint url, attempt;
	gint64 not_before_us; /* backoff: not started again earlier */
	gboolean resume_checked;
	GError *write_error;
	struct curl_slist *headers;
	char curl_error[CURL_ERROR_SIZE];
} Transfer;

typedef struct {
	const KilnContext *context;
	const KilnDownloadOptions *options;
	CURLM *multi;
	Transfer *transfers;
	gsize count, started, running, ended;
	guint64 total_bytes, done_bytes;
	void (*finished)(KilnDownload *download, gpointer user_data);
	gpointer user_data;
} Run;

void kiln_download_clear(KilnDownload *download)
{
	g_clear_error(&download->error);
}

/* A server that ignores our Range sends the whole thing again: begin from nothing. */
static gboolean begin_content(Transfer *transfer)
{
	long status = 0;
	curl_easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &status);
	transfer->resume_checked = TRUE;
	if (transfer->received == 0 || status == 206)
		return TRUE;
	transfer->received = transfer->resumed = 0;
	kiln_hash_free(transfer->hash);
	transfer->hash = kiln_hash_new();
	return lseek(kiln_new_file_fd(transfer->file), 0, SEEK_SET) == 0 && ftruncate(kiln_new_file_fd(transfer->file), 0) == 0;
}

static size_t on_bytes(char *bytes, size_t size, size_t count, void *user_data)
{
	Transfer *transfer = user_data;
	KilnDownload *download = transfer->download;
	gsize length = size * count;
	long status = 0;
	curl_easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 300)
		return length; /* the body of an error or redirect is not ours */
	if (!transfer->resume_checked && !begin_content(transfer))
		return 0;
	guint64 limit = download->has_expected ? download->size_bytes : download->max_bytes;
	if (transfer->received + length > limit) {
		kiln_fail(&transfer->write_error, download->has_expected ? KILN_ERROR_MISMATCH : KILN_ERROR_LIMIT,
		          "sends more than the %" G_GUINT64_FORMAT " bytes that %s", limit, download->has_expected ? "were promised" : "are accepted");
		return 0;
	}
	if (!kiln_new_file_write(transfer->file, bytes, length, &transfer->write_error))
		return 0;
	kiln_hash_update(transfer->hash, bytes, length);
	transfer->received += length;
	return length;
}

static gboolean open_file(Transfer *transfer, GError **error)
{
	if (transfer->file)
		return TRUE;
	transfer->file = kiln_new_file_begin(transfer->download->dir_fd, transfer->download->path, error);
	transfer->hash = kiln_hash_new();
	transfer->received = 0;
	return transfer->file != NULL;
}

static void set_options(const Run *run, Transfer *transfer)
{
	CURL *handle = transfer->handle;
	guint stall = run->options && run->options->stall_timeout_ms ? run->options->stall_timeout_ms : STALL_MS;
	curl_easy_setopt(handle, CURLOPT_URL, transfer->download->urls[transfer->url]);
	curl_easy_setopt(handle, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(handle, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, transfer->curl_error);
	curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(handle, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
	curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https,file");
	curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, (long)((stall + 999) / 1000));
	curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(handle, CURLOPT_USERAGENT, "kiln");
	curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(handle, CURLOPT_PIPEWAIT, 1L);
	if (run->options && run->options->proxy)
		curl_easy_setopt(handle, CURLOPT_PROXY, run->options->proxy);
	if (run->options && run->options->ca_file)
		curl_easy_setopt(handle, CURLOPT_CAINFO, run->options->ca_file);
	if (transfer->received)
		curl_easy_setopt(handle, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)transfer->received);
	if (transfer->download->if_modified_since) {
		g_autofree char *header = g_strconcat("If-Modified-Since: ", transfer->download->if_modified_since, NULL);
		transfer->headers = curl_slist_append(NULL, header);
		curl_easy_setopt(handle, CURLOPT_HTTPHEADER, transfer->headers);
	}
}

static gboolean start(Run *run, Transfer *transfer, GError **error)
{
	const char *url = transfer->download->urls[transfer->url];
	if (run->context->offline && !g_str_has_prefix(url, "file:"))
		return kiln_fail(error, KILN_ERROR_NETWORK, "%s: needed from the network, and kiln runs offline",
		                 transfer->download->label ? transfer->download->label : url);
	if (!open_file(transfer, error))
		return FALSE;
	transfer->handle = curl_easy_init();
	if (!transfer->handle)
		return kiln_fail(error, KILN_ERROR_INTERNAL, "libcurl refuses to start");
	transfer->resume_checked = FALSE;
	transfer->resumed = transfer->received;
	transfer->curl_error[0] = '\0';
	set_options(run, transfer);
	curl_multi_add_handle(run->multi, transfer->handle);
	run->running++;
	return TRUE;
}

static void drop_handle(Run *run, Transfer *transfer)
{
	if (!transfer->handle)
		return;
	curl_multi_remove_handle(run->multi, transfer->handle);
	curl_easy_cleanup(transfer->handle);
	curl_slist_free_all(transfer->headers);
	transfer->handle = NULL;
	transfer->headers = NULL;
	run->running--;
}

static void drop_file(Transfer *transfer)
{
	g_clear_pointer(&transfer->file, kiln_new_file_free);
	g_clear_pointer(&transfer->hash, kiln_hash_free);
	transfer->received = 0;
}

static void end(Run *run, Transfer *transfer)
{
	drop_file(transfer);
	run->ended++;
	if (run->finished)
		run->finished(transfer->download, run->user_data);
}

static gboolean check_content(Transfer *transfer, const char *url, GError **error)
{
	KilnDownload *download = transfer->download;
	char expected[KILN_DIGEST_TEXT_MAX], actual[KILN_DIGEST_TEXT_MAX];
	kiln_hash_finish(transfer->hash, &download->actual_digest);
	download->actual_bytes = transfer->received;
	if (!download->has_expected)
		return TRUE;
	if (download->actual_bytes != download->size_bytes)
		return kiln_fail(error, KILN_ERROR_MISMATCH, "%s: %" G_GUINT64_FORMAT " bytes, but %" G_GUINT64_FORMAT " were promised", url,
		                 download->actual_bytes, download->size_bytes);
	if (!kiln_digest_equal(&download->actual_digest, &download->digest))
		return kiln_fail(error, KILN_ERROR_MISMATCH, "%s: is %s, but %s was promised", url,
		                 kiln_digest_print(&download->actual_digest, actual), kiln_digest_print(&download->digest, expected));
	return TRUE;
}

typedef enum { VERDICT_DONE, VERDICT_RETRY, VERDICT_NEXT } Verdict;

static gboolean transient(CURLcode code, long status)
{
	return (code != CURLE_OK && code != CURLE_WRITE_ERROR && code != CURLE_URL_MALFORMAT && code != CURLE_UNSUPPORTED_PROTOCOL &&
	        code != CURLE_FILE_COULDNT_READ_FILE && code != CURLE_PEER_FAILED_VERIFICATION && code != CURLE_TOO_MANY_REDIRECTS) ||
	       status == 408 || status == 429 || status >= 500;
}

static Verdict judge(Transfer *transfer, CURLcode code, GError **error)
{
	KilnDownload *download = transfer->download;
	const char *url = download->urls[transfer->url];
	long status = 0;
	curl_easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &status);
	if (transfer->write_error) {
		g_propagate_prefixed_error(error, g_steal_pointer(&transfer->write_error), "%s: ", url);
		return VERDICT_NEXT;
	}
	if (code == CURLE_OK && status == 304) {
		download->unchanged = TRUE;
		return VERDICT_DONE;
	}
	if (code == CURLE_OK && status < 300)
		return check_content(transfer, url, error) ? VERDICT_DONE : VERDICT_NEXT;
	if (code == CURLE_OK) {
		kiln_fail(error, status == 404 || status == 410 ? KILN_ERROR_NOT_FOUND : status == 401 || status == 403 ? KILN_ERROR_AUTH : KILN_ERROR_NETWORK,
		          "%s: the server answers %ld", url, status);
	} else if (code == CURLE_FILE_COULDNT_READ_FILE) {
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: no such file", url);
	} else {
		kiln_fail(error, KILN_ERROR_NETWORK, "%s: %s", url, transfer->curl_error[0] ? transfer->curl_error : curl_easy_strerror(code));
	}
	return transient(code, status) ? VERDICT_RETRY : VERDICT_NEXT;
}

static gint64 backoff_us(Transfer *transfer)
{
	curl_off_t after = 0;
	curl_easy_getinfo(transfer->handle, CURLINFO_RETRY_AFTER, &after);
	if (after > 0)
		return (gint64)MIN(after, RETRY_AFTER_MAX_S) * G_USEC_PER_SEC;
	return (gint64)BACKOFF_MS * 1000 << MIN(transfer->attempt, 6);
}

/* One attempt ended: done, again, the next mirror, or failed for good. */
static void settle(Run *run, Transfer *transfer, CURLcode code)
{
	KilnDownload *download = transfer->download;
	guint attempts = run->options && run->options->attempts ? run->options->attempts : ATTEMPTS;
	g_clear_error(&download->error);
	Verdict verdict = judge(transfer, code, &download->error);
	gint64 wait_us = verdict == VERDICT_RETRY ? backoff_us(transfer) : 0;
	drop_handle(run, transfer);
	if (verdict == VERDICT_DONE) {
		download->done = download->unchanged || kiln_new_file_commit(transfer->file, TRUE, &download->error);
		run->done_bytes += transfer->received;
		end(run, transfer);
		return;
	}
	transfer->attempt++;
	if (verdict == VERDICT_NEXT || transfer->attempt >= attempts) {
		drop_file(transfer); /* another mirror starts from nothing */
		transfer->url++;
		transfer->attempt = 0;
		wait_us = 0;
	}
	if (!download->urls[transfer->url]) {
		end(run, transfer);
		return;
	}
	transfer->not_before_us = g_get_monotonic_time() + MAX(wait_us, 1);
}

static void report(Run *run)
{
	guint64 now = run->done_bytes;
	for (gsize i = 0; i < run->count; i++)
		if (run->transfers[i].file)
			now += run->transfers[i].received;
	KilnProgress progress = { "fetch", NULL, now, run->total_bytes, KILN_UNIT_BYTES };
	kiln_context_progress(run->context, &progress);
}

static void start_or_fail(Run *run, Transfer *transfer)
{
	transfer->not_before_us = 0;
	g_clear_error(&transfer->download->error);
	if (!start(run, transfer, &transfer->download->error))
		end(run, transfer);
}

static void start_due(Run *run)
{
	gint64 now = g_get_monotonic_time();
	guint parallel = run->options && run->options->parallel ? run->options->parallel : PARALLEL;
	for (gsize i = 0; i < run->started && run->running < parallel; i++)
		if (run->transfers[i].not_before_us && run->transfers[i].not_before_us <= now)
			start_or_fail(run, &run->transfers[i]);
	while (run->started < run->count && run->running < parallel)
		start_or_fail(run, &run->transfers[run->started++]);
}

static gboolean loop(Run *run, GError **error)
{
	while (run->ended < run->count) {
		int running, left;
		if (!kiln_context_check(run->context, error))
			return FALSE;
		start_due(run);
		curl_multi_perform(run->multi, &running);
		for (CURLMsg *message; (message = curl_multi_info_read(run->multi, &left)) != NULL;) {
			Transfer *transfer;
			CURLcode code = message->data.result;
			if (message->msg != CURLMSG_DONE)
				continue;
			curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
			settle(run, transfer, code);
		}
		report(run);
		if (run->ended < run->count && curl_multi_poll(run->multi, NULL, 0, 100, NULL) != CURLM_OK)
			return kiln_fail(error, KILN_ERROR_INTERNAL, "libcurl cannot wait");
	}
	return TRUE;
}

gboolean kiln_download_all(const KilnContext *context, KilnDownload *downloads, gsize count, const KilnDownloadOptions *options,
                           void (*finished)(KilnDownload *download, gpointer user_data), gpointer user_data, GError **error)
{
	static gsize initialised;
	Run run = { .context = context, .options = options, .count = count, .finished = finished, .user_data = user_data };
	if (count == 0)
		return TRUE;
	if (g_once_init_enter(&initialised)) {
		curl_global_init(CURL_GLOBAL_DEFAULT);
		g_once_init_leave(&initialised, 1);
	}
	run.multi = curl_multi_init();
	run.transfers = g_new0(Transfer, count);
	for (gsize i = 0; i < count; i++) {
		run.transfers[i].download = &downloads[i];
		run.total_bytes += downloads[i].has_expected ? downloads[i].size_bytes : 0;
	}
	gboolean good = loop(&run, error);
	for (gsize i = 0; i < count; i++) {
		drop_handle(&run, &run.transfers[i]);
		drop_file(&run.transfers[i]);
		g_clear_error(&run.transfers[i].write_error);
		if (good && !downloads[i].done) {
			good = FALSE;
			g_propagate_error(error, g_error_copy(downloads[i].error));
		}
	}
	curl_multi_cleanup(run.multi);
	g_free(run.transfers);
	return good;
}
