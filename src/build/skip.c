/* SPDX-License-Identifier: Apache-2.0 */
/* skip.c: what no service reads, by path. The first row that matches decides; a star does not cross a slash, two do, and "x" slash two stars is x too. */
#include "build/skip.h"

#include <string.h>

typedef struct {
	const char *pattern;
	const char *rule; /* NULL: this is not left out, whatever the rows below say */
} Row;

static const Row rows[] = {
	{ "usr/share/doc/*/copyright", NULL },
	{ "usr/share/common-licenses/**", NULL },
	{ "usr/share/doc/**", "documentation" },
	{ "usr/share/doc-base/**", "documentation" },
	{ "usr/share/info/**", "documentation" },
	{ "usr/share/gtk-doc/**", "documentation" },
	{ "usr/share/help/**", "documentation" },
	{ "usr/share/man/**", "manual" },
	{ "usr/share/*/man/man*/**", "manual" },
	{ "usr/share/*/*/man/man*/**", "manual" },
	{ "usr/lib/jvm/*/man/**", "manual" },
	{ "usr/lib/jvm/*/docs/**", "documentation" },
	{ "usr/lib/systemd/**", "init" },
	{ "usr/lib/init/**", "init" },
	{ "usr/lib/sysusers.d/**", "effect-source" },
	{ "usr/lib/tmpfiles.d/**", "effect-source" },
	{ "etc/init.d/**", "init" },
	{ "etc/init/**", "init" },
	{ "etc/rc*.d/**", "init" },
	{ "etc/default/**", "init" },
	{ "etc/systemd/**", "init" },
	{ "etc/insserv*/**", "init" },
	{ "usr/share/runit/**", "init" },
	{ "etc/sv/**", "init" },
	{ "etc/cron*/**", "cron" },
	{ "etc/logrotate.d/**", "cron" },
	{ "etc/logcheck/**", "cron" },
	{ "etc/resolvconf/**", "host" },
	{ "etc/network/**", "host" },
	{ "etc/ppp/**", "host" },
	{ "etc/NetworkManager/**", "host" },
	{ "etc/dhcp/**", "host" },
	{ "etc/ufw/**", "host" },
	{ "etc/apparmor.d/**", "host" },
	{ "etc/apparmor/**", "host" },
	{ "etc/profile.d/**", "host" },
	{ "etc/motd", "host" },
	{ "etc/motd.d/**", "host" },
	{ "etc/binfmt.d/**", "host" },
	{ "usr/lib/binfmt.d/**", "host" },
	{ "usr/lib/pcrlock.d/**", "host" },
	{ "usr/lib/kernel/**", "host" },
	{ "usr/lib/environment.d/**", "host" },
	{ "etc/profile", "host" },
	{ "etc/update-motd.d/**", "host" },
	{ "etc/skel/**", "host" },
	{ "etc/issue*", "host" },
	{ "etc/dbus-1/**", "host" },
	{ "etc/rsyslog.d/**", "host" },
	{ "usr/share/dbus-1/**", "host" },
	{ "usr/share/polkit-1/**", "host" },
	{ "usr/lib/udev/**", "host" },
	{ "usr/lib/modprobe.d/**", "host" },
	{ "usr/lib/modules-load.d/**", "host" },
	{ "usr/lib/sysctl.d/**", "host" },
	{ "etc/sysctl.d/**", "host" },
	{ "usr/share/initramfs-tools/**", "host" },
	{ "usr/share/bash-completion/**", "completion" },
	{ "etc/bash_completion.d/**", "completion" },
	{ "usr/share/zsh/**", "completion" },
	{ "usr/share/fish/**", "completion" },
	{ "usr/share/applications/**", "desktop" },
	{ "usr/share/metainfo/**", "desktop" },
	{ "usr/share/appdata/**", "desktop" },
	{ "usr/share/icons/**", "desktop" },
	{ "usr/share/pixmaps/**", "desktop" },
	{ "usr/share/menu/**", "desktop" },
	{ "usr/share/app-install/**", "desktop" },
	{ "usr/share/binfmts/**", "host" },
	{ "usr/share/lintian/**", "packaging" },
	{ "usr/share/bug/**", "packaging" },
	{ "usr/share/reportbug/**", "packaging" },
	{ "usr/share/apport/**", "packaging" },
	{ "usr/share/debconf/**", "packaging" },
	{ "usr/share/debhelper/**", "packaging" },
	{ "usr/share/dpkg/**", "packaging" },
	{ "usr/share/pam-configs/**", "packaging" },
	{ "etc/dpkg/**", "packaging" },
	{ "etc/apt/**", "packaging" },
	{ "etc/kernel/**", "host" },
	{ "usr/share/ca-certificates-java/**", "packaging" },
	{ "usr/share/java/java_defaults.mk", "packaging" },
	{ "usr/lib/jvm/.*.jinfo", "packaging" },
	{ "usr/lib/php/php-helper", "packaging" },
	{ "usr/lib/php/php-maintscript-helper", "packaging" },
	{ "usr/lib/php/*/php.ini-*", "packaging" },
	{ "usr/lib/php/*/sapi/**", "packaging" },
	{ "usr/share/base-files/**", "packaging" },
	{ "usr/share/base-passwd/**", "packaging" },
	{ "usr/share/libc-bin/**", "packaging" },
	{ "usr/share/python3/**", "packaging" },
	{ "usr/share/python/**", "packaging" },
	{ "usr/include/**", "development" },
	{ "usr/lib/debug/**", "development" },
	{ "usr/share/gdb/**", "development" },
	{ "usr/share/gcc/python/**", "development" },
	{ "usr/lib/valgrind/**", "development" },
	{ "usr/share/nodejs/**.d.ts", "development" },
	{ "usr/share/nodejs/**.d.mts", "development" },
	{ "usr/share/nodejs/**.d.cts", "development" },
	{ "usr/share/nodejs/**.js.map", "development" },
	{ "usr/share/nodejs/**.mjs.map", "development" },
	{ "usr/share/nodejs/**.cjs.map", "development" },
	{ "usr/share/nodejs/@types/**", "development" },
	{ "usr/share/nodejs/corepack/**", "package-manager" },
	{ "usr/share/nodejs/npm/**", "package-manager" },
	{ "usr/lib/python3.*/config-3*/**", "development" },
	{ "usr/lib/python3.*/test/**", "test-suite" },
	{ "usr/lib/python3.*/idlelib/**", "desktop" },
	{ "usr/lib/python3.*/turtledemo/**", "desktop" },
	{ "usr/lib/python3.*/lib-dynload/_test*", "test-suite" },
	{ "usr/lib/python3.*/lib-dynload/_ctypes_test*", "test-suite" },
	{ "usr/lib/python3.*/lib-dynload/_xxtestfuzz*", "test-suite" },
	{ "usr/lib/python3.*/lib-dynload/xxlimited*", "test-suite" },
	{ "usr/lib/python3.*/lib-dynload/xxsubtype*", "test-suite" },
	{ "usr/lib/python3.*/__phello__/**", "test-suite" },
	{ "usr/lib/python3.*/pydoc_data/topics.py", "documentation" },
	{ "usr/lib/python3.*/ensurepip/**", "package-manager" },
	{ "usr/lib/*/libmemusage.so", "development" },
	{ "usr/lib/*/libpcprofile.so", "development" },
	{ "usr/lib/*/libc_malloc_debug.so.*", "development" },
	{ "usr/lib/*/libthread_db.so.*", "development" },
	{ "usr/share/aclocal/**", "development" },
	{ "usr/share/pkgconfig/**", "development" },
	{ "usr/lib/pkgconfig/**", "development" },
	{ "usr/lib/*/pkgconfig/**", "development" },
	{ "usr/lib/cmake/**", "development" },
	{ "usr/lib/*/cmake/**", "development" },
	{ "usr/share/systemtap/**", "development" },
	{ "usr/lib/postgresql/*/lib/pgxs/**", "development" },
	{ "usr/lib/*.a", "development" },
	{ "usr/lib/*/*.a", "development" },
	{ "usr/lib/*/*.la", "development" },
	{ "usr/share/locale/**", "translation" },
	{ "usr/share/locale-langpack/**", "translation" },
	{ "usr/share/*/locale/**", "translation" },
	{ "usr/lib/locale/**", "translation" },
	{ "usr/share/i18n/**", "translation" },
	{ "usr/share/vim/**", "editor" },
	{ "usr/share/nvim/**", "editor" },
	{ "usr/share/emacs/**", "editor" },
	{ "usr/share/nano/**", "editor" },
	{ "usr/share/gtksourceview-*/**", "editor" },
	{ "usr/lib/*/gconv/**", "on-import" },
};

/* A slash and two stars at the end: what is in a directory, and itself. Recursion ends with the pattern, which is ours, not with the path. */
static gboolean matches(const char *pattern, const char *path)
{
	for (; *pattern; pattern++, path++) {
		if (strcmp(pattern, "/**") == 0)
			return *path == '/' || *path == '\0';
		if (*pattern == '*') {
			gboolean deep = pattern[1] == '*';
			const char *end = path + (deep ? strlen(path) : strcspn(path, "/"));
			for (const char *p = path; p <= end; p++)
				if (matches(pattern + 1 + deep, p))
					return TRUE;
			return FALSE;
		}
		if (*pattern != *path)
			return FALSE;
	}
	return *path == '\0';
}

/* "de_DE.UTF-8" keeps "de" and "de_DE" of share/locale and "de_DE.utf8" of lib/locale. */
static gboolean locale_asked(const char *path, const char *const *locales)
{
	const char *name = strstr(path, "locale/");
	if (!name)
		return FALSE;
	name += strlen("locale/");
	gsize length = strcspn(name, "/");
	for (; locales && *locales; locales++) {
		gsize language = strcspn(*locales, "_."), territory = strcspn(*locales, ".");
		if ((length == language && strncmp(name, *locales, length) == 0) ||
		    (length >= territory && strncmp(name, *locales, territory) == 0 && (length == territory || name[territory] == '.')))
			return TRUE;
	}
	return FALSE;
}

const char *kiln_skip_rule(const char *path, const char *const *locales)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (!matches(rows[i].pattern, path))
			continue;
		if (rows[i].rule && strcmp(rows[i].rule, "translation") == 0 && locale_asked(path, locales))
			return NULL;
		return rows[i].rule;
	}
	return NULL;
}

/* What lies in these is made while programs run, or by the system that starts them. */
gboolean kiln_skip_is_runtime_directory(const char *path)
{
	static const char *const names[] = { "run", "var/run", "tmp", "var/tmp", "dev", "proc", "sys", NULL };
	for (const char *const *name = names; *name; name++)
		if (g_str_has_prefix(path, *name) && (path[strlen(*name)] == '/' || path[strlen(*name)] == '\0'))
			return TRUE;
	return FALSE;
}

gboolean kiln_skip_is_general_directory(const char *path)
{
	static const char *const general[] = {
		"", "usr", "usr/lib", "usr/lib64", "usr/libexec", "usr/share", "usr/local",
		"usr/local/lib", "usr/local/share", "usr/local/etc", "usr/include", "usr/src", "usr/games", "etc",
		"etc/default", "etc/init.d", "var", "var/lib", "var/log", "var/cache", "var/spool", "var/tmp", "var/run", "var/mail",
		"var/lock", "var/local", "var/opt", "run", "tmp", "home", "root", "opt", "srv", "mnt", "media", "dev", "proc",
		"sys", "boot", "usr/local/games", "usr/local/libexec", "usr/local/man", "usr/local/src", "usr/local/include", "usr/local/share/man",
		"etc/opt", "run/lock", "var/backups", "var/lib/dpkg", "var/lib/misc", "usr/share/dict", "usr/share/misc", "usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/i18n",
		"usr/lib/locale", "usr/share/common-licenses", "usr/share/perl5", "usr/lib/python3/dist-packages",
		"usr/share/icons", "usr/share/applications", "usr/lib/systemd", "usr/lib/debug", "etc/ssl", NULL,
	};
	/* A program that names where its own kind lives (PostgreSQL) says nothing about its neighbours. */
	if (g_strv_contains(general, path) || kiln_skip_is_runtime_directory(path) || g_str_has_suffix(path, "/bin") || g_str_has_suffix(path, "/sbin"))
		return TRUE;
	/* usr/lib/<triplet> */
	static const char libraries[] = "usr/lib/";
	if (strncmp(path, libraries, strlen(libraries)) != 0)
		return FALSE;
	const char *rest = path + strlen(libraries);
	return strstr(rest, "-linux-gnu") && !strchr(rest, '/');
}
