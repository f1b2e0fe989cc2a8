/* SPDX-License-Identifier: Apache-2.0 */
/* script_paths.c: paths of a script made absolute, and those that nobody misses in an image. */
#include "build/shell.h"

/* "*" also stands for slashes; a star behind the last slash covers the directory itself, too. */
static const struct {
	const char *pattern, *reason;
} irrelevant[] = {
	{ "/dev/*", "devices are the runtime's" },
	{ "/proc/*", "the kernel's" },
	{ "/sys/*", "the kernel's" },
	{ "/tmp/*", "temporary" },
	{ "/var/tmp/*", "temporary" },
	{ "/var/lib/dpkg/*", "no dpkg in an image" },
	{ "/var/cache/debconf/*", "no debconf in an image" },
	{ "/var/lib/ucf/*", "no ucf in an image" },
	{ "/etc/dpkg/*", "no dpkg in an image" },
	{ "/etc/apt/*", "no apt in an image" },
	{ "/var/lib/apt/*", "no apt in an image" },
	{ "/var/cache/apt/*", "no apt in an image" },
	{ "/etc/systemd/*", "no init in an image" },
	{ "/run/systemd/*", "no init in an image" },
	{ "/var/lib/systemd/*", "no init in an image" },
	{ "/usr/lib/systemd/*", "no init in an image" },
	{ "/lib/systemd/*", "no init in an image" },
	{ "/etc/init.d/*", "no init in an image" },
	{ "/etc/init/*", "no init in an image" },
	{ "/etc/rc?.d/*", "no init in an image" },
	{ "/etc/insserv.conf.d/*", "no init in an image" },
	{ "/var/log/journal/*", "no init in an image" },
	{ "/etc/logrotate.d/*", "no logrotate in an image" },
	{ "/etc/cron.*", "no cron in an image" },
	{ "/etc/crontab", "no cron in an image" },
	{ "/var/spool/cron/*", "no cron in an image" },
	{ "/etc/apparmor.d/*", "a host's profile" },
	{ "/usr/share/man/*", "documentation" },
	{ "/usr/share/doc/*", "documentation" },
	{ "/usr/share/info/*", "documentation" },
	{ "/usr/info/*", "documentation" },
	{ "/usr/share/binfmts/*", "a host's table" },
	{ "/var/cache/ldconfig/*", "kiln computes the cache" },
	{ "/etc/ld.so.cache", "kiln computes the cache" },
	{ "/etc/passwd", "kiln computes accounts" },
	{ "/etc/passwd[-.]*", "kiln computes accounts" },
	{ "/etc/group", "kiln computes accounts" },
	{ "/etc/group[-.]*", "kiln computes accounts" },
	{ "/etc/shadow", "kiln computes accounts" },
	{ "/etc/shadow[-.]*", "kiln computes accounts" },
	{ "/etc/gshadow", "kiln computes accounts" },
	{ "/etc/gshadow[-.]*", "kiln computes accounts" },
	{ "/etc/subuid", "kiln computes accounts" },
	{ "/etc/subuid[-.]*", "kiln computes accounts" },
	{ "/etc/subgid", "kiln computes accounts" },
	{ "/etc/subgid[-.]*", "kiln computes accounts" },
	{ "/var/log/wtmp", "no logins in an image" },
	{ "/var/log/btmp", "no logins in an image" },
	{ "/var/log/lastlog", "no logins in an image" },
	{ "/etc/security/opasswd", "no logins in an image" },
	{ "/etc/shells", "no logins in an image" },
	{ "/usr/local/share/ca-certificates/*", "kiln computes the bundle" },
	{ "/etc/ca-certificates.conf*", "kiln computes the bundle" },
	{ "/etc/ssl/certs/*", "kiln computes the bundle" },
	{ "/var/lib/ca-certificates-java/*", "kiln computes the bundle" },
	{ "/etc/locale.gen*", "locales come from the recipe" },
	{ "/etc/locale.conf", "locales come from the recipe" },
	{ "/etc/default/locale", "locales come from the recipe" },
	{ "/etc/machine-id", "every machine's own" },
	{ "/var/lib/dbus/machine-id", "every machine's own" },
	{ "/var/lib/pam/*", "a cache of pam-auth-update" },
	{ "/var/lib/python/*", "a note of python's own scripts" },
	{ "/etc/postgresql-common/createcluster.conf", "only pg_createcluster reads it" },
};

/* What stands before a hole may be enough: "/var/lib/ucf/hashfile.?". */
static gboolean covers(const char *pattern, const char *path)
{
	gsize length = strlen(pattern) - 1;
	if (g_str_has_suffix(pattern, "/*") && strlen(path) == length - 1 && strncmp(pattern, path, length - 1) == 0)
		return TRUE;
	if (kiln_shell_is_known(path))
		return kiln_shell_match(pattern, path) == KILN_OUTCOME_TRUE;
	return pattern[length] == '*' && strcspn(pattern, "*?[") == length && strncmp(pattern, path, length) == 0;
}

static char *absolute_path(const KilnShell *shell, const char *path)
{
	const char *base = *path == '/' ? "" : kiln_shell_get(shell, "PWD");
	g_autofree char *whole = g_strconcat(base ? base : "", "/", path, NULL);
	g_autoptr(GPtrArray) parts = g_ptr_array_new();
	g_auto(GStrv) pieces = NULL;
	if (!*path)
		return NULL;
	pieces = g_strsplit(whole, "/", -1);
	for (char **piece = pieces; *piece; piece++) {
		if (strcmp(*piece, "..") == 0)
			g_ptr_array_set_size(parts, (int)(parts->len ? parts->len - 1 : 0));
		else if (**piece && strcmp(*piece, ".") != 0)
			g_ptr_array_add(parts, *piece);
	}
	g_ptr_array_add(parts, NULL);
	g_autofree char *joined = g_strjoinv("/", (char **)parts->pdata);
	return g_strconcat("/", joined, NULL);
}

gboolean kiln_shell_is_dropped(const KilnShell *shell, const char *path)
{
	g_autofree char *absolute = absolute_path(shell, path);
	for (guint i = 0; absolute && i < G_N_ELEMENTS(irrelevant); i++)
		if (covers(irrelevant[i].pattern, absolute))
			return TRUE;
	return FALSE;
}

char *kiln_shell_path(const KilnShell *shell, const char *path)
{
	g_autofree char *absolute = absolute_path(shell, path);
	return absolute && kiln_shell_is_known(absolute) ? g_steal_pointer(&absolute) : NULL;
}
