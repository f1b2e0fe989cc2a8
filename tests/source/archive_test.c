/* SPDX-License-Identifier: Apache-2.0 */
/* archive_test.c: what a host's apt says, as suites: mirrors, keyrings, and ports that are kept apart. */
#include "base/error.h"
#include "source/archive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static KilnArchive *resolve(const char *text, const char *id, GError **error)
{
	g_autoptr(GPtrArray) sources = NULL;
	if (!kiln_apt_sources_parse(text, strlen(text), "/etc/apt/sources.list", &sources, error))
		return NULL;
	return kiln_archive_resolve(id, sources, error);
}

static const KilnSuite *find(const KilnArchive *archive, const char *name)
{
	for (guint i = 0; i < archive->suites->len; i++)
		if (strcmp(((KilnSuite *)archive->suites->pdata[i])->name, name) == 0)
			return archive->suites->pdata[i];
	fail_msg("no suite %s", name);
	return NULL;
}

static void test_debian_serves_every_architecture(void **state)
{
	static const char text[] = "deb [arch=arm64 signed-by=/k.gpg] http://mirror.example/debian bookworm main\n"
	                           "deb [signed-by=/s.gpg] http://security.example/debian-security bookworm-security main\n";
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnArchive) archive = resolve(text, "debian/13", &error);
	assert_non_null(archive);
	assert_int_equal(archive->suites->len, 3);
	assert_string_equal(find(archive, "trixie")->uris[0], "http://mirror.example/debian");
	assert_string_equal(find(archive, "trixie-updates")->uris[0], "http://mirror.example/debian");
	assert_string_equal(find(archive, "trixie-security")->uris[0], "http://security.example/debian-security");
	assert_string_equal(find(archive, "trixie")->archive, "debian/trixie");
	assert_true(kiln_suite_serves(find(archive, "trixie"), "riscv64"));
}

static void test_ubuntu_ports_are_suites_of_their_own(void **state)
{
	static const char text[] = "deb [signed-by=/k.gpg] http://mirror.example/ubuntu noble noble-security main\n"
	                           "deb [signed-by=/k.gpg] http://mirror.example/ubuntu noble-updates main\n"
	                           "deb [signed-by=/k.gpg] http://mirror.example/ubuntu noble-security main\n"
	                           "deb [signed-by=/k.gpg] http://ports.example/ubuntu-ports/ noble main\n"
	                           "deb [signed-by=/k.gpg] http://ports.example/ubuntu-ports/ noble-security main\n";
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnArchive) archive = resolve(text, "ubuntu/noble", &error);
	assert_non_null(archive);
	assert_int_equal(archive->suites->len, 6);
	const KilnSuite *plain = find(archive, "noble"), *ports = find(archive, "noble-security@ports");
	assert_true(kiln_suite_serves(plain, "amd64"));
	assert_false(kiln_suite_serves(plain, "arm64"));
	assert_true(kiln_suite_serves(ports, "arm64"));
	assert_false(kiln_suite_serves(ports, "amd64"));
	assert_string_equal(ports->uris[0], "http://ports.example/ubuntu-ports");
	assert_string_equal(kiln_suite_path(ports), "noble-security");
	assert_string_equal(ports->codename, "noble");
}

static void test_ubuntu_on_a_host_of_the_ports(void **state)
{
	static const char by_address[] = "deb [signed-by=/k.gpg] http://mirror.example/ubuntu-ports noble noble-security\n"
	                                 "deb [signed-by=/k.gpg] http://mirror.example/ubuntu-ports noble-security main\n";
	static const char by_architecture[] = "deb [signed-by=/k.gpg arch=arm64,armhf] http://mirror.example/all noble main\n"
	                                      "deb [signed-by=/k.gpg arch=arm64] http://mirror.example/all noble-security main\n";
	const char *const texts[] = { by_address, by_architecture };
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(KilnArchive) archive = resolve(texts[i], "ubuntu/24.04", &error);
		assert_non_null(archive);
		assert_int_equal(archive->suites->len, 3);
		assert_true(kiln_suite_serves(find(archive, "noble@ports"), "arm64"));
		assert_false(kiln_suite_serves(find(archive, "noble@ports"), "amd64"));
	}
}

static void test_ubuntu_with_one_mirror_for_all(void **state)
{
	static const char text[] = "deb [signed-by=/k.gpg] http://mirror.example/ubuntu noble main\ndeb http://mirror.example/ubuntu noble-security main\n";
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnArchive) archive = resolve(text, "ubuntu/noble", &error);
	assert_non_null(archive);
	assert_int_equal(archive->suites->len, 3);
	assert_true(kiln_suite_serves(find(archive, "noble"), "arm64"));
}

static void test_no_mirror(void **state)
{
	g_autoptr(GError) error = NULL;
	assert_null(resolve("deb http://mirror.example/debian trixie main\n", "ubuntu/noble", &error));
	assert_int_equal(error->code, KILN_ERROR_NOT_FOUND);
	assert_non_null(strstr(error->message, "archives"));
}

static void test_whose_packages_an_archive_has(void **state)
{
	static const struct {
		const char *id, *distro, *release, *version; /* distro NULL: not known */
	} cases[] = {
		{ "debian/trixie", "debian", "trixie", "13" }, { "debian/12", "debian", "bookworm", "12" }, { "debian/testing", "debian", "testing", NULL },
		{ "debian/unstable", "debian", "sid", NULL },  { "ubuntu/24.04", "ubuntu", "noble", "24.04" },
		{ "debian/", NULL, NULL, NULL },               { "own/trixie", NULL, NULL, NULL },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const KilnArchiveRelease *release = kiln_archive_release(cases[i].id);
		assert_int_equal(release != NULL, cases[i].distro != NULL);
		if (!release)
			continue;
		assert_string_equal(release->distro, cases[i].distro);
		assert_string_equal(release->release, cases[i].release);
		if (g_strcmp0(release->version, cases[i].version) != 0)
			fail_msg("%s: version %s", cases[i].id, release->version);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_debian_serves_every_architecture),
		cmocka_unit_test(test_ubuntu_ports_are_suites_of_their_own),
		cmocka_unit_test(test_ubuntu_on_a_host_of_the_ports),
		cmocka_unit_test(test_ubuntu_with_one_mirror_for_all),
		cmocka_unit_test(test_no_mirror),
		cmocka_unit_test(test_whose_packages_an_archive_has),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
