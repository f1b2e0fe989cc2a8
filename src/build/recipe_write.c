/* SPDX-License-Identifier: Apache-2.0 */
/* recipe_write.c: a struct as JSON by its table, and its memory. */
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
