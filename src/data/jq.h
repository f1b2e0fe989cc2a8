/* SPDX-License-Identifier: Apache-2.0 */
/* jq.h: programs in the language of jq over JSON documents. */
#pragma once
#include "data/json.h"

/**
 * Run @program, a text in the language of jq, over @input. What it gives is put one behind the other: strings as they are, everything
 * else as JSON; a line end follows each.
 *
 * @name: of the program, for messages
 * Errors: KILN_ERROR_SYNTAX the program does not compile, with jq's own words, or fails on this input; KILN_ERROR_LIMIT more than KILN_LIMIT_JSON_BYTES.
 * Source: jq 1.6 manual.
 */
GBytes *kiln_jq_run(const char *program, const char *name, const json_t *input, GError **error) G_GNUC_WARN_UNUSED_RESULT;
