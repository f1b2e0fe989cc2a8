/* SPDX-License-Identifier: Apache-2.0 */
/* shell_command.c: one command by its name: function, row of a table, shell program of the closure, or not understood. */
#include "base/limits.h"
#include "build/shell.h"

/* What changes nothing that an image has, by reason. Their status counts as success. */
static const struct {
	const char *reason;
	const char *const names[40];
} harmless[] = {
	{ "an image has no init",
	  { "invoke-rc.d", "update-rc.d", "deb-systemd-helper", "deb-systemd-invoke", "systemctl", "service", "initctl", "start-stop-daemon", "telinit",
	    "/usr/lib/runit-helper/runit-helper", "/usr/lib/init/init-d-script", "openrc", "rc-update", "insserv", "journalctl", "udevadm", "systemd-hwdb",
	    "systemd-machine-id-setup", "dbus-uuidgen", "dbus-send", "busctl", "loginctl", "update-inetd" } },
	{ "an image has no debconf, dpkg or apt",
	  { "db_version", "db_get", "db_set", "db_input", "db_go", "db_stop", "db_fset", "db_fget", "db_reset", "db_subst", "db_capb", "db_title", "db_register",
	    "db_unregister", "db_purge", "db_metaget", "db_settitle", "db_beginblock", "db_endblock", "db_info", "db_progress", "db_x_loadtemplatefile",
	    "db_previous_module", "db_clear", "dpkg-maintscript-helper", "dpkg-reconfigure", "ucfr", "apt-key", "debconf-communicate", "dbc_go",
	    "frontend", "dpkg-preconfigure", "setup_repository" } },
	{ "only the running machine changes",
	  { "logger", "sleep", "kill", "killall", "pkill", "sync", "modprobe", "rmmod", "depmod", "sysctl", "apparmor_parser", "update-initramfs", "update-grub",
	    "nscd", "needrestart", "setupcon", "udevd", "mountpoint", "restorecon", "chcon", "fixfiles", "semodule", "ufw",
	    "/usr/share/postgresql-common/pg_checksystem" } },
	{ "a cache that is made again when it is missing",
	  { "py3compile", "py3clean", "pycompile", "pyclean", "pypy3compile", "pypy3clean", "update-mime-database", "update-desktop-database", "update-icon-caches",
	    "gtk-update-icon-cache", "update-menus", "install-menu", "update-binfmts", "install-info", "update-info-dir", "mandb", "fc-cache", "update-fonts-dir",
	    "update-fonts-scale", "update-fonts-alias", "update-catalog", "update-xmlcatalog", "update-shells", "update-mime", "update-gio-modules-cache",
	    "catman", "pg_updatedicts" } },
	{ "kiln computes accounts itself",
	  { "update-passwd", "shadowconfig", "pwconv", "grpconv", "chsh", "chfn", "chage", "passwd", "pwck", "grpck" } },
	{ "locales come from the recipe", { "locale-gen", "update-locale", "localedef" } },
	{ "a secret made at installation must not be the same in every container",
	  { "make-ssl-cert", "ssh-keygen", "uuidgen", "pwgen", "gpgconf" } },
	{ "messages of shell libraries", { "apache2_msg", "badusage", "error", "warning", "setup_colors", "apache2_needs_action", "apache2_has_module" } },
};

static KilnShellProgram find_row(const KilnShellRow *rows, const char *name)
{
	for (; rows->name; rows++)
		if (strcmp(rows->name, name) == 0 || (rows->name[0] == '/' && kiln_shell_match(rows->name, name) == KILN_OUTCOME_TRUE))
			return rows->run;
	return NULL;
}

static KilnShellProgram find_program(const char *name)
{
	const KilnShellRow *const tables[] = { kiln_shell_files, kiln_shell_accounts, kiln_shell_packaging, kiln_shell_queries };
	for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
		KilnShellProgram run = find_row(tables[i], name);
		if (run)
			return run;
	}
	return NULL;
}

static gboolean is_harmless(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(harmless); i++)
		for (guint j = 0; j < G_N_ELEMENTS(harmless[i].names) && harmless[i].names[j]; j++)
			if (strcmp(harmless[i].names[j], name) == 0)
				return TRUE;
	return FALSE;
}

gboolean kiln_shell_always_has(const char *program)
{
	return find_row(kiln_shell_accounts, program) || find_row(kiln_shell_packaging, program) || find_row(kiln_shell_builtins, program) ||
	       (find_row(kiln_shell_files, program) && strcmp(program, "setcap") != 0);
}

/* The last component when the directory is one that programs live in; else the whole path. */
static const char *short_name(const char *name)
{
	static const char *const directories[] = { "/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/" };
	for (guint i = 0; i < G_N_ELEMENTS(directories); i++)
		if (g_str_has_prefix(name, directories[i]) && !strchr(name + strlen(directories[i]), '/'))
			return name + strlen(directories[i]);
	return name;
}

/* Where a template has no default, what the package's own config script falls back to on a fresh system. */
static const struct {
	const char *question, *answer;
} fallbacks[] = { { "tzdata/Areas", "Etc" }, { "tzdata/Zones/Etc", "UTC" } };

/* A debconf question: its default is the answer that nobody changed. Without one a config script may have computed any. */
static void answer_question(KilnShell *shell, const char *question)
{
	const char *answer = g_hash_table_lookup(shell->answers, question);
	for (guint i = 0; i < G_N_ELEMENTS(fallbacks) && !answer; i++)
		if (strcmp(fallbacks[i].question, question) == 0)
			answer = fallbacks[i].answer;
	kiln_shell_set(shell, "RET", answer ? answer : KILN_SHELL_HOLE_TEXT);
}

/* A program of the closure that is a shell script itself. */
static gboolean run_script_of_closure(KilnShell *shell, char **fields, KilnOutcome *outcome)
{
	gsize length = 0;
	if (fields[0][0] != '/' || !shell->system || !shell->system->read)
		return FALSE;
	g_autoptr(GBytes) bytes = shell->system->read(fields[0], shell->system->user_data);
	const char *text = bytes ? g_bytes_get_data(bytes, &length) : NULL;
	if (length < 9 || length > KILN_LIMIT_SCRIPT_BYTES || (memcmp(text, "#!/bin/sh", 9) != 0 && memcmp(text, "#! /bin/sh", 10) != 0) ||
	    memchr(text, '\0', length) || memchr(text, KILN_SHELL_HOLE, length) || shell->depth >= KILN_LIMIT_SHELL_DEPTH)
		return FALSE;
	g_autoptr(KilnShellNode) tree = NULL;
	char *copy = g_strndup(text, length), *name = g_path_get_basename(fields[0]);
	g_ptr_array_add(shell->texts, copy);
	g_ptr_array_add(shell->texts, name);
	tree = kiln_shell_parse((KilnText){ copy, length }, 1, shell->depth, NULL);
	if (!tree)
		return FALSE;
	const KilnShellNode *borrowed = tree;
	g_ptr_array_add(shell->trees, g_steal_pointer(&tree));
	const char *file = shell->file;
	shell->file = name;
	shell->depth++;
	*outcome = kiln_shell_call(shell, borrowed, fields);
	shell->depth--;
	shell->file = file;
	if (shell->flow == KILN_FLOW_EXIT && shell->steps <= KILN_LIMIT_SHELL_STEPS)
		shell->flow = KILN_FLOW_RUN;
	return TRUE;
}

/* Lines of a function are counted in the file that it stands in. */
static KilnOutcome call_function(KilnShell *shell, const KilnShellNode *function, const char *name, char **fields)
{
	const char *file = shell->file;
	guint line = shell->line;
	KilnText source = shell->source;
	shell->file = g_hash_table_lookup(shell->homes, name);
	KilnOutcome outcome = kiln_shell_call(shell, function, fields);
	shell->file = file;
	shell->line = line;
	shell->source = source;
	return outcome;
}

KilnOutcome kiln_shell_command(KilnShell *shell, char **fields)
{
	const char *name = short_name(fields[0]);
	guint count = g_strv_length(fields);
	KilnOutcome outcome;
	const KilnShellNode *function = g_hash_table_lookup(shell->functions, name);
	if (shell->levels > KILN_LIMIT_SHELL_LEVELS)
		function = NULL;
	if (function)
		return call_function(shell, function, name, fields);
	KilnShellProgram run = find_row(kiln_shell_builtins, name);
	if (!run)
		run = find_program(name);
	if (run)
		return run(shell, fields, count);
	if (strcmp(name, "db_get") == 0 || strcmp(name, "db_metaget") == 0)
		answer_question(shell, count == 2 ? fields[1] : KILN_SHELL_HOLE_TEXT);
	if (is_harmless(name)) {
		kiln_shell_print_unknown(shell);
		return KILN_OUTCOME_TRUE;
	}
	kiln_shell_print_unknown(shell);
	if (run_script_of_closure(shell, fields, &outcome))
		return outcome;
	kiln_shell_not_understood(shell);
	return KILN_OUTCOME_UNKNOWN;
}
