/* SPDX-License-Identifier: Apache-2.0 */
/* http.c: many downloads at once into files that appear only when complete and right. */
#include "net/http.h"

#include "base/error.h"
#include "net/transfer.h"

#include <string.h>

#define PARALLEL 8
#define ATTEMPTS 3
#define POLL_MS 100 /* how soon a request to stop is seen */

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
	g_clear_pointer(&download->etag, g_free);
	g_clear_pointer(&download->last_modified, g_free);
}

/* What several URLs said, one after another. "Not found" stays only when none of them has it. */
static void add_failure(KilnDownload *download, GError *failure)
{
	GError *before = download->error;
	download->error = failure;
	if (!before)
		return;
	if (failure->code == KILN_ERROR_NOT_FOUND)
		failure->code = before->code;
	g_prefix_error(&download->error, "%s; ", before->message);
	g_error_free(before);
}

static void end(Run *run, Transfer *transfer)
{
	transfer_drop_file(transfer);
	run->ended++;
	if (transfer->download->done)
		g_clear_error(&transfer->download->error);
	if (run->finished)
		run->finished(transfer->download, run->user_data);
}

static void start_or_fail(Run *run, Transfer *transfer)
{
	GError *failure = NULL;
	const char *url = transfer->download->urls[transfer->url];
	transfer->not_before_us = 0;
	if (!url)
		kiln_fail(&failure, KILN_ERROR_NOT_FOUND, "%s: no mirror is known for it",
		          transfer->download->label ? transfer->download->label : transfer->download->path);
	else if (run->context->offline && g_ascii_strncasecmp(url, "file:", 5) != 0)
		kiln_fail(&failure, KILN_ERROR_NETWORK, "%s: needed from the network, and kiln runs offline",
		          transfer->download->label ? transfer->download->label : url);
	else if (transfer_start(transfer, run->options, &failure)) {
		curl_multi_add_handle(run->multi, transfer->handle);
		run->running++;
	}
	if (failure) {
		add_failure(transfer->download, failure);
		end(run, transfer);
	}
}

static void drop_handle(Run *run, Transfer *transfer)
{
	if (!transfer->handle)
		return;
	curl_multi_remove_handle(run->multi, transfer->handle);
	transfer_drop_handle(transfer);
	run->running--;
}

static void next_url(Transfer *transfer, GError *failure)
{
	add_failure(transfer->download, failure);
	transfer_drop_file(transfer); /* another mirror starts from nothing */
	transfer->url++;
	transfer->attempt = 0;
}

/* One attempt ended: done, again, the next mirror, or failed for good. */
static void settle(Run *run, Transfer *transfer, CURLcode code)
{
	KilnDownload *download = transfer->download;
	guint attempts = run->options && run->options->attempts ? run->options->attempts : ATTEMPTS;
	GError *failure = NULL;
	Verdict verdict = transfer_judge(transfer, code, &failure);
	gint64 wait_us = verdict == VERDICT_RETRY ? transfer_backoff_us(transfer) : 0;
	drop_handle(run, transfer);
	if (verdict == VERDICT_DONE) {
		run->done_bytes += transfer->received;
		download->done = download->unchanged || kiln_new_file_commit(transfer->file, TRUE, &failure);
		verdict = download->done ? VERDICT_DONE : VERDICT_HOPELESS;
	}
	if (verdict == VERDICT_HOPELESS)
		add_failure(download, failure);
	if (verdict == VERDICT_DONE || verdict == VERDICT_HOPELESS) {
		end(run, transfer);
		return;
	}
	if (verdict == VERDICT_NEXT || ++transfer->attempt >= attempts) {
		next_url(transfer, failure);
		wait_us = 0;
		if (!download->urls[transfer->url]) {
			end(run, transfer);
			return;
		}
	} else {
		g_error_free(failure);
		if (verdict == VERDICT_RESTART)
			transfer_drop_file(transfer);
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
		if (run->ended < run->count && curl_multi_poll(run->multi, NULL, 0, POLL_MS, NULL) != CURLM_OK)
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
		transfer_clear(&run.transfers[i]);
		if (good && !downloads[i].done) {
			good = FALSE;
			g_propagate_error(error, g_error_copy(downloads[i].error));
		}
	}
	curl_multi_cleanup(run.multi);
	g_free(run.transfers);
	return good;
}
