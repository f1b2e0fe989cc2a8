/* SPDX-License-Identifier: Apache-2.0 */
/* recipe_fuzz.c: a recipe that is taken prints as JSON that reads back to the same bytes; a refused one says where. */
#include "build/recipe.h"
#include "build/recipe_spec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static json_t *to_json(const KilnYamlNode *node)
{
	if (node->type == KILN_YAML_SCALAR)
		return !node->quoted && strcmp(node->text, "true") == 0 ? json_true() : json_string(node->text);
	json_t *made = node->type == KILN_YAML_MAPPING ? json_object() : json_array();
	for (const KilnYamlNode *child = node->children; child; child = child->next)
		if (node->type == KILN_YAML_MAPPING ? json_object_set_new(made, child->key, to_json(child)) != 0
		                                    : json_array_append_new(made, to_json(child)) != 0)
			abort();
	return made;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnYaml) yaml = kiln_yaml_parse((const char *)bytes, length, "fuzz", NULL);
	if (!yaml || !kiln_yaml_root(yaml))
		return 0;
	g_autoptr(json_t) json = to_json(kiln_yaml_root(yaml));
	g_autoptr(GBytes) text = kiln_json_compact(json);
	g_autoptr(KilnRecipe) recipe = kiln_recipe_from_json(g_bytes_get_data(text, NULL), g_bytes_get_size(text), "fuzz", &error);
	if (!recipe) {
		if (!error || !g_str_has_prefix(error->message, "fuzz:"))
			abort();
		return 0;
	}
	g_autoptr(GBytes) first = kiln_recipe_to_json(recipe, FALSE);
	g_autoptr(KilnRecipe) again = kiln_recipe_from_json(g_bytes_get_data(first, NULL), g_bytes_get_size(first), "again", NULL);
	if (!again)
		abort();
	g_autoptr(GBytes) second = kiln_recipe_to_json(again, FALSE);
	if (!g_bytes_equal(first, second))
		abort();
	return 0;
}
