/* SPDX-License-Identifier: Apache-2.0 */
/* yaml.h: YAML as a tree that remembers lines and columns. The only place that knows libfyaml. */
#pragma once
#include "data/json.h"

typedef enum {
	KILN_YAML_SCALAR,
	KILN_YAML_SEQUENCE,
	KILN_YAML_MAPPING,
} KilnYamlType;

typedef struct KilnYaml KilnYaml;

/** One node; it lives as long as the document. Children are linked, in the order of the text. */
typedef struct KilnYamlNode {
	KilnYamlType type;
	guint line, column; /* from 1 */
	const char *text;   /* scalar: UTF-8, NUL-terminated, no NUL inside; else NULL */
	gboolean quoted;    /* scalar was '...' or "..." or a block: always a string */
	const char *key;    /* name in the mapping that holds it, else NULL */
	guint key_line, key_column;
	struct KilnYamlNode *children;
	struct KilnYamlNode *next;
	guint count; /* children */
} KilnYamlNode;

/**
 * Parse one document. Refused with name:line:column: a duplicate key, a second document, keys that are no scalars, tags,
 * anchors whose aliases expand past KILN_LIMIT_YAML_NODES, depth above KILN_LIMIT_YAML_DEPTH. Merge keys ("<<") are unknown keys.
 *
 * Errors: KILN_ERROR_SYNTAX, KILN_ERROR_LIMIT, KILN_ERROR_UNSUPPORTED.
 */
KilnYaml *kiln_yaml_parse(const char *text, gsize length, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * The same tree of a JSON value, every place being line 1, column 1. Strings are quoted scalars; numbers, true, false and
 * null are plain ones. For documents that are written as JSON and read by what reads YAML.
 *
 * Errors: KILN_ERROR_LIMIT as above.
 */
KilnYaml *kiln_yaml_from_json(const json_t *json, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The root node, borrowed; NULL for an empty document. */
const KilnYamlNode *kiln_yaml_root(const KilnYaml *yaml);
const char *kiln_yaml_name(const KilnYaml *yaml);
/** The value of @key in a mapping, or NULL. */
const KilnYamlNode *kiln_yaml_get(const KilnYamlNode *mapping, const char *key);
void kiln_yaml_free(KilnYaml *yaml);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnYaml, kiln_yaml_free)

/** Set "name:line:column: <text>" as KILN_ERROR_SYNTAX at @node and return FALSE. */
gboolean kiln_yaml_fail(const KilnYaml *yaml, const KilnYamlNode *node, GError **error, const char *format, ...) G_GNUC_PRINTF(4, 5);
