/* SPDX-License-Identifier: Apache-2.0 */
/* database_record.c: advisories to compact JSON and back. Empty members are left out; keys are short, because there are hundreds of thousands. */
#include "vuln/database_record.h"
#include "base/error.h"
#include "data/json.h"

static void set_strings(json_t *object, const char *key, const GPtrArray *strings)
{
	if (strings->len == 0)
		return;
	json_t *list = json_array();
	for (guint i = 0; i < strings->len; i++)
		json_array_append_new(list, json_string(strings->pdata[i]));
	json_object_set_new(object, key, list);
}

static gboolean get_strings(const json_t *object, const char *key, GPtrArray *strings)
{
	const json_t *list = json_object_get(object, key), *value;
	size_t i;
	if (list && !json_is_array(list))
		return FALSE;
	json_array_foreach(list, i, value) {
		if (!json_is_string(value))
			return FALSE;
		g_ptr_array_add(strings, g_strdup(json_string_value(value)));
	}
	return TRUE;
}

static void set_time(json_t *object, const char *key, gint64 unix_s)
{
	if (unix_s)
		kiln_json_set_integer(object, key, unix_s);
}

static void set_severities(json_t *object, const GPtrArray *severities)
{
	if (severities->len == 0)
		return;
	json_t *list = json_array();
	for (guint i = 0; i < severities->len; i++) {
		const KilnAdvisorySeverity *severity = severities->pdata[i];
		json_array_append_new(list, json_pack("[s,s?,i,i]", severity->whose, severity->vector, (int)severity->severity, (int)severity->score_tenths));
	}
	json_object_set_new(object, "q", list);
}

static gboolean get_severities(const json_t *object, GPtrArray *severities)
{
	const json_t *list = json_object_get(object, "q");
	json_t *value;
	size_t i;
	json_array_foreach(list, i, value) {
		const char *whose = json_string_value(json_array_get(value, 0)), *vector = json_string_value(json_array_get(value, 1));
		gint64 word = json_integer_value(json_array_get(value, 2)), tenths = json_integer_value(json_array_get(value, 3));
		if (!whose || word < KILN_SEVERITY_UNKNOWN || word > KILN_SEVERITY_CRITICAL || tenths < 0 || tenths > 100)
			return FALSE;
		kiln_advisory_add_severity(severities, whose, vector, (KilnSeverity)word, (guint)tenths);
	}
	return TRUE;
}

static GBytes *compact(json_t *object)
{
	GBytes *bytes = kiln_json_compact(object);
	json_decref(object);
	return bytes;
}

GBytes *database_record_write(const KilnAdvisory *advisory)
{
	json_t *object = json_object();
	kiln_json_set_string(object, "t", advisory->summary);
	set_strings(object, "a", advisory->aliases);
	set_strings(object, "u", advisory->upstream);
	set_strings(object, "l", advisory->references);
	set_severities(object, advisory->severities);
	kiln_json_set_string(object, "v", advisory->ssvc);
	set_time(object, "p", advisory->published_unix_s);
	set_time(object, "m", advisory->modified_unix_s);
	set_time(object, "w", advisory->withdrawn_unix_s);
	return compact(object);
}

static gboolean fail(const char *name, GError **error)
{
	return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: damaged; build or update the database again", name);
}

static json_t *parse(const void *bytes, gsize length, const char *name, GError **error)
{
	json_t *object = kiln_json_parse(length ? bytes : "", length, name, error);
	if (object && !json_is_object(object)) {
		json_decref(object);
		fail(name, error);
		return NULL;
	}
	return object;
}

gboolean database_record_read(KilnAdvisory *advisory, const void *bytes, gsize length, const char *name, GError **error)
{
	g_autoptr(json_t) object = parse(bytes, length, name, error);
	if (!object)
		return FALSE;
	if (!get_strings(object, "a", advisory->aliases) || !get_strings(object, "u", advisory->upstream) || !get_strings(object, "l", advisory->references) ||
	    !get_severities(object, advisory->severities))
		return fail(name, error);
	advisory->summary = g_strdup(kiln_json_string_or_null(object, "t"));
	advisory->ssvc = g_strdup(kiln_json_string_or_null(object, "v"));
	advisory->published_unix_s = json_integer_value(json_object_get(object, "p"));
	advisory->modified_unix_s = json_integer_value(json_object_get(object, "m"));
	advisory->withdrawn_unix_s = json_integer_value(json_object_get(object, "w"));
	return TRUE;
}

GBytes *database_affected_write(const KilnAffected *affected)
{
	json_t *object = json_object(), *ranges = json_array();
	for (guint i = 0; i < affected->ranges->len; i++) {
		const GArray *range = affected->ranges->pdata[i];
		json_t *events = json_array();
		for (guint j = 0; j < range->len; j++) {
			const KilnAdvisoryEvent *event = &g_array_index(range, KilnAdvisoryEvent, j);
			json_array_append_new(events, json_integer(event->kind));
			json_array_append_new(events, json_string(event->version));
		}
		json_array_append_new(ranges, events);
	}
	json_object_set_new(object, "v", json_integer(affected->verdict));
	json_object_set_new(object, "r", ranges);
	set_strings(object, "n", affected->versions);
	set_strings(object, "s", affected->symbols);
	set_severities(object, affected->severities);
	kiln_json_set_string(object, "c", affected->channel);
	kiln_json_set_string(object, "e", affected->evidence);
	return compact(object);
}

static gboolean get_range(const json_t *events, KilnAffected *affected)
{
	if (!json_is_array(events) || json_array_size(events) % 2)
		return FALSE;
	GArray *range = kiln_affected_add_range(affected);
	for (size_t i = 0; i < json_array_size(events); i += 2) {
		const json_t *kind = json_array_get(events, i), *version = json_array_get(events, i + 1);
		gint64 number = json_integer_value(kind);
		if (!json_is_integer(kind) || number < KILN_VERSION_INTRODUCED || number > KILN_VERSION_LIMIT || !json_is_string(version))
			return FALSE;
		kiln_advisory_add_event(range, (int)number, json_string_value(version));
	}
	return TRUE;
}

gboolean database_affected_read(KilnAffected *affected, const void *bytes, gsize length, const char *name, GError **error)
{
	g_autoptr(json_t) object = parse(bytes, length, name, error);
	if (!object)
		return FALSE;
	const json_t *ranges = json_object_get(object, "r"), *range, *verdict = json_object_get(object, "v");
	size_t i;
	gint64 number = json_integer_value(verdict);
	if (!json_is_integer(verdict) || number < KILN_VERDICT_NOT_AFFECTED || number > KILN_VERDICT_END_OF_LIFE || !get_strings(object, "n", affected->versions) ||
	    !get_strings(object, "s", affected->symbols) || !get_severities(object, affected->severities))
		return fail(name, error);
	json_array_foreach(ranges, i, range)
		if (!get_range(range, affected))
			return fail(name, error);
	affected->verdict = (KilnVerdict)number;
	affected->channel = g_strdup(kiln_json_string_or_null(object, "c"));
	affected->evidence = g_strdup(kiln_json_string_or_null(object, "e"));
	return TRUE;
}
