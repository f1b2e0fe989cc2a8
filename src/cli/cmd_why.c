/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_why.c: kiln why: the chain that put a file into an image, or what left it out. */
#include "base/error.h"
#include "build/reason.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/inspection.h"
#include "cli/message.h"
#include "cli/render.h"
#include "cli/scanning.h"
#include "cli/story.h"

#include <stdio.h>
#include <string.h>

#define VERSION 1
#define SIMILAR_SHOWN 5

/* Paths of other directories that end in the same name. */
static GPtrArray *similar_paths(const KilnReasons *reasons, const char *path)
{
	g_autofree char *name = g_path_get_basename(path), *end = g_strconcat("/", name, NULL);
	GPtrArray *similar = g_ptr_array_new();
	for (gsize i = 0; i < reasons->count && similar->len < SIMILAR_SHOWN; i++)
		if (strcmp(reasons->reasons[i].path, name) == 0 || g_str_has_suffix(reasons->reasons[i].path, end))
			g_ptr_array_add(similar, (gpointer)&reasons->reasons[i]);
	return similar;
}

/* One line of @format, made harmless. */
static void G_GNUC_PRINTF(1, 2) say(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments), *shown = kiln_printable(text, FALSE);
	va_end(arguments);
	puts(shown);
}

static void print_package(const KilnReasons *reasons, const KilnReason *reason)
{
	const KilnReasonPackage *package = reason->package;
	const KilnReasonSuite *suite = package ? package->suite : NULL;
	if (!package)
		return;
	const char *place = package->requested ? kiln_json_string_or_null(json_object_get(reasons->document, "places"), "packages") : NULL;
	say("  package    %s %s%s%s%s%s", package->name, package->version ? package->version : "", package->requested ? ", which the recipe asks for" : "",
	    place ? " (" : "", place ? place : "", place ? ")" : "");
	say("  .deb       %s", package->digest ? package->digest : "not known");
	if (!suite)
		return;
	g_autofree char *signers = g_strjoinv(", ", suite->signers);
	say("  index      %s of %s%s%s", suite->suite ? suite->suite : "?", suite->archive ? suite->archive : "?", suite->date ? ", of " : "", suite->date ? suite->date : "");
	if (*signers) {
		say("  InRelease  %s", suite->inrelease ? suite->inrelease : "not known");
		say("  signed by  %s", signers);
	} else {
		say("  signed by  nobody: the recipe trusts this directory");
	}
}

static void print_kept(const KilnReasons *reasons, const KilnReason *reason)
{
	say("/%s is in the image", reason->path);
	print_package(reasons, reason);
	if (reason->made_by)
		say("  made by    its %s, as kiln reads that", reason->made_by);
	for (guint step = 0; step < KILN_REASON_CHAIN_MAX; step++) {
		const KilnReason *cause = kiln_reasons_cause(reasons, reason);
		const char *place = kiln_reasons_place(reasons, reason);
		g_autofree char *text = kiln_rule_explain(reason->rule, reason->detail);
		if (!cause) {
			say("  because    %s%s%s%s%s%s", reason->from ? "of /" : "", reason->from ? reason->from : "", reason->from ? ": " : "", text, place ? ", " : "", place ? place : "");
			return;
		}
		say("  because of /%s: %s", cause->path, text);
		say("/%s%s%s", cause->path, cause->package ? ", of " : "", cause->package ? cause->package->name : "");
		reason = cause;
	}
	say("  and so on: the reasons go round in a circle");
}

static void print_left_out(const KilnReasons *reasons, const KilnReason *reason)
{
	const KilnRule *rule = kiln_rule(reason->rule);
	g_autofree char *text = kiln_rule_explain(reason->rule, reason->detail), *size = kiln_size_text(reason->size);
	say("/%s is not in the image: %s", reason->path, text);
	print_package(reasons, reason);
	say("  size       %s", size);
	if (rule && rule->key && strcmp(rule->key, "keep") == 0)
		say("  to have it, say in the recipe: keep: [\"/%s\"]", reason->path);
	else if (rule && rule->key)
		say("  to have it, use \"%s\" in the recipe", rule->key);
	else if (strcmp(reason->rule, "dropped") == 0)
		say("  to have it, take it out of \"drop\" in the recipe");
}

static void print_unknown(const KilnReasons *reasons, const char *path)
{
	g_autoptr(GPtrArray) similar = similar_paths(reasons, path);
	say("%s%s: no package that the image was built from has it, nor has the recipe", *path == '/' ? "" : "/", path);
	for (guint i = 0; i < similar->len; i++) {
		const KilnReason *reason = similar->pdata[i];
		say("  there is   /%s%s", reason->path, reason->kept ? "" : ", which was left out");
	}
}

static json_t *suite_json(const KilnReasonSuite *suite)
{
	json_t *object = json_object();
	kiln_json_set_string(object, "archive", suite->archive);
	kiln_json_set_string(object, "suite", suite->suite);
	kiln_json_set_string(object, "inrelease", suite->inrelease);
	kiln_json_set_string(object, "date", suite->date);
	json_object_set_new(object, "signers", kiln_json_from_strv((const char *const *)suite->signers));
	return object;
}

static json_t *package_json(const KilnReasonPackage *package)
{
	json_t *object = json_object();
	kiln_json_set_string(object, "name", package->name);
	kiln_json_set_string(object, "version", package->version);
	kiln_json_set_string(object, "architecture", package->architecture);
	kiln_json_set_string(object, "digest", package->digest);
	kiln_json_set_string(object, "filename", package->filename);
	json_object_set_new(object, "requested", json_boolean(package->requested));
	if (package->suite)
		json_object_set_new(object, "index", suite_json(package->suite));
	return object;
}

static json_t *step_json(const KilnReasons *reasons, const KilnReason *reason)
{
	json_t *object = json_object();
	const KilnRule *rule = kiln_rule(reason->rule);
	g_autofree char *path = g_strconcat("/", reason->path, NULL), *text = kiln_rule_explain(reason->rule, reason->detail);
	kiln_json_set_string(object, "path", path);
	kiln_json_set_string(object, "rule", reason->rule);
	kiln_json_set_string(object, "detail", reason->detail);
	kiln_json_set_string(object, "text", text);
	kiln_json_set_string(object, "place", kiln_reasons_place(reasons, reason));
	kiln_json_set_string(object, "made-by", reason->made_by);
	if (reason->package)
		json_object_set_new(object, "package", package_json(reason->package));
	if (reason->kept)
		return object;
	kiln_json_set_integer(object, "bytes", (gint64)reason->size);
	kiln_json_set_string(object, "recipe-key", rule ? rule->key : NULL);
	return object;
}

static json_t *answer_json(const KilnImage *image, const KilnReasons *reasons, const char *path, const KilnReason *reason)
{
	json_t *object = json_object(), *chain = json_array();
	char digest[KILN_DIGEST_TEXT_MAX];
	g_autofree char *full = g_strconcat("/", reason ? reason->path : path + strspn(path, "/"), NULL);
	kiln_json_set_integer(object, "version", VERSION);
	kiln_json_set_string(object, "image", image->name);
	kiln_json_set_string(object, "digest", kiln_digest_print(&image->descriptor.digest, digest));
	kiln_json_set_string(object, "path", full);
	kiln_json_set_string(object, "state", !reason ? "unknown" : reason->kept ? "kept" : "left-out");
	for (guint step = 0; reason && step < KILN_REASON_CHAIN_MAX; step++) {
		json_array_append_new(chain, step_json(reasons, reason));
		reason = kiln_reasons_cause(reasons, reason);
	}
	json_object_set_new(object, "chain", chain);
	return object;
}

static int run(KilnInvocation *invocation, GError **error)
{
	const char *path = invocation->arguments[1];
	if (kiln_story_is_name(path))
		return kiln_story_run(invocation, invocation->arguments[0], path, error);
	g_autoptr(GError) problem = NULL;
	g_autoptr(KilnImage) image = kiln_open_image(invocation, invocation->arguments[0], error);
	g_autoptr(KilnReasons) reasons = image ? kiln_reasons_read(image->layout, &image->descriptor.digest, &problem) : NULL;
	if (!image)
		return KILN_EXIT_ERROR;
	if (!reasons) {
		g_prefix_error(&problem, "%s: ", image->name);
		if (!g_error_matches(problem, KILN_ERROR, KILN_ERROR_NOT_FOUND)) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return KILN_EXIT_ERROR;
		}
		kiln_output_begin(invocation);
		kiln_message_error(problem, kiln_message_colour(STDERR_FILENO), invocation->verbose);
		return KILN_EXIT_CANNOT_TELL;
	}
	const KilnReason *reason = kiln_reasons_find(reasons, path);
	kiln_output_begin(invocation);
	if (invocation->json) {
		g_autoptr(json_t) document = answer_json(image, reasons, path, reason);
		kiln_print_json(document);
	} else if (!reason) {
		print_unknown(reasons, path);
	} else if (reason->kept) {
		print_kept(reasons, reason);
	} else {
		print_left_out(reasons, reason);
	}
	return reason ? KILN_EXIT_CLEAN : KILN_EXIT_FINDINGS;
}

static const KilnOption options[] = {
	KILN_SCANNING_OPTIONS,
	{ .name = NULL },
};

const KilnCommand kiln_cmd_why = {
	.name = "why",
	.group = "look",
	.summary = "say why a file or vulnerability is in an image, or not",
	.arguments = "IMAGE PATH|VULNERABILITY",
	.options = options,
	.needs = KILN_NEED_STORE,
	.run = run,
	.description = "Prints the chain from the file to the line of the recipe that asks for it: which file needs it and how, which package has it, the digest "
	               "of the .deb, the signed index and the key that signed it. For a file that was left out it names the rule, and the key of the "
	               "recipe that brings it back.\n\n"
	               "For a vulnerability it tells the whole story: who says what by which record, where its package came in, which files carry it, whether anything that starts needs them, "
	               "and what removes it. The exit code is 1 when the image has it, and 3 when that cannot be told.\n\n"
	               "The exit code is 1 for a path that no package of the image's closure has, and 3 for an image without reasons.",
	.example = "$ kiln why nginx /usr/lib/x86_64-linux-gnu/libpcre2-8.so.0\n$ kiln why nginx CVE-2026-1234\n",
	.arguments_min = 2,
	.arguments_max = 2,
	.complete_arguments = KILN_COMPLETE_IMAGE,
};
