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
	const KilnImage *variant; /* RUN: the image in which it runs, NULL: the tested one; without `prepare` in the started image's network */
	gboolean prepare;         /* RUN: before the image is started, on its volumes */
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
	GPtrArray *results; /* KilnImageTestResult in the order in which they ran */
	gboolean passed;    /* all of them */
	KilnHardening *hardening; /* NULL when no test had to start anything */
	char *log;          /* what the started image printed; NULL when none was started */
} KilnImageTestReport;

/**
 * Runs every `prepare` first. Starts the image once if a test needs it started (port, fetch, run with `beside` or `variant`);
 * every other `run` has a fresh container of its own, all on one unpacked root. Where one `prepare` fails the image is not
 * started, which fails what needs it. FALSE only when the tests could not be run at all (a bad regular expression or URL is
 * KILN_ERROR_SYNTAX, before anything starts).
 */
gboolean kiln_image_test_run(const KilnImage *image, const KilnContext *context, const char *state_directory, const KilnRunOptions *options,
                             const KilnImageTest *tests, gsize count, KilnImageTestReport **report, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * The result document, which is a predicate of the in-toto test result (docs/formats/test.md): runtime, hardening in force,
 * each test. No times of day, no durations; output only in the details of what failed.
 *
 * @configuration: what decided which tests ran: a list of in-toto resource descriptors; taken
 * Source: in-toto attestation spec, predicates/test-result.md.
 */
json_t *kiln_image_test_document(const KilnImageTestReport *report, json_t *configuration);
void kiln_image_test_report_free(KilnImageTestReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnImageTestReport, kiln_image_test_report_free)
