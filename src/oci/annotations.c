/* SPDX-License-Identifier: Apache-2.0 */
/* annotations.c: maps of strings in OCI documents. */
#include "oci/annotations.h"

#include "base/error.h"

#include <string.h>

static gint by_key(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Keys of a map in byte order; the strings are borrowed. */
static GPtrArray *sorted_keys(const json_t *map)
{
	GPtrArray *keys = g_ptr_array_new();
	for (void *at = json_object_iter((json_t *)map); at; at = json_object_iter_next((json_t *)map, at))
		g_ptr_array_add(keys, (gpointer)json_object_iter_key(at));
	g_ptr_array_sort(keys, by_key);
	return keys;
}

gboolean kiln_annotations_from_json(const json_t *object, const char *key, const char *name, char ***out, GError **error)
{
	const json_t *map = json_object_get(object, key);
	if (!map || json_is_null(map)) {
		*out = NULL;
		return TRUE;
	}
	if (!json_is_object(map))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%s\" must be an object", name, key);
	g_autoptr(GPtrArray) keys = sorted_keys(map);
	g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < keys->len; i++) {
		const json_t *value = json_object_get(map, keys->pdata[i]);
		if (!json_is_string(value))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: the value of \"%.80s\" in \"%s\" must be a string", name,
			                 (const char *)keys->pdata[i], key);
		g_ptr_array_add(pairs, g_strdup(keys->pdata[i]));
		g_ptr_array_add(pairs, g_strdup(json_string_value(value)));
	}
	g_ptr_array_add(pairs, NULL);
	*out = (char **)g_ptr_array_steal(pairs, NULL);
	return TRUE;
}

void kiln_annotations_to_json(json_t *object, const char *key, char *const *annotations)
{
	if (!annotations || !annotations[0])
		return;
	json_t *map = json_object();
	for (gsize i = 0; annotations[i]; i += 2)
		kiln_json_set_string(map, annotations[i], annotations[i + 1]);
	json_object_set_new(object, key, map);
}

const char *kiln_annotations_find(char *const *annotations, const char *key)
{
	for (gsize i = 0; annotations && annotations[i]; i += 2)
		if (strcmp(annotations[i], key) == 0)
			return annotations[i + 1];
	return NULL;
}

char **kiln_annotations_with(char *const *annotations, const char *key, const char *value)
{
	g_autoptr(GPtrArray) pairs = g_ptr_array_new();
	gboolean placed = value == NULL;
	for (gsize i = 0; annotations && annotations[i]; i += 2) {
		int order = strcmp(annotations[i], key);
		if (order >= 0 && !placed) {
			g_ptr_array_add(pairs, g_strdup(key));
			g_ptr_array_add(pairs, g_strdup(value));
			placed = TRUE;
		}
		if (order != 0) {
			g_ptr_array_add(pairs, g_strdup(annotations[i]));
			g_ptr_array_add(pairs, g_strdup(annotations[i + 1]));
		}
	}
	if (!placed) {
		g_ptr_array_add(pairs, g_strdup(key));
		g_ptr_array_add(pairs, g_strdup(value));
	}
	if (pairs->len == 0)
		return NULL;
	g_ptr_array_add(pairs, NULL);
	return (char **)g_ptr_array_steal(pairs, NULL);
}
