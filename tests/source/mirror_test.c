/* SPDX-License-Identifier: Apache-2.0 */
/* mirror_test.c: the real thing: trixie's suites from the mirror that this host's apt names, verified and kept. */
#include "base/error.h"
#include "source/index.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct {
	KilnStore *store;
	KilnArchive *archive;
	KilnContext context;
} Fixture;

static int set_up(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) apt = NULL;
	Fixture *fixture = g_new0(Fixture, 1);
	const char *base = g_getenv("KILN_TEST_CACHE");
	g_autofree char *store = base ? g_build_filename(base, "store", NULL) : g_build_filename(g_get_user_cache_dir(), "kiln-tests", "store", NULL);
	g_autofree char *cache = g_strconcat(store, "-cache", NULL);
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g_autofree char *parent = g_path_get_dirname(store);
	g_mkdir_with_parents(parent, 0755);
	fixture->store = kiln_store_open(store, cache, &error);
	if (!fixture->store || !kiln_apt_sources_read(root, &apt, &error))
		fail_msg("%s", error->message);
	fixture->archive = kiln_archive_resolve("debian/trixie", apt, &error);
	fixture->context = (KilnContext){ .now_unix_s = time(NULL), .jobs = 2 };
	close(root);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	Fixture *fixture = *state;
	if (fixture->archive)
		kiln_archive_free(fixture->archive);
	kiln_store_close(fixture->store);
	g_free(fixture);
	return 0;
}

/* TRUE when the test cannot be made here: no Debian mirror is named, or it cannot be reached. */
static gboolean unreachable(const GError *error)
{
	if (!g_error_matches(error, KILN_ERROR, KILN_ERROR_NETWORK))
		return FALSE;
	print_message("skipped: %s\n", error->message);
	return TRUE;
}

static void test_fetch_and_stay_offline(void **state)
{
	static const char *const amd64[] = { "amd64", NULL };
	Fixture *fixture = *state;
	KilnIndexOptions options = { .max_age_s = 3600 };
	if (!fixture->archive)
		skip();
	assert_int_equal(fixture->archive->suites->len, 3);
	for (guint i = 0; i < fixture->archive->suites->len; i++) {
		const KilnSuite *suite = fixture->archive->suites->pdata[i];
		g_autoptr(GError) error = NULL;
		g_autoptr(KilnSuiteIndex) index = kiln_suite_index_fetch(fixture->store, &fixture->context, suite, amd64, &options, &error);
		if (!index && unreachable(error))
			skip();
		if (!index)
			fail_msg("%s", error->message);
		assert_string_equal(index->codename, suite->codename);
		assert_string_equal(index->origin, "Debian");
		assert_true(index->signers->len >= 1);
		assert_int_equal(index->files->len, 1);
		assert_true(kiln_store_has(fixture->store, &((KilnIndexFile *)index->files->pdata[0])->stored));
	}
	fixture->context.offline = TRUE;
	g_autoptr(KilnSuiteIndex) again = kiln_suite_index_fetch(fixture->store, &fixture->context, fixture->archive->suites->pdata[0], amd64, &options, NULL);
	fixture->context.offline = FALSE;
	assert_non_null(again);
}

static void test_foreign_keyring(void **state)
{
	static const char *const amd64[] = { "amd64", NULL };
	static const char removed[] = "/usr/share/keyrings/debian-archive-removed-keys.gpg";
	Fixture *fixture = *state;
	KilnIndexOptions options = { .refresh = TRUE };
	g_autoptr(GError) error = NULL;
	if (!fixture->archive || access(removed, R_OK) != 0)
		skip();
	KilnSuite suite = *(KilnSuite *)fixture->archive->suites->pdata[0];
	suite.keyring = (char *)removed;
	g_autoptr(KilnSuiteIndex) index = kiln_suite_index_fetch(fixture->store, &fixture->context, &suite, amd64, &options, &error);
	assert_null(index);
	if (unreachable(error))
		skip();
	assert_int_equal(error->code, KILN_ERROR_UNTRUSTED);
}

static void test_other_codename(void **state)
{
	static const char *const amd64[] = { "amd64", NULL };
	Fixture *fixture = *state;
	KilnIndexOptions options = { .refresh = TRUE };
	g_autoptr(GError) error = NULL;
	if (!fixture->archive)
		skip();
	KilnSuite suite = *(KilnSuite *)fixture->archive->suites->pdata[0];
	suite.codename = (char *)"bookworm";
	g_autoptr(KilnSuiteIndex) index = kiln_suite_index_fetch(fixture->store, &fixture->context, &suite, amd64, &options, &error);
	assert_null(index);
	if (unreachable(error))
		skip();
	assert_int_equal(error->code, KILN_ERROR_UNTRUSTED);
	assert_non_null(strstr(error->message, "another suite"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fetch_and_stay_offline),
		cmocka_unit_test(test_foreign_keyring),
		cmocka_unit_test(test_other_codename),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
