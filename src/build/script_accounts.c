/* SPDX-License-Identifier: Apache-2.0 */
/* script_accounts.c: adduser, useradd and relatives as effects. Sources: adduser(8), useradd(8), groupadd(8), usermod(8), gpasswd(1). */
#include "base/text.h"
#include "build/shell.h"

/* base-passwd gives these to every Debian system. */
static const char *const base_users[] = { "root", "daemon", "bin",      "sys",    "sync", "games", "man",  "lp",    "mail",
	                                  "news", "uucp",   "proxy",    "www-data", "backup", "list", "irc", "_apt", "nobody" };
static const char *const base_groups[] = { "root",  "daemon", "bin",    "sys",   "adm",      "tty",    "disk",     "lp",    "mail",   "news",    "uucp", "man",   "proxy",
	                                   "kmem",  "dialout", "fax",   "voice", "cdrom",    "floppy", "tape",     "sudo",  "audio",  "dip",     "www-data", "backup", "operator",
	                                   "list",  "irc",    "src",    "shadow", "utmp",    "video",  "sasl",     "plugdev", "staff", "games",  "users", "nogroup" };

static char *account_key(gboolean is_group, const char *name)
{
	return g_strconcat(is_group ? "group:" : "user:", name, NULL);
}

KilnOutcome kiln_shell_has_account(const KilnShell *shell, gboolean is_group, const char *name)
{
	gpointer conditional;
	g_autofree char *key = account_key(is_group, name);
	if (!kiln_shell_is_known(name))
		return KILN_OUTCOME_UNKNOWN;
	if (g_hash_table_lookup_extended(shell->accounts, key, NULL, &conditional))
		return conditional ? KILN_OUTCOME_UNKNOWN : KILN_OUTCOME_TRUE;
	const char *const *names = is_group ? base_groups : base_users;
	for (guint i = 0; i < (is_group ? G_N_ELEMENTS(base_groups) : G_N_ELEMENTS(base_users)); i++)
		if (strcmp(names[i], name) == 0)
			return KILN_OUTCOME_TRUE;
	if (shell->system && shell->system->has_account)
		return shell->system->has_account(is_group, name, shell->system->user_data) ? KILN_OUTCOME_TRUE : KILN_OUTCOME_FALSE;
	return KILN_OUTCOME_FALSE;
}

void kiln_shell_add_account(KilnShell *shell, gboolean is_group, const char *name)
{
	if (kiln_shell_has_account(shell, is_group, name) != KILN_OUTCOME_TRUE)
		g_hash_table_insert(shell->accounts, account_key(is_group, name), GUINT_TO_POINTER(kiln_shell_is_conditional(shell)));
}

static gint64 number_or_none(const char *text)
{
	guint64 number;
	return text && kiln_text_to_u64(kiln_text(text), &number) && number <= G_MAXUINT32 ? (gint64)number : -1;
}

static void add_group(KilnShell *shell, const char *name, gint64 number)
{
	if (!kiln_shell_demand_known(shell, name))
		return;
	KilnEffect *effect = kiln_shell_effect(shell, KILN_EFFECT_GROUP, NULL);
	if (!effect)
		return;
	effect->name = g_strdup(name);
	effect->number = number;
	kiln_shell_add_account(shell, TRUE, name);
}

static void add_member(KilnShell *shell, const char *user, const char *group)
{
	if (!kiln_shell_demand_known(shell, user) || !kiln_shell_demand_known(shell, group))
		return;
	KilnEffect *effect = kiln_shell_effect(shell, KILN_EFFECT_MEMBER, NULL);
	if (!effect)
		return;
	effect->name = g_strdup(user);
	effect->text = g_strdup(group);
}

typedef struct {
	const char *name, *group, *home, *shell;
	gint64 number;
} Account;

static void add_user(KilnShell *shell, const Account *account)
{
	if (!kiln_shell_demand_known(shell, account->name) || !kiln_shell_demand_known(shell, account->group) ||
	    !kiln_shell_demand_known(shell, account->home) || !kiln_shell_demand_known(shell, account->shell))
		return;
	KilnEffect *effect = kiln_shell_effect(shell, KILN_EFFECT_USER, NULL);
	if (!effect)
		return;
	effect->name = g_strdup(account->name);
	effect->number = account->number;
	effect->extra = g_strdup(account->group);
	effect->text = g_strdup(account->home);
	effect->path = g_strdup(account->shell);
	kiln_shell_add_account(shell, FALSE, account->name);
}

static void add_home(KilnShell *shell, const Account *account, gint64 mode)
{
	KilnEffect *effect = kiln_shell_effect(shell, KILN_EFFECT_DIRECTORY, account->home);
	if (!effect)
		return;
	effect->number = mode;
	effect->text = g_strconcat(account->name, ":", account->group, NULL);
}

enum { ADD_SYSTEM, ADD_GROUP, ADD_INGROUP, ADD_GID, ADD_UID, ADD_HOME, ADD_NO_HOME, ADD_SHELL, ADD_GECOS, ADD_COMMENT, ADD_FIRSTUID, ADD_LASTUID, ADD_CONF, ADD_GROUPS };
static const KilnShellOption adduser_options[] = {
	{ 0, "system" },        { 0, "group" },          { 0, "ingroup", TRUE }, { 0, "gid", TRUE },     { 'u', "uid", TRUE },
	{ 'h', "home", TRUE },  { 0, "no-create-home" }, { 's', "shell", TRUE }, { 0, "gecos", TRUE },   { 0, "comment", TRUE },
	{ 0, "firstuid", TRUE }, { 0, "lastuid", TRUE },  { 'c', "conf", TRUE },  { 0, "add_extra_groups" }, { 0, NULL },
};

/* Both are one program: "adduser --group" is "addgroup", two names are a user and its group. */
static KilnOutcome run_adduser_like(KilnShell *shell, char **fields, gboolean is_addgroup)
{
	g_auto(KilnShellOptions) given = { 0 };
	kiln_shell_options_read(&given, fields, adduser_options);
	if (given.operands->len == 0) {
		kiln_shell_not_understood(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	const char *name = given.operands->pdata[0];
	gboolean is_system = given.is_set[ADD_SYSTEM];
	if (given.operands->len > 1) {
		add_member(shell, name, given.operands->pdata[1]);
		return KILN_OUTCOME_TRUE;
	}
	gboolean only_group = is_addgroup || (given.is_set[ADD_GROUP] && !is_system);
	gboolean exists = kiln_shell_has_account(shell, only_group, name) == KILN_OUTCOME_TRUE;
	if (only_group) {
		if (!exists)
			add_group(shell, name, number_or_none(given.values[ADD_GID]));
		return KILN_OUTCOME_TRUE;
	}
	if (exists)
		return KILN_OUTCOME_TRUE;
	Account account = { .name = name, .number = number_or_none(given.values[ADD_UID]), .shell = given.values[ADD_SHELL] };
	gboolean own_group = given.is_set[ADD_GROUP] || !is_system;
	account.group = given.is_set[ADD_INGROUP] ? given.values[ADD_INGROUP] : given.is_set[ADD_GID] ? given.values[ADD_GID] : own_group ? name : "nogroup";
	g_autofree char *home = is_system ? g_strdup("/nonexistent") : g_build_filename("/home", name, NULL);
	account.home = given.is_set[ADD_HOME] ? given.values[ADD_HOME] : home;
	if (!account.shell)
		account.shell = is_system ? "/usr/sbin/nologin" : "/bin/bash";
	if (account.group == name && kiln_shell_has_account(shell, TRUE, name) != KILN_OUTCOME_TRUE)
		add_group(shell, name, account.number);
	add_user(shell, &account);
	if (!given.is_set[ADD_NO_HOME] && strcmp(account.home, "/nonexistent") != 0)
		add_home(shell, &account, is_system ? 0755 : 0700);
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_adduser(KilnShell *shell, char **fields, guint count)
{
	return run_adduser_like(shell, fields, FALSE);
}

static KilnOutcome run_addgroup(KilnShell *shell, char **fields, guint count)
{
	return run_adduser_like(shell, fields, TRUE);
}

enum {
	USE_SYSTEM, USE_GID, USE_UID, USE_HOME, USE_MAKE_HOME, USE_SHELL, USE_COMMENT, USE_GROUPS, USE_NO_HOME,
	USE_NO_GROUP, USE_USER_GROUP, USE_APPEND, USE_PASSWORD, USE_BASE, USE_EXPIRE, USE_INACTIVE, USE_KEY, USE_LOGIN,
};
static const KilnShellOption useradd_options[] = {
	{ 'r', "system" },        { 'g', "gid", TRUE },     { 'u', "uid", TRUE },        { 'd', "home-dir", TRUE }, { 'm', "create-home" },   { 's', "shell", TRUE },
	{ 'c', "comment", TRUE }, { 'G', "groups", TRUE },  { 'M', "no-create-home" },   { 'N', "no-user-group" },  { 'U', "user-group" },    { 'a', "append" },
	{ 'p', "password", TRUE }, { 'b', "base-dir", TRUE }, { 'e', "expiredate", TRUE }, { 'f', "inactive", TRUE }, { 'K', "key", TRUE }, { 'l', "login", TRUE }, { 0, NULL },
};

static void add_memberships(KilnShell *shell, const char *user, const char *groups)
{
	g_auto(GStrv) names = g_strsplit(groups ? groups : "", ",", -1);
	for (char **name = names; *name; name++)
		if (**name)
			add_member(shell, user, *name);
}

static KilnOutcome run_useradd(KilnShell *shell, char **fields, guint count)
{
	g_auto(KilnShellOptions) given = { 0 };
	kiln_shell_options_read(&given, fields, useradd_options);
	if (given.operands->len != 1) {
		kiln_shell_not_understood(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	const char *name = given.operands->pdata[0];
	if (kiln_shell_has_account(shell, FALSE, name) == KILN_OUTCOME_TRUE)
		return KILN_OUTCOME_FALSE;
	Account account = { .name = name, .number = number_or_none(given.values[USE_UID]), .shell = given.values[USE_SHELL] };
	g_autofree char *home = g_build_filename(given.is_set[USE_BASE] ? given.values[USE_BASE] : "/home", name, NULL);
	account.home = given.is_set[USE_HOME] ? given.values[USE_HOME] : home;
	account.group = given.is_set[USE_GID] ? given.values[USE_GID] : given.is_set[USE_NO_GROUP] ? "users" : name;
	if (account.group == name)
		add_group(shell, name, -1);
	add_user(shell, &account);
	if (given.is_set[USE_MAKE_HOME] && !given.is_set[USE_NO_HOME])
		add_home(shell, &account, 0700);
	add_memberships(shell, name, given.values[USE_GROUPS]);
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_groupadd(KilnShell *shell, char **fields, guint count)
{
	static const KilnShellOption options[] = { { 'g', "gid", TRUE }, { 'K', "key", TRUE }, { 'p', "password", TRUE }, { 0, NULL } };
	g_auto(KilnShellOptions) given = { 0 };
	kiln_shell_options_read(&given, fields, options);
	if (given.operands->len != 1) {
		kiln_shell_not_understood(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	if (kiln_shell_has_account(shell, TRUE, given.operands->pdata[0]) == KILN_OUTCOME_TRUE)
		return KILN_OUTCOME_TRUE;
	add_group(shell, given.operands->pdata[0], number_or_none(given.values[0]));
	return KILN_OUTCOME_TRUE;
}

/* Adding to groups is an effect; a lock, a comment or a login shell is nothing that an image has; the rest is not understood. */
static KilnOutcome run_usermod(KilnShell *shell, char **fields, guint count)
{
	g_auto(KilnShellOptions) given = { 0 };
	kiln_shell_options_read(&given, fields, useradd_options);
	gboolean changes = given.is_set[USE_GID] || given.is_set[USE_UID] || given.is_set[USE_HOME] || given.is_set[USE_LOGIN];
	if (given.operands->len != 1 || changes || (given.is_set[USE_GROUPS] && !given.is_set[USE_APPEND])) {
		kiln_shell_not_understood(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	add_memberships(shell, given.operands->pdata[0], given.values[USE_GROUPS]);
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_gpasswd(KilnShell *shell, char **fields, guint count)
{
	if (count == 4 && (strcmp(fields[1], "-a") == 0 || strcmp(fields[1], "--add") == 0)) {
		add_member(shell, fields[2], fields[3]);
		return KILN_OUTCOME_TRUE;
	}
	kiln_shell_not_understood(shell);
	return KILN_OUTCOME_UNKNOWN;
}

const KilnShellRow kiln_shell_accounts[] = {
	{ "adduser", run_adduser },   { "addgroup", run_addgroup }, { "useradd", run_useradd }, { "groupadd", run_groupadd },
	{ "usermod", run_usermod },   { "gpasswd", run_gpasswd },   { NULL, NULL },
};
