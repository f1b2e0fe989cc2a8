/* SPDX-License-Identifier: Apache-2.0 */
/* reader.h: images into inventories: each layer is read once, by a process of its own that can do nothing else, and what it held is remembered.
 *
 * The bytes of an image are hostile. A process for each layer, and one that lays their facts over one another, get their inputs as
 * open descriptors and no environment; see sandbox.h. Facts of a layer are remembered by its digests, inventories by those of all
 * layers, so that no layer can say anything about another.
 */
#pragma once
#include "pkg/inventory.h"
#include "source/memory.h"

#define KILN_READER_MEMORY_BYTES (256 * 1024 * 1024)
#define KILN_READER_CPU_S 600

typedef struct {
	KilnStore *store;       /* whose cache remembers; NULL: nothing is */
	const char *program;    /* that calls kiln_reader_main() when its argv[0] is KILN_READER_NAME; NULL: the one that runs */
	guint64 memory_bytes;   /* of each process; 0: KILN_READER_MEMORY_BYTES */
	guint cpu_s;            /* the same; 0: KILN_READER_CPU_S */
	gboolean is_thorough;   /* also which files differ from what their packages shipped: takes longer */
	gboolean require_sandbox; /* refuse where the kernel lacks a part of it; else that is a notice */
} KilnReaderOptions;

/**
 * What is in @image.
 *
 * Errors: those of kiln_inventory_read(), as its processes found them; KILN_ERROR_DENIED a part of the sandbox is missing and
 * required, or a reader tried what it must not; KILN_ERROR_LIMIT memory or time; KILN_ERROR_INTERNAL a reader crashed.
 */
KilnInventory *kiln_reader_inventory(const KilnImage *image, const KilnReaderOptions *options, const KilnContext *context, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#define KILN_READER_NAME "kiln-reader"
/** main() of such a process; its exit code. */
int kiln_reader_main(void);
