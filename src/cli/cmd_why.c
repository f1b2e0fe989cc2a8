/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_why.c: kiln why: the chain that put a file into an image, or what left it out. */
#include "base/error.h"
#include "base/limits.h"
#include "build/closure.h"
#include "build/evidence.h"
#include "build/reason.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/render.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define CHAIN_MAX 64

/* The reasons of the image @reference: the newest attached document. */
static json_t *load_reasons(const KilnInvocation *invocation, const char *reference, GError **error)
{
	static const char prefix[] = "oci:";
	gboolean given = g_str_has_prefix(reference, prefix);
	const char *rest = given ? reference + strlen(prefix) : reference, *colon = strrchr(rest, ':');
	gboolean tagged = colon && !strchr(colon, '/');
	g_autofree char *path = !given ? g_strdup(invocation->images_path) : tagged ? g_strndup(rest, (gsize)(colon - rest)) : g_strdup(rest);
	g_autofree char *name = given ? (tagged ? g_strdup(colon + 1) : NULL) : tagged ? g_strdup(rest) : g_strconcat(rest, ":latest", NULL);
	g_autoptr(KilnLayout) layout = kiln_layout_open(AT_FDCWD, path, FALSE, error);
	g_auto(KilnDescriptor) top = { 0 };
	g_autoptr(GPtrArray) referrers = NULL;
	if (!layout || !kiln_layout_find(layout, name, &top, error) || !kiln_layout_referrers(layout, &top.digest, KILN_MEDIA_REASONS, &referrers, error))
		return NULL;
	if (!referrers->len) {
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: no reasons are attached to it; was it built by kiln, for one platform?", reference);
		return NULL;
	}
	const KilnDescriptor *newest = referrers->pdata[referrers->len - 1];
	g_autoptr(GBytes) bytes = kiln_layout_read_blob(layout, &newest->digest, KILN_LIMIT_MANIFEST_BYTES, error);
	g_autoptr(KilnManifest) manifest = bytes ? kiln_manifest_parse(bytes, reference, error) : NULL;
	if (!manifest || !manifest->items->len)
		return NULL;
	const KilnDescriptor *blob = manifest->items->pdata[0];
	g_autoptr(GBytes) text = kiln_layout_read_blob(layout, &blob->digest, KILN_LIMIT_JSON_BYTES, error);
	return text ? kiln_json_parse(g_bytes_get_data(text, NULL), g_bytes_get_size(text), "reasons", error) : NULL;
}

static const json_t *find_path(const json_t *reasons, const char *list, const char *path)
{
	const json_t *item;
	size_t index;
	const json_t *array = json_object_get(reasons, list);
	if (!array)
		return NULL;
	json_array_foreach(array, index, item)
	{
		if (g_strcmp0(kiln_json_string_or_null(item, "path"), path) == 0)
			return item;
	}
	return NULL;
}

static const json_t *package_of(const json_t *reasons, const json_t *item)
{
	const json_t *number = json_object_get(item, "package");
	return number ? json_array_get(json_object_get(reasons, "packages"), (size_t)json_integer_value(number)) : NULL;
}

static void print_package(const json_t *package)
{
	if (!package)
		return;
	printf("    package %s %s%s\n", kiln_json_string_or_null(package, "name"), kiln_json_string_or_null(package, "version"),
	       json_is_true(json_object_get(package, "requested")) ? ", which the recipe asks for" : "");
	printf("    .deb %s\n    signed by suite %s, InRelease %s\n", kiln_json_string_or_null(package, "digest"), kiln_json_string_or_null(package, "suite"),
	       kiln_json_string_or_null(package, "inrelease"));
}

static void print_kept(const json_t *reasons, const json_t *item)
{
	for (int depth = 0; item && depth < CHAIN_MAX; depth++) {
		const char *from = kiln_json_string_or_null(item, "from");
		g_autofree char *text = kiln_rule_explain(kiln_json_string_or_null(item, "rule"), kiln_json_string_or_null(item, "detail"));
		g_autofree char *path = kiln_printable(kiln_json_string_or_null(item, "path"), FALSE), *shown = kiln_printable(text, FALSE);
		printf("/%s\n", path);
		print_package(package_of(reasons, item));
		if (from)
			printf("  because of /%s: %s\n", from, shown);
		else
			printf("  because: %s\n", shown);
		item = from ? find_path(reasons, "files", from) : NULL;
	}
}

static void print_left_out(const json_t *reasons, const json_t *item)
{
	const char *id = kiln_json_string_or_null(item, "rule");
	g_autofree char *text = kiln_rule_explain(id, kiln_json_string_or_null(item, "detail"));
	const KilnRule *rule = kiln_rule(id);
	printf("/%s is not in the image: %s\n", kiln_json_string_or_null(item, "path"), text);
	print_package(package_of(reasons, item));
	if (rule && rule->remedy)
		printf("  to have it: the recipe's key \"%s\"\n", rule->remedy);
}

static int run(KilnInvocation *invocation, GError **error)
{
	g_autoptr(json_t) reasons = load_reasons(invocation, invocation->arguments[0], error);
	if (!reasons)
		return KILN_EXIT_ERROR;
	const char *asked = invocation->arguments[1] + strspn(invocation->arguments[1], "/");
	g_autofree char *path = kiln_merged_path(asked);
	const json_t *kept = find_path(reasons, "files", path), *left = kept ? NULL : find_path(reasons, "left-out", path);
	kept = kept ? kept : left ? NULL : find_path(reasons, "files", asked);
	kiln_output_begin(invocation);
	if (invocation->json) {
		g_autoptr(json_t) document = json_object();
		kiln_json_set_string(document, "path", path);
		kiln_json_set_string(document, "state", kept ? "kept" : left ? "left-out" : "unknown");
		const json_t *reason = kept ? kept : left;
		if (reason)
			json_object_set_new(document, "reason", json_deep_copy(reason));
		kiln_print_json(document);
	} else if (kept) {
		print_kept(reasons, kept);
	} else if (left) {
		print_left_out(reasons, left);
	} else {
		printf("/%s: no package of the image's closure has it\n", path);
	}
	return kept || left ? KILN_EXIT_CLEAN : KILN_EXIT_FINDINGS;
}

const KilnCommand kiln_cmd_why = {
	.name = "why",
	.group = "look",
	.summary = "say why a file is in an image, or why not",
	.arguments = "IMAGE PATH",
	.needs = KILN_NEED_STORE,
	.run = run,
	.description = "Prints the chain from the file to the recipe: which file needs it and how, which package has it, the digest of the .deb "
	               "and the signed index. For a file that was left out it names the rule, and the key of the recipe that brings it back.",
	.example = "$ kiln why nginx /usr/lib/x86_64-linux-gnu/libpcre2-8.so.0\n",
	.arguments_min = 2,
	.arguments_max = 2,
};
