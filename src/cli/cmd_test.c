/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_test.c: kiln test: the tests of a recipe against its image, as text, document and evidence. */
#include "attest/statement.h"
#include "base/clock.h"
#include "base/error.h"
#include "build/evidence.h"
#include "build/provenance.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/recipes.h"
#include "cli/render.h"
#include "cli/starting.h"
#include "crypto/hash.h"
#include "run/image_test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CREATED_ANNOTATION "org.opencontainers.image.created"
#define DETAIL_INDENT 12

/* What one argument names. */
typedef struct {
	char *shown; /* "nginx:latest", or the reference as it was given */
	KilnRecipe *recipe;
	KilnImage *image;
	GHashTable *variants; /* name -> KilnImage, of those that tests run in */
} Subject;

static void subject_clear(Subject *subject)
{
	g_clear_pointer(&subject->variants, g_hash_table_unref);
	g_clear_pointer(&subject->image, kiln_image_close);
	g_clear_pointer(&subject->recipe, kiln_recipe_free);
	g_free(subject->shown);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Subject, subject_clear)

/* Build @recipe and open what came of it. */
static KilnImage *build(KilnInvocation *invocation, const KilnRecipe *recipe, GError **error)
{
	g_auto(KilnBuildResult) result = { 0 };
	g_autofree char *name = g_strdup_printf("%s:latest", recipe->name);
	return kiln_recipe_build(invocation, recipe, &result, error) ? kiln_starting_image(invocation, name, error) : NULL;
}

/* The variant @name of the recipe in @path (NULL: of an image), as the test @test needs it. */
static KilnImage *open_variant(KilnInvocation *invocation, const Subject *subject, const char *path, const char *test, const char *name, GError **error)
{
	g_autoptr(GError) reason = NULL;
	if (path) {
		g_autoptr(KilnRecipe) variant = kiln_recipe_load(path, name, error);
		return variant ? build(invocation, variant, error) : NULL;
	}
	g_autofree char *reference = g_strdup_printf("%s-%s", subject->recipe->name, name);
	KilnImage *image = kiln_starting_image(invocation, reference, &reason);
	if (!image && g_error_matches(reason, KILN_ERROR, KILN_ERROR_NOT_FOUND))
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "test \"%s\" runs in the variant \"%s\", and the store has no image \"%s\"; build it from the recipe: "
		          "kiln build --variant %s RECIPE", test, name, reference, name);
	else if (!image)
		g_propagate_error(error, g_steal_pointer(&reason));
	return image;
}

static gboolean open_variants(KilnInvocation *invocation, Subject *subject, const char *path, GError **error)
{
	subject->variants = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)kiln_image_close);
	for (guint i = 0; i < subject->recipe->tests->len; i++) {
		const KilnRecipeTest *test = subject->recipe->tests->pdata[i];
		if (!test->variant || g_hash_table_contains(subject->variants, test->variant))
			continue;
		KilnImage *image = open_variant(invocation, subject, path, test->name, test->variant, error);
		if (!image)
			return FALSE;
		g_hash_table_insert(subject->variants, test->variant, image);
	}
	return TRUE;
}

/* From its provenance. */
static KilnRecipe *recipe_of(const KilnImage *image, const char *argument, GError **error)
{
	g_autoptr(KilnProvenance) provenance = kiln_provenance_find(image->layout, &image->descriptor, error);
	if (provenance)
		return g_steal_pointer(&provenance->recipe);
	g_prefix_error(error, "%s: its tests stand in the recipe of its provenance: ", argument);
	return NULL;
}

/* A file is a recipe; all else refers to an image, whose provenance holds the recipe. */
static gboolean open_subject(KilnInvocation *invocation, const char *argument, Subject *subject, GError **error)
{
	gboolean is_recipe = g_file_test(argument, G_FILE_TEST_IS_REGULAR);
	const char *variant = kiln_option_string(invocation, "variant");
	if (is_recipe) {
		subject->recipe = kiln_recipe_load(argument, variant, error);
		subject->image = subject->recipe ? build(invocation, subject->recipe, error) : NULL;
		subject->shown = subject->recipe ? g_strdup_printf("%s:latest", subject->recipe->name) : NULL;
	} else if (g_str_has_suffix(argument, ".yaml") || g_str_has_suffix(argument, ".yml")) {
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: no such recipe", argument);
	} else if (variant) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "--variant is one of a recipe; an image of the store is called %s-%s", argument, variant);
	} else {
		subject->image = kiln_starting_image(invocation, argument, error);
		subject->recipe = subject->image ? recipe_of(subject->image, argument, error) : NULL;
		subject->shown = g_strdup(argument);
	}
	return subject->image && subject->recipe && open_variants(invocation, subject, is_recipe ? argument : NULL, error);
}

static KilnImageTest test_of(const Subject *subject, const KilnRecipeTest *from)
{
	static const KilnImageTestKind kinds[] = {
		[KILN_TEST_RUN] = KILN_IMAGE_TEST_RUN,         [KILN_TEST_PORT] = KILN_IMAGE_TEST_PORT,     [KILN_TEST_FETCH] = KILN_IMAGE_TEST_FETCH,
		[KILN_TEST_PRESENT] = KILN_IMAGE_TEST_PRESENT, [KILN_TEST_ABSENT] = KILN_IMAGE_TEST_ABSENT, [KILN_TEST_SIZE] = KILN_IMAGE_TEST_SIZE,
	};
	return (KilnImageTest){
		.kind = kinds[from->kind], .name = from->name, .run = (const char *const *)from->run, .environment = (const char *const *)from->environment,
		.input = from->input, .output = from->output, .url = from->url, .path = from->kind == KILN_TEST_ABSENT ? from->absent : from->path,
		.beside = from->beside, .variant = from->variant ? g_hash_table_lookup(subject->variants, from->variant) : NULL, .prepare = from->prepare,
		.exit_status = (gint)from->exit_status, .port = (guint)from->port, .status = (guint)from->status, .size_bytes = from->size_bytes,
		.timeout_ms = (guint)from->timeout_ms,
	};
}

static json_t *resource(const char *name, const KilnDigest *digest)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	json_t *object = json_object();
	kiln_json_set_string(object, "name", name);
	json_object_set_new(object, "digest", json_pack("{s:s}", "sha256", kiln_digest_print_hex(digest, hex)));
	return object;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(a, b);
}

/* The recipe with its tests, and the images of variants that took part. */
static json_t *configuration(const Subject *subject)
{
	KilnDigest digest;
	json_t *array = json_array();
	g_autoptr(GBytes) recipe = kiln_recipe_to_json(subject->recipe, FALSE);
	g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(subject->variants), by_name);
	kiln_hash_bytes(g_bytes_get_data(recipe, NULL), g_bytes_get_size(recipe), &digest);
	json_array_append_new(array, resource("recipe", &digest));
	for (const GList *name = names; name; name = name->next) {
		const KilnImage *image = g_hash_table_lookup(subject->variants, name->data);
		g_autofree char *shown = g_strdup_printf("variant %s", (const char *)name->data);
		json_array_append_new(array, resource(shown, &image->descriptor.digest));
	}
	return array;
}

static gboolean attach(KilnInvocation *invocation, const Subject *subject, json_t *document, GError **error)
{
	KilnImage *image = subject->image;
	gint64 created;
	g_auto(KilnDescriptor) made = { 0 };
	if (image->reference.transport != KILN_TRANSPORT_STORE && image->reference.transport != KILN_TRANSPORT_OCI_LAYOUT) {
		kiln_context_notice(&invocation->context, "%s: the result is not attached to it: only images in the store or in a layout take evidence", subject->shown);
		return TRUE;
	}
	if (!kiln_source_date_epoch(&created, error))
		return FALSE;
	char when[KILN_TIME_TEXT_MAX];
	kiln_time_print(created >= 0 ? created : invocation->context.now_unix_s, when);
	char *annotations[] = { (char *)KILN_PREDICATE_TYPE_ANNOTATION, (char *)KILN_PREDICATE_TEST_RESULT, (char *)CREATED_ANNOTATION, when, NULL };
	g_autoptr(GBytes) statement = kiln_statement_print(subject->recipe->name, &image->descriptor.digest, KILN_PREDICATE_TEST_RESULT, document);
	return kiln_layout_attach(image->layout, &image->descriptor, KILN_MEDIA_IN_TOTO, KILN_MEDIA_IN_TOTO, g_bytes_get_data(statement, NULL),
	                          g_bytes_get_size(statement), annotations, &made, error) &&
	       kiln_layout_set(image->layout, NULL, &made, error);
}

static void print_result(const KilnInvocation *invocation, const KilnImageTestResult *result)
{
	gboolean colour = invocation->colour;
	g_autofree char *name = kiln_printable(result->name, FALSE);
	printf("  %s%s%s  %s\n", kiln_style(colour, result->passed ? KILN_STYLE_GOOD : KILN_STYLE_BAD), result->passed ? "passed" : "failed",
	       kiln_style(colour, KILN_STYLE_PLAIN), name);
	if (result->passed)
		return;
	g_autofree char *detail = kiln_printable(result->detail, TRUE);
	g_auto(GStrv) lines = g_strsplit(detail, "\n", -1);
	for (char **line = lines; *line; line++) {
		gboolean wide = invocation->width > 2 * DETAIL_INDENT && kiln_text_columns(*line) + DETAIL_INDENT > invocation->width;
		g_autofree char *wrapped = wide ? kiln_text_wrap(*line, DETAIL_INDENT, invocation->width) : NULL;
		if (wrapped)
			fputs(wrapped, stdout);
		else
			printf("%*s%s\n", DETAIL_INDENT, "", *line);
	}
}

static void print_report(KilnInvocation *invocation, const Subject *subject, const KilnImageTestReport *report)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	guint failed = 0;
	printf("%s%s%s\n  %s\n", kiln_style(invocation->colour, KILN_STYLE_BOLD), subject->shown, kiln_style(invocation->colour, KILN_STYLE_PLAIN),
	       kiln_digest_print(&subject->image->descriptor.digest, digest));
	for (guint i = 0; i < report->results->len; i++) {
		const KilnImageTestResult *result = report->results->pdata[i];
		failed += !result->passed;
		if (!invocation->quiet || !result->passed)
			print_result(invocation, result);
	}
	printf("  %u passed, %u failed\n", report->results->len - failed, failed);
}

static json_t *result_json(const Subject *subject, const json_t *document)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	json_t *object = json_object();
	kiln_json_set_string(object, "image", subject->shown);
	kiln_json_set_string(object, "digest", kiln_digest_print(&subject->image->descriptor.digest, digest));
	json_object_update_missing(object, (json_t *)document);
	return object;
}

/* With @error set unless it is tested, also where that cannot be told. */
static int test_one(KilnInvocation *invocation, const char *argument, const KilnRunOptions *options, json_t *documents, GError **error)
{
	g_auto(Subject) subject = { 0 };
	g_autoptr(KilnImageTestReport) report = NULL;
	if (!open_subject(invocation, argument, &subject, error)) /* an image that nobody says how to test is not a failed one */
		return subject.image && !subject.recipe && g_error_matches(*error, KILN_ERROR, KILN_ERROR_UNSUPPORTED) ? KILN_EXIT_CANNOT_TELL : KILN_EXIT_ERROR;
	g_autoptr(GArray) tests = g_array_new(FALSE, FALSE, sizeof(KilnImageTest));
	for (guint i = 0; i < subject.recipe->tests->len; i++) {
		KilnImageTest test = test_of(&subject, subject.recipe->tests->pdata[i]);
		g_array_append_val(tests, test);
	}
	if (tests->len == 0) {
		kiln_context_notice(&invocation->context, "%s: its recipe has no \"tests\", so nothing can be said of it", subject.shown);
		return KILN_EXIT_CANNOT_TELL;
	}
	if (!kiln_image_test_run(subject.image, &invocation->context, invocation->run_path, options,
	                         (const KilnImageTest *)(gconstpointer)tests->data, tests->len, &report, error)) {
		g_prefix_error(error, "%s: ", subject.shown);
		return KILN_EXIT_ERROR;
	}
	g_autoptr(json_t) document = kiln_image_test_document(report, configuration(&subject));
	if (!kiln_option_flag(invocation, "no-attach") && !attach(invocation, &subject, document, error))
		return KILN_EXIT_ERROR;
	kiln_output_begin(invocation);
	if (invocation->verbose && report->hardening)
		kiln_starting_explain(invocation, report->hardening);
	if (invocation->json)
		json_array_append_new(documents, result_json(&subject, document));
	else
		print_report(invocation, &subject, report);
	return report->passed ? KILN_EXIT_CLEAN : KILN_EXIT_FINDINGS;
}

/* One that cannot be tested does not keep the others from being tested. */
static void say_error(KilnInvocation *invocation, const char *argument, const GError *error, json_t *documents)
{
	g_autoptr(GError) named = g_error_copy(error);
	json_t *object = json_object();
	if (!strstr(named->message, argument))
		g_prefix_error(&named, "%s: ", argument);
	kiln_output_begin(invocation);
	fflush(stdout);
	kiln_message_error(named, kiln_message_colour(STDERR_FILENO), invocation->verbose);
	kiln_json_set_string(object, "image", argument);
	kiln_json_set_string(object, "error", named->message);
	json_array_append_new(documents, object);
}

/* An error weighs more than a failed test, and that more than an image without tests. */
static int worse(int first, int second)
{
	static const int weights[] = { [KILN_EXIT_CLEAN] = 0, [KILN_EXIT_CANNOT_TELL] = 1, [KILN_EXIT_FINDINGS] = 2, [KILN_EXIT_ERROR] = 3,
		                       [KILN_EXIT_NETWORK] = 3, [KILN_EXIT_UNTRUSTED] = 3 };
	return weights[second] > weights[first] ? second : first;
}

static int run(KilnInvocation *invocation, GError **error)
{
	g_autoptr(json_t) documents = json_array();
	KilnRunOptions options = { 0 };
	int worst = KILN_EXIT_CLEAN;
	if (!kiln_starting_options(invocation, &options, error))
		return KILN_EXIT_ERROR;
	for (char **argument = invocation->arguments; *argument; argument++) {
		g_autoptr(GError) reason = NULL;
		int code = test_one(invocation, *argument, &options, documents, &reason);
		if (g_error_matches(reason, KILN_ERROR, KILN_ERROR_CANCELLED)) {
			g_propagate_error(error, g_steal_pointer(&reason));
			return KILN_EXIT_ERROR;
		}
		if (reason) {
			say_error(invocation, *argument, reason, documents);
			code = code == KILN_EXIT_CANNOT_TELL ? code : kiln_exit_of_error(reason);
		}
		worst = worse(worst, code);
	}
	if (invocation->json)
		kiln_print_json(documents);
	return worst;
}

static const KilnOption options_of_test[] = {
	{ .name = "variant", .kind = KILN_OPTION_STRING, .value = "NAME", .help = "test this variant of the recipe" },
	{ .name = "no-attach", .kind = KILN_OPTION_FLAG, .help = "leave the image as it is: no result is attached" },
	KILN_STARTING_OPTIONS,
	{ .name = NULL },
};

const KilnCommand kiln_cmd_test = {
	.name = "test",
	.group = "run",
	.summary = "start an image and run its recipe's tests on it",
	.arguments = "RECIPE|IMAGE...",
	.options = options_of_test,
	.needs = KILN_NEED_STORE,
	.run = run,
	.description = "Builds each recipe into the store, starts the image as kiln run does, and checks the recipe's tests: commands and their output, "
	               "ports, pages, files, size. For an image the tests come from the recipe in its provenance.\n\n"
	               "The result is attached to the image as evidence. Exits with 1 when a test failed, and with 3 when a recipe has none or nobody says what an image is made from.",
	.example = "$ kiln test nginx.yaml\n$ kiln test --format json nginx\n",
	.arguments_min = 1,
	.arguments_max = -1,
	.complete_arguments = KILN_COMPLETE_FILE,
};
