/* SPDX-License-Identifier: Apache-2.0 */
/* accounts.c: users and groups of the image. */
#include "build/accounts.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "build/effects.h"

#include <string.h>

#define DYNAMIC_FIRST 100
#define DYNAMIC_COUNT 800 /* Debian's range of system accounts is 100..999 */

typedef struct {
	char *name, *gecos, *home, *shell;
	guint64 id, group_id;
	char **members;
	gboolean used; /* goes into the file */
} Account;

struct KilnAccounts {
	GPtrArray *users, *groups; /* Account */
	gboolean only_known;       /* while reading packages that are not used: their accounts are there for owners that name them */
};

static void account_free(gpointer data)
{
	Account *account = data;
	g_free(account->name);
	g_free(account->gecos);
	g_free(account->home);
	g_free(account->shell);
	g_strfreev(account->members);
	g_free(account);
}

void kiln_accounts_free(KilnAccounts *accounts)
{
	if (!accounts)
		return;
	g_ptr_array_unref(accounts->users);
	g_ptr_array_unref(accounts->groups);
	g_free(accounts);
}

static Account *find_name(const GPtrArray *list, const char *name)
{
	for (guint i = 0; i < list->len; i++)
		if (strcmp(((Account *)list->pdata[i])->name, name) == 0)
			return list->pdata[i];
	return NULL;
}

static Account *find_id(const GPtrArray *list, guint64 id)
{
	for (guint i = 0; i < list->len; i++)
		if (((Account *)list->pdata[i])->id == id)
			return list->pdata[i];
	return NULL;
}

static Account *add(GPtrArray *list, const char *name, guint64 id)
{
	Account *account = find_name(list, name);
	if (account)
		return account;
	account = g_new0(Account, 1);
	account->name = g_strdup(name);
	account->id = account->group_id = id;
	g_ptr_array_add(list, account);
	return account;
}

/* FNV-1a: the number depends on the name alone, so a volume written by one build is readable by the next. */
static guint64 dynamic_id(const GPtrArray *list, const GPtrArray *other, const char *name)
{
	guint32 hash = 2166136261u;
	for (const char *c = name; *c; c++)
		hash = (hash ^ (guint8)*c) * 16777619u;
	for (guint step = 0; step < DYNAMIC_COUNT; step++) {
		guint64 id = DYNAMIC_FIRST + (hash + step) % DYNAMIC_COUNT;
		const Account *taken = find_id(other, id);
		if (!find_id(list, id) && (!taken || strcmp(taken->name, name) == 0))
			return id;
	}
	return DYNAMIC_FIRST + DYNAMIC_COUNT;
}

/* passwd.master and group.master of base-passwd: the distribution's fixed numbers, in the image only when used. */
static void read_master(KilnAccounts *accounts, const KilnClosure *closure, const char *path, gboolean groups)
{
	const KilnNode *node = kiln_closure_get(closure, path);
	g_autoptr(GBytes) bytes = node ? kiln_node_read(closure, node, KILN_LIMIT_CONFIG_BYTES, NULL) : NULL;
	gsize length = 0;
	const char *data = bytes ? g_bytes_get_data(bytes, &length) : NULL;
	KilnText text = { data, length };
	while (text.length) {
		KilnText line = kiln_text_cut(&text, '\n');
		g_autofree char *copy = kiln_text_dup(line);
		g_auto(GStrv) fields = g_strsplit(copy, ":", -1);
		guint64 id, group_id;
		if (g_strv_length(fields) < (groups ? 4u : 7u) || !kiln_text_to_u64(kiln_text(fields[2]), &id))
			continue;
		Account *account = add(groups ? accounts->groups : accounts->users, fields[0], id);
		if (groups)
			continue;
		account->group_id = kiln_text_to_u64(kiln_text(fields[3]), &group_id) ? group_id : id;
		account->gecos = g_strdup(fields[4]);
		account->home = g_strdup(fields[5]);
	}
}

static Account *use_group(KilnAccounts *accounts, const char *name, gint64 id)
{
	Account *group = find_name(accounts->groups, name);
	if (!group)
		group = add(accounts->groups, name, id >= 0 ? (guint64)id : dynamic_id(accounts->groups, accounts->users, name));
	group->used |= !accounts->only_known;
	return group;
}

static void set_text(char **member, const char *text)
{
	if (!text)
		return;
	g_free(*member);
	*member = g_strdup(text);
}

static Account *use_user(KilnAccounts *accounts, const char *name, gint64 id, const char *home, const char *group)
{
	Account *user = find_name(accounts->users, name);
	if (!user) {
		const Account *same = find_name(accounts->groups, name);
		user = add(accounts->users, name, id >= 0 ? (guint64)id : same && !find_id(accounts->users, same->id) ? same->id
		                                                                : dynamic_id(accounts->users, accounts->groups, name));
		set_text(&user->home, home ? home : "/nonexistent");
		guint64 number;
		Account *own = group && kiln_text_to_u64(kiln_text(group), &number) ? find_id(accounts->groups, number)
		                                                                     : use_group(accounts, group ? group : name, group ? -1 : (gint64)user->id);
		user->group_id = own ? own->id : user->id;
	}
	user->used |= !accounts->only_known;
	Account *own = find_id(accounts->groups, user->group_id);
	if (own)
		own->used |= user->used;
	return user;
}

static void add_member(Account *group, const char *user)
{
	guint count = group->members ? g_strv_length(group->members) : 0;
	if (group->members && g_strv_contains((const char *const *)group->members, user))
		return;
	group->members = g_renew(char *, group->members, count + 2);
	group->members[count] = g_strdup(user);
	group->members[count + 1] = NULL;
}

/* A field of passwd and group: one that holds their separators would be read as another account. */
static gboolean is_field(const char *text)
{
	return !text || (text[strcspn(text, ":,\n\r")] == '\0' && g_utf8_validate(text, -1, NULL));
}

/* No package makes a second root, nor lines of its own. */
static gboolean is_sound(const KilnEffect *effect)
{
	gboolean second_root = effect->kind != KILN_EFFECT_MEMBER && effect->number == 0 && strcmp(effect->name, "root") != 0;
	return !second_root && *effect->name && is_field(effect->name) && is_field(effect->text) && is_field(effect->extra);
}

/* Groups first: a user's script may name its group's number. */
static void apply_effects(KilnAccounts *accounts, const KilnClosurePackage *package, KilnEffectKind kind)
{
	for (guint i = 0; i < package->effects->len; i++) {
		const KilnEffect *effect = package->effects->pdata[i];
		if (effect->kind != kind || !effect->name)
			continue;
		if (!is_sound(effect)) {
			g_ptr_array_add(package->unknown, g_strdup_printf("account or group \"%s\": root under another name, or a field that would be read as two", effect->name));
			continue;
		}
		if (kind == KILN_EFFECT_GROUP)
			use_group(accounts, effect->name, effect->number);
		else if (kind == KILN_EFFECT_USER)
			use_user(accounts, effect->name, effect->number, effect->text, effect->extra);
		else if (effect->text)
			add_member(use_group(accounts, effect->text, -1), effect->name);
	}
}

static gboolean add_recipe_accounts(KilnAccounts *accounts, const KilnRecipe *recipe, GError **error)
{
	for (guint i = 0; i < recipe->groups->len; i++) {
		const KilnRecipeAccount *wanted = recipe->groups->pdata[i];
		Account *group = find_name(accounts->groups, wanted->name);
		if (group && group->id != wanted->id && group->used)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s:%u: group \"%s\" exists already, with number %" G_GUINT64_FORMAT, wanted->place.file,
			                 wanted->place.line, wanted->name, group->id);
		group = group ? group : add(accounts->groups, wanted->name, wanted->id);
		group->id = wanted->id;
		group->used = TRUE;
		for (char **member = wanted->members; member && *member; member++)
			add_member(group, *member);
	}
	for (guint i = 0; i < recipe->users->len; i++) {
		const KilnRecipeAccount *wanted = recipe->users->pdata[i];
		const Account *taken = find_id(accounts->users, wanted->id);
		if (find_name(accounts->users, wanted->name) || (taken && taken->used))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s:%u: user \"%s\" or number %" G_GUINT64_FORMAT " exists already", wanted->place.file,
			                 wanted->place.line, wanted->name, wanted->id);
		Account *user = use_user(accounts, wanted->name, (gint64)wanted->id, wanted->home, wanted->group);
		set_text(&user->gecos, wanted->gecos);
		set_text(&user->shell, wanted->shell);
	}
	return TRUE;
}

KilnAccounts *kiln_accounts_new(const KilnClosure *closure, const KilnRecipe *recipe, GError **error)
{
	static const KilnEffectKind kinds[] = { KILN_EFFECT_GROUP, KILN_EFFECT_USER, KILN_EFFECT_MEMBER };
	g_autoptr(KilnAccounts) accounts = g_new0(KilnAccounts, 1);
	accounts->users = g_ptr_array_new_with_free_func(account_free);
	accounts->groups = g_ptr_array_new_with_free_func(account_free);
	read_master(accounts, closure, "usr/share/base-passwd/group.master", TRUE);
	read_master(accounts, closure, "usr/share/base-passwd/passwd.master", FALSE);
	use_group(accounts, "root", 0);
	Account *root = use_user(accounts, "root", 0, "/root", "root");
	set_text(&root->home, "/root");
	use_group(accounts, "nogroup", 65534);
	use_user(accounts, "nobody", 65534, "/nonexistent", "nogroup");
	use_group(accounts, "nonroot", KILN_NONROOT_ID);
	use_user(accounts, "nonroot", KILN_NONROOT_ID, "/home/nonroot", "nonroot");
	for (gsize kind = 0; kind < G_N_ELEMENTS(kinds); kind++)
		for (gsize i = 0; i < closure->package_count; i++)
			if (closure->packages[i].active)
				apply_effects(accounts, &closure->packages[i], kinds[kind]);
	accounts->only_known = TRUE;
	for (gsize i = 0; i < closure->package_count; i++) {
		if (closure->packages[i].active)
			continue;
		apply_effects(accounts, &closure->packages[i], KILN_EFFECT_GROUP);
		apply_effects(accounts, &closure->packages[i], KILN_EFFECT_USER);
	}
	accounts->only_known = FALSE;
	return add_recipe_accounts(accounts, recipe, error) ? g_steal_pointer(&accounts) : NULL;
}

static gboolean not_found(const GPtrArray *list, const char *what, const char *name, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < list->len; i++)
		g_ptr_array_add(names, ((Account *)list->pdata[i])->name);
	g_ptr_array_add(names, NULL);
	const char *nearest = kiln_text_nearest(name, (const char *const *)names->pdata);
	return kiln_fail(error, KILN_ERROR_NOT_FOUND, "no %s \"%s\" in the image%s%s%s; add it under \"%ss\"", what, name, nearest ? "; did you mean \"" : "",
	                 nearest ? nearest : "", nearest ? "\"?" : "", what);
}

gboolean kiln_accounts_resolve(KilnAccounts *accounts, const char *owner, guint64 *uid, guint64 *gid, GError **error)
{
	KilnText rest = kiln_text(owner), user_text = kiln_text_cut(&rest, ':');
	g_autofree char *user_name = kiln_text_dup(user_text), *group_name = rest.data && rest.length ? kiln_text_dup(rest) : NULL;
	guint64 user_id, group_id;
	if (kiln_text_to_u64(user_text, &user_id)) {
		const Account *known = find_id(accounts->users, user_id);
		group_id = known ? known->group_id : user_id;
	} else if (user_text.length == 0) {
		user_id = group_id = 0; /* ":group": chgrp */
	} else {
		Account *user = find_name(accounts->users, user_name);
		if (!user)
			return not_found(accounts->users, "user", user_name, error);
		use_user(accounts, user_name, -1, NULL, NULL);
		user_id = user->id;
		group_id = user->group_id;
	}
	if (group_name && !kiln_text_to_u64(rest, &group_id)) {
		Account *group = find_name(accounts->groups, group_name);
		if (!group)
			return not_found(accounts->groups, "group", group_name, error);
		group->used = TRUE;
		group_id = group->id;
	}
	*uid = user_id;
	*gid = group_id;
	return TRUE;
}

gboolean kiln_accounts_is_member(const KilnAccounts *accounts, guint64 uid, guint64 gid)
{
	const Account *user = find_id(accounts->users, uid), *group = find_id(accounts->groups, gid);
	return user && group && group->members && g_strv_contains((const char *const *)group->members, user->name);
}

static gint by_id(gconstpointer a, gconstpointer b)
{
	const Account *first = *(Account *const *)a, *second = *(Account *const *)b;
	return first->id != second->id ? (first->id < second->id ? -1 : 1) : strcmp(first->name, second->name);
}

static GPtrArray *sorted_used(const GPtrArray *list)
{
	GPtrArray *used = g_ptr_array_new();
	for (guint i = 0; i < list->len; i++)
		if (((Account *)list->pdata[i])->used)
			g_ptr_array_add(used, list->pdata[i]);
	g_ptr_array_sort(used, by_id);
	return used;
}

char *kiln_accounts_passwd(const KilnAccounts *accounts)
{
	g_autoptr(GPtrArray) users = sorted_used(accounts->users);
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < users->len; i++) {
		const Account *user = users->pdata[i];
		g_string_append_printf(text, "%s:x:%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT ":%s:%s:%s\n", user->name, user->id, user->group_id,
		                       user->gecos ? user->gecos : user->name, user->home ? user->home : "/nonexistent",
		                       user->shell ? user->shell : "/usr/sbin/nologin");
	}
	return g_string_free(text, FALSE);
}

char *kiln_accounts_group(const KilnAccounts *accounts)
{
	g_autoptr(GPtrArray) groups = sorted_used(accounts->groups);
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < groups->len; i++) {
		const Account *group = groups->pdata[i];
		g_autofree char *members = group->members ? g_strjoinv(",", group->members) : g_strdup("");
		g_string_append_printf(text, "%s:x:%" G_GUINT64_FORMAT ":%s\n", group->name, group->id, members);
	}
	return g_string_free(text, FALSE);
}
