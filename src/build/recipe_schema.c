/* SPDX-License-Identifier: Apache-2.0 */
/* recipe_schema.c: the recipe format as JSON Schema 2020-12 and as a list of keys for people, both from the parser's table. */
#include "build/recipe_spec.h"

#include <string.h>

static json_t *typed(const char *type)
{
	json_t *schema = json_object();
	kiln_json_set_string(schema, "type", type);
	return schema;
}

static json_t *text_schema(const char *pattern)
{
	json_t *schema = typed("string");
	kiln_json_set_string(schema, "pattern", pattern);
	return schema;
}

static json_t *any_of(json_t *first, json_t *second)
{
	json_t *schema = json_object(), *choices = json_array();
	json_array_append_new(choices, first);
	json_array_append_new(choices, second);
	json_object_set_new(schema, "anyOf", choices);
	return schema;
}

/* YAML reads 8080 as a number where a text is meant. */
static json_t *scalar_schema(const Spec *spec)
{
	static const char *const any[] = { "string", "number", "boolean", NULL }, *const text[] = { "string", "number", NULL };
	gboolean loose = spec->kind == SPEC_COMMAND || spec->kind == SPEC_ENVIRONMENT || spec->kind == SPEC_PAIRS;
	json_t *schema = json_object();
	if (spec->words)
		json_object_set_new(schema, "enum", kiln_json_from_strv(spec->words));
	else
		json_object_set_new(schema, "type", kiln_json_from_strv(loose ? any : text));
	if (!loose && !spec->words && !spec->may_be_empty)
		kiln_json_set_integer(schema, "minLength", 1);
	return schema;
}

static json_t *number_schema(const Spec *spec)
{
	json_t *schema = typed("integer");
	kiln_json_set_integer(schema, "minimum", (gint64)spec->minimum);
	if (spec->maximum)
		kiln_json_set_integer(schema, "maximum", (gint64)spec->maximum);
	return schema;
}

static json_t *mapping_schema(const SpecType *type);
static json_t *value_schema(const Spec *spec);

static const Spec *row(const SpecType *type, const char *key)
{
	const Spec *spec = spec_find(type, key);
	g_assert(spec != NULL);
	return spec;
}

static json_t *items_schema(const Spec *spec)
{
	const SpecType *type = spec->type;
	json_t *list = typed("array"), *item = mapping_schema(type);
	if (type->scalar_key)
		item = any_of(value_schema(row(type, type->scalar_key)), item);
	json_object_set_new(list, "items", item);
	if (!type->map_key)
		return list;
	json_t *map = typed("object");
	json_object_set_new(map, "additionalProperties", value_schema(row(type, type->map_value)));
	return any_of(list, map);
}

static json_t *value_schema(const Spec *spec)
{
	json_t *schema;
	switch (spec->kind) {
	case SPEC_BOOLEAN:
		return typed("boolean");
	case SPEC_STRINGS:
	case SPEC_COMMAND:
		schema = typed("array");
		json_object_set_new(schema, "items", scalar_schema(spec));
		if (spec->kind == SPEC_STRINGS)
			json_object_set_new(schema, "uniqueItems", json_true());
		if (spec->minimum)
			kiln_json_set_integer(schema, "minItems", (gint64)spec->minimum);
		return schema;
	case SPEC_PAIRS:
	case SPEC_ENVIRONMENT:
		schema = typed("object");
		json_object_set_new(schema, "additionalProperties", scalar_schema(spec));
		return schema;
	case SPEC_NUMBER:
		return number_schema(spec);
	case SPEC_MODE:
		return any_of(text_schema("^0?[0-7]{3,4}$"), typed("integer"));
	case SPEC_SIZE:
		return any_of(number_schema(spec), text_schema("^[0-9]+ *(B|kB|KB|MB|GB|KiB|MiB|GiB)?$"));
	case SPEC_DURATION:
		return text_schema("^[0-9]+ *(ms|s|m|h)$");
	case SPEC_ITEMS:
		return items_schema(spec);
	case SPEC_STRUCT:
		return mapping_schema(spec->type);
	case SPEC_STRING:
	case SPEC_PATH:
		break;
	}
	return scalar_schema(spec);
}

/* Exactly one of these keys. */
static json_t *one_of_schema(const char *const *keys)
{
	json_t *choices = json_array();
	for (; *keys; keys++) {
		const char *const one[] = { *keys, NULL };
		json_t *choice = json_object();
		json_object_set_new(choice, "required", kiln_json_from_strv(one));
		json_array_append_new(choices, choice);
	}
	return choices;
}

static json_t *mapping_schema(const SpecType *type)
{
	json_t *schema = typed("object"), *properties = json_object();
	for (const Spec *spec = type->specs; spec->key; spec++) {
		json_t *value = value_schema(spec);
		kiln_json_set_string(value, "description", spec->help);
		json_object_set_new(properties, spec->key, value);
	}
	json_object_set_new(schema, "properties", properties);
	json_object_set_new(schema, "additionalProperties", json_false());
	if (type->needs)
		json_object_set_new(schema, "required", kiln_json_from_strv(type->needs));
	if (type->one_of)
		json_object_set_new(schema, "oneOf", one_of_schema(type->one_of));
	return schema;
}

GBytes *kiln_recipe_schema(void)
{
	g_autoptr(json_t) schema = json_object();
	json_t *recipe = mapping_schema(&recipe_type), *properties = json_object_get(recipe, "properties");
	json_t *from = typed("string"), *variants = typed("object"), *variant = mapping_schema(&recipe_type);
	json_object_del(json_object_get(variant, "properties"), "name");
	json_object_del(variant, "required");
	kiln_json_set_integer(from, "minLength", 1);
	kiln_json_set_string(from, "description", "another recipe that this one builds on");
	kiln_json_set_string(variants, "description", "named changes on top of this recipe, built beside it");
	json_object_set_new(variants, "additionalProperties", variant);
	json_object_set_new(properties, "from", from);
	json_object_set_new(properties, "variants", variants);
	kiln_json_set_string(schema, "$schema", "https://json-schema.org/draft/2020-12/schema");
	kiln_json_set_string(schema, "title", "kiln recipe");
	json_object_update(schema, recipe);
	json_decref(recipe);
	return kiln_json_pretty(schema);
}

static const char *kind_text(const Spec *spec)
{
	static const char *const texts[] = {
		[SPEC_STRING] = "text",
		[SPEC_BOOLEAN] = "true or false",
		[SPEC_STRINGS] = "list of texts",
		[SPEC_COMMAND] = "command: list of words",
		[SPEC_PAIRS] = "mapping",
		[SPEC_ENVIRONMENT] = "mapping",
		[SPEC_MODE] = "octal mode",
		[SPEC_NUMBER] = "number",
		[SPEC_SIZE] = "size",
		[SPEC_DURATION] = "duration",
		[SPEC_PATH] = "path beside the recipe",
		[SPEC_ITEMS] = "list of mappings",
		[SPEC_STRUCT] = "mapping",
	};
	return texts[spec->kind];
}

static void append_keys(GString *out, const SpecType *type)
{
	g_string_append(out, "| key | value | meaning | example |\n|---|---|---|---|\n");
	for (const Spec *spec = type->specs; spec->key; spec++) {
		g_autofree char *words = spec->words ? g_strjoinv(" or ", (char **)spec->words) : NULL;
		g_string_append_printf(out, "| `%s` | %s | %s | `%s: %s` |\n", spec->key, words ? words : kind_text(spec), spec->help, spec->key, spec->example);
	}
}

char *kiln_recipe_reference(void)
{
	GString *out = g_string_new(NULL);
	append_keys(out, &recipe_type);
	for (const Spec *spec = recipe_type.specs; spec->key; spec++) {
		if (!spec->type)
			continue;
		g_string_append_printf(out, "\n### %s `%s`\n\n", spec->kind == SPEC_ITEMS ? "An item of" : "Inside", spec->key);
		append_keys(out, spec->type);
	}
	return g_string_free(out, FALSE);
}
