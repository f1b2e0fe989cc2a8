/* SPDX-License-Identifier: Apache-2.0 */
/* process.h: start one process that reads, wait for it, and make an error of everything but success. For the files of read only. */
#pragma once
#include "base/context.h"
#include "read/message.h"
#include "read/reader.h"

typedef struct {
	const KilnReaderOptions *options;
	const KilnContext *context;
	void (*progress)(guint64 done_bytes, gpointer user_data); /* called now and then; may be NULL */
	gpointer user_data;
} ReaderProcess;

/** An anonymous file in memory with @bytes (NULL: empty) in it; -1 on error. */
int reader_memory_file(GBytes *bytes, GError **error);

/**
 * @request: its limits and inputs are filled in; @inputs: borrowed
 * Returns the descriptor of what it wrote, or -1. Errors: those of kiln_reader_inventory().
 */
int reader_process_run(const ReaderProcess *process, ReaderRequest *request, const int *inputs, guint count, GError **error) G_GNUC_WARN_UNUSED_RESULT;
