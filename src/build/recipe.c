/* SPDX-License-Identifier: Apache-2.0 */
/* recipe.c: a recipe with everything it builds on, and one variant of it. */
#include "build/recipe.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "build/recipe_check.h"
#include "build/recipe_spec.h"
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

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

/* One file of the chain, the deepest base first. */
typedef struct {
	KilnYaml *yaml;
	char *prefix; /* leads from the main recipe's directory to this file's: what relative paths in it get in front */
	guint64 device, inode;
} Layer;

static void layer_free(gpointer data)
{
	Layer *layer = data;
	kiln_yaml_free(layer->yaml);
	g_free(layer->prefix);
	g_free(layer);
}

static char *base_prefix(const char *prefix, const char *from)
{
	g_autofree char *directory = g_path_get_dirname(from);
	if (strcmp(directory, ".") == 0)
		return g_strdup(prefix);
	return from[0] == '/' ? g_strconcat(directory, "/", NULL) : g_strconcat(prefix, directory, "/", NULL);
}

static gboolean open_layer(GPtrArray *layers, const char *path, const char *prefix, GError **error)
{
	Layer *layer = g_new0(Layer, 1);
	struct stat status = { 0 };
	g_ptr_array_insert(layers, 0, layer);
	layer->prefix = g_strdup(prefix);
	layer->yaml = parse_file(path, error);
	if (!layer->yaml || fstatat(AT_FDCWD, path, &status, 0) != 0)
		return layer->yaml && kiln_fail_errno(error, errno, "%s", path);
	layer->device = status.st_dev;
	layer->inode = status.st_ino;
	for (guint i = 1; i < layers->len; i++) {
		const Layer *other = layers->pdata[i];
		if (other->device == layer->device && other->inode == layer->inode)
			return kiln_fail(error, KILN_ERROR_DENIED, "\"from\" leads back to %s", path);
	}
	return TRUE;
}

/* The file @path and all it builds on. */
static gboolean collect_layers(const char *path, GPtrArray *layers, GError **error)
{
	g_autofree char *where = NULL, *file = g_strdup(path), *prefix = g_strdup("");
	while (file) {
		if (layers->len == KILN_LIMIT_RECIPE_FROM)
			return kiln_fail(error, KILN_ERROR_LIMIT, "%s: \"from\" leads through more than %d recipes", where, KILN_LIMIT_RECIPE_FROM);
		if (!open_layer(layers, file, prefix, error)) {
			if (where)
				g_prefix_error(error, "%s: from: ", where);
			return FALSE;
		}
		const KilnYaml *yaml = ((Layer *)layers->pdata[0])->yaml;
		const KilnYamlNode *from = kiln_yaml_get(kiln_yaml_root(yaml), "from");
		if (from && (from->type != KILN_YAML_SCALAR || !from->text[0]))
			return kiln_yaml_fail(yaml, from, error, "\"from\" must be the path of one other recipe");
		g_autofree char *directory = g_path_get_dirname(file), *old = g_steal_pointer(&file), *old_prefix = g_steal_pointer(&prefix);
		if (!from)
			return TRUE;
		g_free(where);
		where = g_strdup_printf("%s:%u:%u", old, from->line, from->column);
		file = from->text[0] == '/' || strcmp(directory, ".") == 0 ? g_strdup(from->text) : g_build_filename(directory, from->text, NULL);
		prefix = base_prefix(old_prefix, from->text);
	}
	return TRUE;
}

static const KilnYamlNode *variants_of(const Layer *layer)
{
	return kiln_yaml_get(kiln_yaml_root(layer->yaml), "variants");
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, each once. */
static char **variant_names(const GPtrArray *layers)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < layers->len; i++) {
		const KilnYamlNode *variants = variants_of(layers->pdata[i]);
		for (const KilnYamlNode *one = variants ? variants->children : NULL; one; one = one->next)
			if (!g_ptr_array_find_with_equal_func(names, one->key, g_str_equal, NULL))
				g_ptr_array_add(names, (gpointer)one->key);
	}
	g_ptr_array_sort(names, by_name);
	g_ptr_array_add(names, NULL);
	return g_strdupv((char **)names->pdata);
}

static gboolean fail_variant(const GPtrArray *layers, const char *asked, KilnError code, const char *where, GError **error)
{
	g_auto(GStrv) known = variant_names(layers);
	g_autofree char *hint = kiln_text_suggest(asked, (const char *const *)known, "the recipe has");
	return kiln_fail(error, code, "%s: no variant \"%s\"; %s", where, asked, hint);
}

/* A program's arguments belong to it: a new entrypoint does not take over the cmd of what it replaces. */
static void forget_command(KilnRecipe *recipe, const KilnYamlNode *mapping)
{
	if (mapping->type == KILN_YAML_MAPPING && kiln_yaml_get(mapping, "entrypoint"))
		g_clear_pointer(&recipe->command, g_strfreev);
}

/* Every variant is read, so that a mistake in one does not wait until it is built; @wanted also into @recipe. */
static gboolean read_variants(const Layer *layer, KilnRecipe *recipe, const char *wanted, gboolean *found, GError **error)
{
	const KilnYamlNode *variants = variants_of(layer);
	SpecSource source = { layer->yaml, layer->prefix };
	if (variants && variants->type != KILN_YAML_MAPPING)
		return kiln_yaml_fail(layer->yaml, variants, error, "\"variants\" must hold names and what changes");
	for (const KilnYamlNode *one = variants ? variants->children : NULL; one; one = one->next) {
		g_autoptr(KilnRecipe) scratch = recipe_new();
		gboolean asked = wanted && strcmp(one->key, wanted) == 0;
		KilnRecipe *into = asked ? recipe : scratch;
		const KilnYamlNode *name = one->type == KILN_YAML_MAPPING ? kiln_yaml_get(one, "name") : NULL;
		KilnYamlNode place = { .line = one->key_line, .column = one->key_column };
		g_autofree char *wrong = check_name(one->key);
		if (wrong)
			return kiln_yaml_fail(layer->yaml, &place, error, "variants: %s", wrong);
		if (strcmp(one->key, "all") == 0)
			return kiln_yaml_fail(layer->yaml, &place, error, "variants: \"all\" is what --variant calls all of them; choose another name");
		if (name)
			return kiln_yaml_fail(layer->yaml, name, error, "a variant has no name of its own: it is the recipe's with \"-%s\"", one->key);
		forget_command(into, one);
		if (!spec_read(&source, &recipe_type, one, NULL, into, into->places, error))
			return FALSE;
		*found |= asked;
	}
	return TRUE;
}

/* First what all files say, the base first; then what they say of the variant, in the same order. */
static gboolean read_layers(const GPtrArray *layers, KilnRecipe *recipe, GError **error)
{
	static const char *const file_only[] = { "from", "variants", NULL };
	gboolean found = FALSE;
	for (guint i = 0; i < layers->len; i++) {
		const Layer *layer = layers->pdata[i];
		SpecSource source = { layer->yaml, layer->prefix };
		g_clear_pointer(&recipe->name, g_free); /* a name is never inherited */
		forget_command(recipe, kiln_yaml_root(layer->yaml));
		if (!spec_read(&source, &recipe_type, kiln_yaml_root(layer->yaml), file_only, recipe, recipe->places, error))
			return FALSE;
	}
	for (guint i = 0; i < layers->len; i++)
		if (!read_variants(layers->pdata[i], recipe, recipe->variant, &found, error))
			return FALSE;
	return found || !recipe->variant || fail_variant(layers, recipe->variant, KILN_ERROR_NOT_FOUND, recipe->file, error);
}

gboolean kiln_recipe_variants(const char *path, char ***variants, GError **error)
{
	g_autoptr(GPtrArray) layers = g_ptr_array_new_with_free_func(layer_free);
	g_autoptr(KilnRecipe) scratch = recipe_new();
	if (!collect_layers(path, layers, error) || !read_layers(layers, scratch, error))
		return FALSE;
	*variants = variant_names(layers);
	return TRUE;
}

/* A test may run in the image of a variant, which must be there. */
static gboolean check_test_variants(const KilnRecipe *recipe, const GPtrArray *layers, GError **error)
{
	g_auto(GStrv) known = variant_names(layers);
	for (guint i = 0; i < recipe->tests->len; i++) {
		const KilnRecipeTest *test = recipe->tests->pdata[i];
		if (!test->variant || g_strv_contains((const char *const *)known, test->variant))
			continue;
		g_autofree char *where = g_strdup_printf("%s:%u:%u: tests", test->place.file, test->place.line, test->place.column);
		return fail_variant(layers, test->variant, KILN_ERROR_SYNTAX, where, error);
	}
	return TRUE;
}

KilnRecipe *kiln_recipe_load(const char *path, const char *variant, GError **error)
{
	g_autoptr(GPtrArray) layers = g_ptr_array_new_with_free_func(layer_free);
	g_autoptr(KilnRecipe) recipe = recipe_new();
	recipe->file = g_strdup(path);
	recipe->directory = g_path_get_dirname(path);
	recipe->variant = g_strdup(variant);
	if (!collect_layers(path, layers, error) || !read_layers(layers, recipe, error) || !check_test_variants(recipe, layers, error) ||
	    !recipe_finish(recipe, error))
		return NULL;
	return g_steal_pointer(&recipe);
}

KilnRecipe *kiln_recipe_from_json(const char *text, gsize length, const char *name, GError **error)
{
	g_autoptr(json_t) json = kiln_json_parse(text, length, name, error);
	g_autoptr(KilnYaml) yaml = json ? kiln_yaml_from_json(json, name, error) : NULL;
	g_autoptr(KilnRecipe) recipe = recipe_new();
	if (!yaml)
		return NULL;
	SpecSource source = { yaml, "" };
	recipe->file = g_strdup(name);
	recipe->directory = g_strdup(".");
	if (!spec_read(&source, &recipe_type, kiln_yaml_root(yaml), NULL, recipe, recipe->places, error) || !recipe_finish(recipe, error))
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
