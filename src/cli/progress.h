/* SPDX-License-Identifier: Apache-2.0 */
/* progress.h: the line on a terminal that says what goes on, how fast, and how long it will take. */
#pragma once
#include "base/context.h"

typedef struct KilnProgressLine KilnProgressLine;

/**
 * @fd: where the line is shown, borrowed; -1: nowhere (phases are timed all the same)
 * @verbose: print a line per phase as it ends, also where no progress is shown
 */
KilnProgressLine *kiln_progress_line_new(int fd, gboolean verbose, gboolean colour);
/** For KilnContext.on_progress; @line is the user_data. Thread-safe. */
void kiln_progress_line_update(const KilnProgress *progress, gpointer line);
/** Erase the line, so that something else can be printed. Thread-safe. */
void kiln_progress_line_clear(KilnProgressLine *line);
/** Erase, and with @verbose say how long each phase took. */
void kiln_progress_line_end(KilnProgressLine *line);
void kiln_progress_line_free(KilnProgressLine *line);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnProgressLine, kiln_progress_line_free)

/** The line's text for a phase that runs since @elapsed_ms, at most @width columns. New string. */
char *kiln_progress_text(const KilnProgress *progress, guint64 elapsed_ms, guint width);
