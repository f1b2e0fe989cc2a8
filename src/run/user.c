/* SPDX-License-Identifier: Apache-2.0 */
/* user.c: names and ids from an image's account files. Source: passwd(5), group(5). */
#include "run/user.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "io/root.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID_MAX 0xfffffffe
#define GROUPS_MAX 64

/* Empty when the image has no such file; an account file that is too large or no file is an error. */
static char *read_accounts(int root_fd, const char *path, GError **error)
{
	g_autoptr(GError) reason = NULL;
	struct stat status;
	int fd = kiln_root_open(root_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0, &reason);
	if (fd < 0) {
		if (g_error_matches(reason, KILN_ERROR, KILN_ERROR_NOT_FOUND))
			return g_strdup("");
		g_propagate_error(error, g_steal_pointer(&reason));
		return NULL;
	}
	char *text = NULL;
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || (guint64)status.st_size > KILN_LIMIT_ACCOUNT_FILE_BYTES) {
		kiln_fail(error, KILN_ERROR_LIMIT, "%s of the image is no file of at most %u bytes", path, (guint)KILN_LIMIT_ACCOUNT_FILE_BYTES);
	} else {
		text = g_malloc0((gsize)status.st_size + 1);
		if (pread(fd, text, (gsize)status.st_size, 0) != status.st_size) {
			kiln_fail_errno(error, errno, "cannot read %s of the image", path);
			g_clear_pointer(&text, g_free);
		}
	}
	close(fd);
	return text;
}

static gboolean to_id(KilnText text, guint *out)
{
	guint64 value;
	if (!kiln_text_to_u64(text, &value) || value > ID_MAX)
		return FALSE;
	*out = (guint)value;
	return TRUE;
}

/* Cut one line into at most @count fields; FALSE when it has fewer. */
static gboolean cut_fields(KilnText line, KilnText *fields, gsize count)
{
	for (gsize i = 0; i < count; i++) {
		if (!line.data)
			return FALSE;
		fields[i] = kiln_text_cut(&line, ':');
	}
	return TRUE;
}

typedef struct {
	gboolean found;
	guint uid, gid;
	KilnText name, home;
} Account;

/* The first entry whose name is @name, or (numeric) whose uid is @uid. */
static Account find_account(const char *passwd, KilnText name, gboolean numeric, guint uid)
{
	KilnText rest = kiln_text(passwd), fields[6];
	while (rest.data) {
		Account account = { TRUE };
		KilnText line = kiln_text_cut(&rest, '\n');
		if (!cut_fields(line, fields, G_N_ELEMENTS(fields)) || !to_id(fields[2], &account.uid) || !to_id(fields[3], &account.gid))
			continue;
		account.name = fields[0];
		account.home = fields[5];
		if (numeric ? account.uid == uid : kiln_text_equal(account.name, name))
			return account;
	}
	return (Account){ FALSE };
}

static gboolean lists_member(KilnText members, KilnText name)
{
	while (members.data)
		if (kiln_text_equal(kiln_text_strip(kiln_text_cut(&members, ',')), name))
			return TRUE;
	return FALSE;
}

static gboolean find_group(const char *group, KilnText name, guint *gid)
{
	KilnText rest = kiln_text(group), fields[3];
	while (rest.data) {
		KilnText line = kiln_text_cut(&rest, '\n');
		if (cut_fields(line, fields, G_N_ELEMENTS(fields)) && kiln_text_equal(fields[0], name) && to_id(fields[2], gid))
			return TRUE;
	}
	return FALSE;
}

static int compare_ids(gconstpointer a, gconstpointer b)
{
	guint left = *(const guint *)a, right = *(const guint *)b;
	return left < right ? -1 : left > right;
}

static void add_groups(const char *group, KilnText name, KilnImageUser *user)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(guint));
	KilnText rest = kiln_text(group), fields[4];
	while (rest.data && ids->len < GROUPS_MAX) {
		guint gid;
		KilnText line = kiln_text_cut(&rest, '\n');
		if (cut_fields(line, fields, G_N_ELEMENTS(fields)) && to_id(fields[2], &gid) && gid != user->gid && lists_member(fields[3], name))
			g_array_append_val(ids, gid);
	}
	g_array_sort(ids, compare_ids);
	for (guint i = 1; i < ids->len;)
		if (g_array_index(ids, guint, i) == g_array_index(ids, guint, i - 1))
			g_array_remove_index(ids, i);
		else
			i++;
	user->groups = (guint *)(void *)g_array_steal(ids, &user->group_count);
}

gboolean kiln_image_user_resolve(const char *user, int root_fd, KilnImageUser *out, GError **error)
{
	KilnText group_part = kiln_text(user ? user : ""), name = kiln_text_cut(&group_part, ':');
	gboolean has_group = group_part.length > 0;
	if (name.length == 0)
		name = KILN_TEXT("0");
	g_autofree char *passwd = read_accounts(root_fd, "etc/passwd", error);
	g_autofree char *group = passwd ? read_accounts(root_fd, "etc/group", error) : NULL;
	if (!group)
		return FALSE;

	g_auto(KilnImageUser) made = { 0 };
	gboolean digits = strspn(name.data, "0123456789") >= name.length;
	if (digits && !to_id(name, &made.uid))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "user \"%s\": the id is too large", user);
	Account account = find_account(passwd, name, digits, made.uid);
	if (!account.found && !digits)
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "user \"%.80s\" is not in the image's etc/passwd; a number would do", user);
	if (account.found) {
		made.uid = account.uid;
		made.gid = account.gid;
		made.home = kiln_text_dup(account.home);
	}
	if (has_group && strspn(group_part.data, "0123456789") >= group_part.length) {
		if (!to_id(group_part, &made.gid))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "user \"%s\": the group's id is too large", user);
	} else if (has_group && !find_group(group, group_part, &made.gid)) {
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "the group of user \"%.80s\" is not in the image's etc/group; a number would do", user);
	}
	if (account.found && !has_group)
		add_groups(group, account.name, &made);
	*out = made;
	made = (KilnImageUser){ 0 };
	return TRUE;
}

void kiln_image_user_clear(KilnImageUser *user)
{
	g_free(user->groups);
	g_free(user->home);
	*user = (KilnImageUser){ 0 };
}
