/* SPDX-License-Identifier: Apache-2.0 */
/* yaml.c: YAML as a tree that remembers lines and columns, built from libfyaml's events so that limits hold while it is read. */
#include "data/yaml.h"

#include "base/error.h"
#include "base/limits.h"

#include <libfyaml.h>
#include <string.h>

struct KilnYaml {
	char *name;
	GPtrArray *nodes; /* every node, owned */
	GStringChunk *strings;
	KilnYamlNode *root;
	GHashTable *anchors; /* name -> KilnYamlNode */
};

/* One open collection. */
typedef struct {
	KilnYamlNode *node, *last;
	GHashTable *keys; /* of a mapping: name -> line; NULL until there is one */
	const char *key;  /* pending in a mapping */
	guint key_line, key_column;
} Open;

typedef struct {
	KilnYaml *yaml;
	struct fy_parser *parser;
	GArray *stack; /* Open */
	gboolean document_ended;
	GError **error;
} Building;

gboolean kiln_yaml_fail(const KilnYaml *yaml, const KilnYamlNode *node, GError **error, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	return kiln_fail(error, KILN_ERROR_SYNTAX, "%s:%u:%u: %s", yaml->name, node ? node->line : 1, node ? node->column : 1, text);
}

static gboolean fail_at(Building *building, KilnError code, guint line, guint column, const char *text)
{
	return kiln_fail(building->error, code, "%s:%u:%u: %s", building->yaml->name, line, column, text);
}

static KilnYamlNode *new_node(Building *building, KilnYamlType type, guint line, guint column)
{
	KilnYaml *yaml = building->yaml;
	if (yaml->nodes->len >= KILN_LIMIT_YAML_NODES) {
		fail_at(building, KILN_ERROR_LIMIT, line, column, "too many values once anchors are expanded");
		return NULL;
	}
	KilnYamlNode *node = g_new0(KilnYamlNode, 1);
	node->type = type;
	node->line = line;
	node->column = column;
	g_ptr_array_add(yaml->nodes, node);
	return node;
}

/* Put @node where the document is now: as root, next item, or value of the pending key. */
static gboolean place(Building *building, KilnYamlNode *node)
{
	if (building->stack->len == 0) {
		building->yaml->root = node;
		return TRUE;
	}
	Open *open = &g_array_index(building->stack, Open, building->stack->len - 1);
	if (open->node->type == KILN_YAML_MAPPING) {
		node->key = open->key;
		node->key_line = open->key_line;
		node->key_column = open->key_column;
		open->key = NULL;
	}
	if (open->last)
		open->last->next = node;
	else
		open->node->children = node;
	open->last = node;
	open->node->count++;
	return TRUE;
}

/* A deep copy for an alias; iterative over siblings, and nesting is bounded by the depth limit. */
static KilnYamlNode *copy_node(Building *building, const KilnYamlNode *from, guint line, guint column, guint depth)
{
	KilnYamlNode *to = depth > KILN_LIMIT_YAML_DEPTH ? NULL : new_node(building, from->type, line, column);
	KilnYamlNode *last = NULL;
	if (!to) {
		if (building->error && !*building->error)
			fail_at(building, KILN_ERROR_LIMIT, line, column, "nested too deep once anchors are expanded");
		return NULL;
	}
	to->text = from->text;
	to->quoted = from->quoted;
	to->count = from->count;
	for (const KilnYamlNode *child = from->children; child; child = child->next) {
		KilnYamlNode *copy = copy_node(building, child, line, column, depth + 1);
		if (!copy)
			return NULL;
		copy->key = child->key;
		copy->key_line = child->key_line;
		copy->key_column = child->key_column;
		if (last)
			last->next = copy;
		else
			to->children = copy;
		last = copy;
	}
	return to;
}

static const char *token_text(Building *building, struct fy_token *token, guint line, guint column)
{
	size_t length;
	const char *text = token ? fy_token_get_text(token, &length) : NULL;
	if (!text)
		return "";
	if (memchr(text, '\0', length) || !g_utf8_validate(text, (gssize)length, NULL)) {
		fail_at(building, KILN_ERROR_SYNTAX, line, column, "text that is no UTF-8 or holds a NUL");
		return NULL;
	}
	return g_string_chunk_insert_len(building->yaml->strings, text, (gssize)length);
}

static gboolean set_anchor(Building *building, struct fy_token *anchor, KilnYamlNode *node)
{
	if (!anchor)
		return TRUE;
	const char *name = token_text(building, anchor, node->line, node->column);
	if (!name)
		return FALSE;
	g_hash_table_replace(building->yaml->anchors, (gpointer)name, node);
	return TRUE;
}

static gboolean take_key(Building *building, Open *open, const char *text, guint line, guint column)
{
	if (!open->keys)
		open->keys = g_hash_table_new(g_str_hash, g_str_equal);
	gpointer first = g_hash_table_lookup(open->keys, text);
	if (first) {
		g_autofree char *message = g_strdup_printf("key \"%.60s\" stands twice; first in line %u", text, GPOINTER_TO_UINT(first));
		return fail_at(building, KILN_ERROR_SYNTAX, line, column, message);
	}
	g_hash_table_insert(open->keys, (gpointer)text, GUINT_TO_POINTER(line));
	open->key = text;
	open->key_line = line;
	open->key_column = column;
	return TRUE;
}

static gboolean on_scalar(Building *building, struct fy_event *event, guint line, guint column)
{
	const char *text = token_text(building, event->scalar.value, line, column);
	Open *open = building->stack->len ? &g_array_index(building->stack, Open, building->stack->len - 1) : NULL;
	if (!text)
		return FALSE;
	if (event->scalar.tag)
		return fail_at(building, KILN_ERROR_UNSUPPORTED, line, column, "tags (\"!...\") are not used here");
	if (open && open->node->type == KILN_YAML_MAPPING && !open->key)
		return take_key(building, open, text, line, column);
	KilnYamlNode *node = new_node(building, KILN_YAML_SCALAR, line, column);
	if (!node)
		return FALSE;
	enum fy_scalar_style style = event->scalar.value ? fy_token_scalar_style(event->scalar.value) : FYSS_PLAIN;
	node->text = text;
	node->quoted = style != FYSS_PLAIN;
	return set_anchor(building, event->scalar.anchor, node) && place(building, node);
}

static gboolean on_alias(Building *building, struct fy_event *event, guint line, guint column)
{
	Open *open = building->stack->len ? &g_array_index(building->stack, Open, building->stack->len - 1) : NULL;
	const char *name = token_text(building, event->alias.anchor, line, column);
	if (!name)
		return FALSE;
	if (open && open->node->type == KILN_YAML_MAPPING && !open->key)
		return fail_at(building, KILN_ERROR_UNSUPPORTED, line, column, "an alias cannot be a key here");
	const KilnYamlNode *from = g_hash_table_lookup(building->yaml->anchors, name);
	for (guint i = 0; from && i < building->stack->len; i++)
		if (g_array_index(building->stack, Open, i).node == from)
			return fail_at(building, KILN_ERROR_SYNTAX, line, column, "an alias inside its own anchor");
	if (!from)
		return fail_at(building, KILN_ERROR_SYNTAX, line, column, "an alias without an anchor before it");
	KilnYamlNode *node = copy_node(building, from, line, column, building->stack->len);
	return node && place(building, node);
}

static gboolean on_start(Building *building, KilnYamlType type, struct fy_token *tag, struct fy_token *anchor, guint line, guint column)
{
	Open *open = building->stack->len ? &g_array_index(building->stack, Open, building->stack->len - 1) : NULL;
	if (tag)
		return fail_at(building, KILN_ERROR_UNSUPPORTED, line, column, "tags (\"!...\") are not used here");
	if (open && open->node->type == KILN_YAML_MAPPING && !open->key)
		return fail_at(building, KILN_ERROR_UNSUPPORTED, line, column, "a key must be one word");
	if (building->stack->len >= KILN_LIMIT_YAML_DEPTH)
		return fail_at(building, KILN_ERROR_LIMIT, line, column, "nested too deep");
	KilnYamlNode *node = new_node(building, type, line, column);
	if (!node || !set_anchor(building, anchor, node) || !place(building, node))
		return FALSE;
	Open opened = { .node = node };
	g_array_append_val(building->stack, opened);
	return TRUE;
}

static gboolean on_event(Building *building, struct fy_event *event)
{
	const struct fy_mark *mark = fy_event_start_mark(event);
	guint line = mark ? (guint)mark->line + 1 : 1, column = mark ? (guint)mark->column + 1 : 1;
	switch (event->type) {
	case FYET_DOCUMENT_START:
		if (building->document_ended)
			return fail_at(building, KILN_ERROR_UNSUPPORTED, line, column, "a second document in one file");
		return TRUE;
	case FYET_DOCUMENT_END:
		building->document_ended = TRUE;
		return TRUE;
	case FYET_SCALAR:
		return on_scalar(building, event, line, column);
	case FYET_ALIAS:
		return on_alias(building, event, line, column);
	case FYET_SEQUENCE_START:
		return on_start(building, KILN_YAML_SEQUENCE, event->sequence_start.tag, event->sequence_start.anchor, line, column);
	case FYET_MAPPING_START:
		return on_start(building, KILN_YAML_MAPPING, event->mapping_start.tag, event->mapping_start.anchor, line, column);
	case FYET_SEQUENCE_END:
	case FYET_MAPPING_END:
		g_array_set_size(building->stack, building->stack->len - 1);
		return TRUE;
	default:
		return TRUE;
	}
}

static void on_diagnostic(struct fy_diag *diag, void *user, const char *text, size_t length)
{
	GString *collected = user;
	if (collected->len < 400)
		g_string_append_len(collected, text, (gssize)MIN(length, 400));
}

/* libfyaml prints "name:line:column error: text" and an excerpt; the first line after "error:" says it all. */
static gboolean parser_failed(Building *building, const GString *said)
{
	struct fy_diag *diag = fy_parser_get_diag(building->parser);
	struct fy_diag_error *first = NULL;
	void *iterator = NULL;
	guint line = 1, column = 1;
	g_autofree char *text = NULL;
	if (diag && (first = fy_diag_errors_iterate(diag, &iterator)) != NULL) {
		line = (guint)MAX(first->line, 1);
		column = (guint)MAX(first->column, 1);
		text = g_strdup(first->msg);
	}
	if (diag)
		fy_diag_unref(diag);
	return fail_at(building, KILN_ERROR_SYNTAX, line, column, text ? text : said->len ? said->str : "not YAML");
}

static void open_clear(gpointer data)
{
	g_clear_pointer(&((Open *)data)->keys, g_hash_table_unref);
}

static gboolean read_events(Building *building, const char *text, gsize length)
{
	g_autoptr(GString) said = g_string_new(NULL);
	struct fy_diag_cfg diag_config;
	fy_diag_cfg_default(&diag_config);
	diag_config.output_fn = on_diagnostic;
	diag_config.user = said;
	diag_config.fp = NULL;
	struct fy_diag *diag = fy_diag_create(&diag_config);
	fy_diag_set_collect_errors(diag, true);
	struct fy_parse_cfg config = { .flags = FYPCF_QUIET | FYPCF_DISABLE_RECYCLING, .diag = diag };
	building->parser = fy_parser_create(&config);
	gboolean good = building->parser && fy_parser_set_string(building->parser, text, length) == 0;
	if (!good)
		fail_at(building, KILN_ERROR_INTERNAL, 1, 1, "the YAML parser refuses to start");
	while (good) {
		struct fy_event *event = fy_parser_parse(building->parser);
		if (!event) {
			if (fy_parser_get_stream_error(building->parser))
				good = parser_failed(building, said);
			break;
		}
		gboolean last = event->type == FYET_STREAM_END;
		good = on_event(building, event);
		fy_parser_event_free(building->parser, event);
		if (last)
			break;
	}
	if (building->parser)
		fy_parser_destroy(building->parser);
	fy_diag_destroy(diag);
	return good;
}

static KilnYaml *yaml_new(const char *name)
{
	KilnYaml *yaml = g_new0(KilnYaml, 1);
	yaml->name = g_strdup(name);
	yaml->nodes = g_ptr_array_new_with_free_func(g_free);
	yaml->strings = g_string_chunk_new(1024);
	yaml->anchors = g_hash_table_new(g_str_hash, g_str_equal);
	return yaml;
}

KilnYaml *kiln_yaml_parse(const char *text, gsize length, const char *name, GError **error)
{
	g_autoptr(KilnYaml) yaml = yaml_new(name);
	g_autoptr(GError) local = NULL;
	Building building = { .yaml = yaml, .error = &local };
	building.stack = g_array_new(FALSE, TRUE, sizeof(Open));
	g_array_set_clear_func(building.stack, open_clear);
	gboolean good = length == 0 || read_events(&building, text, length);
	g_array_unref(building.stack);
	if (good)
		return g_steal_pointer(&yaml);
	g_propagate_error(error, g_steal_pointer(&local));
	return NULL;
}

static const char *json_scalar(KilnYaml *yaml, const json_t *json)
{
	g_autofree char *text = NULL;
	if (json_is_string(json))
		text = g_strdup(json_string_value(json));
	else if (json_is_integer(json))
		text = g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(json));
	else if (json_is_real(json))
		text = g_strdup_printf("%.17g", json_real_value(json));
	else
		text = g_strdup(json_is_true(json) ? "true" : json_is_false(json) ? "false" : "null");
	return g_string_chunk_insert(yaml->strings, text);
}

/* Puts the node below @open (NULL: as root). Nesting is bounded by the depth limit. */
static gboolean add_json(Building *building, Open *open, const char *key, const json_t *json, guint depth)
{
	gboolean collection = json_is_object(json) || json_is_array(json);
	if (depth > KILN_LIMIT_YAML_DEPTH)
		return fail_at(building, KILN_ERROR_LIMIT, 1, 1, "nested too deep");
	KilnYamlNode *node = new_node(building, json_is_object(json) ? KILN_YAML_MAPPING : collection ? KILN_YAML_SEQUENCE : KILN_YAML_SCALAR, 1, 1);
	if (!node)
		return FALSE;
	if (key) {
		node->key = g_string_chunk_insert(building->yaml->strings, key);
		node->key_line = node->key_column = 1;
	}
	if (!open)
		building->yaml->root = node;
	else if (open->last)
		open->last->next = node;
	else
		open->node->children = node;
	if (open) {
		open->last = node;
		open->node->count++;
	}
	if (!collection) {
		node->text = json_scalar(building->yaml, json);
		node->quoted = json_is_string(json);
	}
	Open inside = { .node = node };
	const char *name;
	json_t *value;
	size_t index;
	json_object_foreach((json_t *)json, name, value)
		if (!add_json(building, &inside, name, value, depth + 1))
			return FALSE;
	json_array_foreach(json, index, value)
		if (!add_json(building, &inside, NULL, value, depth + 1))
			return FALSE;
	return TRUE;
}

KilnYaml *kiln_yaml_from_json(const json_t *json, const char *name, GError **error)
{
	g_autoptr(KilnYaml) yaml = yaml_new(name);
	Building building = { .yaml = yaml, .error = error };
	return add_json(&building, NULL, NULL, json, 0) ? g_steal_pointer(&yaml) : NULL;
}

const KilnYamlNode *kiln_yaml_root(const KilnYaml *yaml)
{
	return yaml->root;
}

const char *kiln_yaml_name(const KilnYaml *yaml)
{
	return yaml->name;
}

const KilnYamlNode *kiln_yaml_get(const KilnYamlNode *mapping, const char *key)
{
	for (const KilnYamlNode *child = mapping ? mapping->children : NULL; child; child = child->next)
		if (child->key && strcmp(child->key, key) == 0)
			return child;
	return NULL;
}

void kiln_yaml_free(KilnYaml *yaml)
{
	if (!yaml)
		return;
	g_free(yaml->name);
	g_ptr_array_unref(yaml->nodes);
	g_string_chunk_free(yaml->strings);
	g_hash_table_unref(yaml->anchors);
	g_free(yaml);
}
