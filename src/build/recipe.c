/* SPDX-License-Identifier: Apache-2.0 */
/* recipe.c: a recipe with everything it builds on, one variant of it, defaults filled in. */
#include "build/recipe.h"

#include "base/error.h"
#include "base/limits.h"
#include "build/recipe_spec.h"
#include "io/file.h"
#include "oci/platform.h"

#include <fcntl.h>
#include <string.h>

#define FROM_DEPTH_MAX 8

static const char *const file_only[] = { "from", "variants", NULL };

void kiln_recipe_place_clear(KilnRecipePlace *place)
{
	g_clear_pointer(&place->key, g_free);
	g_clear_pointer(&place->file, g_free);
}

static void place_free(gpointer data)
{
	kiln_recipe_place_clear(data);
	g_free(data);
}

static KilnRecipe *recipe_new(void)
{
	KilnRecipe *recipe = g_new0(KilnRecipe, 1);
	GPtrArray **arrays[] = { &recipe->archives, &recipe->writable, &recipe->files, &recipe->links, &recipe->users, &recipe->groups, &recipe->tests };
	for (gsize i = 0; i < G_N_ELEMENTS(arrays); i++)
		*arrays[i] = g_ptr_array_new();
	recipe->places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, place_free);
	return recipe;
}

void kiln_recipe_free(KilnRecipe *recipe)
{
	if (!recipe)
		return;
	spec_free_members(&recipe_type, recipe);
	g_free(recipe->variant);
	g_free(recipe->directory);
	g_free(recipe->file);
	g_hash_table_unref(recipe->places);
	g_free(recipe);
}

static KilnYaml *parse_file(const char *path, GError **error)
{
	gsize length;
	g_autoptr(GBytes) bytes = kiln_file_read_at(AT_FDCWD, path, KILN_LIMIT_RECIPE_BYTES, error);
	const char *text = bytes ? g_bytes_get_data(bytes, &length) : NULL;
	g_autoptr(KilnYaml) yaml = bytes ? kiln_yaml_parse(text ? text : "", text ? length : 0, path, error) : NULL;
	if (yaml && !kiln_yaml_root(yaml)) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s: empty; a recipe needs at least a name", path);
		return NULL;
	}
	return g_steal_pointer(&yaml);
}

/* @prefix leads from the main recipe's directory to this file's: what relative paths in it get in front. */
static gboolean read_file(KilnRecipe *recipe, const char *path, const char *prefix, const char *variant, guint depth,
                          gboolean *variant_found, GError **error)
{
	g_autoptr(KilnYaml) yaml = parse_file(path, error);
	if (!yaml)
		return FALSE;
	const KilnYamlNode *root = kiln_yaml_root(yaml), *from = kiln_yaml_get(root, "from"), *variants = kiln_yaml_get(root, "variants");
	SpecSource source = { yaml, prefix };
	if (from) {
		if (from->type != KILN_YAML_SCALAR || !from->text[0])
			return kiln_yaml_fail(yaml, from, error, "\"from\" must be the path of a recipe");
		if (depth >= FROM_DEPTH_MAX)
			return kiln_fail(error, KILN_ERROR_DENIED, "%s:%u:%u: \"from\" leads through more than %d recipes; does it come back to itself?",
			                 path, from->line, from->column, FROM_DEPTH_MAX);
		g_autofree char *directory = g_path_get_dirname(path);
		g_autofree char *base = from->text[0] == '/' ? g_strdup(from->text) : g_build_filename(directory, from->text, NULL);
		g_autofree char *base_directory = g_path_get_dirname(from->text);
		g_autofree char *base_prefix = strcmp(base_directory, ".") == 0 ? g_strdup(prefix)
		                               : from->text[0] == '/'          ? g_strconcat(base_directory, "/", NULL)
		                                                               : g_strconcat(prefix, base_directory, "/", NULL);
		if (!read_file(recipe, base, base_prefix, variant, depth + 1, variant_found, error)) {
			g_prefix_error(error, "%s:%u: from: ", path, from->line);
			return FALSE;
		}
		g_clear_pointer(&recipe->name, g_free); /* a name is never inherited */
	}
	if (!spec_read(&source, &recipe_type, root, file_only, recipe, recipe->places, error))
		return FALSE;
	if (variants && variants->type != KILN_YAML_MAPPING)
		return kiln_yaml_fail(yaml, variants, error, "\"variants\" must hold names and what changes");
	for (const KilnYamlNode *one = variants ? variants->children : NULL; one; one = one->next) {
		/* Every variant is read, so that a mistake in one does not wait until it is built. */
		g_autoptr(KilnRecipe) scratch = recipe_new();
		gboolean asked = variant && strcmp(one->key, variant) == 0;
		if (kiln_yaml_get(one, "name"))
			return kiln_yaml_fail(yaml, kiln_yaml_get(one, "name"), error, "a variant has no name of its own: it is the recipe's with \"-%s\"", one->key);
		if (!spec_read(&source, &recipe_type, one, NULL, asked ? recipe : scratch, asked ? recipe->places : scratch->places, error))
			return FALSE;
		*variant_found |= asked;
	}
	return TRUE;
}

gboolean kiln_recipe_variants(const char *path, char ***variants, GError **error)
{
	g_autoptr(KilnYaml) yaml = parse_file(path, error);
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	if (!yaml)
		return FALSE;
	const KilnYamlNode *node = kiln_yaml_get(kiln_yaml_root(yaml), "variants");
	for (const KilnYamlNode *child = node ? node->children : NULL; child; child = child->next)
		g_strv_builder_add(names, child->key ? child->key : "");
	*variants = g_strv_builder_end(names);
	return TRUE;
}

static void default_vector(char ***vector)
{
	if (!*vector)
		*vector = g_new0(char *, 1);
}

static void default_string(char **string, const char *value)
{
	if (!*string)
		*string = g_strdup(value);
}

static gboolean fill_tests(KilnRecipe *recipe)
{
	for (guint i = 0; i < recipe->tests->len; i++) {
		KilnRecipeTest *test = recipe->tests->pdata[i];
		test->kind = test->run ? KILN_TEST_RUN : test->port ? KILN_TEST_PORT : test->url ? KILN_TEST_FETCH
		             : test->path ? KILN_TEST_PRESENT : test->absent ? KILN_TEST_ABSENT : KILN_TEST_SIZE;
		if (!test->name) {
			g_autofree char *command = test->run ? g_strjoinv(" ", test->run) : NULL;
			test->name = test->kind == KILN_TEST_RUN       ? g_strdup_printf("run %s", command)
			             : test->kind == KILN_TEST_PORT    ? g_strdup_printf("listens on %" G_GUINT64_FORMAT, test->port)
			             : test->kind == KILN_TEST_FETCH   ? g_strdup_printf("fetch %s", test->url)
			             : test->kind == KILN_TEST_PRESENT ? g_strdup_printf("%s is there", test->path)
			             : test->kind == KILN_TEST_ABSENT  ? g_strdup_printf("%s is not there", test->absent)
			                                               : g_strdup_printf("at most %" G_GUINT64_FORMAT " bytes", test->size_bytes);
		}
		test->timeout_ms = test->timeout_ms ? test->timeout_ms : 10000;
		if (test->kind == KILN_TEST_FETCH && !test->status)
			test->status = 200;
		default_vector(&test->environment);
	}
	return TRUE;
}

static gboolean normalise(KilnRecipe *recipe, GError **error)
{
	char ***vectors[] = { &recipe->platforms, &recipe->packages, &recipe->programs, &recipe->exclude, &recipe->entrypoint, &recipe->command,
		              &recipe->environment, &recipe->ports, &recipe->labels, &recipe->annotations, &recipe->keep, &recipe->drop,
		              &recipe->accept, &recipe->locales, &recipe->healthcheck.test };
	for (gsize i = 0; i < G_N_ELEMENTS(vectors); i++)
		default_vector(vectors[i]);
	default_string(&recipe->user, "nonroot");
	default_string(&recipe->compression, "gzip");
	default_string(&recipe->working_directory, "/");
	if (!recipe->platforms[0]) {
		g_free(recipe->platforms);
		recipe->platforms = g_strsplit(kiln_platform_host()->oci, " ", -1);
	}
	for (char **platform = recipe->platforms; *platform; platform++) {
		const KilnPlatform *known = kiln_platform_parse(*platform, error);
		if (!known)
			return FALSE;
		g_free(*platform);
		*platform = g_strdup(known->oci);
	}
	for (char **port = recipe->ports; *port; port++)
		if (!strchr(*port, '/')) {
			char *with = g_strconcat(*port, "/tcp", NULL);
			g_free(*port);
			*port = with;
		}
	for (guint i = 0; i < recipe->writable->len; i++)
		default_string(&((KilnRecipeWritable *)recipe->writable->pdata[i])->kind, "tmpfs");
	return fill_tests(recipe);
}

static gboolean finish(KilnRecipe *recipe, GError **error)
{
	if (!recipe->name)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"name\" is missing", recipe->file);
	if (recipe->packages && recipe->packages[0] && !recipe->archive)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"packages\" are asked for, but \"archive\" does not say where they come from, as in archive: debian/trixie", recipe->file);
	if (recipe->entrypoint && recipe->entrypoint[0] && recipe->entrypoint[0][0] != '/') {
		const KilnRecipePlace *place = g_hash_table_lookup(recipe->places, "entrypoint");
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s:%u:%u: entrypoint: \"%s\" must be an absolute path", place ? place->file : recipe->file,
		                 place ? place->line : 1, place ? place->column : 1, recipe->entrypoint[0]);
	}
	if (recipe->variant) {
		char *name = g_strdup_printf("%s-%s", recipe->name, recipe->variant);
		g_free(recipe->name);
		recipe->name = name;
	}
	return normalise(recipe, error);
}

KilnRecipe *kiln_recipe_load(const char *path, const char *variant, GError **error)
{
	g_autoptr(KilnRecipe) recipe = recipe_new();
	gboolean variant_found = FALSE;
	recipe->file = g_strdup(path);
	recipe->directory = g_path_get_dirname(path);
	recipe->variant = g_strdup(variant);
	if (!read_file(recipe, path, "", variant, 0, &variant_found, error))
		return NULL;
	if (variant && !variant_found) {
		g_auto(GStrv) known = NULL;
		g_autofree char *all = kiln_recipe_variants(path, &known, NULL) ? g_strjoinv(", ", known) : NULL;
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: no variant \"%s\"; it has %s", path, variant, all && *all ? all : "none");
		return NULL;
	}
	return finish(recipe, error) ? g_steal_pointer(&recipe) : NULL;
}

KilnRecipe *kiln_recipe_from_json(const char *text, gsize length, const char *name, GError **error)
{
	/* JSON is YAML, so one parser and one table serve both. */
	g_autoptr(KilnYaml) yaml = kiln_yaml_parse(text, length, name, error);
	g_autoptr(KilnRecipe) recipe = recipe_new();
	if (!yaml)
		return NULL;
	if (!kiln_yaml_root(yaml)) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s: empty", name);
		return NULL;
	}
	SpecSource source = { yaml, "" };
	recipe->file = g_strdup(name);
	recipe->directory = g_strdup(".");
	if (!spec_read(&source, &recipe_type, kiln_yaml_root(yaml), NULL, recipe, recipe->places, error) || !finish(recipe, error))
		return NULL;
	return g_steal_pointer(&recipe);
}

GBytes *kiln_recipe_to_json(const KilnRecipe *recipe, gboolean for_digest)
{
	g_autoptr(json_t) value = spec_write(&recipe_type, recipe);
	if (for_digest)
		json_object_del(value, "tests");
	return kiln_json_compact(value);
}
