/* SPDX-License-Identifier: Apache-2.0 */
/* recipe_write.c: a struct as JSON by its table, its memory, and the JSON Schema of the format. */
#include "build/recipe_spec.h"

#include <string.h>

#define AT(object, spec, type) ((type *)(gpointer)((const guint8 *)(object) + (spec)->offset))

static json_t *write_map(char **list, gboolean pairs)
{
	json_t *object = json_object();
	for (; list && *list; list += pairs ? 2 : 1) {
		const char *equals = strchr(list[0], '=');
		g_autofree char *key = pairs ? g_strdup(list[0]) : g_strndup(list[0], (gsize)(equals - list[0]));
		kiln_json_set_string(object, key, pairs ? list[1] : equals + 1);
	}
	return object;
}

static json_t *write_items(const SpecType *type, const GPtrArray *items)
{
	json_t *array = json_array();
	for (guint i = 0; i < items->len; i++)
		json_array_append_new(array, spec_write(type, items->pdata[i]));
	return array;
}

/* NULL: nothing to say. */
static json_t *write_spec(const Spec *spec, gconstpointer object)
{
	switch (spec->kind) {
	case SPEC_STRING:
	case SPEC_PATH: {
		const char *text = *AT(object, spec, char *);
		return text ? json_string(text) : NULL;
	}
	case SPEC_BOOLEAN:
		return *AT(object, spec, gboolean) ? json_true() : NULL;
	case SPEC_STRINGS:
	case SPEC_COMMAND: {
		char **list = *AT(object, spec, char **);
		return list && *list ? kiln_json_from_strv((const char *const *)list) : NULL;
	}
	case SPEC_PAIRS:
	case SPEC_ENVIRONMENT: {
		char **list = *AT(object, spec, char **);
		return list && *list ? write_map(list, spec->kind == SPEC_PAIRS) : NULL;
	}
	case SPEC_MODE: {
		g_autofree char *text = g_strdup_printf("%04o", *AT(object, spec, guint));
		return *AT(object, spec, guint) ? json_string(text) : NULL;
	}
	case SPEC_NUMBER:
	case SPEC_SIZE:
	case SPEC_DURATION: {
		guint64 value = *AT(object, spec, guint64);
		g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT "ms", value);
		return !value ? NULL : spec->kind == SPEC_DURATION ? json_string(text) : json_integer((json_int_t)value);
	}
	case SPEC_ITEMS: {
		const GPtrArray *items = *AT(object, spec, GPtrArray *);
		return items && items->len ? write_items(spec->type, items) : NULL;
	}
	case SPEC_STRUCT: {
		json_t *made = spec_write(spec->type, AT(object, spec, guint8));
		if (json_object_size(made))
			return made;
		json_decref(made);
		return NULL;
	}
	}
	return NULL;
}

json_t *spec_write(const SpecType *type, gconstpointer object)
{
	json_t *made = json_object();
	for (const Spec *spec = type->specs; spec->key; spec++) {
		json_t *value = write_spec(spec, object);
		if (value)
			json_object_set_new(made, spec->key, value);
	}
	return made;
}

void spec_free_members(const SpecType *type, gpointer object)
{
	for (const Spec *spec = type->specs; spec->key; spec++) {
		gpointer member = (guint8 *)object + spec->offset;
		switch (spec->kind) {
		case SPEC_STRING:
		case SPEC_PATH:
			g_free(*(char **)member);
			break;
		case SPEC_STRINGS:
		case SPEC_COMMAND:
		case SPEC_PAIRS:
		case SPEC_ENVIRONMENT:
			g_strfreev(*(char ***)member);
			break;
		case SPEC_ITEMS: {
			GPtrArray *items = *(GPtrArray **)member;
			for (guint i = 0; items && i < items->len; i++) {
				spec_free_members(spec->type, items->pdata[i]);
				g_free(items->pdata[i]);
			}
			if (items)
				g_ptr_array_unref(items);
			break;
		}
		case SPEC_STRUCT:
			spec_free_members(spec->type, member);
			break;
		default:
			break;
		}
	}
	if (type->place_offset)
		kiln_recipe_place_clear((KilnRecipePlace *)(gpointer)((guint8 *)object + type->place_offset));
}

static json_t *typed(const char *type)
{
	json_t *schema = json_object();
	kiln_json_set_string(schema, "type", type);
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
	static const char *const text_or_number[] = { "string", "number", "boolean", NULL };
	json_t *schema = json_object();
	if (spec->words)
		json_object_set_new(schema, "enum", kiln_json_from_strv(spec->words));
	else
		json_object_set_new(schema, "type", kiln_json_from_strv(text_or_number));
	return schema;
}

static json_t *items_schema(const Spec *spec)
{
	json_t *list = typed("array"), *item = spec_schema(spec->type);
	if (spec->type->scalar_key)
		item = any_of(typed("string"), item);
	json_object_set_new(list, "items", item);
	return spec->type->map_key ? any_of(list, typed("object")) : list;
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
		return schema;
	case SPEC_PAIRS:
	case SPEC_ENVIRONMENT:
		schema = typed("object");
		json_object_set_new(schema, "additionalProperties", scalar_schema(spec));
		return schema;
	case SPEC_NUMBER:
		schema = typed("integer");
		kiln_json_set_integer(schema, "minimum", 0);
		return schema;
	case SPEC_ITEMS:
		return items_schema(spec);
	case SPEC_STRUCT:
		return spec_schema(spec->type);
	default:
		return scalar_schema(spec);
	}
}

json_t *spec_schema(const SpecType *type)
{
	json_t *schema = typed("object"), *properties = json_object();
	for (const Spec *spec = type->specs; spec->key; spec++) {
		json_t *value = value_schema(spec);
		kiln_json_set_string(value, "description", spec->help);
		json_object_set_new(properties, spec->key, value);
	}
	json_object_set_new(schema, "properties", properties);
	json_object_set_new(schema, "additionalProperties", json_false());
	if (type->needs && type != &recipe_type)
		json_object_set_new(schema, "required", kiln_json_from_strv(type->needs));
	return schema;
}

GBytes *kiln_recipe_schema(void)
{
	g_autoptr(json_t) schema = spec_schema(&recipe_type);
	json_t *properties = json_object_get(schema, "properties");
	json_t *from = typed("string"), *variants = typed("object"), *variant = spec_schema(&recipe_type);
	kiln_json_set_string(from, "description", "another recipe that this one builds on");
	kiln_json_set_string(variants, "description", "named changes on top of this recipe, built beside it");
	json_object_set_new(variants, "additionalProperties", variant);
	json_object_set_new(properties, "from", from);
	json_object_set_new(properties, "variants", variants);
	kiln_json_set_string(schema, "$schema", "https://json-schema.org/draft/2020-12/schema");
	kiln_json_set_string(schema, "title", "kiln recipe");
	return kiln_json_pretty(schema);
}
