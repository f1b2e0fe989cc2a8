/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_rebuild.c: kiln rebuild: an image built again from its own provenance, and compared bit for bit. */
#include "base/error.h"
#include "build/reason.h"
#include "build/rebuild.h"
#include "build/resolve.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/program.h"
#include "cli/render.h"
#include "kiln_config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Whoever wrote the provenance also wrote the mirrors in it: without leave only this host's are asked. TRUE when some were dropped. */
static gboolean drop_mirrors(KilnRecipe *recipe)
{
	gboolean dropped = FALSE;
	for (guint i = recipe->archives->len; i-- > 0;) {
		KilnRecipeArchive *own = recipe->archives->pdata[i];
		dropped |= own->mirrors || own->directory;
		if (g_strv_contains(kiln_archive_ids(), own->id)) {
			g_clear_pointer(&own->mirrors, g_strfreev);
			g_clear_pointer(&own->snapshot, g_free);
		} else {
			g_ptr_array_remove_index(recipe->archives, i);
		}
	}
	return dropped;
}

static KilnArchive *find_archive(const KilnProvenance *provenance, gpointer user_data, GError **error)
{
	KilnInvocation *invocation = user_data;
	GPtrArray *sources;
	g_autoptr(GError) unknown = NULL;
	g_autoptr(GBytes) text = kiln_recipe_to_json(provenance->recipe, FALSE);
	g_autoptr(KilnRecipe) recipe = kiln_recipe_from_json(g_bytes_get_data(text, NULL), g_bytes_get_size(text), "recipe of the provenance", error);
	if (!recipe || !kiln_invocation_sources(invocation, &sources, error))
		return NULL;
	if (!kiln_option_flag(invocation, "allow-mirrors") && drop_mirrors(recipe))
		kiln_context_notice(&invocation->context, "packages are missing, and the image's recipe names mirrors of its own, which are not asked; --allow-mirrors asks them");
	KilnArchive *archive = kiln_recipe_archive(recipe, sources, &unknown);
	if (!archive)
		kiln_context_notice(&invocation->context, "%s", unknown->message);
	return archive;
}

static json_t *differences_json(const GPtrArray *differences)
{
	json_t *array = json_array();
	for (guint i = 0; i < differences->len; i++) {
		const KilnDifference *difference = differences->pdata[i];
		json_t *object = json_object();
		kiln_json_set_string(object, "part", difference->part);
		kiln_json_set_string(object, "where", difference->where);
		if (difference->offset >= 0)
			kiln_json_set_integer(object, "offset", difference->offset);
		kiln_json_set_string(object, "text", difference->text);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *builder_json(const KilnProvenance *provenance)
{
	json_t *object = json_object();
	char digest[KILN_DIGEST_TEXT_MAX];
	kiln_json_set_string(object, "kiln", provenance->kiln_version);
	kiln_json_set_string(object, "program", provenance->has_program ? kiln_digest_print(&provenance->program, digest) : NULL);
	kiln_json_set_string(object, "compressor", provenance->compressor);
	kiln_json_set_integer(object, "slice-rules", provenance->slice_rules_version);
	return object;
}

static json_t *result_json(const KilnImage *image, const KilnRebuildResult *result)
{
	json_t *document = json_object(), *platforms = json_array();
	char before[KILN_DIGEST_TEXT_MAX], after[KILN_DIGEST_TEXT_MAX];
	kiln_json_set_string(document, "image", image->name);
	kiln_json_set_string(document, "digest", kiln_digest_print(&image->top.digest, before));
	json_object_set_new(document, "equal", json_boolean(result->equal));
	for (guint i = 0; i < result->platforms->len; i++) {
		const KilnRebuiltPlatform *rebuilt = result->platforms->pdata[i];
		json_t *object = json_object();
		kiln_json_set_string(object, "platform", rebuilt->provenance->platform);
		kiln_json_set_string(object, "digest", kiln_digest_print(&rebuilt->before.digest, before));
		kiln_json_set_string(object, "rebuilt", kiln_digest_print(&rebuilt->after.digest, after));
		json_object_set_new(object, "equal", json_boolean(rebuilt->equal));
		json_object_set_new(object, "builder", builder_json(rebuilt->provenance));
		json_object_set_new(object, "differences", differences_json(rebuilt->differences));
		json_array_append_new(platforms, object);
	}
	json_object_set_new(document, "platforms", platforms);
	if (!result->has_index)
		return document;
	json_t *index = json_object();
	kiln_json_set_string(index, "digest", kiln_digest_print(&result->index_before, before));
	kiln_json_set_string(index, "rebuilt", kiln_digest_print(&result->index_after, after));
	json_object_set_new(index, "differences", differences_json(result->differences));
	json_object_set_new(document, "index", index);
	return document;
}

static void print_differences(const KilnInvocation *invocation, const GPtrArray *differences)
{
	for (guint i = 0; i < differences->len; i++) {
		const KilnDifference *difference = differences->pdata[i];
		gboolean is_path = difference->where && difference->where[0] != '/';
		g_autofree char *text = g_strdup_printf("%s%s%s%s: %s", difference->part, difference->where ? ", " : "", is_path ? "/" : "", difference->where ? difference->where : "",
		                                        difference->text);
		g_autofree char *printable = kiln_printable(text, FALSE), *wrapped = invocation->width ? kiln_text_wrap(printable, 4, invocation->width) : g_strdup_printf("    %s\n", printable);
		fputs(wrapped, stdout);
	}
}

static void print_pair(const KilnInvocation *invocation, const char *what, const KilnDigest *before, const KilnDigest *after)
{
	char text[KILN_DIGEST_TEXT_MAX];
	gboolean equal = kiln_digest_equal(before, after);
	const char *plain = kiln_style(invocation->colour, KILN_STYLE_PLAIN);
	printf("  %s: %s%s%s\n    %s\n", what, kiln_style(invocation->colour, equal ? KILN_STYLE_GOOD : KILN_STYLE_BAD), equal ? "equal" : "not equal; first the image, then the rebuild", plain,
	       kiln_digest_print(before, text));
	if (!equal)
		printf("    %s\n", kiln_digest_print(after, text));
}

/* When bits differ, who built it is the first thing to ask. */
static void print_builder(const KilnProvenance *provenance)
{
	KilnDigest own;
	gboolean known = kiln_program_digest(&own);
	g_autofree char *theirs = provenance->has_program ? kiln_digest_short(&provenance->program) : g_strdup("digest not known");
	g_autofree char *ours = known ? kiln_digest_short(&own) : g_strdup("digest not known");
	g_autofree char *version = kiln_printable(provenance->kiln_version ? provenance->kiln_version : "of an unknown version", FALSE);
	g_autofree char *compressor = kiln_printable(provenance->compressor ? provenance->compressor : "unknown", FALSE);
	if (known && provenance->has_program && kiln_digest_equal(&own, &provenance->program)) {
		printf("    built by this very kiln\n");
		return;
	}
	printf("    built by kiln %s (%s), slice rules %u, compressor %s\n    this is kiln " KILN_VERSION " (%s), slice rules %d\n", version, theirs, provenance->slice_rules_version, compressor,
	       ours, KILN_SLICE_RULES_VERSION);
}

static void print_result(const KilnInvocation *invocation, const KilnImage *image, const KilnRebuildResult *result)
{
	const char *bold = kiln_style(invocation->colour, KILN_STYLE_BOLD), *plain = kiln_style(invocation->colour, KILN_STYLE_PLAIN);
	printf("%s%s%s%s\n", bold, image->name, plain, result->equal ? " is what its provenance says: built again, every bit is the same" : " is not what its provenance makes");
	for (guint i = 0; i < result->platforms->len; i++) {
		const KilnRebuiltPlatform *rebuilt = result->platforms->pdata[i];
		print_pair(invocation, rebuilt->provenance->platform, &rebuilt->before.digest, &rebuilt->after.digest);
		print_differences(invocation, rebuilt->differences);
		if (!rebuilt->equal)
			print_builder(rebuilt->provenance);
	}
	if (!result->has_index)
		return;
	print_pair(invocation, "index", &result->index_before, &result->index_after);
	print_differences(invocation, result->differences);
}

static int run(KilnInvocation *invocation, GError **error)
{
	g_autoptr(GPtrArray) platforms = g_ptr_array_new();
	g_auto(KilnRebuildResult) result = { 0 };
	g_autoptr(GError) problem = NULL;
	for (const char *const *asked = kiln_option_list(invocation, "platform"); *asked; asked++) {
		const KilnPlatform *platform = kiln_platform_parse(*asked, error);
		if (!platform)
			return KILN_EXIT_ERROR;
		g_ptr_array_add(platforms, (gpointer)platform);
	}
	g_ptr_array_add(platforms, NULL);
	KilnRebuildOptions options = { (const KilnPlatform *const *)platforms->pdata, find_archive, invocation };
	g_autoptr(KilnImage) image = kiln_image_locate(invocation->arguments[0], invocation->images_path, error);
	if (!image)
		return KILN_EXIT_ERROR;
	if (!kiln_rebuild(invocation->store, &invocation->context, image, &options, &result, &problem)) {
		kiln_output_begin(invocation);
		if (!g_error_matches(problem, KILN_ERROR, KILN_ERROR_UNSUPPORTED)) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return KILN_EXIT_ERROR;
		}
		kiln_message_error(problem, kiln_message_colour(STDERR_FILENO), invocation->verbose);
		return KILN_EXIT_CANNOT_TELL;
	}
	kiln_output_begin(invocation);
	if (invocation->json) {
		g_autoptr(json_t) document = result_json(image, &result);
		kiln_print_json(document);
	} else if (!invocation->quiet) {
		print_result(invocation, image, &result);
	}
	return result.equal ? KILN_EXIT_CLEAN : KILN_EXIT_FINDINGS;
}

static const KilnOption options_of_rebuild[] = {
	{ .name = "platform", .kind = KILN_OPTION_LIST, .value = "PLATFORM", .help = "only this one; else every one that it has" },
	{ .name = "allow-mirrors", .kind = KILN_OPTION_FLAG, .help = "fetch from mirrors that its own recipe names" },
	{ .name = NULL },
};

const KilnCommand kiln_cmd_rebuild = {
	.name = "rebuild",
	.group = "build",
	.summary = "build an image again and compare it bit for bit",
	.arguments = "IMAGE",
	.options = options_of_rebuild,
	.needs = KILN_NEED_STORE,
	.run = run,
	.description = "Reads the provenance that is attached to IMAGE, builds from it anew (recipe, lock, own files by digest) and compares every bit. "
	               "Nothing that earlier builds left in the cache is used, and each package is hashed again.\n\n"
	               "Packages come from the store, or else from this host's mirrors; the recipe's own files come from the store, or else from the image "
	               "itself, by digest. A difference is shown to the layer, the file and the byte.\n\n"
	               "Exit codes: 0 equal, 1 different, 3 there is no provenance to build from.",
	.example = "$ kiln rebuild nginx\n$ kiln --offline rebuild oci-archive:nginx.tar\n",
	.arguments_min = 1,
	.arguments_max = 1,
	.complete_arguments = KILN_COMPLETE_IMAGE,
};
