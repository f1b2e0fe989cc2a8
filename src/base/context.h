/* SPDX-License-Identifier: Apache-2.0 */
/* context.h: what a run injects into every module: time, parallelism, progress, being stopped. */
#pragma once
#include <gio/gio.h>

typedef enum {
	KILN_UNIT_BYTES,
	KILN_UNIT_ITEMS,
} KilnUnit;

typedef struct {
	const char *phase; /* "fetch", "unpack", "compress", ...: static text, one word */
	const char *item;  /* what is worked on now; borrowed, may be NULL */
	guint64 done;
	guint64 total; /* 0: not known */
	KilnUnit unit;
} KilnProgress;

/** Called from any thread, often; must return quickly and must not call back into kiln. */
typedef void (*KilnProgressFunction)(const KilnProgress *progress, gpointer user_data);

/** A remark for the person: something was decided, lost or is doubtful. Called from any thread. */
typedef void (*KilnNoticeFunction)(const char *text, gpointer user_data);

typedef struct {
	gint64 now_unix_s;               /* the only time of day that code below cli knows */
	guint jobs;                      /* worker threads, at least 1 */
	gboolean offline;                /* no socket may be opened */
	GCancellable *cancellable;       /* borrowed; may be NULL */
	KilnProgressFunction on_progress; /* may be NULL */
	KilnNoticeFunction on_notice;     /* may be NULL */
	gpointer user_data;               /* of both functions */
} KilnContext;

void kiln_context_progress(const KilnContext *context, const KilnProgress *progress);
void kiln_context_notice(const KilnContext *context, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** FALSE with KILN_ERROR_CANCELLED once the run was asked to stop. */
gboolean kiln_context_check(const KilnContext *context, GError **error) G_GNUC_WARN_UNUSED_RESULT;
