/* SPDX-License-Identifier: Apache-2.0 */
/* tag_value.h: SPDX 2.3 as lines of tags and values. Internal to this module. */
#pragma once
#include "base/text.h"
#include "data/json.h"

/** @document: the JSON form of the same version. */
GBytes *kiln_tag_value_write(const json_t *document);
gboolean kiln_tag_value_is(KilnText text);
/** The JSON form; new reference. Tags that it does not know are left out. Errors: KILN_ERROR_SYNTAX with @name and line, KILN_ERROR_LIMIT. */
json_t *kiln_tag_value_read(KilnText text, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
