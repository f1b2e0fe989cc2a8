/* SPDX-License-Identifier: Apache-2.0 */
/* settings.c: kiln.yaml and the KILN_* variables: what holds when the command line does not say. */
#include "cli/settings.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/yaml.h"
#include "io/file.h"
#include "source/archive.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef struct {
	const KilnYaml *yaml;
	KilnSettings *settings;
} Reader;

static void table_free(gpointer table)
{
	g_hash_table_unref(table);
}

static KilnSettings *settings_new(void)
{
	KilnSettings *settings = g_new0(KilnSettings, 1);
	settings->values = kiln_values_new();
	settings->commands = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, table_free);
	settings->sources = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_apt_source_free);
	return settings;
}

void kiln_settings_free(KilnSettings *settings)
{
	if (!settings)
		return;
	g_free(settings->file);
	g_hash_table_unref(settings->values);
	g_hash_table_unref(settings->commands);
	g_ptr_array_unref(settings->sources);
	g_free(settings);
}

/* --help and --version are no settings, and --config names the file itself. */
static gboolean option_is_setting(const char *name)
{
	return strcmp(name, "help") != 0 && strcmp(name, "version") != 0 && strcmp(name, "config") != 0;
}

static gboolean fail_unknown_key(const Reader *reader, const KilnYamlNode *node, const GPtrArray *known, GError **error)
{
	const KilnYamlNode at = { .line = node->key_line, .column = node->key_column };
	g_autofree char *hint = kiln_text_suggest(node->key, (const char *const *)known->pdata, "known are");
	return kiln_yaml_fail(reader->yaml, &at, error, "unknown key \"%s\"; %s", node->key, hint);
}

static void add_names(GPtrArray *names, const KilnOption *options)
{
	for (; options && options->name; options++)
		if (option_is_setting(options->name))
			g_ptr_array_add(names, (gpointer)options->name);
}

static gboolean add_scalar(const Reader *reader, const KilnYamlNode *node, const KilnOption *option, const char *key, GHashTable *values,
                           GError **error)
{
	if (node->type != KILN_YAML_SCALAR)
		return kiln_yaml_fail(reader->yaml, node, error, "\"%s\" must be %s", key,
		                      option->kind == KILN_OPTION_LIST ? "a text or a list of texts" : "one value");
	g_autofree char *origin = g_strdup_printf("%s:%u:%u: %s", kiln_yaml_name(reader->yaml), node->line, node->column, key);
	char *normal;
	if (!kiln_option_check(option, origin, node->text, &normal, error))
		return FALSE;
	kiln_values_add(values, option, normal);
	return TRUE;
}

static gboolean read_option(const Reader *reader, const KilnYamlNode *node, const KilnOption *option, GHashTable *values, GError **error)
{
	if (option->kind != KILN_OPTION_LIST || node->type != KILN_YAML_SEQUENCE)
		return add_scalar(reader, node, option, node->key, values, error);
	for (const KilnYamlNode *item = node->children; item; item = item->next)
		if (!add_scalar(reader, item, option, node->key, values, error))
			return FALSE;
	return TRUE;
}

static gboolean read_command(const Reader *reader, const KilnYamlNode *mapping, const KilnCommand *command, GError **error)
{
	GHashTable *values = kiln_values_new();
	g_hash_table_replace(reader->settings->commands, (gpointer)command->name, values);
	if (mapping->type != KILN_YAML_MAPPING)
		return kiln_yaml_fail(reader->yaml, mapping, error, "\"%s\" must be a mapping of options of kiln %s", command->name, command->name);
	for (const KilnYamlNode *node = mapping->children; node; node = node->next) {
		const KilnOption *option = kiln_option_find(command->options, node->key);
		if (!option) {
			g_autoptr(GPtrArray) known = g_ptr_array_new();
			add_names(known, command->options);
			g_ptr_array_add(known, NULL);
			return fail_unknown_key(reader, node, known, error);
		}
		if (!read_option(reader, node, option, values, error))
			return FALSE;
	}
	return TRUE;
}

static char **read_texts(const Reader *reader, const KilnYamlNode *node, GError **error)
{
	g_autoptr(GStrvBuilder) texts = g_strv_builder_new();
	if (node->type == KILN_YAML_SCALAR && *node->text)
		g_strv_builder_add(texts, node->text);
	for (const KilnYamlNode *item = node->children; item; item = item->next) {
		if (node->type != KILN_YAML_SEQUENCE || item->type != KILN_YAML_SCALAR || !*item->text) {
			kiln_yaml_fail(reader->yaml, item, error, "\"%s\" must be a list of texts", node->key);
			return NULL;
		}
		g_strv_builder_add(texts, item->text);
	}
	char **result = g_strv_builder_end(texts);
	if (*result)
		return result;
	kiln_yaml_fail(reader->yaml, node, error, "\"%s\" must not be empty", node->key);
	g_strfreev(result);
	return NULL;
}

/* Releases of @distro as suites, so that kiln_archive_resolve() takes the record for all of them. */
static char **suites_of(const char *distro, const char *ending, gboolean both)
{
	g_autoptr(GStrvBuilder) suites = g_strv_builder_new();
	for (const char *const *id = kiln_archive_ids(); *id; id++) {
		if (!g_str_has_prefix(*id, distro) || (*id)[strlen(distro)] != '/')
			continue;
		g_autofree char *suite = g_strconcat(*id + strlen(distro) + 1, ending, NULL);
		g_strv_builder_add(suites, suite);
		if (both)
			g_strv_builder_add(suites, *id + strlen(distro) + 1);
	}
	return g_strv_builder_end(suites);
}

static void add_source(const Reader *reader, const KilnYamlNode *node, char **uris, char **suites, const char *keyring)
{
	KilnAptSource *source = g_new0(KilnAptSource, 1);
	source->uris = uris;
	source->suites = suites;
	source->components = g_new0(char *, 1);
	source->signed_by = g_strdup(keyring);
	source->file = g_strdup(kiln_yaml_name(reader->yaml));
	source->line = node->line;
	source->enabled = TRUE;
	g_ptr_array_add(reader->settings->sources, source);
}

static gboolean read_archive(const Reader *reader, const KilnYamlNode *mapping, GError **error)
{
	static const char *const keys[] = { "mirrors", "security-mirrors", "keyring", NULL };
	if (mapping->type != KILN_YAML_MAPPING)
		return kiln_yaml_fail(reader->yaml, mapping, error, "\"%s\" must be a mapping with mirrors, security-mirrors, keyring", mapping->key);
	for (const KilnYamlNode *node = mapping->children; node; node = node->next) {
		if (g_strv_contains(keys, node->key))
			continue;
		g_autoptr(GPtrArray) known = g_ptr_array_new();
		for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
			g_ptr_array_add(known, (gpointer)keys[i]);
		return fail_unknown_key(reader, node, known, error);
	}
	const KilnYamlNode *mirrors = kiln_yaml_get(mapping, "mirrors"), *security = kiln_yaml_get(mapping, "security-mirrors");
	const KilnYamlNode *keyring = kiln_yaml_get(mapping, "keyring");
	if (!mirrors)
		return kiln_yaml_fail(reader->yaml, mapping, error, "\"%s\" needs \"mirrors\"", mapping->key);
	if (keyring && (keyring->type != KILN_YAML_SCALAR || *keyring->text != '/'))
		return kiln_yaml_fail(reader->yaml, keyring, error, "\"keyring\" must be an absolute path");
	const char *keyring_path = keyring ? keyring->text : NULL;
	char **uris = read_texts(reader, mirrors, error);
	if (!uris)
		return FALSE;
	/* Ubuntu's own archive holds its security suites; Debian's are elsewhere. */
	gboolean together = !security && strcmp(mapping->key, "ubuntu") == 0;
	add_source(reader, mirrors, uris, suites_of(mapping->key, together ? "-security" : "-updates", TRUE), keyring_path);
	if (!security)
		return TRUE;
	uris = read_texts(reader, security, error);
	if (!uris)
		return FALSE;
	add_source(reader, security, uris, suites_of(mapping->key, "-security", FALSE), keyring_path);
	return TRUE;
}

static gboolean read_archives(const Reader *reader, const KilnYamlNode *mapping, GError **error)
{
	g_autoptr(GPtrArray) distros = g_ptr_array_new_with_free_func(g_free);
	for (const char *const *id = kiln_archive_ids(); *id; id++) {
		char *distro = g_strndup(*id, strcspn(*id, "/"));
		if (g_ptr_array_find_with_equal_func(distros, distro, g_str_equal, NULL))
			g_free(distro);
		else
			g_ptr_array_add(distros, distro);
	}
	g_ptr_array_add(distros, NULL);
	if (mapping->type != KILN_YAML_MAPPING)
		return kiln_yaml_fail(reader->yaml, mapping, error, "\"archives\" must be a mapping from a distro to its mirrors");
	for (const KilnYamlNode *node = mapping->children; node; node = node->next) {
		if (!g_strv_contains((const char *const *)distros->pdata, node->key))
			return fail_unknown_key(reader, node, distros, error);
		if (!read_archive(reader, node, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean read_key(const Reader *reader, const KilnYamlNode *node, GError **error)
{
	const KilnOption *option = kiln_option_find(kiln_global_options(), node->key);
	const KilnCommand *command = kiln_command_find(node->key);
	if (strcmp(node->key, "archives") == 0)
		return read_archives(reader, node, error);
	if (option && option_is_setting(option->name))
		return read_option(reader, node, option, reader->settings->values, error);
	if (command && command->options)
		return read_command(reader, node, command, error);
	g_autoptr(GPtrArray) known = g_ptr_array_new();
	g_ptr_array_add(known, (gpointer) "archives");
	add_names(known, kiln_global_options());
	for (KilnCommandTable other = kiln_commands(); *other; other++)
		if ((*other)->options)
			g_ptr_array_add(known, (gpointer)(*other)->name);
	g_ptr_array_add(known, NULL);
	return fail_unknown_key(reader, node, known, error);
}

KilnSettings *kiln_settings_parse(const char *text, gsize length, const char *name, GError **error)
{
	g_autoptr(KilnYaml) yaml = kiln_yaml_parse(text, length, name, error);
	if (!yaml)
		return NULL;
	g_autoptr(KilnSettings) settings = settings_new();
	const Reader reader = { yaml, settings };
	const KilnYamlNode *root = kiln_yaml_root(yaml);
	settings->file = g_strdup(name);
	if (root && root->type != KILN_YAML_MAPPING) {
		kiln_yaml_fail(yaml, root, error, "the settings must be a mapping, as in \"store: /srv/kiln\"");
		return NULL;
	}
	for (const KilnYamlNode *node = root ? root->children : NULL; node; node = node->next)
		if (!read_key(&reader, node, error))
			return NULL;
	return g_steal_pointer(&settings);
}

static KilnSettings *load_file(const char *path, GError **error)
{
	g_autoptr(GBytes) bytes = kiln_file_read_at(AT_FDCWD, path, KILN_LIMIT_CONFIG_BYTES, error);
	if (!bytes)
		return NULL;
	gsize length;
	const char *text = g_bytes_get_data(bytes, &length);
	return kiln_settings_parse(text, length, path, error);
}

KilnSettings *kiln_settings_load(const char *explicit_path, GError **error)
{
	const char *variable = g_getenv("KILN_CONFIG");
	if (!explicit_path && variable && *variable)
		explicit_path = variable;
	if (explicit_path)
		return load_file(explicit_path, error);
	g_autofree char *own = g_build_filename(g_get_user_config_dir(), "kiln", "kiln.yaml", NULL);
	const char *const paths[] = { own, "/etc/kiln/kiln.yaml" };
	for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
		if (access(paths[i], F_OK) == 0)
			return load_file(paths[i], error);
	return settings_new();
}

char *kiln_option_variable(const KilnOption *option)
{
	g_autofree char *upper = g_ascii_strup(option->name, -1);
	return g_strconcat("KILN_", g_strdelimit(upper, "-", '_'), NULL);
}

static gboolean take_variable(const KilnOption *option, GHashTable *values, GError **error)
{
	g_autofree char *variable = kiln_option_variable(option);
	const char *text = g_getenv(variable);
	if (!text || !*text)
		return TRUE;
	g_auto(GStrv) parts = g_strsplit(text, ",", option->kind == KILN_OPTION_LIST ? -1 : 1);
	for (char **part = parts; *part; part++) {
		char *normal;
		if (!kiln_option_check(option, variable, *part, &normal, error))
			return FALSE;
		kiln_values_add(values, option, normal);
	}
	return TRUE;
}

static void take_setting(const KilnOption *option, GHashTable *from, GHashTable *values)
{
	GPtrArray *list = from ? g_hash_table_lookup(from, option->name) : NULL;
	if (list)
		g_hash_table_replace(values, (gpointer)option->name, g_ptr_array_ref(list));
}

gboolean kiln_settings_complete(const KilnSettings *settings, const KilnCommand *command, GHashTable *values, GError **error)
{
	/* The command's own first: it may know more words for an option that every command has. */
	const KilnOption *lists[] = { command ? command->options : NULL, kiln_global_options() };
	GHashTable *tables[] = { command ? g_hash_table_lookup(settings->commands, command->name) : NULL, settings->values };
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
		for (const KilnOption *option = lists[i]; option && option->name; option++) {
			if (!option_is_setting(option->name) || g_hash_table_contains(values, option->name))
				continue;
			if (!take_variable(option, values, error))
				return FALSE;
			if (!g_hash_table_contains(values, option->name))
				take_setting(option, tables[i], values);
		}
	return TRUE;
}
