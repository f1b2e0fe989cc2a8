/* SPDX-License-Identifier: Apache-2.0 */
/* lock_test.c: locks read back as written, small differences stay small, and every refusal. */
#include "build/lock.h"

#include "base/error.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *data_path(const char *name)
{
	return g_build_filename(g_getenv("KILN_TEST_DATA"), name, NULL);
}

static KilnLock *load(void)
{
	g_autofree char *path = data_path("lock/nginx.lock");
	g_autoptr(GError) error = NULL;
	KilnLock *lock = NULL;
	if (!kiln_lock_load(AT_FDCWD, path, &lock, &error))
		fail_msg("%s", error->message);
	return lock;
}

static KilnLockPackage *package_at(const KilnLock *lock, const char *platform, guint index)
{
	const KilnLockPlatform *found = kiln_lock_find_platform(lock, platform);
	assert_non_null(found);
	assert_true(index < found->packages->len);
	return found->packages->pdata[index];
}

static void test_read(void **state)
{
	g_autoptr(KilnLock) lock = load();
	char digest[KILN_DIGEST_TEXT_MAX];
	assert_string_equal(lock->recipe_name, "nginx");
	assert_int_equal(lock->suites->len, 2);
	const KilnLockSuite *main = lock->suites->pdata[0], *security = lock->suites->pdata[1];
	assert_int_equal(main->date_unix_s, 1794651133); /* date -u -d 2026-11-14T10:12:13Z +%s */
	assert_false(main->detached);
	assert_true(security->detached);
	assert_null(security->codename);
	const KilnLockPackage *nginx = package_at(lock, "linux/amd64", 2), *libc = package_at(lock, "linux/arm64", 0);
	assert_string_equal(nginx->source_name, "nginx");
	assert_string_equal(nginx->source_version, "1.26.3-3");
	assert_int_equal(nginx->suite, 1);
	assert_int_equal(nginx->size_bytes, 600000);
	assert_true(nginx->requested);
	assert_false(nginx->essential);
	assert_string_equal(nginx->depends[0], "libc6");
	assert_null(nginx->depends[1]);
	assert_string_equal(kiln_digest_print(&nginx->digest, digest), "sha256:3333333333333333333333333333333333333333333333333333333333333333");
	assert_true(libc->essential);
	assert_null(kiln_lock_find_platform(lock, "linux/s390x"));
}

static char *saved_text(const KilnLock *lock)
{
	g_autofree char *directory = g_dir_make_tmp("kiln-lock-XXXXXX", NULL), *path = g_build_filename(directory, "a.lock", NULL);
	char *text = NULL;
	assert_true(kiln_lock_save(lock, AT_FDCWD, path, NULL));
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_unlink(path);
	g_rmdir(directory);
	return text;
}

static void test_saves_what_it_read(void **state)
{
	g_autoptr(KilnLock) lock = load();
	g_autofree char *path = data_path("lock/nginx.lock"), *before = NULL, *after = saved_text(lock);
	assert_true(g_file_get_contents(path, &before, NULL, NULL));
	assert_string_equal(before, after);
}

/* A new version of one package changes the lines that say so, and no other; order in memory does not matter. */
static void test_small_difference(void **state)
{
	g_autoptr(KilnLock) lock = load();
	g_autofree char *before = saved_text(lock);
	KilnLockPackage *nginx = package_at(lock, "linux/amd64", 2);
	g_free(nginx->version);
	nginx->version = g_strdup("1.26.3-4");
	nginx->digest.sha256[0] = 0;
	KilnLockPlatform *platform = lock->platforms->pdata[0];
	g_ptr_array_insert(platform->packages, 0, g_ptr_array_steal_index(platform->packages, 2));
	g_ptr_array_insert(lock->platforms, 0, g_ptr_array_steal_index(lock->platforms, 1));
	g_autofree char *after = saved_text(lock);
	g_auto(GStrv) old = g_strsplit(before, "\n", -1), new = g_strsplit(after, "\n", -1);
	guint changed = 0;
	assert_int_equal(g_strv_length(old), g_strv_length(new));
	for (guint i = 0; old[i]; i++)
		changed += strcmp(old[i], new[i]) != 0;
	assert_int_equal(changed, 2);
}

static void test_compare(void **state)
{
	g_autoptr(KilnLock) before = load(), after = load();
	g_autoptr(GPtrArray) same = kiln_lock_compare(before, after);
	assert_int_equal(same->len, 0);
	KilnLockPackage *nginx = package_at(after, "linux/amd64", 2), *libgcc = package_at(after, "linux/amd64", 1);
	g_free(nginx->version);
	nginx->version = g_strdup("1.28.0-1");
	nginx->digest.sha256[0] = 0;
	g_free(libgcc->name);
	libgcc->name = g_strdup("libgcc-s2");
	g_ptr_array_remove_index(after->platforms, 1);
	g_autoptr(GPtrArray) changes = kiln_lock_compare(before, after);
	static const struct {
		const char *platform, *name, *before, *after;
	} expected[] = {
		{ "linux/amd64", "libgcc-s1", "14.2.0-19", NULL },
		{ "linux/amd64", "libgcc-s2", NULL, "14.2.0-19" },
		{ "linux/amd64", "nginx", "1.26.3-3+b1", "1.28.0-1" },
		{ "linux/arm64", "libc6", "2.41-12", NULL },
	};
	assert_int_equal(changes->len, G_N_ELEMENTS(expected));
	for (guint i = 0; i < changes->len; i++) {
		const KilnLockChange *change = changes->pdata[i];
		assert_string_equal(change->platform, expected[i].platform);
		assert_string_equal(change->name, expected[i].name);
		assert_int_equal(g_strcmp0(change->before, expected[i].before), 0);
		assert_int_equal(g_strcmp0(change->after, expected[i].after), 0);
	}
}

static void test_rejects(void **state)
{
	g_autofree char *list = data_path("reject/lock/cases.txt"), *text = NULL;
	assert_true(g_file_get_contents(list, &text, NULL, NULL));
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	guint count = 0;
	for (char **line = lines; *line; line++) {
		if (**line == '#' || **line == '\0')
			continue;
		g_auto(GStrv) words = g_strsplit(*line, " ", 3);
		g_autofree char *name = g_strdup_printf("reject/lock/%s.lock", words[0]), *path = data_path(name);
		g_autoptr(GError) error = NULL;
		KilnLock *lock = NULL;
		if (kiln_lock_load(AT_FDCWD, path, &lock, &error))
			fail_msg("%s: was taken", words[0]);
		assert_null(lock);
		if (strcmp(kiln_error_name(error->code), words[1]) != 0 || !strstr(error->message, words[2]) || !strstr(error->message, words[0]))
			fail_msg("%s: got %s: %s", words[0], kiln_error_name(error->code), error->message);
		count++;
	}
	assert_true(count >= 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_read), cmocka_unit_test(test_saves_what_it_read), cmocka_unit_test(test_small_difference),
		                            cmocka_unit_test(test_compare), cmocka_unit_test(test_rejects) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
