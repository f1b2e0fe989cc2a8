/* SPDX-License-Identifier: Apache-2.0 */
/* recipe_read.c: a YAML mapping into a struct by its table, strictly: unknown keys, wrong types, missing keys have a place and a word. */
#include "build/recipe_spec.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

#include <string.h>

#define AT(object, spec, type) ((type *)(gpointer)((guint8 *)(object) + (spec)->offset))

static gboolean scalar_text(const SpecSource *source, const KilnYamlNode *node, const Spec *spec, const char **out, GError **error)
{
	if (node->type != KILN_YAML_SCALAR)
		return kiln_yaml_fail(source->yaml, node, error, "\"%s\" must be one value, not a %s", spec->key,
		                      node->type == KILN_YAML_SEQUENCE ? "list" : "mapping");
	gboolean loose = spec->kind == SPEC_COMMAND || spec->kind == SPEC_ENVIRONMENT || spec->kind == SPEC_PAIRS;
	gboolean truth = strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0;
	if (!node->quoted && (node->text[0] == '\0' || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0))
		return kiln_yaml_fail(source->yaml, node, error, "\"%s\" has no value; leave the key out, or write \"\" for an empty text", spec->key);
	if (!node->quoted && truth && !loose && spec->kind != SPEC_BOOLEAN)
		return kiln_yaml_fail(source->yaml, node, error, "\"%s\" must not be a truth value; put it in quotes if the text \"%s\" is meant", spec->key, node->text);
	if (node->text[0] == '\0' && !loose && !spec->may_be_empty)
		return kiln_yaml_fail(source->yaml, node, error, "\"%s\" must not be empty", spec->key);
	char *wrong = spec->check ? spec->check(node->text) : NULL;
	if (wrong) {
		kiln_yaml_fail(source->yaml, node, error, "%s: %s", spec->key, wrong);
		g_free(wrong);
		return FALSE;
	}
	if (spec->words && !g_strv_contains(spec->words, node->text)) {
		const char *nearest = kiln_text_nearest(node->text, spec->words);
		g_autofree char *all = g_strjoinv(", ", (char **)spec->words);
		return kiln_yaml_fail(source->yaml, node, error, "%s: \"%s\" is none of %s%s%s%s", spec->key, node->text, all,
		                      nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
	}
	*out = node->text;
	return TRUE;
}

static gboolean read_boolean(const SpecSource *source, const KilnYamlNode *node, const Spec *spec, gboolean *out, GError **error)
{
	const char *text;
	if (!scalar_text(source, node, spec, &text, error))
		return FALSE;
	if (node->quoted || (strcmp(text, "true") != 0 && strcmp(text, "false") != 0))
		return kiln_yaml_fail(source->yaml, node, error, "\"%s\" must be true or false, not \"%s\"", spec->key, text);
	*out = strcmp(text, "true") == 0;
	return TRUE;
}

typedef struct {
	const char *name;
	guint64 factor;
} Unit;

static const Unit size_units[] = { { "", 1 }, { "B", 1 }, { "kB", 1000 }, { "KB", 1000 }, { "MB", 1000000 }, { "GB", 1000000000 },
	                           { "KiB", 1024 }, { "MiB", 1048576 }, { "GiB", 1073741824 }, { NULL } };
static const Unit duration_units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { NULL } };
static const Unit no_units[] = { { "", 1 }, { NULL } };

static gboolean read_number(const SpecSource *source, const KilnYamlNode *node, const Spec *spec, const Unit *units, guint64 *out, GError **error)
{
	const char *text;
	guint64 value, number;
	if (!scalar_text(source, node, spec, &text, error))
		return FALSE;
	gsize digits = strspn(text, "0123456789"), blanks = strspn(text + digits, " ");
	for (const Unit *unit = units; unit->name; unit++)
		if (strcmp(text + digits + blanks, unit->name) == 0 && kiln_text_to_u64((KilnText){ text, digits }, &value) &&
		    g_uint64_checked_mul(&number, value, unit->factor) && number <= G_MAXINT64) {
			guint64 maximum = spec->maximum ? spec->maximum : G_MAXINT64;
			if (number < spec->minimum || number > maximum)
				return kiln_yaml_fail(source->yaml, node, error, "\"%s\": %s is out of range: %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT "%s",
				                      spec->key, text, spec->minimum, maximum, units == duration_units ? " ms" : "");
			*out = number;
			return TRUE;
		}
	return kiln_yaml_fail(source->yaml, node, error, "\"%s\" must be %s, not \"%s\"", spec->key,
	                      units == size_units       ? "a size such as 64 MiB or 30 MB"
	                      : units == duration_units ? "a duration such as 500ms, 10s or 2m"
	                                                : "a whole number", text);
}

static gboolean read_mode(const SpecSource *source, const KilnYamlNode *node, const Spec *spec, guint *out, GError **error)
{
	const char *text;
	if (!scalar_text(source, node, spec, &text, error))
		return FALSE;
	gsize length = strlen(text);
	if (length < 3 || length > 5 || strspn(text, "01234567") != length || (length == 5 && text[0] != '0'))
		return kiln_yaml_fail(source->yaml, node, error, "\"%s\" must be octal permissions such as \"0755\", not \"%s\"", spec->key, text);
	guint mode = (guint)g_ascii_strtoull(text, NULL, 8);
	if (mode == 0 || mode > 07777)
		return kiln_yaml_fail(source->yaml, node, error, "\"%s\": %s is out of range: 0001 to 7777", spec->key, text);
	*out = mode;
	return TRUE;
}

static void append_string(char ***list, const char *text)
{
	guint count = *list ? g_strv_length(*list) : 0;
	*list = g_renew(char *, *list, count + 2);
	(*list)[count] = g_strdup(text);
	(*list)[count + 1] = NULL;
}

static gboolean check_count(const SpecSource *source, const KilnYamlNode *node, const Spec *spec, guint count, GError **error)
{
	if (count <= KILN_LIMIT_RECIPE_LIST)
		return TRUE;
	return kiln_fail(error, KILN_ERROR_LIMIT, "%s:%u:%u: \"%s\" holds more than %d items", kiln_yaml_name(source->yaml), node->line, node->column,
	                 spec->key, KILN_LIMIT_RECIPE_LIST);
}

/* A command that was written as for a shell is shown as the list that it would be. */
static gboolean fail_no_list(const SpecSource *source, const KilnYamlNode *node, const Spec *spec, GError **error)
{
	g_autofree char *text = g_strndup(node->type == KILN_YAML_SCALAR ? node->text : "...", 60);
	g_auto(GStrv) words = g_strsplit_set(text, " \t", -1);
	g_autofree char *list = spec->kind == SPEC_COMMAND ? g_strjoinv(", ", words) : g_strdup(text);
	return kiln_yaml_fail(source->yaml, node, error, "\"%s\" must be a list, as in [%s]", spec->key, list);
}

static gboolean read_strings(const SpecSource *source, const KilnYamlNode *node, const Spec *spec, char ***list, GError **error)
{
	const char *text;
	if (node->type != KILN_YAML_SEQUENCE)
		return fail_no_list(source, node, spec, error);
	if (node->count < spec->minimum)
		return kiln_yaml_fail(source->yaml, node, error, "%s: an empty command", spec->key);
	if (spec->kind == SPEC_COMMAND) {
		g_strfreev(*list);
		*list = g_new0(char *, 1);
	}
	guint inherited = *list ? g_strv_length(*list) : 0;
	if (!check_count(source, node, spec, inherited + node->count, error))
		return FALSE;
	for (const KilnYamlNode *child = node->children; child; child = child->next) {
		guint at = 0;
		if (!scalar_text(source, child, spec, &text, error))
			return FALSE;
		while (spec->kind == SPEC_STRINGS && *list && (*list)[at] && strcmp((*list)[at], text) != 0)
			at++;
		if (spec->kind == SPEC_COMMAND || !*list || !(*list)[at])
			append_string(list, text);
		else if (at >= inherited)
			return kiln_yaml_fail(source->yaml, child, error, "%s: \"%.60s\" stands twice", spec->key, text);
	}
	return TRUE;
}

/* Replace or insert, sorted by key. */
static void set_pair(char ***list, const char *key, const char *value)
{
	guint count = *list ? g_strv_length(*list) : 0, at = 0;
	while (at < count && strcmp((*list)[at], key) < 0)
		at += 2;
	if (at < count && strcmp((*list)[at], key) == 0) {
		g_free((*list)[at + 1]);
		(*list)[at + 1] = g_strdup(value);
		return;
	}
	*list = g_renew(char *, *list, count + 3);
	memmove(*list + at + 2, *list + at, (count - at) * sizeof(char *));
	(*list)[at] = g_strdup(key);
	(*list)[at + 1] = g_strdup(value);
	(*list)[count + 2] = NULL;
}

static void set_variable(char ***list, const char *key, const char *value)
{
	g_autofree char *setting = g_strdup_printf("%s=%s", key, value);
	gsize length = strlen(key) + 1;
	for (guint i = 0; *list && (*list)[i]; i++)
		if (strncmp((*list)[i], setting, length) == 0) {
			g_free((*list)[i]);
			(*list)[i] = g_steal_pointer(&setting);
			return;
		}
	append_string(list, setting);
}

static gboolean read_map(const SpecSource *source, const KilnYamlNode *node, const Spec *spec, char ***list, GError **error)
{
	if (node->type != KILN_YAML_MAPPING)
		return kiln_yaml_fail(source->yaml, node, error, "\"%s\" must be a mapping, as in {KEY: value}", spec->key);
	if (!check_count(source, node, spec, (*list ? g_strv_length(*list) : 0) + node->count, error))
		return FALSE;
	for (const KilnYamlNode *child = node->children; child; child = child->next) {
		const char *text;
		if (child->key[0] == '\0')
			return kiln_yaml_fail(source->yaml, child, error, "%s: an empty name", spec->key);
		if (!scalar_text(source, child, spec, &text, error))
			return FALSE;
		if (spec->kind == SPEC_ENVIRONMENT && strchr(child->key, '='))
			return kiln_yaml_fail(source->yaml, child, error, "%s: \"%s\": a variable's name has no \"=\"", spec->key, child->key);
		if (spec->kind == SPEC_ENVIRONMENT)
			set_variable(list, child->key, child->text);
		else
			set_pair(list, child->key, child->text);
	}
	return TRUE;
}

static void set_place(const SpecSource *source, KilnRecipePlace *place, const char *key, guint line, guint column)
{
	kiln_recipe_place_clear(place);
	*place = (KilnRecipePlace){ g_strdup(key), g_strdup(kiln_yaml_name(source->yaml)), line, column };
}

const Spec *spec_find(const SpecType *type, const char *key)
{
	for (const Spec *spec = type->specs; spec->key; spec++)
		if (strcmp(spec->key, key) == 0)
			return spec;
	return NULL;
}

static gboolean read_spec(const SpecSource *source, const Spec *spec, const KilnYamlNode *node, gpointer object, GError **error);

static void item_free(const SpecType *type, gpointer item)
{
	spec_free_members(type, item);
	g_free(item);
}

/* Add @item (owned) or put it in the place of one with the same identity among the first @inherited. */
static gboolean add_item(const SpecSource *source, const Spec *spec, const KilnYamlNode *node, GPtrArray *items, guint inherited,
                         guint8 *item, GError **error)
{
	const SpecType *type = spec->type;
	const Spec *identity = type->identity ? spec_find(type, type->identity) : NULL;
	const char *name = identity ? *AT(item, identity, char *) : NULL;
	for (guint i = 0; name && i < items->len; i++) {
		if (strcmp(*AT(items->pdata[i], identity, char *), name) != 0)
			continue;
		if (i >= inherited) {
			kiln_yaml_fail(source->yaml, node, error, "%s: \"%.200s\" stands twice", spec->key, name);
			item_free(type, item);
			return FALSE;
		}
		item_free(type, items->pdata[i]);
		items->pdata[i] = item;
		return TRUE;
	}
	g_ptr_array_add(items, item);
	return TRUE;
}

static guint8 *read_item(const SpecSource *source, const Spec *spec, const KilnYamlNode *node, guint index, GError **error)
{
	const SpecType *type = spec->type;
	guint8 *item = g_malloc0(type->size);
	g_autofree char *place = g_strdup_printf("%s[%u]", spec->key, index);
	gboolean good;
	if (node->type == KILN_YAML_SCALAR && type->scalar_key)
		good = read_spec(source, spec_find(type, type->scalar_key), node, item, error);
	else
		good = spec_read(source, type, node, NULL, item, NULL, error);
	if (good && type->place_offset)
		set_place(source, (KilnRecipePlace *)(gpointer)(item + type->place_offset), place, node->line, node->column);
	if (!good)
		item_free(type, g_steal_pointer(&item));
	return item;
}

/* {"/a": "/b"} as [{path: /a, target: /b}]. */
static guint8 *read_map_item(const SpecSource *source, const Spec *spec, const KilnYamlNode *node, GError **error)
{
	const SpecType *type = spec->type;
	guint8 *item = g_malloc0(type->size);
	KilnYamlNode key = { .type = KILN_YAML_SCALAR, .line = node->key_line, .column = node->key_column, .text = node->key, .quoted = TRUE };
	g_autofree char *place = g_strdup_printf("%s.%s", spec->key, node->key);
	if (!read_spec(source, spec_find(type, type->map_key), &key, item, error) ||
	    !read_spec(source, spec_find(type, type->map_value), node, item, error))
		item_free(type, g_steal_pointer(&item));
	else
		set_place(source, (KilnRecipePlace *)(gpointer)(item + type->place_offset), place, node->key_line, node->key_column);
	return item;
}

static gboolean read_items(const SpecSource *source, const Spec *spec, const KilnYamlNode *node, GPtrArray *items, GError **error)
{
	gboolean mapping = node->type == KILN_YAML_MAPPING && spec->type->map_key;
	guint index = 0, inherited = items->len;
	if (!mapping && node->type != KILN_YAML_SEQUENCE)
		return kiln_yaml_fail(source->yaml, node, error, "\"%s\" must be a list%s", spec->key, spec->type->map_key ? " or a mapping" : "");
	if (!check_count(source, node, spec, inherited + node->count, error))
		return FALSE;
	for (const KilnYamlNode *child = node->children; child; child = child->next) {
		guint8 *item = mapping ? read_map_item(source, spec, child, error) : read_item(source, spec, child, index++, error);
		if (!item || !add_item(source, spec, child, items, inherited, item, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean read_spec(const SpecSource *source, const Spec *spec, const KilnYamlNode *node, gpointer object, GError **error)
{
	const char *text;
	switch (spec->kind) {
	case SPEC_STRING:
	case SPEC_PATH:
		if (!scalar_text(source, node, spec, &text, error))
			return FALSE;
		g_free(*AT(object, spec, char *));
		*AT(object, spec, char *) = spec->kind == SPEC_PATH && text[0] != '/' ? g_strconcat(source->prefix, text, NULL) : g_strdup(text);
		return TRUE;
	case SPEC_BOOLEAN:
		return read_boolean(source, node, spec, AT(object, spec, gboolean), error);
	case SPEC_STRINGS:
	case SPEC_COMMAND:
		return read_strings(source, node, spec, AT(object, spec, char **), error);
	case SPEC_PAIRS:
	case SPEC_ENVIRONMENT:
		return read_map(source, node, spec, AT(object, spec, char **), error);
	case SPEC_MODE:
		return read_mode(source, node, spec, AT(object, spec, guint), error);
	case SPEC_NUMBER:
		return read_number(source, node, spec, no_units, AT(object, spec, guint64), error);
	case SPEC_SIZE:
		return read_number(source, node, spec, size_units, AT(object, spec, guint64), error);
	case SPEC_DURATION:
		return read_number(source, node, spec, duration_units, AT(object, spec, guint64), error);
	case SPEC_ITEMS:
		return read_items(source, spec, node, *AT(object, spec, GPtrArray *), error);
	case SPEC_STRUCT:
		return spec_read(source, spec->type, node, NULL, AT(object, spec, guint8), NULL, error);
	}
	return kiln_fail(error, KILN_ERROR_INTERNAL, "a key of unknown kind");
}

static gboolean unknown_key(const SpecSource *source, const SpecType *type, const KilnYamlNode *child, const char *const *ignore, GError **error)
{
	g_autoptr(GPtrArray) known = g_ptr_array_new();
	KilnYamlNode place = { .line = child->key_line, .column = child->key_column };
	for (const Spec *spec = type->specs; spec->key; spec++)
		g_ptr_array_add(known, (gpointer)spec->key);
	for (; ignore && *ignore; ignore++)
		g_ptr_array_add(known, (gpointer)*ignore);
	g_ptr_array_add(known, NULL);
	g_autofree char *hint = kiln_text_suggest(child->key, (const char *const *)known->pdata, "known are");
	return kiln_yaml_fail(source->yaml, &place, error, "unknown key \"%s\"; %s", child->key, hint);
}

static gboolean check_keys(const SpecSource *source, const SpecType *type, const KilnYamlNode *mapping, GError **error)
{
	guint given = 0;
	for (const char *const *key = type->one_of; key && *key; key++)
		given += kiln_yaml_get(mapping, *key) != NULL;
	if (type->one_of && given != 1) {
		g_autofree char *all = g_strjoinv(", ", (char **)type->one_of);
		return kiln_yaml_fail(source->yaml, mapping, error, "%s: exactly one of %s must be given, not %u", type->name, all, given);
	}
	for (const KilnYamlNode *child = mapping->children; child; child = child->next) {
		const char *const *with = type->one_of ? spec_find(type, child->key)->with : NULL, *const *key = with;
		while (key && *key && !kiln_yaml_get(mapping, *key))
			key++;
		if (key && !*key) {
			g_autofree char *all = g_strjoinv(", ", (char **)with);
			KilnYamlNode place = { .line = child->key_line, .column = child->key_column };
			return kiln_yaml_fail(source->yaml, &place, error, "\"%s\" only means something beside %s", child->key, all);
		}
	}
	if (type == &recipe_type)
		return TRUE; /* a recipe's needs may come from its base */
	for (const char *const *key = type->needs; key && *key; key++)
		if (!kiln_yaml_get(mapping, *key))
			return kiln_yaml_fail(source->yaml, mapping, error, "%s: \"%s\" is missing", type->name, *key);
	return TRUE;
}

gboolean spec_read(const SpecSource *source, const SpecType *type, const KilnYamlNode *mapping, const char *const *ignore,
                   gpointer object, GHashTable *places, GError **error)
{
	if (mapping->type != KILN_YAML_MAPPING)
		return kiln_yaml_fail(source->yaml, mapping, error, "\"%s\" must hold keys and values", type->name);
	for (const KilnYamlNode *child = mapping->children; child; child = child->next) {
		const Spec *spec = spec_find(type, child->key);
		if (!spec && ignore && g_strv_contains(ignore, child->key))
			continue;
		if (!spec)
			return unknown_key(source, type, child, ignore, error);
		if (!read_spec(source, spec, child, object, error))
			return FALSE;
		if (places) {
			KilnRecipePlace *place = g_new0(KilnRecipePlace, 1);
			set_place(source, place, child->key, child->key_line, child->key_column);
			g_hash_table_replace(places, g_strdup(child->key), place);
		}
	}
	return check_keys(source, type, mapping, error);
}
