/* SPDX-License-Identifier: Apache-2.0 */
/* child.c: the process that reads: its request, the sandbox, its work, its answer. */
#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "read/message.h"
#include "read/reader.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#define REQUEST_MAX_BYTES 65536

static gboolean write_all(const void *bytes, gsize length, gpointer fd, GError **error)
{
	const guint8 *at = bytes;
	while (length) {
		ssize_t written = write(GPOINTER_TO_INT(fd), at, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return kiln_fail_errno(error, errno, "what was read cannot be handed over");
		at += written;
		length -= (gsize)written;
	}
	return TRUE;
}

static void tell_progress(const KilnProgress *progress, gpointer shared)
{
	g_atomic_pointer_set((gpointer *)shared, (gpointer)(gsize)progress->done);
}

static gboolean read_layer(const ReaderRequest *request, const KilnContext *context, GError **error)
{
	return kiln_layer_facts_read(READER_INPUT_FD, &request->descriptor, request->has_diff_id ? &request->diff_id : NULL,
	                             request->is_thorough ? &kiln_inventory_reading_thorough : &kiln_inventory_reading, context, write_all, GINT_TO_POINTER(READER_OUTPUT_FD), error);
}

static gboolean read_inventory(const ReaderRequest *request, GError **error)
{
	g_autoptr(GPtrArray) facts = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	for (guint i = 0; i < request->inputs; i++) {
		g_autoptr(GMappedFile) mapped = g_mapped_file_new_from_fd(READER_INPUT_FD + (int)i, FALSE, error);
		if (!mapped)
			return FALSE;
		g_ptr_array_add(facts, g_mapped_file_get_bytes(mapped));
	}
	g_autoptr(KilnInventory) inventory = kiln_inventory_from_facts((GBytes *const *)facts->pdata, facts->len, request->is_thorough, error);
	return inventory && kiln_inventory_write(inventory, write_all, GINT_TO_POINTER(READER_OUTPUT_FD), error);
}

static gboolean work(guint *missing, GError **error)
{
	static guint8 bytes[REQUEST_MAX_BYTES];
	ReaderRequest request;
	KilnDigest warm;
	gssize length = pread(READER_REQUEST_FD, bytes, sizeof bytes, 0);
	if (length <= 0 || !reader_request_unpack(bytes, (gsize)length, &request))
		return kiln_fail(error, KILN_ERROR_INTERNAL, "there is no request; only kiln starts " KILN_READER_NAME);
	void *shared = mmap(NULL, sizeof(gpointer), PROT_READ | PROT_WRITE, MAP_SHARED, READER_PROGRESS_FD, 0);
	const KilnContext context = { .jobs = 1, .offline = TRUE, .on_progress = shared == MAP_FAILED ? NULL : tell_progress, .user_data = shared };
	kiln_hash_bytes("", 0, &warm); /* OpenSSL reads its configuration once, while it can */
	if (!kiln_tar_reader_prepare(error))
		return FALSE;
	KilnSandboxLimits limits = { request.memory_bytes, KILN_LIMIT_LAYER_FACTS_BYTES, request.cpu_s, READER_INPUT_FD + (int)request.inputs - 1 };
	if (!kiln_sandbox_enter(&limits, missing, error))
		return FALSE;
	if (request.require_sandbox && *missing) {
		g_autofree char *parts = kiln_sandbox_parts(*missing);
		return kiln_fail(error, KILN_ERROR_DENIED, "this kernel does not have all that the sandbox needs: %s", parts);
	}
	return request.is_layer ? read_layer(&request, &context, error) : read_inventory(&request, error);
}

int kiln_reader_main(void)
{
	guint missing = 0;
	g_autoptr(GError) error = NULL;
	gboolean ok = work(&missing, &error);
	g_autoptr(GBytes) answer = reader_answer_pack(missing, error);
	ok = write_all(g_bytes_get_data(answer, NULL), g_bytes_get_size(answer), GINT_TO_POINTER(READER_ANSWER_FD), NULL) && ok;
	_exit(ok ? 0 : 1); /* nothing to tidy up, and no right to */
}
