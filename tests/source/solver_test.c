/* SPDX-License-Identifier: Apache-2.0 */
/* solver_test.c: real requests on trixie from the mirror that this host's apt names: what must and must not be in a solution. */
#include "base/error.h"
#include "source/solver.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct {
	KilnStore *store;
	KilnArchive *archive;
	KilnContext context;
	KilnSuiteIndex *indexes[3];
	KilnSolver *solver;
	gboolean ready;
} Fixture;

static int set_up(void **state)
{
	static const char *const amd64[] = { "amd64", NULL };
	g_autoptr(GPtrArray) apt = NULL;
	g_autoptr(GError) error = NULL;
	Fixture *fixture = g_new0(Fixture, 1);
	const char *base = g_getenv("KILN_TEST_CACHE");
	g_autofree char *store = base ? g_build_filename(base, "store", NULL) : g_build_filename(g_get_user_cache_dir(), "kiln-tests", "store", NULL);
	g_autofree char *cache = g_strconcat(store, "-cache", NULL);
	g_autofree char *parent = g_path_get_dirname(store);
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	KilnIndexOptions options = { .max_age_s = 3600 };
	g_mkdir_with_parents(parent, 0755);
	fixture->context = (KilnContext){ .now_unix_s = time(NULL), .jobs = 2 };
	fixture->solver = kiln_solver_new();
	fixture->store = kiln_store_open(store, cache, NULL);
	if (fixture->store && kiln_apt_sources_read(root, &apt, NULL))
		fixture->archive = kiln_archive_resolve("debian/trixie", apt, NULL);
	fixture->ready = fixture->archive != NULL;
	for (guint i = 0; fixture->ready && i < 3; i++) {
		fixture->indexes[i] = kiln_suite_index_fetch(fixture->store, &fixture->context, fixture->archive->suites->pdata[i], amd64, &options, &error);
		fixture->ready = fixture->indexes[i] != NULL;
	}
	if (error && !g_error_matches(error, KILN_ERROR, KILN_ERROR_NETWORK))
		fail_msg("%s", error->message);
	close(root);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	Fixture *fixture = *state;
	for (guint i = 0; i < 3; i++)
		kiln_suite_index_free(fixture->indexes[i]);
	if (fixture->archive)
		kiln_archive_free(fixture->archive);
	kiln_solver_free(fixture->solver);
	kiln_store_close(fixture->store);
	g_free(fixture);
	return 0;
}

static GPtrArray *solve(Fixture *fixture, const char *package, const char *exclude, GError **error)
{
	static const char *const implicit[] = { "base-files", "libc-bin", NULL };
	const char *const packages[] = { package, NULL }, *const excluded[] = { exclude, NULL };
	KilnSolveRequest request = { "amd64", packages, implicit, excluded };
	GPtrArray *found = NULL;
	return kiln_solve(fixture->solver, fixture->store, &fixture->context, fixture->indexes, 3, &request, &found, error) ? found : NULL;
}

static const KilnSolvedPackage *find(const GPtrArray *packages, const char *name)
{
	for (guint i = 0; i < packages->len; i++)
		if (strcmp(((KilnSolvedPackage *)packages->pdata[i])->name, name) == 0)
			return packages->pdata[i];
	return NULL;
}

static void test_nginx(void **state)
{
	Fixture *fixture = *state;
	g_autoptr(GError) error = NULL;
	if (!fixture->ready)
		skip();
	g_autoptr(GPtrArray) found = solve(fixture, "nginx", NULL, &error);
	if (!found)
		fail_msg("%s", error->message);
	const KilnSolvedPackage *nginx = find(found, "nginx");
	const KilnSolvedPackage *libc = find(found, "libc6"), *pcre = find(found, "libpcre2-8-0");
	if (!nginx || !libc || !pcre) {
		fail_msg("nginx, libc6 or libpcre2-8-0 is missing");
		return;
	}
	assert_true(nginx->requested);
	assert_true(g_str_has_prefix(nginx->filename, "pool/"));
	assert_true(nginx->size_bytes > 100000);
	assert_true(g_strv_contains((const char *const *)nginx->depends, "libc6"));
	assert_non_null(find(found, "base-files"));
	assert_false(libc->requested);
	assert_null(find(found, "libnginx-mod-http-geoip2")); /* only recommended */
	assert_string_equal(pcre->source_name, "pcre2");
}

static void test_first_alternative(void **state)
{
	Fixture *fixture = *state;
	if (!fixture->ready)
		skip();
	g_autoptr(GPtrArray) found = solve(fixture, "apache2", NULL, NULL);
	assert_non_null(found);
	assert_non_null(find(found, "libaprutil1-dbd-sqlite3")); /* "libaprutil1-dbd-sqlite3 | -mysql | ...": apt takes the first */
}

static void test_unknown_and_impossible(void **state)
{
	Fixture *fixture = *state;
	g_autoptr(GError) error = NULL;
	if (!fixture->ready)
		skip();
	assert_null(solve(fixture, "ngix", NULL, &error));
	assert_int_equal(error->code, KILN_ERROR_NOT_FOUND);
	assert_non_null(strstr(error->message, "did you mean \"nginx\"?"));
	g_clear_error(&error);
	assert_null(solve(fixture, "nginx=0.1-1", NULL, &error));
	assert_int_equal(error->code, KILN_ERROR_NOT_FOUND);
	g_clear_error(&error);
	assert_null(solve(fixture, "nginx", "libc6", &error));
	assert_int_equal(error->code, KILN_ERROR_UNSATISFIABLE);
	assert_non_null(strstr(error->message, "libc6"));
}

static char *names_of(const GPtrArray *packages)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; packages && i < packages->len; i++)
		g_string_append_printf(text, "%s %s\n", ((KilnSolvedPackage *)packages->pdata[i])->name, ((KilnSolvedPackage *)packages->pdata[i])->version);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

/* What a request left in the parsed indexes must not change the next one. */
static void test_order_of_requests_does_not_matter(void **state)
{
	static const char *const wanted[] = { "apache2", "nginx", "squid-openssl" };
	Fixture *fixture = *state;
	if (!fixture->ready)
		skip();
	for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++) {
		g_autoptr(GPtrArray) after = solve(fixture, wanted[i], NULL, NULL);
		g_autoptr(KilnSolver) used = g_steal_pointer(&fixture->solver);
		fixture->solver = kiln_solver_new();
		g_autoptr(GPtrArray) fresh = solve(fixture, wanted[i], NULL, NULL);
		kiln_solver_free(fixture->solver);
		fixture->solver = g_steal_pointer(&used);
		g_autofree char *first = names_of(fresh), *later = names_of(after);
		assert_true(fresh && fresh->len > 10);
		assert_string_equal(later, first);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_nginx), cmocka_unit_test(test_first_alternative), cmocka_unit_test(test_unknown_and_impossible),
		                            cmocka_unit_test(test_order_of_requests_does_not_matter) };
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
