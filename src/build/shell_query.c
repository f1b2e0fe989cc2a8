/* SPDX-License-Identifier: Apache-2.0 */
/* shell_query.c: programs that only look, and programs that run other programs. */
#include "build/shell.h"

static void demand_harmless_target(KilnShell *shell, const char *text)
{
	if (!kiln_shell_is_dropped(shell, text))
		kiln_shell_not_understood(shell);
}

static KilnOutcome run_cat(KilnShell *shell, char **fields, guint count)
{
	guint files = 0;
	const char *file = NULL;
	for (guint i = 1; i < count; i++)
		if (fields[i][0] != '-') {
			files++;
			file = fields[i];
		}
	if (files == 0 && shell->input)
		kiln_shell_print(shell, shell->input->str);
	else if (files == 1 && strcmp(file, "/dev/null") == 0)
		kiln_shell_print(shell, "");
	else if (files == 1 && shell->output && kiln_shell_is_known(file) && shell->output->text->len == 0 && !shell->output->file)
		shell->output->file = kiln_shell_path(shell, file);
	else
		kiln_shell_print_unknown(shell);
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_basename(KilnShell *shell, char **fields, guint count)
{
	g_autofree char *name = count > 1 && kiln_shell_is_known(fields[1]) ? g_path_get_basename(fields[1]) : NULL;
	if (name && count > 2 && g_str_has_suffix(name, fields[2]) && strlen(name) > strlen(fields[2]))
		name[strlen(name) - strlen(fields[2])] = '\0';
	kiln_shell_print(shell, name ? name : KILN_SHELL_HOLE_TEXT);
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_dirname(KilnShell *shell, char **fields, guint count)
{
	g_autofree char *name = count > 1 && kiln_shell_is_known(fields[1]) ? g_path_get_dirname(fields[1]) : NULL;
	kiln_shell_print(shell, name ? name : KILN_SHELL_HOLE_TEXT);
	return KILN_OUTCOME_TRUE;
}

/* A name below /tmp, or a template's: made here, so it is gone or moved before the script ends. */
static KilnOutcome run_mktemp(KilnShell *shell, char **fields, guint count)
{
	const char *template = count > 1 && fields[count - 1][0] == '/' ? fields[count - 1] : "/tmp/kiln.XXXXXX";
	kiln_shell_print(shell, template);
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_getent(KilnShell *shell, char **fields, guint count)
{
	gboolean is_group = count > 1 && strcmp(fields[1], "group") == 0;
	if (count < 3 || (!is_group && strcmp(fields[1], "passwd") != 0)) {
		kiln_shell_print_unknown(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	KilnOutcome outcome = kiln_shell_has_account(shell, is_group, fields[2]);
	if (outcome != KILN_OUTCOME_FALSE)
		kiln_shell_print_unknown(shell);
	return outcome;
}

static KilnOutcome run_id(KilnShell *shell, char **fields, guint count)
{
	const char *name = count > 1 && fields[count - 1][0] != '-' ? fields[count - 1] : NULL;
	if (!name && count == 2 && strcmp(fields[1], "-u") == 0) {
		kiln_shell_print(shell, "0\n");
		return KILN_OUTCOME_TRUE;
	}
	KilnOutcome outcome = name ? kiln_shell_has_account(shell, FALSE, name) : KILN_OUTCOME_TRUE;
	if (outcome != KILN_OUTCOME_FALSE)
		kiln_shell_print_unknown(shell);
	return outcome;
}

static KilnOutcome run_dpkg(KilnShell *shell, char **fields, guint count)
{
	static const char *const looks[] = { "-l", "-s", "-L", "-S", "-p", "-W", "-c", "-I", "--list", "--status", "--listfiles", "--search", "--print-avail",
		                             "--print-foreign-architectures", "--get-selections", "--version", "--audit", "--validate-version", "--assert-multi-arch" };
	if (count > 4 && strcmp(fields[1], "--compare-versions") == 0)
		return kiln_shell_compare_versions(fields[2], fields[3], fields[4]);
	if (count > 1 && strcmp(fields[1], "--print-architecture") == 0) {
		kiln_shell_print(shell, shell->architecture);
		kiln_shell_print(shell, "\n");
		return KILN_OUTCOME_TRUE;
	}
	kiln_shell_print_unknown(shell);
	for (guint i = 0; count > 1 && i < G_N_ELEMENTS(looks); i++)
		if (strcmp(fields[1], looks[i]) == 0)
			return KILN_OUTCOME_UNKNOWN;
	kiln_shell_not_understood(shell);
	return KILN_OUTCOME_UNKNOWN;
}

static gboolean writes_in_place(const char *field)
{
	return g_str_has_prefix(field, "--in-place") || (field[0] == '-' && field[1] != '-' && strchr(field, 'i'));
}

static KilnOutcome run_sed(KilnShell *shell, char **fields, guint count)
{
	gboolean in_place = FALSE, has_script = FALSE;
	for (guint i = 1; i < count; i++) {
		in_place = in_place || writes_in_place(fields[i]);
		has_script = has_script || strcmp(fields[i], "-e") == 0 || strcmp(fields[i], "-f") == 0;
	}
	kiln_shell_print_unknown(shell);
	/* Operands: the script unless -e gave it, then files. */
	for (guint i = 1; i < count && in_place; i++) {
		gboolean is_option_value = strcmp(fields[i - 1], "-e") == 0 || strcmp(fields[i - 1], "-f") == 0;
		if (fields[i][0] == '-' || is_option_value)
			continue;
		if (has_script)
			demand_harmless_target(shell, fields[i]);
		has_script = TRUE;
	}
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_awk(KilnShell *shell, char **fields, guint count)
{
	static const char *const writes[] = { "system(", "> \"", ">\"", ">> \"", "| \"", "|\"" };
	for (guint i = 1; i < count; i++)
		for (guint j = 0; j < G_N_ELEMENTS(writes); j++)
			if (strstr(fields[i], writes[j]))
				kiln_shell_not_understood(shell);
	kiln_shell_print_unknown(shell);
	return KILN_OUTCOME_UNKNOWN;
}

static KilnOutcome run_sort(KilnShell *shell, char **fields, guint count)
{
	for (guint i = 1; i + 1 < count; i++)
		if (strcmp(fields[i], "-o") == 0)
			demand_harmless_target(shell, fields[i + 1]);
	kiln_shell_print_unknown(shell);
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_tee(KilnShell *shell, char **fields, guint count)
{
	for (guint i = 1; i < count; i++)
		if (fields[i][0] != '-')
			demand_harmless_target(shell, fields[i]);
	kiln_shell_print_unknown(shell);
	return KILN_OUTCOME_TRUE;
}

/* tar -t only looks; a tar that extracts to standard output too. */
static KilnOutcome run_tar(KilnShell *shell, char **fields, guint count)
{
	gboolean looks = FALSE;
	for (guint i = 1; i < count; i++)
		looks = looks || (fields[i][0] == '-' && fields[i][1] != '-' && strpbrk(fields[i], "tO")) || strcmp(fields[i], "--list") == 0;
	if (!looks)
		kiln_shell_not_understood(shell);
	kiln_shell_print_unknown(shell);
	return KILN_OUTCOME_UNKNOWN;
}

/* Byte-compiling only fills a cache. */
static KilnOutcome run_python(KilnShell *shell, char **fields, guint count)
{
	for (guint i = 1; i < count; i++)
		if (g_str_has_suffix(fields[i], "py_compile.py") || g_str_has_suffix(fields[i], "compileall.py") || strcmp(fields[i], "py_compile") == 0 ||
		    strcmp(fields[i], "compileall") == 0 || strcmp(fields[i], "--version") == 0 || strcmp(fields[i], "-V") == 0)
			return KILN_OUTCOME_TRUE;
	kiln_shell_not_understood(shell);
	kiln_shell_print_unknown(shell);
	return KILN_OUTCOME_UNKNOWN;
}

static KilnOutcome run_perl(KilnShell *shell, char **fields, guint count)
{
	kiln_shell_print_unknown(shell);
	if (count == 3 && strcmp(fields[1], "-e") == 0 && *fields[2] == '\0')
		return KILN_OUTCOME_TRUE;
	kiln_shell_not_understood(shell);
	return KILN_OUTCOME_UNKNOWN;
}

static KilnOutcome run_openssl(KilnShell *shell, char **fields, guint count)
{
	for (guint i = 1; i + 1 < count; i++)
		if (g_str_has_suffix(fields[i], "out"))
			demand_harmless_target(shell, fields[i + 1]);
	kiln_shell_print_unknown(shell);
	return KILN_OUTCOME_UNKNOWN;
}

/* Run what follows options and assignments: env, nice, sudo, timeout, xargs, find -exec. Every "{}" and xargs' input is a hole. */
static KilnOutcome run_with_hole(KilnShell *shell, char **fields, guint count, gboolean append)
{
	g_autoptr(GPtrArray) copy = g_ptr_array_new();
	for (guint i = 0; i < count; i++)
		g_ptr_array_add(copy, strcmp(fields[i], "{}") == 0 ? (gpointer)KILN_SHELL_HOLE_TEXT : fields[i]);
	if (append)
		g_ptr_array_add(copy, (gpointer)KILN_SHELL_HOLE_TEXT);
	g_ptr_array_add(copy, NULL);
	return count ? kiln_shell_command(shell, (char **)copy->pdata) : KILN_OUTCOME_TRUE;
}

/* "find DIR ! -user x | xargs chown x" is "chown -R x DIR". */
static gboolean run_recursive_owner(KilnShell *shell, char **fields, guint count)
{
	g_autoptr(GPtrArray) made = g_ptr_array_new();
	if (!shell->input_below || count < 2 || (strcmp(fields[0], "chown") != 0 && strcmp(fields[0], "chgrp") != 0))
		return FALSE;
	g_ptr_array_add(made, fields[0]);
	g_ptr_array_add(made, (gpointer) "-R");
	for (guint i = 1; i < count; i++)
		g_ptr_array_add(made, fields[i]);
	g_ptr_array_add(made, (gpointer)shell->input_below);
	g_ptr_array_add(made, NULL);
	kiln_shell_command(shell, (char **)made->pdata);
	return TRUE;
}

static KilnOutcome run_xargs(KilnShell *shell, char **fields, guint count)
{
	guint first = 1;
	while (first < count && (fields[first][0] == '-' || strcmp(fields[first], "sudo") == 0))
		first += strlen(fields[first]) == 2 && strchr("nLPIdsE", fields[first][1]) ? 2 : 1;
	if (first < count && run_recursive_owner(shell, fields + first, count - first))
		return KILN_OUTCOME_TRUE;
	return first < count ? run_with_hole(shell, fields + first, count - first, TRUE) : KILN_OUTCOME_TRUE;
}

static KilnOutcome run_prefix(KilnShell *shell, char **fields, guint count)
{
	static const char *const valued[] = { "-u", "-g", "-n", "-c", "-s", "-k", "-C", "--user", "--group", "--adjustment" };
	guint first = 1;
	while (first < count && (fields[first][0] == '-' || strchr(fields[first], '=') || g_ascii_isdigit(fields[first][0]))) {
		guint step = 1;
		for (guint i = 0; i < G_N_ELEMENTS(valued); i++)
			if (strcmp(valued[i], fields[first]) == 0)
				step = 2;
		first += step;
	}
	return first < count ? kiln_shell_command(shell, fields + first) : KILN_OUTCOME_TRUE;
}

/* sh -c TEXT, su USER -c TEXT, runuser -u USER -c TEXT, bash FILE: only a text that stands here can be read. */
static KilnOutcome run_shell(KilnShell *shell, char **fields, guint count)
{
	for (guint i = 1; i + 1 < count; i++) {
		if (fields[i][0] != '-' || fields[i][1] == '-' || !g_str_has_suffix(fields[i], "c") || !kiln_shell_is_known(fields[i + 1]))
			continue;
		KilnShellOutput nowhere = { g_string_new(NULL), TRUE };
		KilnOutcome outcome = kiln_shell_capture(shell, kiln_text(fields[i + 1]), shell->line, &nowhere);
		kiln_shell_print_unknown(shell);
		g_string_free(nowhere.text, TRUE);
		return outcome;
	}
	kiln_shell_not_understood(shell);
	kiln_shell_print_unknown(shell);
	return KILN_OUTCOME_UNKNOWN;
}

static void remove_found(KilnShell *shell, const char *directory, const char *name, gboolean only_empty)
{
	g_autofree char *pattern = g_build_filename(directory, name ? name : "*", NULL);
	KilnEffect *effect = kiln_shell_effect(shell, KILN_EFFECT_REMOVE, pattern);
	if (!effect)
		return;
	effect->is_glob = TRUE;
	effect->conditional = TRUE;
	effect->extra = g_strdup(only_empty ? "empty" : "recursive");
}

/* Whether a find of one directory leaves out only files that have the right owner already. */
static gboolean asks_for_owners(char **words)
{
	static const char *const valued[] = { "-user", "-group", "-uid", "-gid" };
	static const char *const plain[] = { "!", "-not", "-o", "-or", "-nouser", "-nogroup", "-follow", "-print", "-print0" };
	for (; *words; words++) {
		gboolean is_owner = FALSE;
		for (guint i = 0; i < G_N_ELEMENTS(valued) && words[1]; i++)
			is_owner = is_owner || strcmp(valued[i], *words) == 0;
		if (is_owner)
			words++;
		for (guint i = 0; i < G_N_ELEMENTS(plain) && !is_owner; i++)
			is_owner = strcmp(plain[i], *words) == 0;
		if (!is_owner)
			return FALSE;
	}
	return TRUE;
}

/* find DIRECTORIES [-name PATTERN] ... [-delete | -exec COMMAND ;]. */
static KilnOutcome run_find(KilnShell *shell, char **fields, guint count)
{
	const char *name = NULL;
	gboolean deletes = FALSE, empty = FALSE, flat = FALSE;
	guint directories = 1;
	while (directories < count && !strchr("-!(", fields[directories][0]))
		directories++;
	for (guint i = directories; i < count; i++) {
		if (strcmp(fields[i], "-name") == 0 && i + 1 < count)
			name = fields[++i];
		else if (strcmp(fields[i], "-maxdepth") == 0 && i + 1 < count)
			flat = strcmp(fields[++i], "1") == 0;
		else if (g_str_has_prefix(fields[i], "-exec") || g_str_has_prefix(fields[i], "-ok")) {
			guint end = ++i;
			while (end < count && strcmp(fields[end], ";") != 0 && strcmp(fields[end], "+") != 0)
				end++;
			run_with_hole(shell, fields + i, end - i, FALSE);
			i = end;
		} else if (g_str_has_prefix(fields[i], "-fprint") || strcmp(fields[i], "-fls") == 0)
			kiln_shell_not_understood(shell);
		deletes = deletes || (i < count && strcmp(fields[i], "-delete") == 0);
		empty = empty || (i < count && strcmp(fields[i], "-empty") == 0);
	}
	if (shell->output && directories == 2 && asks_for_owners(fields + directories) && kiln_shell_is_known(fields[1])) {
		g_free(shell->output->below);
		shell->output->below = g_strdup(fields[1]);
	}
	if (deletes && (!flat || (name && !kiln_shell_is_known(name))))
		kiln_shell_not_understood(shell);
	for (guint i = 1; i < directories && deletes && flat; i++)
		remove_found(shell, fields[i], name, empty);
	kiln_shell_print_unknown(shell);
	return KILN_OUTCOME_UNKNOWN;
}

static KilnOutcome run_java(KilnShell *shell, char **fields, guint count)
{
	for (guint i = 1; i < count; i++) {
		if (g_str_has_suffix(fields[i], "/ca-certificates-java.jar")) {
			KilnEffect *effect = kiln_shell_effect(shell, KILN_EFFECT_TRIGGER, NULL);
			if (effect)
				effect->name = g_strdup("java-cacerts");
			return KILN_OUTCOME_TRUE;
		}
		if (strcmp(fields[i], "-version") == 0 || strcmp(fields[i], "--version") == 0) {
			kiln_shell_print_unknown(shell);
			return KILN_OUTCOME_TRUE;
		}
	}
	kiln_shell_not_understood(shell);
	return KILN_OUTCOME_UNKNOWN;
}

/* Its status says whether the operands exist. */
static KilnOutcome run_ls(KilnShell *shell, char **fields, guint count)
{
	KilnOutcome outcome = KILN_OUTCOME_TRUE;
	kiln_shell_print_unknown(shell);
	for (guint i = 1; i < count; i++) {
		KilnPathKind kind = fields[i][0] == '-' ? KILN_PATH_FILE : kiln_shell_look(shell, fields[i], FALSE);
		if (kind == KILN_PATH_MISSING)
			return KILN_OUTCOME_FALSE;
		if (kind == KILN_PATH_UNKNOWN)
			outcome = KILN_OUTCOME_UNKNOWN;
	}
	return outcome;
}

static KilnOutcome run_unknown_query(KilnShell *shell, char **fields, guint count)
{
	kiln_shell_print_unknown(shell);
	return KILN_OUTCOME_UNKNOWN;
}

static KilnOutcome run_no(KilnShell *shell, char **fields, guint count)
{
	return KILN_OUTCOME_FALSE;
}

const KilnShellRow kiln_shell_queries[] = {
	{ "cat", run_cat },         { "basename", run_basename }, { "dirname", run_dirname }, { "mktemp", run_mktemp },   { "tempfile", run_mktemp },
	{ "getent", run_getent },   { "id", run_id },             { "dpkg", run_dpkg },       { "sed", run_sed },         { "awk", run_awk },
	{ "gawk", run_awk },        { "mawk", run_awk },          { "sort", run_sort },       { "tee", run_tee },         { "tar", run_tar },
	{ "perl", run_perl },       { "python3", run_python },    { "python3.13", run_python }, { "python3.11", run_python }, { "python3.12", run_python },
	{ "openssl", run_openssl }, { "xargs", run_xargs },       { "env", run_prefix },      { "nice", run_prefix },     { "ionice", run_prefix },
	{ "sudo", run_prefix },     { "timeout", run_prefix },    { "nohup", run_prefix },    { "setsid", run_prefix },   { "sh", run_shell },
	{ "bash", run_shell },      { "dash", run_shell },        { "su", run_shell },        { "runuser", run_shell },   { "find", run_find },
	{ "java", run_java },       { "aa-enabled", run_no },     { "aa-status", run_no },    { "selinuxenabled", run_no },
	/* They only print. */
	{ "grep", run_unknown_query }, { "egrep", run_unknown_query }, { "fgrep", run_unknown_query }, { "zgrep", run_unknown_query },
	{ "dpkg-query", run_unknown_query }, { "dpkg-architecture", run_unknown_query }, { "dpkg-parsechangelog", run_unknown_query },
	{ "apt-config", run_unknown_query }, { "apt-cache", run_unknown_query }, { "cut", kiln_shell_run_cut }, { "tr", run_unknown_query },
	{ "uniq", run_unknown_query }, { "head", run_unknown_query }, { "tail", run_unknown_query }, { "wc", run_unknown_query },
	{ "md5sum", run_unknown_query }, { "sha1sum", run_unknown_query }, { "sha256sum", run_unknown_query }, { "sha512sum", run_unknown_query },
	{ "cmp", run_unknown_query }, { "diff", run_unknown_query }, { "comm", run_unknown_query }, { "stat", run_unknown_query }, { "ls", run_ls },
	{ "readlink", run_unknown_query }, { "realpath", run_unknown_query }, { "hostname", run_unknown_query }, { "uname", run_unknown_query },
	{ "date", run_unknown_query }, { "ps", run_unknown_query }, { "pgrep", run_unknown_query }, { "pidof", run_unknown_query }, { "expr", run_unknown_query },
	{ "seq", run_unknown_query }, { "mountpoint", run_unknown_query }, { "ischroot", run_unknown_query }, { "runlevel", run_unknown_query },
	{ "ss", run_unknown_query }, { "netstat", run_unknown_query }, { "df", run_unknown_query }, { "du", run_unknown_query }, { "getcap", run_unknown_query },
	{ "file", run_unknown_query }, { "strings", run_unknown_query }, { "od", run_unknown_query }, { "base64", run_unknown_query }, { "who", run_unknown_query },
	{ "whoami", run_unknown_query }, { "tty", run_unknown_query }, { "locale", run_unknown_query }, { "getconf", run_unknown_query }, { "ldd", run_unknown_query },
	{ "lsof", run_unknown_query }, { "fuser", run_unknown_query }, { "systemd-detect-virt", run_unknown_query }, { "systemd-escape", run_unknown_query },
	{ "nproc", run_unknown_query }, { "arch", run_unknown_query }, { "rev", run_unknown_query }, { "paste", run_unknown_query }, { "gettext", run_unknown_query },
	{ "xxd", run_unknown_query }, { "fold", run_unknown_query }, { "phpquery", run_unknown_query }, { "a2query", run_unknown_query }, { "ypwhich", run_unknown_query },
	{ "pam_getenv", run_unknown_query }, { "pg_lsclusters", run_unknown_query }, { "pg_conftool", run_unknown_query },
	{ "/usr/lib/postgresql/*/bin/pg_controldata", run_unknown_query }, { "debconf-show", run_unknown_query },
	{ "lsb_release", run_unknown_query }, { "free", run_unknown_query }, { "tput", run_unknown_query }, { NULL, NULL },
};
