/* SPDX-License-Identifier: Apache-2.0 */
/* program.c: shells, package managers and interpreters, known by their names. */
#include "pkg/program.h"

#include <string.h>

static const char *program_name(const char *path)
{
	static const char *const directories[] = { "usr/bin/", "usr/sbin/", "usr/local/bin/", "bin/", "sbin/", NULL };
	for (const char *const *directory = directories; *directory; directory++)
		if (g_str_has_prefix(path, *directory))
			return path + strlen(*directory);
	return NULL;
}

static gboolean program_is(const char *path, const char *const *names)
{
	const char *name = program_name(path);
	return name && g_strv_contains(names, name);
}

gboolean kiln_program_is_shell(const char *path)
{
	static const char *const names[] = { "sh", "bash", "rbash", "dash", "ash", "zsh", "ksh", "ksh93", "mksh", "csh", "tcsh",
		                             "fish", "busybox", "posh", "yash", NULL };
	return program_is(path, names);
}

gboolean kiln_program_is_package_manager(const char *path)
{
	static const char *const names[] = { "dpkg", "dpkg-deb", "dpkg-divert", "dpkg-query", "dpkg-split", "dpkg-statoverride",
		                             "dpkg-trigger", "dpkg-realpath", "dpkg-maintscript-helper", "apt", "apt-get", "apt-cache",
		                             "apt-config", "apt-key", "apt-mark", "apt-cdrom", "aptitude", "rpm", "dnf", "yum",
		                             "apk", "pip", "pip3", "npm", "npx", "corepack", "yarn", "yarnpkg", "pnpm", "gem",
		                             "bundle", "bundler", "cpan", "composer", NULL };
	return program_is(path, names);
}

gboolean kiln_program_is_interpreter(const char *path)
{
	static const char *const prefixes[] = { "perl", "python", "ruby", "node", "nodejs", "php", "lua", "tclsh", "awk", "mawk",
		                                "gawk", "java", "guile", "pypy", NULL };
	const char *name = program_name(path);
	if (!name)
		return FALSE;
	for (const char *const *prefix = prefixes; *prefix; prefix++) {
		gsize length = strlen(*prefix);
		if (strncmp(name, *prefix, length) == 0 && strspn(name + length, "0123456789.") == strlen(name + length))
			return TRUE;
	}
	return kiln_program_is_shell(path);
}
