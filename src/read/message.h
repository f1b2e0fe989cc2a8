/* SPDX-License-Identifier: Apache-2.0 */
/* message.h: what a process that reads is asked, and how it answers. For the files of read only. */
#pragma once
#include "oci/descriptor.h"
#include "read/sandbox.h"

/** Descriptors of the process: a request, an answer, what it prints, its output, how far it is (eight bytes, shared), inputs. */
enum { READER_REQUEST_FD = 0, READER_ANSWER_FD = 1, READER_OUTPUT_FD = 3, READER_PROGRESS_FD = 4, READER_INPUT_FD = 5 };

typedef struct {
	guint64 memory_bytes;
	guint cpu_s;
	gboolean require_sandbox;
	guint inputs;       /* blobs: one layer to read into facts; facts: of all layers, to make an inventory of */
	gboolean is_layer;
	gboolean is_thorough; /* see kiln_inventory_reading_thorough */
	KilnDescriptor descriptor; /* of the layer */
	gboolean has_diff_id;
	KilnDigest diff_id;
} ReaderRequest;

GBytes *reader_request_pack(const ReaderRequest *request);
gboolean reader_request_unpack(const void *bytes, gsize length, ReaderRequest *request);

/** @error NULL: it went well. */
GBytes *reader_answer_pack(guint missing, const GError *error);
/** What the process found, as @error. FALSE without @error: the answer is damaged. */
gboolean reader_answer_unpack(const void *bytes, gsize length, guint *missing, GError **error);
