/* SPDX-License-Identifier: Apache-2.0 */
/* json.c: JSON from outside with limits, JSON to outside in one canonical form. */
#include "data/json.h"

#include "base/error.h"
#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

/* jansson refuses depth above 2048 itself; ours is lower and is checked without recursion before it parses. */
static gboolean check_depth(const char *text, gsize length, const char *name, GError **error)
{
	guint depth = 0;
	gboolean quoted = FALSE;
	for (gsize i = 0; i < length; i++) {
		char c = text[i];
		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = FALSE;
		} else if (c == '"') {
			quoted = TRUE;
		} else if ((c == '{' || c == '[') && ++depth > KILN_LIMIT_JSON_DEPTH) {
			return kiln_fail(error, KILN_ERROR_LIMIT, "%s: nested more than %d levels deep", name, KILN_LIMIT_JSON_DEPTH);
		} else if ((c == '}' || c == ']') && depth) {
			depth--;
		}
	}
	return TRUE;
}

json_t *kiln_json_parse(const char *text, gsize length, const char *name, GError **error)
{
	json_error_t where;
	if (length > KILN_LIMIT_JSON_BYTES) {
		kiln_fail(error, KILN_ERROR_LIMIT, "%s: more than %u MiB of JSON", name, (guint)(KILN_LIMIT_JSON_BYTES / KILN_MIB));
		return NULL;
	}
	if (!check_depth(text, length, name, error))
		return NULL;
	json_t *value = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
	if (!value)
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s:%d:%d: %s", name, MAX(where.line, 1), MAX(where.column, 1), where.text);
	return value;
}

static GBytes *dump(const json_t *value, size_t flags, const char *tail)
{
	char *text = json_dumps(value, flags | JSON_ENCODE_ANY);
	if (!text)
		g_error("JSON value cannot be written: is a string in it not UTF-8?");
	gsize length = strlen(text), more = strlen(tail);
	char *whole = realloc(text, length + more + 1);
	if (!whole)
		g_error("JSON value does not fit into memory");
	memcpy(whole + length, tail, more + 1);
	return g_bytes_new_with_free_func(whole, length + more, free, whole);
}

GBytes *kiln_json_compact(const json_t *value)
{
	return dump(value, JSON_COMPACT | JSON_SORT_KEYS, "");
}

GBytes *kiln_json_pretty(const json_t *value)
{
	return dump(value, JSON_INDENT(2), "\n");
}

static json_t *member(const json_t *object, const char *key, int type, const char *type_name, const char *name, GError **error)
{
	json_t *value = json_object_get(object, key);
	if (value && (int)json_typeof(value) == type)
		return value;
	kiln_fail(error, KILN_ERROR_SYNTAX, value ? "%s: \"%s\" must be %s" : "%s: \"%s\" is missing; it must be %s", name, key, type_name);
	return NULL;
}

const char *kiln_json_string(const json_t *object, const char *key, const char *name, GError **error)
{
	json_t *value = member(object, key, JSON_STRING, "a string", name, error);
	return value ? json_string_value(value) : NULL;
}

gboolean kiln_json_integer(const json_t *object, const char *key, const char *name, gint64 *out, GError **error)
{
	json_t *value = member(object, key, JSON_INTEGER, "a whole number", name, error);
	if (value)
		*out = json_integer_value(value);
	return value != NULL;
}

json_t *kiln_json_array(const json_t *object, const char *key, const char *name, GError **error)
{
	return member(object, key, JSON_ARRAY, "an array", name, error);
}

json_t *kiln_json_object(const json_t *object, const char *key, const char *name, GError **error)
{
	return member(object, key, JSON_OBJECT, "an object", name, error);
}

const char *kiln_json_string_or_null(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* Bytes of archives and scripts need not be UTF-8; what is not becomes U+FFFD rather than nothing. */
static json_t *string_value(const char *value)
{
	json_t *made = json_string(value);
	if (made)
		return made;
	g_autofree char *valid = g_utf8_make_valid(value, -1);
	return json_string(valid);
}

void kiln_json_set_string(json_t *object, const char *key, const char *value)
{
	if (value && json_object_set_new(object, key, string_value(value)) != 0)
		g_error("out of memory");
}

void kiln_json_set_integer(json_t *object, const char *key, gint64 value)
{
	if (json_object_set_new(object, key, json_integer(value)) != 0)
		g_error("out of memory");
}

json_t *kiln_json_from_strv(const char *const *strings)
{
	json_t *array = json_array();
	for (; strings && *strings; strings++)
		json_array_append_new(array, string_value(*strings));
	return array;
}
