/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_lock.c: kiln lock. */
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/recipes.h"
#include "cli/render.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static json_t *changes_json(const GPtrArray *changes)
{
	json_t *array = json_array();
	for (guint i = 0; i < changes->len; i++) {
		const KilnLockChange *change = changes->pdata[i];
		json_t *object = json_object();
		kiln_json_set_string(object, "platform", change->platform);
		kiln_json_set_string(object, "package", change->name);
		kiln_json_set_string(object, "before", change->before);
		kiln_json_set_string(object, "after", change->after);
		json_array_append_new(array, object);
	}
	return array;
}

static void print_changes(const char *path, const GPtrArray *changes, const KilnLock *lock)
{
	guint packages = 0;
	for (guint i = 0; i < lock->platforms->len; i++)
		packages += ((KilnLockPlatform *)lock->platforms->pdata[i])->packages->len;
	printf("%s: %u packages, %u changed\n", path, packages, changes->len);
	for (guint i = 0; i < changes->len; i++) {
		const KilnLockChange *change = changes->pdata[i];
		printf("  %s %s: %s -> %s\n", change->platform, change->name, change->before ? change->before : "(none)", change->after ? change->after : "(gone)");
	}
}

static int lock_one(KilnInvocation *invocation, const char *recipe_path, const char *variant, json_t *documents, GError **error)
{
	g_autoptr(KilnRecipe) recipe = kiln_recipe_load(recipe_path, variant, error);
	g_autofree char *path = kiln_lock_path(recipe_path, variant);
	g_autoptr(KilnLock) before = NULL;
	gboolean existed = access(path, F_OK) == 0;
	if (!recipe)
		return KILN_EXIT_ERROR;
	if (existed && !kiln_option_flag(invocation, "update")) {
		if (!kiln_lock_load(AT_FDCWD, path, &before, error))
			return KILN_EXIT_ERROR;
		KilnDigest digest;
		kiln_recipe_choice_digest(recipe, &digest);
		if (kiln_digest_equal(&digest, &before->recipe_digest)) {
			kiln_output_begin(invocation);
			if (!invocation->json)
				printf("%s: fits %s; --update looks for newer packages\n", path, recipe_path);
			return KILN_EXIT_CLEAN;
		}
	} else if (existed && !kiln_lock_load(AT_FDCWD, path, &before, error)) {
		return KILN_EXIT_ERROR;
	}
	g_autoptr(KilnLock) lock = kiln_recipe_resolve(invocation, recipe, error);
	if (!lock || !kiln_lock_save(lock, AT_FDCWD, path, error))
		return KILN_EXIT_ERROR;
	g_autoptr(KilnLock) empty = kiln_lock_new();
	g_autoptr(GPtrArray) changes = kiln_lock_compare(before ? before : empty, lock);
	kiln_output_begin(invocation);
	if (!invocation->json) {
		print_changes(path, changes, lock);
		return KILN_EXIT_CLEAN;
	}
	json_t *document = json_object();
	kiln_json_set_string(document, "lock", path);
	json_object_set_new(document, "changes", changes_json(changes));
	json_array_append_new(documents, document);
	return KILN_EXIT_CLEAN;
}

static int run(KilnInvocation *invocation, GError **error)
{
	g_autoptr(json_t) documents = json_array();
	for (char **path = invocation->arguments; *path; path++) {
		g_autoptr(GPtrArray) variants = kiln_recipe_chosen_variants(*path, kiln_option_string(invocation, "variant"), error);
		if (!variants)
			return KILN_EXIT_ERROR;
		for (guint i = 0; i < variants->len; i++) {
			int code = lock_one(invocation, *path, variants->pdata[i], documents, error);
			if (code != KILN_EXIT_CLEAN)
				return code;
		}
	}
	if (invocation->json)
		kiln_print_json(documents);
	return KILN_EXIT_CLEAN;
}

static const KilnOption options[] = {
	{ .name = "update", .letter = 'u', .kind = KILN_OPTION_FLAG, .help = "look for newer packages even if the lock fits" },
	{ .name = "variant", .kind = KILN_OPTION_STRING, .value = "NAME", .help = "this variant; all: the recipe and its variants" },
	{ .name = "allow-rollback", .kind = KILN_OPTION_LIST, .value = "SUITE", .help = "accept an older index of this suite" },
	{ .name = NULL },
};

const KilnCommand kiln_cmd_lock = {
	.name = "lock",
	.group = "build",
	.summary = "resolve a recipe to exact packages and digests",
	.arguments = "RECIPE...",
	.options = options,
	.needs = KILN_NEED_STORE,
	.run = run,
	.description = "Verifies the archive's signed indexes, resolves the recipe's packages and writes the lock beside the recipe: "
	               "nginx.lock for nginx.yaml. A build with a lock needs no index and no solver.\n\n"
	               "A lock that fits the recipe is left alone; --update resolves anew and prints what changed.",
	.example = "$ kiln lock --update nginx.yaml\n",
	.arguments_min = 1,
	.arguments_max = -1,
	.complete_arguments = KILN_COMPLETE_FILE,
};
