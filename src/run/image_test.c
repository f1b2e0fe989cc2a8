/* SPDX-License-Identifier: Apache-2.0 */
/* image_test.c: run each test of a recipe and say what was seen where it fails. */
#include "run/image_test.h"
#include "base/error.h"
#include "oci/image_lookup.h"
#include "run/container.h"
#include "run/http.h"

#include <string.h>
#include <unistd.h>

#define DEFAULT_TIMEOUT_MS 10000
#define DEFAULT_STATUS 200
#define STOP_GRACE_MS 10000
#define SHOWN_BYTES 600 /* of what a program printed */

/* A test with what was parsed of it before anything starts. */
typedef struct {
	const KilnImageTest *test;
	GRegex *output;
	KilnTestUrl url;
	guint timeout_ms;
} Prepared;

typedef struct {
	const KilnImage *image;
	const KilnContext *context;
	const char *state_directory;
	const KilnRunOptions *options;
	GHashTable *workspaces;   /* KilnImage -> KilnWorkspace, made with the first test that starts something of it */
	gboolean prepares;        /* there are tests that fill volumes for the others */
	KilnContainer *started;   /* made with the first test that needs the image started */
	char *start_failure;      /* why it could not be started: told to every test that needs it */
	GPtrArray *files;         /* read with the first test that looks at files */
	KilnImageLookup *index;
	KilnImageTestReport *report;
} Run;

static void prepared_clear(gpointer pointer)
{
	Prepared *prepared = pointer;
	g_clear_pointer(&prepared->output, g_regex_unref);
	kiln_test_url_clear(&prepared->url);
}

static void result_free(gpointer pointer)
{
	KilnImageTestResult *result = pointer;
	g_free(result->name);
	g_free(result->detail);
	g_free(result);
}

void kiln_image_test_report_free(KilnImageTestReport *report)
{
	if (!report)
		return;
	g_ptr_array_unref(report->results);
	if (report->hardening) {
		g_strfreev(report->hardening->writable);
		g_free(report->hardening->runtime);
		g_free(report->hardening);
	}
	g_free(report->log);
	g_free(report);
}

static gboolean prepare(const KilnImageTest *test, Prepared *out, GError **error)
{
	g_autoptr(GError) reason = NULL;
	out->test = test;
	out->timeout_ms = test->timeout_ms ? test->timeout_ms : DEFAULT_TIMEOUT_MS;
	if (test->kind == KILN_IMAGE_TEST_RUN && (!test->run || !test->run[0]))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "test \"%s\": no program is named", test->name);
	if (test->kind == KILN_IMAGE_TEST_FETCH && !kiln_test_url_parse(test->url ? test->url : "", &out->url, error)) {
		g_prefix_error(error, "test \"%s\": ", test->name);
		return FALSE;
	}
	if (test->output)
		out->output = g_regex_new(test->output, G_REGEX_MULTILINE, 0, &reason);
	if (reason)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "test \"%s\": output: %s", test->name, reason->message);
	return TRUE;
}

/* The end of what was printed, where programs say why they fail. */
static char *shown(const void *bytes, gsize length)
{
	gsize skipped = length > SHOWN_BYTES ? length - SHOWN_BYTES : 0;
	g_autofree char *text = g_utf8_make_valid(length ? (const char *)bytes + skipped : "", (gssize)(length - skipped));
	g_strstrip(text);
	return *text ? g_strdup_printf("%s%s", skipped ? "..." : "", text) : g_strdup("nothing");
}

static gboolean matches(const GRegex *pattern, const void *bytes, gsize length)
{
	g_autofree char *text = g_utf8_make_valid(length ? bytes : "", (gssize)length);
	return !pattern || g_regex_match(pattern, text, 0, NULL);
}

/* Of the tested image or a variant's; volumes are the tested image's. */
static KilnWorkspace *workspace_of(Run *run, const KilnImage *image, GError **error)
{
	KilnWorkspace *there = g_hash_table_lookup(run->workspaces, image);
	if (there)
		return there;
	KilnWorkspace *owner = image == run->image || !run->prepares ? NULL : workspace_of(run, run->image, error);
	if (image != run->image && run->prepares && !owner)
		return NULL;
	g_autoptr(KilnWorkspace) made = kiln_workspace_new(image, run->context, run->state_directory, run->options, error);
	if (!made || (run->prepares && !kiln_workspace_keep_volumes(made, owner ? owner : made, error)))
		return NULL;
	g_hash_table_insert(run->workspaces, (gpointer)image, made);
	return g_steal_pointer(&made);
}

static KilnContainer *container_of(Run *run, const KilnImage *image, const KilnRunOptions *options, const KilnContainerPlace *place, GError **error)
{
	KilnWorkspace *workspace = workspace_of(run, image, error);
	return workspace ? kiln_container_new(workspace, image, run->context, options, place, error) : NULL;
}

static void note_hardening(Run *run, const KilnContainer *container)
{
	const KilnHardening *seen = kiln_container_hardening(container);
	if (run->report->hardening)
		return;
	run->report->hardening = g_new0(KilnHardening, 1);
	*run->report->hardening = *seen;
	run->report->hardening->runtime = g_strdup(seen->runtime);
	run->report->hardening->writable = g_strdupv(seen->writable);
}

/* NULL with *detail when the image cannot be started, which is the test's failure; NULL with @error when nothing can be. */
static KilnContainer *started_of(Run *run, char **detail, GError **error)
{
	g_autoptr(GError) reason = NULL;
	if (run->started || run->start_failure) {
		*detail = g_strdup(run->start_failure);
		return run->started;
	}
	KilnContainerPlace place = { .keeps_volumes = run->prepares };
	g_autoptr(KilnContainer) container = container_of(run, run->image, run->options, &place, error);
	if (!container)
		return NULL;
	note_hardening(run, container);
	if (kiln_container_start(container, &reason)) {
		run->started = g_steal_pointer(&container);
	} else if (g_error_matches(reason, KILN_ERROR, KILN_ERROR_CANCELLED)) {
		g_propagate_error(error, g_steal_pointer(&reason));
	} else {
		run->start_failure = g_strdup_printf("the image does not start: %s", reason->message);
		*detail = g_strdup(run->start_failure);
	}
	return run->started;
}

/* An error of one test is its failure, unless the user wants to stop. */
static gboolean fail_test(GError *reason, char **detail, GError **error)
{
	if (g_error_matches(reason, KILN_ERROR, KILN_ERROR_CANCELLED)) {
		g_propagate_error(error, reason);
		return FALSE;
	}
	*detail = g_strdup(reason->message);
	g_error_free(reason);
	return TRUE;
}

static char *judge_output(const Prepared *prepared, int exit_status, GBytes *output)
{
	gsize length;
	const void *bytes = g_bytes_get_data(output, &length);
	g_autofree char *seen = shown(bytes, length);
	if (exit_status != prepared->test->exit_status)
		return g_strdup_printf("exit status %d, expected %d; it printed: %s", exit_status, prepared->test->exit_status, seen);
	if (!matches(prepared->output, bytes, length))
		return g_strdup_printf("the output does not match /%s/; it printed: %s", prepared->test->output, seen);
	return NULL;
}

static gboolean run_beside(Run *run, const Prepared *prepared, char **detail, GError **error)
{
	const KilnImageTest *test = prepared->test;
	g_autoptr(GBytes) output = NULL;
	GError *reason = NULL;
	int exit_status;
	KilnContainer *container = started_of(run, detail, error);
	if (!container)
		return *detail != NULL;
	if (!kiln_container_exec(container, test->run, test->environment, test->input, prepared->timeout_ms, &exit_status, &output, &reason))
		return fail_test(reason, detail, error);
	*detail = judge_output(prepared, exit_status, output);
	return TRUE;
}

static char **joined(const char *const *first, const char *const *second)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	if (first)
		g_strv_builder_addv(builder, (const char **)first);
	if (second)
		g_strv_builder_addv(builder, (const char **)second);
	return g_strv_builder_end(builder);
}

static gboolean run_alone(Run *run, const Prepared *prepared, char **detail, GError **error)
{
	const KilnImageTest *test = prepared->test;
	g_auto(GStrv) environment = joined(run->options->environment, test->environment);
	KilnRunOptions options = *run->options;
	g_autoptr(GBytes) output = NULL;
	GError *reason = NULL;
	gboolean timed_out = FALSE;
	int exit_status = 0;
	options.entrypoint = test->run;
	options.arguments = NULL;
	options.environment = (const char *const *)environment;
	options.publish = NULL;
	KilnContainerPlace place = { .keeps_volumes = test->prepare };
	if (test->variant && !test->prepare) {
		place.beside = started_of(run, detail, error);
		if (place.beside && !kiln_container_alive(place.beside))
			*detail = g_strdup("the started image has ended: there is nothing to run beside");
		if (!place.beside || *detail)
			return *detail != NULL;
	}
	g_autoptr(KilnContainer) container = container_of(run, test->variant ? test->variant : run->image, &options, &place, error);
	if (!container)
		return FALSE;
	if (!test->variant)
		note_hardening(run, container);
	if (!kiln_container_capture(container, test->input, prepared->timeout_ms, &exit_status, &timed_out, &output, &reason))
		return fail_test(reason, detail, error);
	g_autofree char *seen = shown(g_bytes_get_data(output, NULL), g_bytes_get_size(output));
	*detail = timed_out ? g_strdup_printf("it did not end within %u ms; it printed: %s", prepared->timeout_ms, seen)
	                    : judge_output(prepared, exit_status, output);
	return TRUE;
}

static gboolean run_program(Run *run, const Prepared *prepared, char **detail, GError **error)
{
	return prepared->test->beside ? run_beside(run, prepared, detail, error) : run_alone(run, prepared, detail, error);
}

/* Connected to @port of the started image, -1 with *detail (the test's failure) or @error. */
static int reach(Run *run, const Prepared *prepared, guint port, char **detail, GError **error)
{
	GError *reason = NULL;
	KilnContainer *container = started_of(run, detail, error);
	if (!container)
		return -1;
	int fd = kiln_container_connect(container, port, prepared->timeout_ms, &reason);
	if (fd >= 0 || !fail_test(reason, detail, error))
		return fd;
	g_autofree char *log = kiln_container_log(container), *why = g_steal_pointer(detail), *seen = shown(log, strlen(log));
	*detail = g_strdup_printf("%s; the image printed: %s", why, seen);
	return -1;
}

static gboolean wait_for_port(Run *run, const Prepared *prepared, char **detail, GError **error)
{
	int fd = reach(run, prepared, prepared->test->port, detail, error);
	if (fd >= 0)
		close(fd);
	return fd >= 0 || *detail;
}

static gboolean fetch(Run *run, const Prepared *prepared, char **detail, GError **error)
{
	const KilnImageTest *test = prepared->test;
	guint wanted = test->status ? test->status : DEFAULT_STATUS;
	GError *reason = NULL;
	int fd = reach(run, prepared, prepared->url.port, detail, error);
	if (fd < 0)
		return *detail != NULL;
	g_autoptr(KilnHttpAnswer) answer = kiln_http_get(fd, &prepared->url, prepared->timeout_ms, run->context->cancellable, &reason);
	close(fd);
	if (!answer)
		return fail_test(reason, detail, error);
	const GByteArray *body = kiln_http_answer_body(answer);
	g_autofree char *seen = shown(body->data, body->len);
	if (kiln_http_answer_status(answer) != wanted)
		*detail = g_strdup_printf("status %u, expected %u; the body: %s", kiln_http_answer_status(answer), wanted, seen);
	else if (!matches(prepared->output, body->data, body->len))
		*detail = g_strdup_printf("the body does not match /%s/: %s", test->output, seen);
	return TRUE;
}

static gboolean look_at_files(Run *run, GError **error)
{
	if (run->index)
		return TRUE;
	if (!kiln_image_read_files(run->image, run->context, &run->files, error))
		return FALSE;
	run->index = kiln_image_lookup_new(run->files);
	return TRUE;
}

static gboolean look_for_path(Run *run, const Prepared *prepared, char **detail, GError **error)
{
	const KilnImageTest *test = prepared->test;
	if (!look_at_files(run, error))
		return FALSE;
	const KilnImageFile *file = kiln_image_lookup_find(run->index, test->path ? test->path : "");
	if (test->kind == KILN_IMAGE_TEST_PRESENT && !file)
		*detail = g_strdup_printf("%s is not in the image", test->path);
	else if (test->kind == KILN_IMAGE_TEST_ABSENT && file)
		*detail = g_strdup_printf("%s is in the image (/%s)", test->path, file->path);
	return TRUE;
}

static gboolean measure(Run *run, const Prepared *prepared, char **detail, GError **error)
{
	if (!look_at_files(run, error))
		return FALSE;
	guint64 size = kiln_image_lookup_size(run->index);
	if (size > prepared->test->size_bytes)
		*detail = g_strdup_printf("the image's files have %" G_GUINT64_FORMAT " bytes, at most %" G_GUINT64_FORMAT " are allowed", size,
		                          prepared->test->size_bytes);
	return TRUE;
}

static const struct {
	const char *name;
	gboolean (*judge)(Run *run, const Prepared *prepared, char **detail, GError **error);
} kinds[] = {
	[KILN_IMAGE_TEST_RUN] = { "run", run_program },
	[KILN_IMAGE_TEST_PORT] = { "port", wait_for_port },
	[KILN_IMAGE_TEST_FETCH] = { "fetch", fetch },
	[KILN_IMAGE_TEST_PRESENT] = { "present", look_for_path },
	[KILN_IMAGE_TEST_ABSENT] = { "absent", look_for_path },
	[KILN_IMAGE_TEST_SIZE] = { "size", measure },
};

/* Those that prepare, or the others. */
static gboolean judge_all(Run *run, const GArray *prepared, gboolean preparing, GError **error)
{
	for (guint i = 0; i < prepared->len; i++) {
		const Prepared *one = &g_array_index(prepared, Prepared, i);
		if (one->test->prepare != preparing)
			continue;
		KilnProgress progress = { "test", one->test->name, run->report->results->len, prepared->len, KILN_UNIT_ITEMS };
		gint64 begun_us = g_get_monotonic_time();
		g_autofree char *detail = NULL;
		kiln_context_progress(run->context, &progress);
		if (!kiln_context_check(run->context, error) || !kinds[one->test->kind].judge(run, one, &detail, error))
			return FALSE;
		if (detail && preparing && !run->start_failure)
			run->start_failure = g_strdup_printf("the image is not started, because what prepares it failed (%s)", one->test->name);
		KilnImageTestResult *result = g_new0(KilnImageTestResult, 1);
		*result = (KilnImageTestResult){ g_strdup(one->test->name), one->test->kind, !detail, g_steal_pointer(&detail),
			                         (guint64)(g_get_monotonic_time() - begun_us) / 1000 };
		run->report->passed &= result->passed;
		g_ptr_array_add(run->report->results, result);
	}
	return TRUE;
}

static void run_clear(Run *run)
{
	if (run->started) {
		kiln_container_stop(run->started, STOP_GRACE_MS);
		run->report->log = kiln_container_log(run->started);
		kiln_container_free(run->started);
	}
	g_hash_table_unref(run->workspaces);
	g_clear_pointer(&run->index, kiln_image_lookup_free);
	g_clear_pointer(&run->files, g_ptr_array_unref);
	g_free(run->start_failure);
}

gboolean kiln_image_test_run(const KilnImage *image, const KilnContext *context, const char *state_directory, const KilnRunOptions *options,
                             const KilnImageTest *tests, gsize count, KilnImageTestReport **report, GError **error)
{
	g_autoptr(GArray) prepared = g_array_new(FALSE, TRUE, sizeof(Prepared));
	g_array_set_clear_func(prepared, prepared_clear);
	g_array_set_size(prepared, (guint)count);
	for (gsize i = 0; i < count; i++)
		if (!prepare(&tests[i], &g_array_index(prepared, Prepared, i), error))
			return FALSE;
	g_autoptr(KilnImageTestReport) made = g_new0(KilnImageTestReport, 1);
	made->results = g_ptr_array_new_with_free_func(result_free);
	made->passed = TRUE;
	Run run = { .image = image, .context = context, .state_directory = state_directory, .options = options, .report = made };
	run.workspaces = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)kiln_workspace_unref);
	for (gsize i = 0; i < count; i++)
		run.prepares |= tests[i].prepare;
	gboolean ok = judge_all(&run, prepared, TRUE, error) && judge_all(&run, prepared, FALSE, error);
	run_clear(&run);
	if (ok)
		*report = g_steal_pointer(&made);
	return ok;
}

json_t *kiln_image_test_document(const KilnImageTestReport *report, json_t *configuration)
{
	json_t *document = json_object(), *passed = json_array(), *failed = json_array(), *tests = json_array();
	for (guint i = 0; i < report->results->len; i++) {
		const KilnImageTestResult *result = g_ptr_array_index(report->results, i);
		json_t *entry = json_object();
		kiln_json_set_string(entry, "name", result->name);
		kiln_json_set_string(entry, "kind", kinds[result->kind].name);
		json_object_set_new(entry, "passed", json_boolean(result->passed));
		kiln_json_set_string(entry, "detail", result->detail);
		json_array_append_new(tests, entry);
		json_array_append_new(result->passed ? passed : failed, json_string(result->name));
	}
	kiln_json_set_string(document, "result", report->passed ? "PASSED" : "FAILED");
	json_object_set_new(document, "configuration", configuration);
	json_object_set_new(document, "passedTests", passed);
	json_object_set_new(document, "failedTests", failed);
	json_object_set_new(document, "tests", tests);
	if (report->hardening)
		json_object_set_new(document, "hardening", kiln_hardening_to_json(report->hardening));
	return document;
}
