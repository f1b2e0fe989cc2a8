/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_fuzz.c: a tree within its limits; written as JSON, which is YAML, it reads back as the same tree. */
#include "base/limits.h"
#include "data/yaml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static json_t *to_json(const KilnYamlNode *node, guint depth)
{
	guint count = 0;
	if (depth > KILN_LIMIT_YAML_DEPTH || node->line == 0 || node->column == 0)
		abort();
	if (node->type == KILN_YAML_SCALAR)
		return json_string(node->text);
	json_t *made = node->type == KILN_YAML_MAPPING ? json_object() : json_array();
	for (const KilnYamlNode *child = node->children; child; child = child->next, count++) {
		json_t *value = to_json(child, depth + 1);
		if (!value || (node->type == KILN_YAML_MAPPING) != (child->key != NULL))
			abort();
		if (node->type == KILN_YAML_MAPPING ? json_object_set_new(made, child->key, value) != 0 : json_array_append_new(made, value) != 0)
			abort();
	}
	if (count != node->count || (node->type == KILN_YAML_MAPPING && json_object_size(made) != count))
		abort();
	return made;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnYaml) yaml = kiln_yaml_parse((const char *)bytes, length, "fuzz", &error);
	if (!yaml != (error != NULL))
		abort();
	if (!yaml || !kiln_yaml_root(yaml))
		return 0;
	g_autoptr(json_t) first = to_json(kiln_yaml_root(yaml), 0);
	g_autoptr(KilnYaml) again = kiln_yaml_from_json(first, "again", NULL);
	if (!again)
		abort();
	g_autoptr(json_t) second = to_json(kiln_yaml_root(again), 0);
	if (!json_equal(first, second))
		abort();
	return 0;
}
