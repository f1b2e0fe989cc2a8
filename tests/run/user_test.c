/* SPDX-License-Identifier: Apache-2.0 */
/* user_test.c: the User of an image, looked up in account files that nobody trusts. */
#include "base/error.h"
#include "io/file.h"
#include "run/user.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\nbroken\napp:x:1000:1001:,,,:/srv/app:/sbin/nologin\nlate:x:1000:5::/x:/y\n"
                             "huge:x:99999999999:1::/:/\n10:x:77:78::/ten:\n";
static const char group[] = "root:x:0:\napp:x:1001:\nmore:x:30:late,app\nmost:x:20:app\nagain:x:30:app\nbad:x:x:app\n";

/* A root with these files; NULL: without. */
static int make_root(const char *users, const char *groups)
{
	g_autofree char *path = g_dir_make_tmp("kiln-user-XXXXXX", NULL);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0 && mkdirat(fd, "etc", 0755) == 0);
	if (users)
		assert_true(kiln_file_write_at(fd, "etc/passwd", users, strlen(users), NULL));
	if (groups)
		assert_true(kiln_file_write_at(fd, "etc/group", groups, strlen(groups), NULL));
	return fd;
}

static void remove_root(int fd)
{
	g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", fd), *path = g_file_read_link(link, NULL);
	assert_true(kiln_remove_tree_at(AT_FDCWD, path, NULL));
	close(fd);
}

static void test_users(void **state)
{
	static const struct {
		const char *user;
		guint uid, gid;
		const char *home;
		const char *groups;
	} rows[] = {
		{ NULL, 0, 0, "/root", "" },       { "", 0, 0, "/root", "" },          { "app", 1000, 1001, "/srv/app", "20 30 " },
		{ "1000", 1000, 1001, "/srv/app", "20 30 " }, { "app:more", 1000, 30, "/srv/app", "" }, { "app:7", 1000, 7, "/srv/app", "" },
		{ "65532", 65532, 0, NULL, "" },   { "65532:65532", 65532, 65532, NULL, "" }, { "late", 1000, 5, "/x", "30 " },
		{ "10", 10, 0, NULL, "" },         { "4294967294", 4294967294, 0, NULL, "" },
	};
	int root = make_root(passwd, group);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(KilnImageUser) user = { 0 };
		g_autoptr(GString) groups = g_string_new(NULL);
		if (!kiln_image_user_resolve(rows[i].user, root, &user, NULL))
			fail_msg("%s", rows[i].user);
		for (gsize j = 0; j < user.group_count; j++)
			g_string_append_printf(groups, "%u ", user.groups[j]);
		if (user.uid != rows[i].uid || user.gid != rows[i].gid || g_strcmp0(user.home, rows[i].home) != 0 || strcmp(groups->str, rows[i].groups) != 0)
			fail_msg("%s: %u:%u %s [%s]", rows[i].user, user.uid, user.gid, user.home, groups->str);
	}
	remove_root(root);
}

static void test_rejects(void **state)
{
	static const struct {
		const char *user;
		KilnError code;
	} rows[] = {
		{ "nobody", KILN_ERROR_NOT_FOUND }, { "app:nogroup", KILN_ERROR_NOT_FOUND }, { "huge", KILN_ERROR_NOT_FOUND },
		{ "4294967295", KILN_ERROR_SYNTAX }, { "99999999999999999999", KILN_ERROR_SYNTAX }, { "0:4294967295", KILN_ERROR_SYNTAX },
		{ "-1", KILN_ERROR_NOT_FOUND },     { "app:bad", KILN_ERROR_NOT_FOUND },
	};
	int root = make_root(passwd, group);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(KilnImageUser) user = { 0 };
		g_autoptr(GError) error = NULL;
		if (kiln_image_user_resolve(rows[i].user, root, &user, &error) || error->code != (int)rows[i].code)
			fail_msg("%s: %s", rows[i].user, error ? error->message : "was taken");
	}
	remove_root(root);
}

/* No accounts at all, a link out of the image, a pipe that nobody writes. */
static void test_strange_files(void **state)
{
	g_auto(KilnImageUser) user = { 0 };
	g_autoptr(GError) error = NULL;
	int root = make_root(NULL, NULL);
	assert_true(kiln_image_user_resolve("12:34", root, &user, NULL));
	assert_int_equal(user.gid, 34);
	assert_int_equal(symlinkat("../../../../../../../etc/passwd", root, "etc/passwd"), 0);
	assert_false(kiln_image_user_resolve("root", root, &user, &error)); /* a link to itself, as seen from inside */
	assert_true(unlinkat(root, "etc/passwd", 0) == 0 && mkfifoat(root, "etc/passwd", 0644) == 0);
	g_clear_error(&error);
	assert_false(kiln_image_user_resolve("root", root, &user, &error));
	assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_LIMIT));
	remove_root(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_users), cmocka_unit_test(test_rejects), cmocka_unit_test(test_strange_files) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
