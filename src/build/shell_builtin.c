/* SPDX-License-Identifier: Apache-2.0 */
/* shell_builtin.c: the shell's own commands. */
#include "base/limits.h"
#include "build/shell.h"

static KilnOutcome run_true(KilnShell *shell, char **fields, guint count)
{
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_false(KilnShell *shell, char **fields, guint count)
{
	return KILN_OUTCOME_FALSE;
}

static KilnOutcome run_echo(KilnShell *shell, char **fields, guint count)
{
	gboolean newline = TRUE;
	guint first = 1;
	if (count > 1 && strcmp(fields[1], "-n") == 0) {
		newline = FALSE;
		first = 2;
	}
	for (guint i = first; i < count; i++) {
		if (strchr(fields[i], '\\') || (i == first && fields[i][0] == '-' && strspn(fields[i] + 1, "enE") == strlen(fields[i] + 1)))
			kiln_shell_print_unknown(shell); /* shells differ */
		if (i > first)
			kiln_shell_print(shell, " ");
		kiln_shell_print(shell, fields[i]);
	}
	kiln_shell_print(shell, newline ? "\n" : "");
	return KILN_OUTCOME_TRUE;
}

/* %s, %d as text and the common escapes; anything else is not known. */
static KilnOutcome run_printf(KilnShell *shell, char **fields, guint count)
{
	guint next = 2;
	for (const char *at = count > 1 ? fields[1] : ""; *at; at++) {
		char one[2] = { *at, '\0' };
		if (*at == '%' && (at[1] == 's' || at[1] == 'd')) {
			kiln_shell_print(shell, next < count ? fields[next] : "");
			next++;
			at++;
			continue;
		}
		if (*at == '%' && at[1] == '%')
			at++;
		else if (*at == '\\' && at[1] && strchr("nt\\", at[1]))
			one[0] = *++at == 'n' ? '\n' : *at == 't' ? '\t' : '\\';
		else if (*at == '%' || *at == '\\')
			kiln_shell_print_unknown(shell);
		kiln_shell_print(shell, one);
	}
	if (next < count)
		kiln_shell_print_unknown(shell); /* the format is used again */
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_exit(KilnShell *shell, char **fields, guint count)
{
	shell->flow = KILN_FLOW_EXIT;
	shell->exit_failed = count > 1 && kiln_shell_is_known(fields[1]) && strcmp(fields[1], "0") != 0;
	return shell->exit_failed ? KILN_OUTCOME_FALSE : KILN_OUTCOME_TRUE;
}

static KilnOutcome run_return(KilnShell *shell, char **fields, guint count)
{
	KilnOutcome outcome = shell->last;
	if (count > 1)
		outcome = !kiln_shell_is_known(fields[1]) ? KILN_OUTCOME_UNKNOWN : strcmp(fields[1], "0") == 0 ? KILN_OUTCOME_TRUE : KILN_OUTCOME_FALSE;
	shell->flow = KILN_FLOW_RETURN;
	shell->last = outcome;
	return outcome;
}

/* "break 2" leaves the inner loop only: what the outer one would still do is read too, which errs to the side of too much. */
static KilnOutcome run_break(KilnShell *shell, char **fields, guint count)
{
	shell->flow = KILN_FLOW_BREAK;
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_continue(KilnShell *shell, char **fields, guint count)
{
	shell->flow = KILN_FLOW_CONTINUE;
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_cd(KilnShell *shell, char **fields, guint count)
{
	g_autofree char *path = count > 1 ? kiln_shell_path(shell, fields[1]) : g_strdup("/root");
	kiln_shell_set(shell, "PWD", path ? path : KILN_SHELL_HOLE_TEXT);
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_pwd(KilnShell *shell, char **fields, guint count)
{
	kiln_shell_print(shell, kiln_shell_get(shell, "PWD"));
	kiln_shell_print(shell, "\n");
	return KILN_OUTCOME_TRUE;
}

/* Only "set -- WORDS" matters: options change how a script fails, not what it does when it does not. */
static KilnOutcome run_set(KilnShell *shell, char **fields, guint count)
{
	for (guint i = 1; i < count; i++) {
		gboolean is_end = strcmp(fields[i], "--") == 0;
		if (!is_end && (fields[i][0] == '-' || fields[i][0] == '+'))
			continue;
		if (!is_end && i > 1 && strlen(fields[i - 1]) == 2 && fields[i - 1][1] == 'o')
			continue; /* set -o pipefail */
		g_ptr_array_set_size(shell->arguments, 0);
		for (guint j = i + is_end; j < count; j++)
			g_ptr_array_add(shell->arguments, g_strdup(fields[j]));
		break;
	}
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_shift(KilnShell *shell, char **fields, guint count)
{
	guint64 places = count > 1 ? g_ascii_strtoull(fields[1], NULL, 10) : 1;
	g_ptr_array_remove_range(shell->arguments, 0, (guint)MIN(places, shell->arguments->len));
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_export(KilnShell *shell, char **fields, guint count)
{
	for (guint i = 1; i < count; i++) {
		char *equals = strchr(fields[i], '=');
		if (!equals)
			continue;
		g_autofree char *name = g_strndup(fields[i], (gsize)(equals - fields[i]));
		kiln_shell_set(shell, name, equals + 1);
	}
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_local(KilnShell *shell, char **fields, guint count)
{
	for (guint i = 1; i < count && shell->locals; i++) {
		g_autofree char *name = g_strndup(fields[i], strcspn(fields[i], "="));
		const char *old = kiln_shell_get(shell, name);
		if (!g_hash_table_contains(shell->locals, name))
			g_hash_table_insert(shell->locals, g_strdup(name), old ? g_ref_string_new(old) : NULL);
	}
	return run_export(shell, fields, count);
}

static KilnOutcome run_unset(KilnShell *shell, char **fields, guint count)
{
	for (guint i = 1; i < count; i++)
		g_hash_table_remove(shell->variables, fields[i]);
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_read(KilnShell *shell, char **fields, guint count)
{
	for (guint i = 1; i < count; i++)
		if (fields[i][0] != '-')
			kiln_shell_set(shell, fields[i], KILN_SHELL_HOLE_TEXT);
	return KILN_OUTCOME_UNKNOWN;
}

static KilnOutcome run_eval(KilnShell *shell, char **fields, guint count)
{
	g_autofree char *text = g_strjoinv(" ", fields + 1);
	if (!kiln_shell_is_known(text) || shell->depth >= KILN_LIMIT_SHELL_DEPTH) {
		kiln_shell_not_understood(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	shell->depth++;
	KilnOutcome outcome = kiln_shell_run_text(shell, kiln_text(text), shell->line);
	shell->depth--;
	return outcome;
}

/* Shell libraries whose functions are rows of kiln's own tables, or that only set up messages. */
static const char *const own_libraries[] = {
	"/usr/share/debconf/confmodule",
	"/usr/share/dpkg/sh/dpkg-error.sh",
	"/usr/lib/php/php-maintscript-helper",
	"/usr/share/apache2/apache2-maintscript-helper",
};

static KilnOutcome source_text(KilnShell *shell, const char *path, GBytes *bytes)
{
	gsize length;
	const char *text = g_bytes_get_data(bytes, &length);
	const char *file = shell->file;
	if (length > KILN_LIMIT_SCRIPT_BYTES || memchr(text, '\0', length) || memchr(text, KILN_SHELL_HOLE, length) || shell->depth >= KILN_LIMIT_SHELL_DEPTH) {
		kiln_shell_not_understood(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	char *name = g_path_get_basename(path);
	g_ptr_array_add(shell->texts, name);
	shell->file = name;
	shell->depth++;
	KilnOutcome outcome = kiln_shell_run_text(shell, (KilnText){ text, length }, 1);
	shell->depth--;
	shell->file = file;
	if (shell->flow == KILN_FLOW_RETURN)
		shell->flow = KILN_FLOW_RUN;
	return outcome;
}

static KilnOutcome run_source(KilnShell *shell, char **fields, guint count)
{
	g_autofree char *path = count > 1 ? kiln_shell_path(shell, fields[1]) : NULL;
	for (guint i = 0; path && i < G_N_ELEMENTS(own_libraries); i++)
		if (strcmp(path, own_libraries[i]) == 0)
			return KILN_OUTCOME_TRUE;
	g_autoptr(GBytes) bytes = path && shell->system && shell->system->read ? shell->system->read(path, shell->system->user_data) : NULL;
	if (bytes)
		return source_text(shell, path, bytes);
	if (path && kiln_shell_look(shell, path, TRUE) == KILN_PATH_MISSING)
		return KILN_OUTCOME_FALSE;
	kiln_shell_not_understood(shell);
	return KILN_OUTCOME_UNKNOWN;
}

static KilnOutcome run_umask(KilnShell *shell, char **fields, guint count)
{
	if (count > 1 && fields[1][strspn(fields[1], "01234567")] == '\0')
		shell->umask = (guint)(g_ascii_strtoull(fields[1], NULL, 8) & 0777);
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_test(KilnShell *shell, char **fields, guint count)
{
	gboolean brackets = strcmp(fields[0], "[") == 0;
	if (brackets && strcmp(fields[count - 1], "]") != 0)
		return KILN_OUTCOME_UNKNOWN;
	return kiln_shell_test(shell, fields + 1, count - 1 - brackets);
}

static KilnOutcome find_program(const KilnShell *shell, const char *name)
{
	static const char *const directories[] = { "/usr/bin", "/usr/sbin" };
	if (!kiln_shell_is_known(name))
		return KILN_OUTCOME_UNKNOWN;
	if (g_hash_table_contains(shell->functions, name) || kiln_shell_always_has(name))
		return KILN_OUTCOME_TRUE;
	KilnOutcome outcome = KILN_OUTCOME_FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(directories); i++) {
		g_autofree char *path = *name == '/' ? g_strdup(name) : g_build_filename(directories[i], name, NULL);
		KilnPathKind kind = kiln_shell_look(shell, path, TRUE);
		if (kind == KILN_PATH_PROGRAM)
			return KILN_OUTCOME_TRUE;
		if (kind == KILN_PATH_UNKNOWN)
			outcome = KILN_OUTCOME_UNKNOWN;
	}
	return outcome;
}

/* which, type, hash, command -v: prints a path when there is one. */
static KilnOutcome run_which(KilnShell *shell, char **fields, guint count)
{
	const char *name = count > 1 ? fields[count - 1] : "";
	KilnOutcome outcome = find_program(shell, name);
	if (outcome == KILN_OUTCOME_TRUE) {
		kiln_shell_print(shell, *name == '/' ? "" : "/usr/bin/");
		kiln_shell_print(shell, name);
		kiln_shell_print(shell, "\n");
	} else if (outcome == KILN_OUTCOME_UNKNOWN)
		kiln_shell_print_unknown(shell);
	return outcome;
}

static KilnOutcome run_command_word(KilnShell *shell, char **fields, guint count)
{
	guint first = 1;
	while (first < count && fields[first][0] == '-') {
		if (strchr(fields[first], 'v') || strchr(fields[first], 'V'))
			return run_which(shell, fields + first, count - first);
		first++;
	}
	return first < count ? kiln_shell_command(shell, fields + first) : KILN_OUTCOME_TRUE;
}

static KilnOutcome run_exec(KilnShell *shell, char **fields, guint count)
{
	if (count < 2)
		return KILN_OUTCOME_TRUE; /* redirections only */
	KilnOutcome outcome = kiln_shell_command(shell, fields + 1);
	shell->flow = KILN_FLOW_EXIT;
	shell->exit_failed = FALSE;
	return outcome;
}

const KilnShellRow kiln_shell_builtins[] = {
	{ ":", run_true },         { "true", run_true },      { "false", run_false },     { "echo", run_echo },       { "printf", run_printf },
	{ "exit", run_exit },      { "return", run_return },  { "break", run_break },     { "continue", run_continue }, { "cd", run_cd },
	{ "pwd", run_pwd },        { "set", run_set },        { "shift", run_shift },     { "export", run_export },   { "readonly", run_export },
	{ "local", run_local },    { "declare", run_local },  { "typeset", run_local },   { "unset", run_unset },     { "read", run_read },
	{ "eval", run_eval },      { ".", run_source },       { "source", run_source },   { "umask", run_umask },     { "test", run_test },
	{ "[", run_test },         { "which", run_which },    { "type", run_which },      { "hash", run_which },      { "command", run_command_word },
	{ "builtin", run_command_word }, { "exec", run_exec }, { "trap", run_true },      { "wait", run_true },       { "alias", run_true },
	{ "ulimit", run_true },    { "getopts", run_read },   { NULL, NULL },
};
