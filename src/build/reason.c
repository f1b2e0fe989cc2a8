/* SPDX-License-Identifier: Apache-2.0 */
/* reason.c: the table of rules and their words. */
#include "build/reason.h"

#include <string.h>

static const KilnRule rules[] = {
	{ "entrypoint", TRUE, "the recipe's entry point", "entrypoint" },
	{ "command", TRUE, "the recipe's cmd", "cmd" },
	{ "healthcheck", TRUE, "the recipe's health check runs it", "healthcheck" },
	{ "test", TRUE, "a test of the recipe runs it", "tests" },
	{ "program", TRUE, "named in the recipe's programs", "programs" },
	{ "keep", TRUE, "matches the recipe's keep: %s", "keep" },
	{ "requested", TRUE, "part of the requested package %s", "packages" },
	{ "recipe-file", TRUE, "the recipe puts it there (%s)", "files" },
	{ "recipe-link", TRUE, "the recipe links it (%s)", "links" },
	{ "loader", TRUE, "its program interpreter (PT_INTERP)", NULL },
	{ "needed", TRUE, "its DT_NEEDED %s", NULL },
	{ "hwcaps", TRUE, "a variant of it for newer processors", NULL },
	{ "dlopen-note", TRUE, "its .note.dlopen names %s", NULL },
	{ "dlopen-string", TRUE, "its code names the library %s", NULL },
	{ "plugin-directory", TRUE, "its code names the directory %s", NULL },
	{ "named-path", TRUE, "it names the path %s", NULL },
	{ "import", TRUE, "it imports %s, which uses this", NULL },
	{ "pam", TRUE, "it names %s, of PAM", NULL },
	{ "script-interpreter", TRUE, "its #! line names %s", NULL },
	{ "link-target", TRUE, "it is a link to this", NULL },
	{ "link", TRUE, "a link to it, in a package that is used", NULL },
	{ "data", TRUE, "data of %s, whose code is used", NULL },
	{ "data-package", TRUE, "%s is all data, and a package that is used depends on it", NULL },
	{ "module-package", TRUE, "%s holds modules of an interpreter that is kept", NULL },
	{ "locale", TRUE, "the locale %s was asked for", "locales" },
	{ "licence", TRUE, "the licence of %s, of which files are kept", NULL },
	{ "foundation", TRUE, "every image needs it: %s", NULL },
	{ "shell", TRUE, "the recipe says shell: true", "shell" },
	{ "directory", TRUE, "a directory on the way to it", NULL },
	{ "writable", TRUE, "the recipe's writable", "writable" },
	{ "computed", TRUE, "computed: %s", NULL },
	{ "script-effect", TRUE, "made by a maintainer script (%s)", NULL },

	{ "documentation", FALSE, "documentation: no service reads it", "keep", "documentation" },
	{ "manual", FALSE, "manual pages: no service reads them", "keep", "manual pages" },
	{ "translation", FALSE, "translated messages, no such locale was asked for", "locales", "translations into languages that were not asked for" },
	{ "init", FALSE, "belongs to an init system, which an image does not have", "keep", "services of an init system, which an image does not have" },
	{ "cron", FALSE, "belongs to cron or logrotate, which an image does not have", "keep", "jobs of cron and logrotate" },
	{ "desktop", FALSE, "belongs to a desktop: menu entries, icons, metadata", "keep", "menu entries, icons and metadata of desktops" },
	{ "completion", FALSE, "completion for shells", "keep", "completion for shells" },
	{ "packaging", FALSE, "read by packaging tools only", "keep", "what only packaging tools read" },
	{ "development", FALSE, "for compiling and debugging: headers, static libraries, debug data", "keep", "headers, static libraries, debug data" },
	{ "test-suite", FALSE, "tests a program or language itself", "keep", "test suites of programs and languages" },
	{ "host", FALSE, "configures the host (firewall, AppArmor, udev, profile of login shells)", "keep", "settings of a host: firewall, udev, login shells" },
	{ "editor", FALSE, "for editors: syntax files and modes", "keep", "syntax files and modes of editors" },
	{ "on-import", FALSE, "character set conversions, kept for programs that import iconv_open", "keep", "character set conversions: no program here uses iconv" },
	{ "effect-source", FALSE, "kiln computed what it asks for (sysusers.d, tmpfiles.d)", "keep", "accounts and directories to make, which kiln made" },
	{ "setuid", FALSE, "setuid or setgid: a service needs none", "keep", "setuid and setgid programs" },
	{ "special-file", FALSE, "a device, socket or pipe", NULL, "devices, sockets and pipes" },
	{ "shell-program", FALSE, "a shell", "shell", "shells" },
	{ "package-manager", FALSE, "a package manager", "keep", "package managers" },
	{ "script-without-interpreter", FALSE, "a script whose interpreter %s is not kept", "keep", "scripts whose interpreter is not kept" },
	{ "program-not-named", FALSE, "the recipe's programs do not name it", "programs", "programs that the recipe does not name" },
	{ "not-needed", FALSE, "nothing that is kept needs it", "keep", "parts of used packages that nothing uses" },
	{ "package-not-used", FALSE, "no file of its package %s is needed", "keep", "packages of which nothing is used" },
	{ "script-removes", FALSE, "a maintainer script removes it", "keep", "what maintainer scripts remove" },
	{ "dropped", FALSE, "matches the recipe's drop: %s", NULL, "what the recipe drops" },
	{ NULL, FALSE, NULL, NULL },
};

const KilnRule *kiln_rules(void)
{
	return rules;
}

const KilnRule *kiln_rule(const char *id)
{
	for (const KilnRule *rule = rules; rule->id; rule++)
		if (strcmp(rule->id, id) == 0)
			return rule;
	return NULL;
}

char *kiln_rule_explain(const char *id, const char *detail)
{
	const KilnRule *rule = kiln_rule(id);
	if (!rule)
		return g_strdup(id);
	const char *mark = strstr(rule->text, "%s");
	if (!mark)
		return g_strdup(rule->text);
	return g_strdup_printf("%.*s%s%s", (int)(mark - rule->text), rule->text, detail ? detail : "?", mark + 2);
}
