/* SPDX-License-Identifier: Apache-2.0 */
/* jq.c: programs in the language of jq, by libjq. */
#include "data/jq.h"

#include "base/error.h"
#include "base/limits.h"

#include <jq.h>

/* What it says while it compiles. */
static void note_error(void *data, jv message)
{
	GString *said = data;
	jv text = jq_format_error(message);
	if (jv_get_kind(text) == JV_KIND_STRING)
		g_string_append_printf(said, "%s%s", said->len ? "; " : "", jv_string_value(text));
	jv_free(text);
}

static void append_value(GString *out, jv value)
{
	jv text = jv_get_kind(value) == JV_KIND_STRING ? value : jv_dump_string(value, 0);
	g_string_append_len(out, jv_string_value(text), jv_string_length_bytes(jv_copy(text)));
	g_string_append_c(out, '\n');
	jv_free(text);
}

static gboolean run(jq_state *jq, jv input, const char *name, GString *out, GError **error)
{
	jq_start(jq, input, 0);
	jv value;
	while (jv_is_valid(value = jq_next(jq))) {
		append_value(out, value);
		if (out->len > KILN_LIMIT_JSON_BYTES)
			return kiln_fail(error, KILN_ERROR_LIMIT, "%s: it gives more than %u MiB", name, (guint)(KILN_LIMIT_JSON_BYTES / KILN_MIB));
	}
	if (!jv_invalid_has_msg(jv_copy(value))) {
		jv_free(value);
		return TRUE;
	}
	jv message = jv_invalid_get_msg(value), text = jv_get_kind(message) == JV_KIND_STRING ? message : jv_dump_string(message, 0);
	kiln_fail(error, KILN_ERROR_SYNTAX, "%s: %s", name, jv_string_value(text));
	jv_free(text);
	return FALSE;
}

GBytes *kiln_jq_run(const char *program, const char *name, const json_t *input, GError **error)
{
	g_autoptr(GBytes) text = kiln_json_compact(input);
	g_autoptr(GString) said = g_string_new(NULL), out = g_string_new(NULL);
	jq_state *jq = jq_init();
	jq_set_error_cb(jq, note_error, said);
	gboolean ok = jq_compile(jq, program) != 0;
	if (!ok)
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s: %s", name, said->str);
	else
		ok = run(jq, jv_parse_sized(g_bytes_get_data(text, NULL), (int)g_bytes_get_size(text)), name, out, error);
	jq_teardown(&jq);
	return ok ? g_string_free_to_bytes(g_steal_pointer(&out)) : NULL;
}
