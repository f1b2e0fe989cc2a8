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
	guint timeout_ms; /* 0: 10 seconds */
} KilnImageTest;

typedef struct {
	char *name;
	KilnImageTestKind kind;
	gboolean passed;
	char *detail;  /* why it failed, with what was seen; NULL when passed */
	guint64 duration_ms;
} KilnImageTestResult;

/** The whole outcome. */
typedef struct {
	GPtrArray *results; /* KilnImageTestResult in the order of the tests */
	gboolean passed;    /* all of them */
	KilnHardening *hardening; /* NULL when no test had to start anything */
	char *log;          /* what the started image printed; NULL when none was started */
} KilnImageTestReport;

/**
 * Starts the image once if a test needs it started (port, fetch, run with `beside`); every other `run` has a fresh container of
 * its own, all on one unpacked root. FALSE only when the tests could not be run at all (a bad regular expression or URL is
 * KILN_ERROR_SYNTAX, before anything starts).
 */
gboolean kiln_image_test_run(const KilnImage *image, const KilnContext *context, const char *state_directory, const KilnRunOptions *options,
                             const KilnImageTest *tests, gsize count, KilnImageTestReport **report, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The result document: image digest, runtime, hardening in force, each test. No times of day, no durations; output only in the details of what failed. */
json_t *kiln_image_test_document(const KilnImage *image, const KilnImageTestReport *report);
void kiln_image_test_report_free(KilnImageTestReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnImageTestReport, kiln_image_test_report_free)
