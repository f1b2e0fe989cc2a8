/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_db.c: kiln db: build the vulnerability database, say what is in it, ask it. */
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/inspection.h"
#include "cli/database.h"
#include "cli/db_update.h"
#include "cli/exit.h"
#include "cli/render.h"
#include "data/json.h"
#include "vuln/feed.h"

#include <stdio.h>
#include <string.h>

static const char *date_text(gint64 unix_s, char text[KILN_TIME_TEXT_MAX])
{
	if (!unix_s)
		return "";
	kiln_time_print(unix_s, text);
	text[strlen("2026-01-01")] = '\0';
	return text;
}

static json_t *source_json(const KilnDatabaseSource *source)
{
	char digest[KILN_DIGEST_TEXT_MAX], time[KILN_TIME_TEXT_MAX];
	json_t *object = json_object();
	kiln_json_set_string(object, "name", source->name);
	kiln_json_set_string(object, "reader", source->reader);
	kiln_json_set_string(object, "origin", source->origin);
	kiln_json_set_string(object, "licence", source->licence);
	kiln_json_set_string(object, "digest", kiln_digest_print(&source->digest, digest));
	kiln_json_set_integer(object, "records", (gint64)source->records);
	kiln_json_set_integer(object, "skipped", (gint64)source->skipped);
	kiln_json_set_string(object, "newest", source->newest_unix_s ? kiln_time_print(source->newest_unix_s, time) : NULL);
	return object;
}

static void print_status(KilnInvocation *invocation, const char *path, const KilnDatabase *database)
{
	char digest[KILN_DIGEST_TEXT_MAX], time[KILN_TIME_TEXT_MAX];
	const GPtrArray *sources = kiln_database_sources(database);
	KilnDigest of_content = kiln_database_digest(database);
	kiln_digest_print(&of_content, digest);
	kiln_output_begin(invocation);
	if (invocation->json) {
		g_autoptr(json_t) document = json_object();
		json_t *list = json_array();
		kiln_json_set_string(document, "database", path);
		kiln_json_set_string(document, "digest", digest);
		for (guint i = 0; i < sources->len; i++)
			json_array_append_new(list, source_json(sources->pdata[i]));
		json_object_set_new(document, "sources", list);
		kiln_print_json(document);
		return;
	}
	printf("%s\n  %s\n", path, digest);
	for (guint i = 0; i < sources->len; i++) {
		const KilnDatabaseSource *source = sources->pdata[i];
		printf("  %-28s %8" G_GUINT64_FORMAT " records", source->name, source->records);
		if (source->skipped)
			printf(", %" G_GUINT64_FORMAT " left out", source->skipped);
		if (source->newest_unix_s)
			printf(", newest %s", date_text(source->newest_unix_s, time));
		printf("\n");
	}
}

static int build(KilnInvocation *invocation, const char *path, GError **error)
{
	if (!invocation->arguments[1]) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "kiln db build: name the feeds: files, or a directory with them");
		return KILN_EXIT_ERROR;
	}
	g_autoptr(KilnDatabaseWriter) writer = kiln_database_writer_new(path, error);
	if (!writer)
		return KILN_EXIT_ERROR;
	for (char **feed = invocation->arguments + 1; *feed; feed++)
		if (!kiln_feed_read(*feed, &invocation->context, writer, error))
			return KILN_EXIT_ERROR;
	if (!kiln_database_writer_finish(writer, error))
		return KILN_EXIT_ERROR;
	g_autoptr(KilnDatabase) database = kiln_database_open(path, error);
	if (!database)
		return KILN_EXIT_ERROR;
	print_status(invocation, path, database);
	return KILN_EXIT_CLEAN;
}

static int status(KilnInvocation *invocation, const char *path, GError **error)
{
	g_autoptr(KilnDatabase) database = kiln_database_open(path, error);
	if (!database)
		return KILN_EXIT_ERROR;
	print_status(invocation, path, database);
	return KILN_EXIT_CLEAN;
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

static int query(KilnInvocation *invocation, const char *path, GError **error)
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

static int update(KilnInvocation *invocation, const char *path, GError **error)
{
	return kiln_db_update(invocation, path, error) ? status(invocation, path, error) : KILN_EXIT_ERROR;
}

static const struct {
	const char *word;
	int (*run)(KilnInvocation *invocation, const char *path, GError **error);
} actions[] = { { "build", build }, { "update", update }, { "status", status }, { "query", query } };
static const char *const action_words[] = { "build", "update", "status", "query", NULL };

static int run(KilnInvocation *invocation, GError **error)
{
	const char *word = invocation->arguments[0];
	g_autofree char *path = kiln_database_path(invocation);
	for (gsize i = 0; i < G_N_ELEMENTS(actions); i++)
		if (strcmp(word, actions[i].word) == 0)
			return actions[i].run(invocation, path, error);
	g_autofree char *hint = kiln_text_suggest(word, action_words, "it may be");
	kiln_fail(error, KILN_ERROR_SYNTAX, "kiln db: unknown word \"%s\"; %s", word, hint);
	return KILN_EXIT_ERROR;
}

static const KilnOption options[] = {
	{ .name = "db", .kind = KILN_OPTION_STRING, .value = "FILE", .help = "this database instead of the store's" },
	{ .name = "from-archive", .kind = KILN_OPTION_LIST, .value = "ARCHIVE", .help = "update by its changelogs: debian/trixie" },
	{ .name = "for", .kind = KILN_OPTION_LIST, .value = "IMAGE", .help = "update: also all that its packages need" },
	{ .name = "allow-rollback", .kind = KILN_OPTION_LIST, .value = "SUITE", .help = "accept an older index of this suite" },
	{ .name = "platform", .kind = KILN_OPTION_LIST, .value = "PLATFORM", .help = "of an image for several: linux/arm64" },
	{ .name = "ecosystem", .kind = KILN_OPTION_STRING, .value = "NAME", .help = "query a package of it: Alpine:v3.20, PyPI" },
	KILN_READER_OPTIONS,
	{ .name = NULL },
};

const KilnCommand kiln_cmd_db = {
	.name = "db",
	.group = "look",
	.summary = "the vulnerability database: build it from feeds, ask it",
	.arguments = "build FEED...|update|status|query WORD",
	.options = options,
	.needs = KILN_NEED_STORE,
	.run = run,
	.description = "build reads feeds into a new database, which takes the place of the old one when it is whole: OSV records, Alpine's and Wolfi's secdb, "
	               "Debian's security tracker, CSAF, OVAL, NVD, the CVE list, CISA's known exploited vulnerabilities, EPSS, endoflife documents; a directory is searched for them. Nothing is fetched. "
	               "What a feed says and kiln does not understand is named and counted.\n\n"
	               "update reads the changelogs of a signed archive's security suites, and with --for those of all packages of an image, into the database that is there: "
	               "which version mends which CVE, with nothing but the mirror that builds need.\n\n"
	               "status says for each source how many records it has, how new they are and the digest of what was read.\n\n"
	               "query says what the sources say of a vulnerability, by any of its names, or of a package of one ecosystem.\n\n"
	               "Exit codes: 0 something is known, 3 nothing is, or no source speaks of that ecosystem.",
	.example = "$ kiln db build feeds/\n"
	           "$ kiln db update --from-archive debian/trixie --for nginx\n"
	           "$ kiln db query CVE-2023-0286\n"
	           "$ kiln db query --ecosystem Alpine:v3.17 openssl\n",
	.arguments_min = 1,
	.arguments_max = -1,
	.complete_arguments = KILN_COMPLETE_WORDS,
	.argument_words = action_words,
};
