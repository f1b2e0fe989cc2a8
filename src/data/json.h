/* SPDX-License-Identifier: Apache-2.0 */
/* json.h: JSON from outside with limits, JSON to outside in one canonical form. json_t of jansson is the value type. */
#pragma once
#include <glib.h>
#include <jansson.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_t, json_decref)

/**
 * Parse one document. Duplicate keys, NUL in strings, depth above KILN_LIMIT_JSON_DEPTH and trailing garbage are refused.
 *
 * @name: for messages, "nginx.lock"
 * Errors: KILN_ERROR_SYNTAX "name:line:column: ...", KILN_ERROR_LIMIT.
 */
json_t *kiln_json_parse(const char *text, gsize length, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Canonical bytes: keys sorted by byte, no blanks, no trailing newline. For blobs and digests. */
GBytes *kiln_json_compact(const json_t *value);
/** The same, two-space indented with a trailing newline, keys in insertion order. For files that people read. */
GBytes *kiln_json_pretty(const json_t *value);

/**
 * Typed access to the member @key of @object; the result is borrowed from @object.
 * Missing or of another type: KILN_ERROR_SYNTAX `name: "key" must be a string`. The *_or variants give @fallback
 * when the key is missing (another type is still an error: they return FALSE through @error being set).
 */
const char *kiln_json_string(const json_t *object, const char *key, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean kiln_json_integer(const json_t *object, const char *key, const char *name, gint64 *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_t *kiln_json_array(const json_t *object, const char *key, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_t *kiln_json_object(const json_t *object, const char *key, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** NULL (borrowed string otherwise) when missing, null or no string. Never an error: for optional members. */
const char *kiln_json_string_or_null(const json_t *object, const char *key);

/** Add string members only when they are not NULL. Aborts on memory exhaustion, as GLib does. */
void kiln_json_set_string(json_t *object, const char *key, const char *value);
void kiln_json_set_integer(json_t *object, const char *key, gint64 value);
/** Array of strings from a NULL-terminated vector; new reference. */
json_t *kiln_json_from_strv(const char *const *strings);
