/* SPDX-License-Identifier: Apache-2.0 */
/* db_query.c: kiln db query: what sources say of a vulnerability or a package. */
#include "cli/db_query.h"
#include "base/clock.h"
#include "base/error.h"
#include "cli/exit.h"
#include "cli/render.h"
#include "vuln/database.h"

#include <string.h>

static const char *date_text(gint64 unix_s, char text[KILN_TIME_TEXT_MAX])
{
	if (!unix_s)
		return "";
	kiln_time_print(unix_s, text);
	text[strlen("2026-01-01")] = '\0';
	return text;
}

static void append_range(GString *line, const GArray *range)
{
	static const char *const words[] = {
		[KILN_VERSION_INTRODUCED] = "from", [KILN_VERSION_FIXED] = "fixed in", [KILN_VERSION_LAST_AFFECTED] = "up to", [KILN_VERSION_LIMIT] = "below",
	};
	for (guint i = 0; i < range->len; i++) {
		const KilnAdvisoryEvent *event = &g_array_index(range, KilnAdvisoryEvent, i);
		if (event->kind != KILN_VERSION_INTRODUCED || strcmp(event->version, "0") != 0)
			g_string_append_printf(line, ", %s %s", words[event->kind], event->version);
	}
}

static void print_advisory(const KilnAdvisory *advisory)
{
	char time[KILN_TIME_TEXT_MAX];
	g_autoptr(GString) text = g_string_new(NULL);
	gint64 newest_unix_s = MAX(advisory->modified_unix_s, advisory->published_unix_s);
	g_string_append_printf(text, "%s  (%s%s%s%s)\n", advisory->id, advisory->source, newest_unix_s ? ", " : "", date_text(newest_unix_s, time),
	                       advisory->withdrawn_unix_s ? ", withdrawn" : "");
	if (advisory->summary)
		g_string_append_printf(text, "  %s\n", advisory->summary);
	for (guint i = 0; i < advisory->aliases->len; i++)
		g_string_append_printf(text, "  also %s\n", (const char *)advisory->aliases->pdata[i]);
	for (guint i = 0; i < advisory->affected->len; i++) {
		const KilnAffected *affected = advisory->affected->pdata[i];
		g_string_append_printf(text, "  %s %s: %s", affected->ecosystem, affected->name, kiln_verdict_name(affected->verdict));
		for (guint j = 0; j < affected->ranges->len; j++)
			append_range(text, affected->ranges->pdata[j]);
		g_string_append_c(text, '\n');
	}
	g_autofree char *shown = kiln_printable(text->str, TRUE);
	fputs(shown, stdout);
}

static json_t *strings_json(const GPtrArray *strings)
{
	json_t *list = json_array();
	for (guint i = 0; i < strings->len; i++)
		json_array_append_new(list, json_string(strings->pdata[i]));
	return list;
}

static json_t *affected_json(const KilnAffected *affected)
{
	static const char *const words[] = {
		[KILN_VERSION_INTRODUCED] = "introduced", [KILN_VERSION_FIXED] = "fixed", [KILN_VERSION_LAST_AFFECTED] = "last-affected", [KILN_VERSION_LIMIT] = "limit",
	};
	json_t *object = json_object(), *ranges = json_array();
	kiln_json_set_string(object, "ecosystem", affected->ecosystem);
	kiln_json_set_string(object, "package", affected->name);
	kiln_json_set_string(object, "verdict", kiln_verdict_name(affected->verdict));
	for (guint i = 0; i < affected->ranges->len; i++) {
		const GArray *range = affected->ranges->pdata[i];
		json_t *events = json_array();
		for (guint j = 0; j < range->len; j++) {
			const KilnAdvisoryEvent *event = &g_array_index(range, KilnAdvisoryEvent, j);
			json_array_append_new(events, json_pack("{s:s}", words[event->kind], event->version));
		}
		json_array_append_new(ranges, events);
	}
	json_object_set_new(object, "ranges", ranges);
	json_object_set_new(object, "versions", strings_json(affected->versions));
	kiln_json_set_string(object, "evidence", affected->evidence);
	return object;
}

static json_t *advisory_json(const KilnAdvisory *advisory)
{
	char time[KILN_TIME_TEXT_MAX];
	json_t *object = json_object(), *affected = json_array();
	kiln_json_set_string(object, "id", advisory->id);
	kiln_json_set_string(object, "source", advisory->source);
	kiln_json_set_string(object, "summary", advisory->summary);
	json_object_set_new(object, "aliases", strings_json(advisory->aliases));
	kiln_json_set_string(object, "published", advisory->published_unix_s ? kiln_time_print(advisory->published_unix_s, time) : NULL);
	kiln_json_set_string(object, "modified", advisory->modified_unix_s ? kiln_time_print(advisory->modified_unix_s, time) : NULL);
	kiln_json_set_string(object, "withdrawn", advisory->withdrawn_unix_s ? kiln_time_print(advisory->withdrawn_unix_s, time) : NULL);
	for (guint i = 0; i < advisory->affected->len; i++)
		json_array_append_new(affected, affected_json(advisory->affected->pdata[i]));
	json_object_set_new(object, "affected", affected);
	return object;
}

int kiln_db_query(KilnInvocation *invocation, const char *path, GError **error)
{
	const char *asked = invocation->arguments[1], *ecosystem = kiln_option_string(invocation, "ecosystem");
	g_autoptr(GPtrArray) advisories = NULL;
	if (!asked || invocation->arguments[2]) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "kiln db query: name one vulnerability, or with --ecosystem one package");
		return KILN_EXIT_ERROR;
	}
	g_autoptr(KilnDatabase) database = kiln_database_open(path, error);
	if (!database)
		return KILN_EXIT_ERROR;
	g_autoptr(GPtrArray) sources = ecosystem ? kiln_database_covering(database, ecosystem, error) : NULL;
	if (ecosystem && !sources)
		return KILN_EXIT_ERROR;
	if (ecosystem && sources->len == 0) {
		kiln_context_notice(&invocation->context, "no source of %s speaks of %s: nothing found means nothing", path, ecosystem);
		return KILN_EXIT_CANNOT_TELL;
	}
	if (!(ecosystem ? kiln_database_lookup(database, ecosystem, asked, &advisories, error) : kiln_database_find(database, asked, &advisories, error)))
		return KILN_EXIT_ERROR;
	kiln_output_begin(invocation);
	g_autoptr(json_t) documents = json_array();
	for (guint i = 0; i < advisories->len; i++)
		if (invocation->json)
			json_array_append_new(documents, advisory_json(advisories->pdata[i]));
		else
			print_advisory(advisories->pdata[i]);
	if (invocation->json)
		kiln_print_json(documents);
	else if (advisories->len == 0)
		printf("nothing is known of %s%s%s\n", asked, ecosystem ? " in " : "", ecosystem ? ecosystem : "");
	return advisories->len ? KILN_EXIT_CLEAN : KILN_EXIT_CANNOT_TELL;
}
