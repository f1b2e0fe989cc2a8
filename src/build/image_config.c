/* SPDX-License-Identifier: Apache-2.0 */
/* image_config.c: the image configuration and manifest that a recipe asks for. */
#include "build/image_config.h"

#include "base/clock.h"
#include "oci/annotations.h"
#include "oci/platform.h"

#include <string.h>

static gint compare_strings(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char **sorted(char **list)
{
	GPtrArray *copy = g_ptr_array_new();
	for (; list && *list; list++)
		g_ptr_array_add(copy, g_strdup(*list));
	g_ptr_array_sort(copy, compare_strings);
	g_ptr_array_add(copy, NULL);
	return (char **)g_ptr_array_free(copy, FALSE);
}

static void replace(char ***vector, char **with)
{
	g_strfreev(*vector);
	*vector = with;
}

static char **volumes_of(const KilnRecipe *recipe)
{
	g_autoptr(GStrvBuilder) volumes = g_strv_builder_new();
	for (guint i = 0; i < recipe->writable->len; i++) {
		const KilnRecipeWritable *writable = recipe->writable->pdata[i];
		if (strcmp(writable->kind, "volume") == 0)
			g_strv_builder_add(volumes, writable->path);
	}
	g_auto(GStrv) list = g_strv_builder_end(volumes);
	return sorted(list);
}

/* What kiln run mounts, for runtimes that look: see run/runtime.h. */
static char *writable_label(const KilnRecipe *recipe, const KilnTree *tree)
{
	g_autoptr(json_t) list = json_array();
	for (guint i = 0; i < recipe->writable->len; i++) {
		const KilnRecipeWritable *writable = recipe->writable->pdata[i];
		g_autofree char *merged = kiln_merged_path(writable->path + strspn(writable->path, "/"));
		const KilnTreeEntry *entry = kiln_tree_get(tree, merged);
		json_t *object = json_object();
		kiln_json_set_string(object, "path", writable->path);
		kiln_json_set_string(object, "kind", writable->kind);
		if (entry) {
			kiln_json_set_integer(object, "mode", entry->mode);
			kiln_json_set_integer(object, "uid", (gint64)entry->uid);
			kiln_json_set_integer(object, "gid", (gint64)entry->gid);
		}
		if (writable->size_bytes)
			kiln_json_set_integer(object, "size", (gint64)writable->size_bytes);
		json_array_append_new(list, object);
	}
	if (json_array_size(list) == 0)
		return NULL;
	g_autoptr(GBytes) bytes = kiln_json_compact(list);
	return g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static gboolean has_variable(char **environment, const char *name)
{
	gsize length = strlen(name);
	for (; *environment; environment++)
		if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
			return TRUE;
	return FALSE;
}

static char **environment_of(const KilnRecipe *recipe, const KilnTree *tree)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	if (!has_variable(recipe->environment, "PATH"))
		g_strv_builder_add(builder, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin");
	if (!has_variable(recipe->environment, "LANG") && kiln_tree_get(tree, "usr/lib/locale/C.utf8"))
		g_strv_builder_add(builder, "LANG=C.UTF-8");
	if (!has_variable(recipe->environment, "SSL_CERT_FILE") && kiln_tree_get(tree, "etc/ssl/certs/ca-certificates.crt"))
		g_strv_builder_add(builder, "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt");
	g_strv_builder_addv(builder, (const char **)recipe->environment);
	return g_strv_builder_end(builder);
}

static void fill_healthcheck(KilnImageConfig *config, const KilnRecipe *recipe)
{
	const KilnRecipeHealthcheck *from = &recipe->healthcheck;
	if (!from->test[0])
		return;
	g_autoptr(GStrvBuilder) test = g_strv_builder_new();
	g_strv_builder_add(test, "CMD");
	g_strv_builder_addv(test, (const char **)from->test);
	config->healthcheck = (KilnHealthcheck){ g_strv_builder_end(test), from->interval_ms * 1000000, from->timeout_ms * 1000000,
		                                 from->start_period_ms * 1000000, (guint)from->retries };
}

static void add_history(KilnImageConfig *config, const KilnLayer *layer, const KilnRecipe *recipe)
{
	KilnHistory *history = g_new0(KilnHistory, 1);
	history->created = g_strdup(config->created);
	history->created_by = g_strdup_printf("kiln build %s: %s", recipe->name, layer->title);
	g_ptr_array_add(config->history, history);
}

static KilnImageConfig *make_config(const KilnRecipe *recipe, const KilnTree *tree, const KilnLayers *layers, const char *created)
{
	KilnImageConfig *config = kiln_image_config_new();
	const KilnPlatform *platform = tree->closure->platform;
	g_autofree char *writable = writable_label(recipe, tree);
	config->created = g_strdup(created);
	config->os = g_strdup("linux");
	config->architecture = g_strdup(platform->architecture);
	config->variant = g_strdup(platform->variant);
	config->user = g_strdup_printf("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, tree->uid, tree->gid);
	config->working_directory = g_strdup(recipe->working_directory);
	config->stop_signal = g_strdup(recipe->stop_signal);
	replace(&config->exposed_ports, sorted(recipe->ports));
	replace(&config->environment, environment_of(recipe, tree));
	replace(&config->entrypoint, g_strdupv(recipe->entrypoint));
	replace(&config->command, g_strdupv(recipe->command));
	replace(&config->volumes, volumes_of(recipe));
	char **labels = kiln_annotations_with(recipe->labels, KILN_LABEL_WRITABLE, writable);
	replace(&config->labels, labels ? labels : g_new0(char *, 1));
	fill_healthcheck(config, recipe);
	config->diff_ids = g_new0(KilnDigest, layers->layers->len);
	config->diff_id_count = layers->layers->len;
	for (guint i = 0; i < layers->layers->len; i++) {
		config->diff_ids[i] = ((KilnLayer *)layers->layers->pdata[i])->diff_id;
		add_history(config, layers->layers->pdata[i], recipe);
	}
	return config;
}

static char **annotations_of(const KilnRecipe *recipe, const char *created)
{
	const char *const defaults[][2] = { { "org.opencontainers.image.created", created }, { "org.opencontainers.image.title", recipe->name },
		                            { "org.opencontainers.image.version", recipe->version } };
	char **annotations = g_strdupv(recipe->annotations);
	for (gsize i = 0; i < G_N_ELEMENTS(defaults); i++) {
		if (!defaults[i][1] || kiln_annotations_find(annotations, defaults[i][0]))
			continue;
		char **with = kiln_annotations_with(annotations, defaults[i][0], defaults[i][1]);
		g_strfreev(annotations);
		annotations = with;
	}
	return annotations;
}

gboolean kiln_image_write(const KilnRecipe *recipe, const KilnTree *tree, const KilnLayers *layers, gint64 created_unix_s, KilnLayout *layout,
                          KilnDescriptor *out, GError **error)
{
	char created[KILN_TIME_TEXT_MAX];
	kiln_time_print(created_unix_s, created);
	g_autoptr(KilnImageConfig) config = make_config(recipe, tree, layers, created);
	g_autoptr(GBytes) config_bytes = kiln_image_config_print(config);
	g_autoptr(KilnManifest) manifest = kiln_manifest_new(FALSE);
	if (!kiln_layout_put_blob(layout, KILN_MEDIA_CONFIG, g_bytes_get_data(config_bytes, NULL), g_bytes_get_size(config_bytes), &manifest->config, error))
		return FALSE;
	manifest->has_config = TRUE;
	for (guint i = 0; i < layers->layers->len; i++) {
		KilnDescriptor *copy = g_new0(KilnDescriptor, 1);
		kiln_descriptor_copy(&((KilnLayer *)layers->layers->pdata[i])->descriptor, copy);
		g_ptr_array_add(manifest->items, copy);
	}
	manifest->annotations = annotations_of(recipe, created);
	g_autoptr(GBytes) bytes = kiln_manifest_print(manifest);
	KilnDescriptor made = { 0 };
	if (!kiln_layout_put_blob(layout, KILN_MEDIA_MANIFEST, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &made, error))
		return FALSE;
	made.os = g_strdup("linux");
	made.architecture = g_strdup(tree->closure->platform->architecture);
	made.variant = g_strdup(tree->closure->platform->variant);
	*out = made;
	return TRUE;
}
