/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_build.c: kiln build. */
#include "base/error.h"
#include "build/builder.h"
#include "build/reason.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/recipes.h"
#include "cli/render.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define LEFT_OUT_SHOWN 8

static json_t *notices_json(const GPtrArray *notices)
{
	json_t *array = json_array();
	for (guint i = 0; i < notices->len; i++) {
		const KilnNotice *notice = notices->pdata[i];
		json_t *object = json_object();
		kiln_json_set_string(object, "id", notice->id);
		kiln_json_set_string(object, "level", notice->note ? "note" : "warning");
		kiln_json_set_string(object, "text", notice->text);
		kiln_json_set_string(object, "answer", notice->answer);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *platform_json(const KilnBuiltPlatform *built)
{
	json_t *object = json_object(), *left_out = json_object();
	char digest[KILN_DIGEST_TEXT_MAX];
	kiln_json_set_string(object, "platform", built->platform);
	kiln_json_set_string(object, "digest", kiln_digest_print(&built->descriptor.digest, digest));
	kiln_json_set_integer(object, "packages", built->packages_kept);
	kiln_json_set_integer(object, "packages-plain", built->packages_all);
	kiln_json_set_integer(object, "files", built->files_kept);
	kiln_json_set_integer(object, "files-plain", built->files_all);
	kiln_json_set_integer(object, "bytes", (gint64)built->bytes_kept);
	kiln_json_set_integer(object, "bytes-plain", (gint64)built->bytes_all);
	kiln_json_set_integer(object, "bytes-compressed", (gint64)built->compressed_bytes);
	kiln_json_set_integer(object, "layers", built->layers);
	for (guint i = 0; i < built->left_out->len; i++) {
		const KilnLeftOut *left = built->left_out->pdata[i];
		json_t *numbers = json_object();
		kiln_json_set_integer(numbers, "files", left->files);
		kiln_json_set_integer(numbers, "bytes", (gint64)left->bytes);
		json_object_set_new(left_out, left->rule, numbers);
	}
	json_object_set_new(object, "left-out", left_out);
	json_object_set_new(object, "notices", notices_json(built->notices));
	return object;
}

static json_t *result_json(const char *name, const KilnBuildResult *result)
{
	json_t *object = json_object(), *platforms = json_array();
	char digest[KILN_DIGEST_TEXT_MAX];
	kiln_json_set_string(object, "image", name);
	kiln_json_set_string(object, "digest", kiln_digest_print(&result->top.digest, digest));
	json_object_set_new(object, "unchanged", json_boolean(result->remembered));
	for (guint i = 0; i < result->platforms->len; i++)
		json_array_append_new(platforms, platform_json(result->platforms->pdata[i]));
	json_object_set_new(object, "platforms", platforms);
	return object;
}

static void print_left_out(const KilnBuiltPlatform *built)
{
	g_autoptr(KilnTable) table = kiln_table_new(NULL, "rrl");
	for (guint i = 0; i < built->left_out->len && i < LEFT_OUT_SHOWN; i++) {
		const KilnLeftOut *left = built->left_out->pdata[i];
		g_autofree char *size = kiln_size_text(left->bytes), *files = kiln_plural(left->files, "file", NULL);
		const KilnRule *rule = kiln_rule(left->rule);
		g_autofree char *text = kiln_rule_explain(left->rule, "(several)");
		kiln_table_add(table, size, files, rule ? text : left->rule, NULL);
	}
	if (built->left_out->len)
		printf("  left out:\n");
	kiln_table_print(table, stdout, 4, 0, FALSE);
}

static void print_notices(const KilnInvocation *invocation, const KilnBuiltPlatform *built)
{
	for (guint i = 0; i < built->notices->len; i++) {
		const KilnNotice *notice = built->notices->pdata[i];
		if (notice->note && !invocation->verbose)
			continue;
		g_autofree char *text = kiln_printable(notice->text, FALSE), *answer = notice->answer ? kiln_printable(notice->answer, FALSE) : NULL;
		printf("  %s%s:%s %s\n", kiln_style(invocation->colour, notice->note ? KILN_STYLE_DIM : KILN_STYLE_NOTE), notice->note ? "note" : "warning",
		       kiln_style(invocation->colour, KILN_STYLE_PLAIN), text);
		if (answer)
			printf("           %s\n", answer);
	}
}

static void print_platform(const KilnInvocation *invocation, const KilnBuiltPlatform *built)
{
	g_autofree char *kept = kiln_size_text(built->bytes_kept), *all = kiln_size_text(built->bytes_all), *packed = kiln_size_text(built->compressed_bytes);
	g_autofree char *files = kiln_count_text(built->files_kept), *files_all = kiln_count_text(built->files_all);
	printf("  %s: %u of %u packages, %s of %s files, %s of %s; %s compressed in %u layers\n", built->platform, built->packages_kept, built->packages_all,
	       files, files_all, kept, all, packed, built->layers);
	print_left_out(built);
	print_notices(invocation, built);
}

static void print_result(const KilnInvocation *invocation, const char *name, const KilnBuildResult *result)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	printf("%s%s%s%s\n  %s\n", kiln_style(invocation->colour, KILN_STYLE_BOLD), name, kiln_style(invocation->colour, KILN_STYLE_PLAIN),
	       result->remembered ? ": unchanged" : "", kiln_digest_print(&result->top.digest, digest));
	for (guint i = 0; i < result->platforms->len; i++)
		print_platform(invocation, result->platforms->pdata[i]);
}

/* Where the image goes: a layout and the name in it. */
static gboolean destination(const KilnInvocation *invocation, const KilnRecipe *recipe, char **layout, char **name, GError **error)
{
	const char *output = kiln_option_string(invocation, "output");
	if (!output) {
		*layout = g_strdup(invocation->images_path);
		*name = g_strdup_printf("%s:latest", recipe->name);
		return TRUE;
	}
	static const char prefix[] = "oci:";
	if (!g_str_has_prefix(output, prefix))
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "--output %s: expected oci:DIRECTORY[:TAG]", output);
	const char *path = output + strlen(prefix), *colon = strrchr(path, ':');
	gboolean tagged = colon && !strchr(colon, '/');
	*layout = tagged ? g_strndup(path, (gsize)(colon - path)) : g_strdup(path);
	*name = g_strdup(tagged ? colon + 1 : "latest");
	return TRUE;
}

static gboolean source_date_epoch(gint64 *out, GError **error)
{
	const char *text = g_getenv("SOURCE_DATE_EPOCH");
	guint64 value;
	*out = -1;
	if (!text || !*text)
		return TRUE;
	if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &value, NULL))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "SOURCE_DATE_EPOCH=\"%s\": expected seconds since 1970", text);
	*out = (gint64)value;
	return TRUE;
}

static int build_one(KilnInvocation *invocation, const char *path, json_t *documents, GError **error)
{
	g_autoptr(KilnRecipe) recipe = kiln_recipe_load(path, kiln_option_string(invocation, "variant"), error);
	g_autofree char *layout_path = NULL, *name = NULL;
	g_autoptr(KilnArchive) archive = NULL;
	g_auto(KilnBuildResult) result = { 0 };
	KilnBuildOptions options = { .forget = kiln_option_flag(invocation, "no-cache") };
	if (!recipe || !destination(invocation, recipe, &layout_path, &name, error) || !source_date_epoch(&options.source_date_epoch, error))
		return KILN_EXIT_ERROR;
	const char *const *platforms = kiln_option_list(invocation, "platform");
	if (platforms[0]) {
		g_strfreev(recipe->platforms);
		recipe->platforms = g_new0(char *, g_strv_length((char **)platforms) + 1);
		for (guint i = 0; platforms[i]; i++) {
			const KilnPlatform *platform = kiln_platform_parse(platforms[i], error);
			if (!platform)
				return KILN_EXIT_ERROR;
			recipe->platforms[i] = g_strdup(platform->oci);
		}
	}
	g_autoptr(KilnLock) lock = kiln_recipe_lock(invocation, recipe, kiln_option_string(invocation, "lock"), &archive, error);
	g_autoptr(KilnLayout) layout = lock ? kiln_layout_open(AT_FDCWD, layout_path, TRUE, error) : NULL;
	options.name = name;
	options.archive = archive;
	if (!layout || !kiln_build(invocation->store, &invocation->context, recipe, lock, layout, &options, &result, error))
		return KILN_EXIT_ERROR;
	kiln_output_begin(invocation);
	if (invocation->json)
		json_array_append_new(documents, result_json(name, &result));
	else if (!invocation->quiet)
		print_result(invocation, name, &result);
	return KILN_EXIT_CLEAN;
}

static int run(KilnInvocation *invocation, GError **error)
{
	g_autoptr(json_t) documents = json_array();
	if (kiln_option_string(invocation, "lock") && invocation->arguments[1]) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "--lock names the lock of one recipe, and several are given");
		return KILN_EXIT_ERROR;
	}
	for (char **path = invocation->arguments; *path; path++) {
		int code = build_one(invocation, *path, documents, error);
		if (code != KILN_EXIT_CLEAN)
			return code;
	}
	if (invocation->json)
		kiln_print_json(documents);
	return KILN_EXIT_CLEAN;
}

static const KilnOption options[] = {
	{ .name = "output", .letter = 'o', .kind = KILN_OPTION_STRING, .value = "IMAGE", .help = "oci:DIRECTORY[:TAG]; else the store", .complete = KILN_COMPLETE_DIRECTORY },
	{ .name = "lock", .kind = KILN_OPTION_STRING, .value = "FILE", .help = "build exactly the packages of this lock", .complete = KILN_COMPLETE_FILE },
	{ .name = "platform", .kind = KILN_OPTION_LIST, .value = "PLATFORM", .help = "build for this platform: linux/arm64" },
	{ .name = "variant", .kind = KILN_OPTION_STRING, .value = "NAME", .help = "build this variant of the recipe" },
	{ .name = "no-cache", .kind = KILN_OPTION_FLAG, .help = "build anew even if nothing changed" },
	{ .name = "allow-rollback", .kind = KILN_OPTION_LIST, .value = "SUITE", .help = "accept an older index of this suite" },
	{ .name = NULL },
};

const KilnCommand kiln_cmd_build = {
	.name = "build",
	.group = "build",
	.summary = "build an image from signed packages",
	.arguments = "RECIPE...",
	.options = options,
	.needs = KILN_NEED_STORE,
	.run = run,
	.description = "Builds each recipe into an image that holds only what its application needs, with SBOM, provenance and the reason "
	               "of every file attached. No maintainer script runs, no root is needed.\n\n"
	               "The lock beside the recipe decides which packages are used; without one they are resolved now. The same lock gives "
	               "the same digest on every host.",
	.example = "$ kiln build nginx.yaml\n$ kiln build -o oci:out:nginx nginx.yaml\n",
	.arguments_min = 1,
	.arguments_max = -1,
	.complete_arguments = KILN_COMPLETE_FILE,
};
