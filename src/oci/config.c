/* SPDX-License-Identifier: Apache-2.0 */
/* config.c: the image configuration, read and written. */
#include "oci/config.h"

#include "base/error.h"
#include "base/limits.h"
#include "oci/annotations.h"

#include <string.h>

static void history_free(gpointer data)
{
	KilnHistory *history = data;
	g_free(history->created);
	g_free(history->created_by);
	g_free(history->comment);
	g_free(history);
}

KilnImageConfig *kiln_image_config_new(void)
{
	KilnImageConfig *config = g_new0(KilnImageConfig, 1);
	char ***vectors[] = { &config->exposed_ports, &config->environment, &config->entrypoint, &config->command, &config->volumes, &config->labels };
	for (gsize i = 0; i < G_N_ELEMENTS(vectors); i++)
		*vectors[i] = g_new0(char *, 1);
	config->history = g_ptr_array_new_with_free_func(history_free);
	return config;
}

void kiln_image_config_free(KilnImageConfig *config)
{
	if (!config)
		return;
	char *strings[] = { config->created, config->author, config->os, config->architecture, config->variant, config->user,
		            config->working_directory, config->stop_signal };
	char **vectors[] = { config->exposed_ports, config->environment, config->entrypoint, config->command, config->volumes, config->labels,
		             config->healthcheck.test };
	for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
		g_free(strings[i]);
	for (gsize i = 0; i < G_N_ELEMENTS(vectors); i++)
		g_strfreev(vectors[i]);
	g_free(config->diff_ids);
	g_ptr_array_unref(config->history);
	g_free(config);
}

static void set_list(json_t *object, const char *key, char **list)
{
	if (list && *list)
		json_object_set_new(object, key, kiln_json_from_strv((const char *const *)list));
}

/* Docker's set of names: {"8080/tcp": {}}. */
static void set_names(json_t *object, const char *key, char **names)
{
	json_t *set = json_object();
	for (; names && *names; names++)
		json_object_set_new(set, *names, json_object());
	if (json_object_size(set))
		json_object_set_new(object, key, set);
	else
		json_decref(set);
}

static void set_healthcheck(json_t *object, const KilnHealthcheck *check)
{
	if (!check->test || !check->test[0])
		return;
	json_t *value = json_object();
	set_list(value, "Test", check->test);
	if (check->interval_ns)
		kiln_json_set_integer(value, "Interval", (gint64)check->interval_ns);
	if (check->timeout_ns)
		kiln_json_set_integer(value, "Timeout", (gint64)check->timeout_ns);
	if (check->start_period_ns)
		kiln_json_set_integer(value, "StartPeriod", (gint64)check->start_period_ns);
	if (check->retries)
		kiln_json_set_integer(value, "Retries", check->retries);
	json_object_set_new(object, "Healthcheck", value);
}

static json_t *settings_to_json(const KilnImageConfig *config)
{
	json_t *object = json_object();
	kiln_json_set_string(object, "User", config->user);
	set_names(object, "ExposedPorts", config->exposed_ports);
	set_list(object, "Env", config->environment);
	set_list(object, "Entrypoint", config->entrypoint);
	set_list(object, "Cmd", config->command);
	set_names(object, "Volumes", config->volumes);
	kiln_json_set_string(object, "WorkingDir", config->working_directory);
	kiln_annotations_to_json(object, "Labels", config->labels);
	kiln_json_set_string(object, "StopSignal", config->stop_signal);
	set_healthcheck(object, &config->healthcheck);
	return object;
}

static json_t *history_to_json(const GPtrArray *history)
{
	json_t *array = json_array();
	for (guint i = 0; i < history->len; i++) {
		const KilnHistory *item = history->pdata[i];
		json_t *object = json_object();
		kiln_json_set_string(object, "created", item->created);
		kiln_json_set_string(object, "created_by", item->created_by);
		kiln_json_set_string(object, "comment", item->comment);
		if (item->empty_layer)
			json_object_set_new(object, "empty_layer", json_true());
		json_array_append_new(array, object);
	}
	return array;
}

GBytes *kiln_image_config_print(const KilnImageConfig *config)
{
	g_autoptr(json_t) object = json_object();
	json_t *root = json_object(), *diff_ids = json_array();
	char text[KILN_DIGEST_TEXT_MAX];
	kiln_json_set_string(object, "created", config->created);
	kiln_json_set_string(object, "author", config->author);
	kiln_json_set_string(object, "architecture", config->architecture);
	kiln_json_set_string(object, "os", config->os);
	kiln_json_set_string(object, "variant", config->variant);
	json_object_set_new(object, "config", settings_to_json(config));
	for (gsize i = 0; i < config->diff_id_count; i++)
		json_array_append_new(diff_ids, json_string(kiln_digest_print(&config->diff_ids[i], text)));
	kiln_json_set_string(root, "type", "layers");
	json_object_set_new(root, "diff_ids", diff_ids);
	json_object_set_new(object, "rootfs", root);
	if (config->history->len)
		json_object_set_new(object, "history", history_to_json(config->history));
	return kiln_json_compact(object);
}

/* NULL and missing are an empty list, as Docker writes both. */
static gboolean get_list(const json_t *object, const char *key, const char *name, char ***out, GError **error)
{
	const json_t *array = json_object_get(object, key), *item;
	g_autoptr(GStrvBuilder) strings = g_strv_builder_new();
	size_t index;
	if (array && !json_is_null(array) && !json_is_array(array))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%s\" must be a list", name, key);
	json_array_foreach(array, index, item)
	{
		if (!json_is_string(item))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%s\" must hold strings", name, key);
		g_strv_builder_add(strings, json_string_value(item));
	}
	g_strfreev(*out);
	*out = g_strv_builder_end(strings);
	return TRUE;
}

static gint compare_strings(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static gboolean get_names(const json_t *object, const char *key, const char *name, char ***out, GError **error)
{
	json_t *set = json_object_get(object, key), *value;
	const char *member;
	GPtrArray *names;
	if (set && !json_is_null(set) && !json_is_object(set))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%s\" must be a set of names", name, key);
	names = g_ptr_array_new();
	json_object_foreach(set, member, value)
	{
		g_ptr_array_add(names, g_strdup(member));
	}
	g_ptr_array_sort(names, compare_strings);
	g_ptr_array_add(names, NULL);
	g_strfreev(*out);
	*out = (char **)g_ptr_array_free(names, FALSE);
	return TRUE;
}

static gboolean get_healthcheck(const json_t *settings, const char *name, KilnHealthcheck *out, GError **error)
{
	const json_t *check = json_object_get(settings, "Healthcheck");
	if (!check || json_is_null(check))
		return TRUE;
	out->interval_ns = (guint64)MAX(0, json_integer_value(json_object_get(check, "Interval")));
	out->timeout_ns = (guint64)MAX(0, json_integer_value(json_object_get(check, "Timeout")));
	out->start_period_ns = (guint64)MAX(0, json_integer_value(json_object_get(check, "StartPeriod")));
	out->retries = (guint)CLAMP(json_integer_value(json_object_get(check, "Retries")), 0, G_MAXINT);
	return get_list(check, "Test", name, &out->test, error);
}

static gboolean get_settings(const json_t *json, const char *name, KilnImageConfig *config, GError **error)
{
	const json_t *settings = json_object_get(json, "config");
	if (!settings || json_is_null(settings))
		return TRUE;
	char **labels = NULL;
	if (!json_is_object(settings))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"config\" must be an object", name);
	config->user = g_strdup(kiln_json_string_or_null(settings, "User"));
	config->working_directory = g_strdup(kiln_json_string_or_null(settings, "WorkingDir"));
	config->stop_signal = g_strdup(kiln_json_string_or_null(settings, "StopSignal"));
	if (!kiln_annotations_from_json(settings, "Labels", name, &labels, error))
		return FALSE;
	if (labels) {
		g_strfreev(config->labels);
		config->labels = labels;
	}
	return get_names(settings, "ExposedPorts", name, &config->exposed_ports, error) && get_list(settings, "Env", name, &config->environment, error) &&
	       get_list(settings, "Entrypoint", name, &config->entrypoint, error) && get_list(settings, "Cmd", name, &config->command, error) &&
	       get_names(settings, "Volumes", name, &config->volumes, error) && get_healthcheck(settings, name, &config->healthcheck, error);
}

static gboolean get_diff_ids(const json_t *json, const char *name, KilnImageConfig *config, GError **error)
{
	const json_t *root = kiln_json_object(json, "rootfs", name, error);
	const json_t *array = root ? kiln_json_array(root, "diff_ids", name, error) : NULL, *item;
	size_t index;
	if (!array)
		return FALSE;
	if (json_array_size(array) > KILN_LIMIT_LAYERS)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: more than %d layers", name, KILN_LIMIT_LAYERS);
	config->diff_ids = g_new0(KilnDigest, json_array_size(array));
	json_array_foreach(array, index, item)
	{
		const char *text = json_string_value(item);
		if (!text)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"diff_ids\" must hold strings", name);
		if (!kiln_digest_parse(text, strlen(text), &config->diff_ids[index], error)) {
			g_prefix_error(error, "%s: diff_ids[%d]: ", name, (int)index);
			return FALSE;
		}
		config->diff_id_count++;
	}
	return TRUE;
}

static void get_history(const json_t *json, KilnImageConfig *config)
{
	const json_t *array = json_object_get(json, "history"), *item;
	size_t index;
	json_array_foreach(array, index, item)
	{
		KilnHistory *history = g_new0(KilnHistory, 1);
		history->created = g_strdup(kiln_json_string_or_null(item, "created"));
		history->created_by = g_strdup(kiln_json_string_or_null(item, "created_by"));
		history->comment = g_strdup(kiln_json_string_or_null(item, "comment"));
		history->empty_layer = json_is_true(json_object_get(item, "empty_layer"));
		g_ptr_array_add(config->history, history);
	}
}

KilnImageConfig *kiln_image_config_parse(GBytes *bytes, const char *name, GError **error)
{
	gsize length;
	const char *text = g_bytes_get_data(bytes, &length);
	g_autoptr(json_t) json = kiln_json_parse(text ? text : "", text ? length : 0, name, error);
	g_autoptr(KilnImageConfig) config = kiln_image_config_new();
	if (!json)
		return NULL;
	config->created = g_strdup(kiln_json_string_or_null(json, "created"));
	config->author = g_strdup(kiln_json_string_or_null(json, "author"));
	config->os = g_strdup(kiln_json_string_or_null(json, "os"));
	config->architecture = g_strdup(kiln_json_string_or_null(json, "architecture"));
	config->variant = g_strdup(kiln_json_string_or_null(json, "variant"));
	if (!get_settings(json, name, config, error) || !get_diff_ids(json, name, config, error))
		return NULL;
	get_history(json, config);
	return g_steal_pointer(&config);
}
