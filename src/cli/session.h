/* SPDX-License-Identifier: Apache-2.0 */
/* session.h: one run of the program: settings, context, store, terminal and signals around one command. */
#pragma once
#include "cli/arguments.h"
#include "cli/progress.h"
#include "cli/settings.h"

typedef struct {
	KilnInvocation invocation;
	KilnArguments *arguments;
	KilnSettings *settings;
	KilnProgressLine *progress;
	GCancellable *cancellable;
	GMutex said_mutex;
	GHashTable *said; /* notices so far */
	GPtrArray *apt, *sources; /* of kiln_invocation_sources() */
	gboolean colour_errors;
} KilnSession;

/**
 * Make everything that the command of @arguments (taken) needs. The session's context must not move any more.
 *
 * Errors: those of kiln_settings_load(), kiln_settings_complete() and kiln_store_open().
 */
KilnSession *kiln_session_new(KilnArguments *arguments, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_session_free(KilnSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnSession, kiln_session_free)
