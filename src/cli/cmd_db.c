/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_db.c: kiln db: build the vulnerability database, say what is in it, ask it. */
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/inspection.h"
#include "cli/database.h"
#include "cli/db_export.h"
#include "cli/db_query.h"
#include "cli/db_update.h"
#include "cli/exit.h"
#include "cli/render.h"
#include "data/json.h"
#include "net/http.h"
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

static json_t *source_json(const KilnDatabaseSource *source, gint64 now_unix_s)
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
	kiln_json_set_string(object, "fetched", source->fetched_unix_s ? kiln_time_print(source->fetched_unix_s, time) : NULL);
	gint64 age_days = kiln_database_source_age_days(source, now_unix_s);
	if (age_days >= 0)
		kiln_json_set_integer(object, "age-days", age_days);
	return object;
}

static void add_row(KilnTable *table, const KilnDatabaseSource *source, gint64 now_unix_s)
{
	char time[KILN_TIME_TEXT_MAX];
	gint64 age_days = kiln_database_source_age_days(source, now_unix_s);
	g_autofree char *records = g_strdup_printf("%" G_GUINT64_FORMAT, source->records), *skipped = source->skipped ? g_strdup_printf("%" G_GUINT64_FORMAT, source->skipped) : g_strdup("");
	g_autofree char *age = age_days < 0 ? g_strdup("not known") : kiln_plural((guint)age_days, "day", NULL), *digest = kiln_digest_short(&source->digest);
	kiln_table_add(table, source->name, records, skipped, date_text(source->newest_unix_s, time), age, source->licence ? source->licence : "", digest, NULL);
}

static void print_status(KilnInvocation *invocation, const char *path, const KilnDatabase *database)
{
	char digest[KILN_DIGEST_TEXT_MAX];
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
			json_array_append_new(list, source_json(sources->pdata[i], invocation->context.now_unix_s));
		json_object_set_new(document, "sources", list);
		kiln_print_json(document);
		return;
	}
	printf("%s\n  %s\n", path, digest);
	static const char *const headings[] = { "source", "records", "left out", "newest", "age", "licence", "digest", NULL };
	g_autoptr(KilnTable) table = kiln_table_new(headings, "lrrllll");
	for (guint i = 0; i < sources->len; i++)
		add_row(table, sources->pdata[i], invocation->context.now_unix_s);
	kiln_table_print(table, stdout, 2, invocation->width, invocation->colour);
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
		if (!kiln_feed_read(*feed, NULL, &invocation->context, writer, error))
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

/* Also when a feed could not be renewed: the rest was, and the reason is the end of it. */
static int update(KilnInvocation *invocation, const char *path, GError **error)
{
	g_autoptr(GError) failed = NULL;
	if (kiln_db_update(invocation, path, &failed))
		return status(invocation, path, error);
	g_propagate_error(error, g_steal_pointer(&failed));
	return KILN_EXIT_ERROR;
}

static int import(KilnInvocation *invocation, const char *path, GError **error)
{
	return kiln_db_import(invocation, path, error) ? status(invocation, path, error) : KILN_EXIT_ERROR;
}

static json_t *place_json(const KilnFeedPlace *place)
{
	json_t *object = json_object(), *addresses = json_array();
	kiln_json_set_string(object, "name", place->name);
	for (guint i = 0; i < place->addresses->len; i++) {
		g_autofree char *shown = kiln_url_printable(place->addresses->pdata[i]);
		json_array_append_new(addresses, json_string(shown));
	}
	json_object_set_new(object, "addresses", addresses);
	kiln_json_set_string(object, "licence", place->licence);
	json_object_set_new(object, "enabled", json_boolean(place->enabled));
	return object;
}

/* The list as a person may go on writing it, or as a program reads it. */
static int feeds(KilnInvocation *invocation, const char *path, GError **error)
{
	g_autoptr(KilnFeedList) list = kiln_db_feed_list(invocation, error);
	if (!list)
		return KILN_EXIT_ERROR;
	kiln_output_begin(invocation);
	g_autoptr(json_t) document = json_array();
	for (guint i = 0; i < list->feeds->len; i++)
		json_array_append_new(document, place_json(list->feeds->pdata[i]));
	if (invocation->json)
		kiln_print_json(document);
	else
		fputs(list->text, stdout);
	return KILN_EXIT_CLEAN;
}

static const struct {
	const char *word;
	int (*run)(KilnInvocation *invocation, const char *path, GError **error);
} actions[] = { { "build", build }, { "update", update }, { "feeds", feeds }, { "status", status }, { "query", kiln_db_query }, { "export", kiln_db_export }, { "import", import } };
static const char *const action_words[] = { "build", "update", "feeds", "status", "query", "export", "import", NULL };

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
	{ .name = "feeds", .kind = KILN_OPTION_STRING, .value = "FILE", .complete = KILN_COMPLETE_FILE, .help = "update: this list of feeds instead of kiln's" },
	{ .name = "from-archive", .kind = KILN_OPTION_LIST, .value = "ARCHIVE", .help = "update by its changelogs: debian/trixie" },
	{ .name = "for", .kind = KILN_OPTION_LIST, .value = "IMAGE", .help = "update: also all that its packages need" },
	{ .name = "allow-rollback", .kind = KILN_OPTION_LIST, .value = "SUITE", .help = "accept an older index of this suite" },
	{ .name = "platform", .kind = KILN_OPTION_LIST, .value = "PLATFORM", .help = "of an image for several: linux/arm64" },
	{ .name = "ecosystem", .kind = KILN_OPTION_STRING, .value = "NAME", .help = "query a package of it: Alpine:v3.20, PyPI" },
	{ .name = "key", .kind = KILN_OPTION_STRING, .value = "FILE", .complete = KILN_COMPLETE_FILE, .help = "export: private key; import: public key (PEM)" },
	{ .name = "trusted-key", .kind = KILN_OPTION_LIST, .value = "FILE", .complete = KILN_COMPLETE_FILE, .help = "import: may have signed, where no --key is" },
	{ .name = "unsigned", .kind = KILN_OPTION_FLAG, .help = "export, import: without a signature" },
	{ .name = "since", .kind = KILN_OPTION_STRING, .value = "FILE", .complete = KILN_COMPLETE_FILE, .help = "export what differs from this earlier export" },
	KILN_READER_OPTIONS,
	{ .name = NULL },
};

const KilnCommand kiln_cmd_db = {
	.name = "db",
	.group = "look",
	.summary = "the vulnerability database: make it, renew it, ask it",
	.arguments = "WORD [ARGUMENT...]",
	.options = options,
	.needs = KILN_NEED_STORE,
	.run = run,
	.description = "build reads feeds into a new database, which takes the place of the old one when it is whole: OSV records, Alpine's and Wolfi's secdb, "
	               "Debian's security tracker, CSAF, OVAL, NVD, the CVE list, CISA's known exploited vulnerabilities, EPSS, endoflife documents; a directory is searched for them. Nothing is fetched. "
	               "What a feed says and kiln does not understand is named and counted.\n\n"
	               "update fetches the feeds of a list, those that are named or all that it enables, asks servers only for what has changed, and swaps the database when the new one is whole; a feed "
	               "that cannot be fetched or understood stays as it was, and the exit code says so. feeds prints that list: a changed copy is named with --feeds, or lies at "
	               "/etc/kiln/feeds.yaml.\n\n"
	               "update --from-archive reads the changelogs of a signed archive's security suites, and with --for those of all packages of an image, into the database that is there: "
	               "which version mends which CVE, with nothing but the mirror that builds need.\n\n"
	               "status says for each source how many records it has, how new they are and the digest of what was read.\n\n"
	               "query says what the sources say of a vulnerability, by any of its names, or of a package of one ecosystem.\n\n"
	               "export writes the database to one compressed file that an Ed25519 key signs, for hosts that fetch nothing; with --since only what differs from an earlier export. "
	               "import puts it in the place of the database that is there when one of the named keys signed it, every digest holds and no source is older than before.\n\n"
	               "Exit codes: 0 something is known, 3 nothing is, or no source speaks of that ecosystem, 5 an import is not trusted.",
	.example = "$ kiln db build feeds/\n"
	           "$ kiln db update\n"
	           "$ kiln db update --from-archive debian/trixie --for nginx\n"
	           "$ kiln db query CVE-2023-0286\n"
	           "$ kiln db query --ecosystem Alpine:v3.17 openssl\n"
	           "$ kiln db export vulnerabilities.kilndb --key private.pem\n"
	           "$ kiln db import vulnerabilities.kilndb --key public.pem\n",
	.arguments_min = 1,
	.arguments_max = -1,
	.complete_arguments = KILN_COMPLETE_WORDS,
	.argument_words = action_words,
};
