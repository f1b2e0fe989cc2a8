/* SPDX-License-Identifier: Apache-2.0 */
/* image_test.h: a recipe's tests against its image, with a document as the result. */
#pragma once
#include "data/json.h"
#include "run/runtime.h"

typedef enum {
	KILN_IMAGE_TEST_RUN, KILN_IMAGE_TEST_PORT, KILN_IMAGE_TEST_FETCH,
	KILN_IMAGE_TEST_PRESENT, KILN_IMAGE_TEST_ABSENT, KILN_IMAGE_TEST_SIZE,
} KilnImageTestKind;

/** Mirrors the recipe's `tests` (build/recipe.h documents the fields); all borrowed. */
typedef struct {
	KilnImageTestKind kind;
	const char *name;
	const char *const *run, *const *environment;
	const char *input, *output, *url, *path;
	gboolean beside;
	gint exit_status;
	guint port, status;
	guint64 size_bytes;
	guint timeout_ms;
} KilnImageTest;

typedef struct {
	char *name;
	gboolean passed;
	char *detail;  /* why it failed, with what was seen; NULL when passed */
	guint64 duration_ms;
} KilnImageTestResult;

/** Starts the image once if any test needs it started. *results: KilnImageTestResult in order. FALSE only when the tests could not be run at all. */
gboolean kiln_image_test_run(const KilnImage *image, const KilnContext *context, const char *state_directory, const KilnRunOptions *options,
                             const KilnImageTest *tests, gsize count, GPtrArray **results, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The result document: image digest, runtime, hardening in force, each test. No times of day, no durations. */
json_t *kiln_image_test_document(const KilnImage *image, const GPtrArray *results);
