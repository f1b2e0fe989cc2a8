/* SPDX-License-Identifier: Apache-2.0 */
/* pump.h: one thread that moves bytes between descriptors: a program's output, a caller's input, published ports. */
#pragma once
#include <gio/gio.h>

/** What a pump collects in memory instead of writing it on. Thread-safe. */
typedef struct KilnSink KilnSink;

/** What comes after the first @max_bytes is thrown away. */
KilnSink *kiln_sink_new(gsize max_bytes);
/** A copy of what came so far; *truncated (may be NULL) says whether more came than was kept. */
GBytes *kiln_sink_peek(KilnSink *sink, gboolean *truncated);
void kiln_sink_free(KilnSink *sink);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnSink, kiln_sink_free)

typedef struct KilnPump KilnPump;

typedef enum {
	KILN_PUMP_BORROW_FROM = 1 << 0, /* the descriptor is somebody else's: it is neither closed nor made non-blocking */
	KILN_PUMP_BORROW_TO = 1 << 1,
	KILN_PUMP_OUTPUT = 1 << 2,      /* kiln_pump_finish() waits for its end */
} KilnPumpFlags;

/** Called in the pump's thread with a new connection, which it owns from then on. */
typedef void (*KilnAcceptFunction)(KilnPump *pump, int accepted_fd, gpointer user_data);

KilnPump *kiln_pump_new(void);
/** Move bytes from @from to @to until @from ends or either breaks; the end is handed on (shutdown or close of @to). */
void kiln_pump_link(KilnPump *pump, int from, int to, KilnPumpFlags flags);
/** As link, into @sink, which must live as long as the pump. */
void kiln_pump_collect(KilnPump *pump, int from, KilnSink *sink, KilnPumpFlags flags);
/** Accept on @listener (owned, as is @user_data by @destroy) while fewer than @links_max links are open. */
void kiln_pump_listen(KilnPump *pump, int listener, guint links_max, KilnAcceptFunction accept, gpointer user_data, GDestroyNotify destroy);
/** Wait until every KILN_PUMP_OUTPUT link ended, at most @timeout_ms: a process that was left behind may hold the other end. */
void kiln_pump_finish(KilnPump *pump, guint timeout_ms);
/** As finish, but @idle_ms counts only where nothing waits to be written: a slow reader gets all. @cancellable ends it at once. */
void kiln_pump_drain(KilnPump *pump, guint idle_ms, GCancellable *cancellable);
/** Stops the thread and closes what the pump owns. */
void kiln_pump_free(KilnPump *pump);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnPump, kiln_pump_free)
