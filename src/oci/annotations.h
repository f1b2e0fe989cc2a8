/* SPDX-License-Identifier: Apache-2.0 */
/* annotations.h: maps of strings in OCI documents as vectors key, value, key, value, NULL sorted by key. */
#pragma once
#include "data/json.h"

/**
 * Read the member @key of @object, a map of strings.
 *
 * @out: becomes a new vector for g_strfreev(), NULL when the member is missing or null
 * Errors: KILN_ERROR_SYNTAX no map of strings.
 */
gboolean kiln_annotations_from_json(const json_t *object, const char *key, const char *name, char ***out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Add @annotations as the member @key; nothing when NULL or empty. */
void kiln_annotations_to_json(json_t *object, const char *key, char *const *annotations);
/** The value of @key, borrowed, or NULL. @annotations may be NULL. */
const char *kiln_annotations_find(char *const *annotations, const char *key);
/** A copy with @key set to @value (NULL: without @key), sorted by key; NULL when nothing is left. */
char **kiln_annotations_with(char *const *annotations, const char *key, const char *value);
