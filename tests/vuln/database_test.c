/* SPDX-License-Identifier: Apache-2.0 */
/* database_test.c: what is written is found again by package and by any name; feeds, and what they say wrongly. */
#include "base/error.h"
#include "io/scratch.h"
#include "vuln/ecosystem.h"
#include "vuln/feed.h"

#include <glib/gstdio.h>

static GString *notices;

static void on_notice(const char *text, gpointer user_data)
{
	g_string_append_printf(notices, "%s\n", text);
}

static const KilnContext context = { .now_unix_s = 1767225600, .jobs = 1, .on_notice = on_notice };

/* The database of @feed, a file of this name with @text, or NULL with @error. */
static KilnDatabase *database_of(const Scratch *scratch, const char *feed, const char *text, GError **error)
{
	g_autofree char *path = g_build_filename(scratch->path, "test.db", NULL), *feed_path = g_build_filename(scratch->path, feed, NULL);
	scratch_write(scratch, feed, text, strlen(text));
	g_string_truncate(notices, 0);
	g_autoptr(KilnDatabaseWriter) writer = kiln_database_writer_new(path, error);
	if (!writer || !kiln_feed_read(feed_path, NULL, &context, writer, error) || !kiln_database_writer_finish(writer, error))
		return NULL;
	return kiln_database_open(path, error);
}

static GPtrArray *lookup(KilnDatabase *database, const char *ecosystem, const char *package)
{
	GPtrArray *found = NULL;
	assert_true(kiln_database_lookup(database, ecosystem, package, &found, NULL));
	return found;
}

static void assert_inside(const KilnAdvisory *advisory, const char *version, gboolean expected, const char *fixed)
{
	const KilnAffected *affected = advisory->affected->pdata[0];
	const KilnEcosystem *ecosystem = kiln_ecosystem_find(affected->ecosystem);
	g_autofree char *end = NULL;
	gboolean inside;
	assert_true(kiln_affected_contains(affected, kiln_version_order(ecosystem->order), kiln_text(version), &inside, &end, NULL));
	assert_int_equal(inside, expected);
	if (fixed)
		assert_string_equal(end, fixed);
	else
		assert_null(end);
}

static const char osv[] =
	"{\"id\":\"PYSEC-1\",\"modified\":\"2026-01-02T03:04:05Z\",\"published\":\"2026-01-01T00:00:00Z\",\"summary\":\"bad\",\"aliases\":[\"CVE-2026-1\"],"
	"\"severity\":[{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"}],"
	"\"affected\":[{\"package\":{\"ecosystem\":\"PyPI\",\"name\":\"Some_Thing\"},\"ranges\":[{\"type\":\"GIT\",\"events\":[{\"introduced\":\"0\"}]},"
	"{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"1.0\"},{\"fixed\":\"1.5\"}]},{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"2.0\"},{\"last_affected\":\"2.1\"}]}],"
	"\"versions\":[\"0.9.odd\"]}]}";

static void osv_records(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnDatabase) database = database_of(*state, "one.json", osv, &error);
	if (!database)
		fail_msg("%s", error->message);
	g_autoptr(GPtrArray) found = lookup(database, "PyPI", "some-thing"), none = lookup(database, "PyPI", "Some_Thing"), named = NULL;
	assert_int_equal(none->len, 0); /* names are kept as the ecosystem compares them */
	assert_int_equal(found->len, 1);
	const KilnAdvisory *advisory = found->pdata[0];
	assert_string_equal(advisory->id, "PYSEC-1");
	assert_string_equal(advisory->summary, "bad");
	assert_int_equal(advisory->modified_unix_s, 1767323045);
	const KilnAdvisorySeverity *severity = advisory->severities->pdata[0];
	assert_int_equal(severity->severity, KILN_SEVERITY_CRITICAL);
	assert_int_equal(severity->score_tenths, 98);
	assert_inside(advisory, "1.4", TRUE, "1.5");
	assert_inside(advisory, "1.5", FALSE, NULL);
	assert_inside(advisory, "2.1", TRUE, NULL); /* nobody says which version is good again */
	assert_inside(advisory, "2.2", FALSE, NULL);
	assert_true(kiln_database_find(database, "CVE-2026-1", &named, NULL));
	assert_int_equal(named->len, 1);
	g_autoptr(GPtrArray) covering = kiln_database_covering(database, "PyPI", NULL), nobody = kiln_database_covering(database, "npm", NULL);
	assert_int_equal(covering->len, 1);
	assert_true(g_str_has_prefix(((const KilnDatabaseSource *)covering->pdata[0])->name, "osv/kiln-test-"));
	assert_int_equal(nobody->len, 0);
}

static const char secdb[] =
	"{\"apkurl\":\"\",\"distroversion\":\"v3.20\",\"reponame\":\"main\",\"packages\":[{\"pkg\":{\"name\":\"one\",\"secfixes\":{"
	"\"1.2-r0\":[\"CVE-2026-1\",\"CVE-2026-2 GHSA-x\"],\"1.4-r1\":[\"CVE-2026-1\"],\"0\":[\"CVE-2026-3\"],\"nonsense\":[\"CVE-2026-4\"]}}},{\"pkg\":{}}]}";

static void secdb_lists(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnDatabase) database = database_of(*state, "main.json", secdb, &error);
	if (!database)
		fail_msg("%s", error->message);
	g_autoptr(GPtrArray) found = lookup(database, "Alpine:v3.20", "one");
	assert_int_equal(found->len, 4);
	assert_string_equal(((KilnAdvisory *)found->pdata[0])->id, "CVE-2026-1");
	assert_inside(found->pdata[0], "1.1-r9", TRUE, "1.2-r0"); /* fixed twice: the first time counts */
	assert_inside(found->pdata[0], "1.2-r0", FALSE, NULL);
	const KilnAdvisory *never = found->pdata[2];
	assert_string_equal(never->id, "CVE-2026-3");
	assert_int_equal(((KilnAffected *)never->affected->pdata[0])->verdict, KILN_VERDICT_NOT_AFFECTED);
	assert_string_equal(((KilnAdvisory *)found->pdata[3])->id, "GHSA-x");
	const KilnDatabaseSource *source = kiln_database_sources(database)->pdata[0];
	assert_string_equal(source->name, "secdb/v3.20/main");
	assert_int_equal(source->records, 4);
	assert_int_equal(source->skipped, 2);
	assert_non_null(strstr(notices->str, "one is left out: version \"nonsense\""));
	assert_non_null(strstr(notices->str, "a package is left out: it has no name"));
}

static void what_is_known_beside_advisories(void **state)
{
	KilnExploitation what;
	KilnEndOfLife end;
	gboolean known;
	g_autoptr(KilnDatabase) kev = database_of(*state, "kev.json", "{\"catalogVersion\":\"1\",\"dateReleased\":\"2026-01-01T00:00:00Z\",\"vulnerabilities\":["
		"{\"cveID\":\"CVE-2026-1\",\"dateAdded\":\"2026-01-01\",\"dueDate\":\"2026-01-22\",\"knownRansomwareCampaignUse\":\"Known\"},{}]}", NULL);
	assert_non_null(kev);
	assert_true(kiln_database_exploitation(kev, "CVE-2026-1", &what, NULL));
	assert_true(what.exploited && what.ransomware && !what.has_epss);
	assert_int_equal(what.exploited_since_unix_s, 1767225600);
	assert_true(kiln_database_exploitation(kev, "CVE-2026-2", &what, NULL));
	assert_false(what.exploited);
	assert_int_equal(((KilnDatabaseSource *)kiln_database_sources(kev)->pdata[0])->skipped, 1);
	g_autoptr(KilnDatabase) ends = database_of(*state, "thing.json", "[{\"cycle\":\"1\",\"eol\":\"2026-01-01\"},{\"cycle\":2,\"eol\":false},{\"cycle\":\"3\",\"eol\":true}]", NULL);
	assert_non_null(ends);
	assert_true(kiln_database_end_of_life(ends, "thing", "1", &end, &known, NULL) && known);
	assert_int_equal(end.ends_unix_s, 1767225600);
	assert_true(kiln_database_end_of_life(ends, "thing", "2", &end, &known, NULL) && known);
	assert_true(end.ends_unix_s == G_MAXINT64);
	assert_true(kiln_database_end_of_life(ends, "thing", "3", &end, &known, NULL) && known && end.ended_undated);
	assert_true(kiln_database_end_of_life(ends, "thing", "4", &end, &known, NULL) && !known);
}

static void what_is_no_feed(void **state)
{
	static const struct {
		const char *text;
		KilnError code;
		const char *says;
	} rows[] = {
		{ "{}", KILN_ERROR_UNSUPPORTED, "no feed that kiln knows" },
		{ "{\"id\":", KILN_ERROR_SYNTAX, "bad.json:1:" },
		{ "PK\003\004 and no more", KILN_ERROR_SYNTAX, "no zip, or a damaged one" },
		{ "{\"apkurl\":\"\",\"packages\":[]}", KILN_ERROR_SYNTAX, "which release it is about cannot be told" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(KilnDatabase) database = database_of(*state, "bad.json", rows[i].text, &error);
		if (database || error->code != (int)rows[i].code || !strstr(error->message, rows[i].says))
			fail_msg("%s: %s", rows[i].text, error ? error->message : "was accepted");
	}
	g_autofree char *left = scratch_run(*state, "ls -A | grep -c -e kiln-new -e test.db || true", NULL);
	assert_string_equal(g_strstrip(left), "0"); /* nothing half written, under no name */
}

static void files_that_are_no_database(void **state)
{
	g_autofree char *path = g_build_filename(((const Scratch *)*state)->path, "other.db", NULL);
	g_autoptr(GError) error = NULL, missing = NULL;
	g_autoptr(KilnDatabase) none = kiln_database_open(path, &missing);
	assert_true(!none && g_error_matches(missing, KILN_ERROR, KILN_ERROR_NOT_FOUND) && strstr(missing->message, "kiln db build"));
	scratch_write(*state, "other.db", "this is no database, however one looks at it", 44);
	g_autoptr(KilnDatabase) other = kiln_database_open(path, &error);
	assert_true(!other && g_error_matches(error, KILN_ERROR, KILN_ERROR_SYNTAX));
}

static void the_digest_is_that_of_the_content(void **state)
{
	g_autoptr(KilnDatabase) first = database_of(*state, "one.json", osv, NULL), second = database_of(*state, "one.json", osv, NULL), third = database_of(*state, "main.json", secdb, NULL);
	KilnDigest a = kiln_database_digest(first), b = kiln_database_digest(second), c = kiln_database_digest(third);
	assert_true(kiln_digest_equal(&a, &b));
	assert_false(kiln_digest_equal(&a, &c));
}

static void what_is_taken_over(void **state)
{
	const Scratch *scratch = *state;
	static const char *const except[] = { "secdb/v3.20/main", "other", NULL };
	g_autofree char *feeds = g_build_filename(scratch->path, "feeds", NULL), *path = g_build_filename(scratch->path, "test.db", NULL);
	g_autofree char *kev = g_build_filename(scratch->path, "kev.json", NULL);
	g_autoptr(GError) error = NULL;
	assert_int_equal(g_mkdir(feeds, 0755), 0);
	scratch_write(scratch, "feeds/one.json", osv, strlen(osv));
	scratch_write(scratch, "feeds/main.json", secdb, strlen(secdb));
	scratch_write(scratch, "kev.json", "{\"catalogVersion\":\"1\",\"vulnerabilities\":[{\"cveID\":\"CVE-2026-1\"}]}", 65);
	g_autoptr(KilnDatabaseWriter) first = kiln_database_writer_new(path, NULL), second = NULL;
	assert_true(kiln_feed_read(feeds, NULL, &context, first, NULL) && kiln_database_writer_finish(first, NULL));
	second = kiln_database_writer_new(path, NULL);
	if (!kiln_database_writer_copy(second, path, except, &error) || !kiln_feed_read(kev, NULL, &context, second, &error) || !kiln_database_writer_finish(second, &error))
		fail_msg("%s", error->message);
	g_autoptr(KilnDatabase) database = kiln_database_open(path, NULL);
	const GPtrArray *sources = kiln_database_sources(database);
	assert_int_equal(sources->len, 2);
	assert_string_equal(((KilnDatabaseSource *)sources->pdata[0])->name, "kev");
	assert_string_equal(((KilnDatabaseSource *)sources->pdata[1])->name, "osv/feeds");
	g_autoptr(GPtrArray) kept = lookup(database, "PyPI", "some-thing"), gone = lookup(database, "Alpine:v3.20", "one"), nobody = NULL;
	assert_int_equal(kept->len, 1);
	assert_int_equal(gone->len, 0);
	nobody = kiln_database_covering(database, "Alpine:v3.20", NULL);
	assert_int_equal(nobody->len, 0);
}

static void names_of_ecosystems(void **state)
{
	static const struct {
		const char *type, *distro, *version, *name;
	} rows[] = {
		{ "deb", "debian", "13", "Debian:13" },           { "deb", "ubuntu", "24.04", "Ubuntu:24.04" }, { "apk", "alpine", "3.20.1", "Alpine:v3.20" },
		{ "apk", "alpine", "3.21_alpha1", "Alpine:edge" }, { "apk", "wolfi", "20230201", "Wolfi" },     { "rpm", "almalinux", "9.4", "AlmaLinux:9" },
		{ "pypi", "debian", "13", "PyPI" },               { "deb", "debian", NULL, NULL },              { "deb", "other", "1", NULL },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const KilnPackage package = { .type = (char *)rows[i].type, .distro = (char *)rows[i].distro, .distro_version = (char *)rows[i].version };
		const KilnEcosystem *ecosystem = kiln_ecosystem_of(&package);
		g_autofree char *name = ecosystem ? kiln_ecosystem_name(ecosystem, &package) : NULL;
		if (g_strcmp0(name, rows[i].name) != 0)
			fail_msg("%s %s %s is %s", rows[i].type, rows[i].distro, rows[i].version, name ? name : "nothing");
	}
	g_autofree char *lts = kiln_ecosystem_canonical("Ubuntu:24.04:LTS"), *named = kiln_ecosystem_canonical("Debian:trixie");
	assert_string_equal(lts, "Ubuntu:24.04");
	assert_string_equal(named, "Debian:13");
}

int main(void)
{
	notices = g_string_new(NULL);
	const struct CMUnitTest tests[] = {
		scratch_test(osv_records), scratch_test(secdb_lists), scratch_test(what_is_known_beside_advisories), scratch_test(what_is_no_feed),
		scratch_test(files_that_are_no_database), scratch_test(the_digest_is_that_of_the_content), scratch_test(what_is_taken_over), cmocka_unit_test(names_of_ecosystems),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	g_string_free(notices, TRUE);
	return failed;
}
