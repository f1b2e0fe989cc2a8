/* SPDX-License-Identifier: Apache-2.0 */
/* script.c: what a maintainer script would do, computed from its text and never run. */
#include "build/script.h"
#include "base/limits.h"
#include "build/shell.h"
#include "data/deb822.h"

#define UNKNOWN_LINES_MAX 200
#define QUOTED_BYTES_MAX 200

KilnEffect *kiln_effect_new(KilnEffectKind kind)
{
	KilnEffect *effect = g_new0(KilnEffect, 1);
	effect->kind = kind;
	effect->number = -1;
	return effect;
}

void kiln_effect_free(KilnEffect *effect)
{
	if (!effect)
		return;
	g_free(effect->path);
	g_free(effect->name);
	g_free(effect->text);
	g_free(effect->extra);
	g_free(effect);
}

void kiln_script_free(KilnScript *script)
{
	if (!script)
		return;
	g_ptr_array_unref(script->effects);
	g_ptr_array_unref(script->unknown);
	g_free(script);
}

gboolean kiln_shell_is_conditional(const KilnShell *shell)
{
	return shell->undecided > 0 || shell->doubt > KILN_FLOW_RUN;
}

/* "postinst:12: command on one line". */
static char *quote(const char *file, guint line, KilnText source)
{
	GString *quoted = g_string_new(NULL);
	g_string_printf(quoted, "%s:%u: ", file, line);
	source = kiln_text_strip(source);
	for (gsize i = 0; i < source.length && quoted->len < QUOTED_BYTES_MAX; i++) {
		char c = source.data[i];
		gboolean is_blank = c == ' ' || c == '\t' || c == '\n' || (c == '\\' && i + 1 < source.length && source.data[i + 1] == '\n');
		if (!is_blank)
			g_string_append_c(quoted, g_ascii_iscntrl(c) ? '?' : c);
		else if (quoted->str[quoted->len - 1] != ' ')
			g_string_append_c(quoted, ' ');
	}
	if (quoted->len >= QUOTED_BYTES_MAX)
		g_string_append(quoted, "...");
	return g_string_free(quoted, FALSE);
}

static void add_unknown(KilnScript *script, char *text)
{
	for (guint i = 0; i < script->unknown->len; i++)
		if (strcmp(script->unknown->pdata[i], text) == 0) {
			g_free(text);
			return;
		}
	if (script->unknown->len < UNKNOWN_LINES_MAX)
		g_ptr_array_add(script->unknown, text);
	else
		g_free(text);
}

void kiln_shell_not_understood(KilnShell *shell)
{
	add_unknown(shell->script, quote(shell->file, shell->line, shell->source));
}

gboolean kiln_shell_demand_known(KilnShell *shell, const char *value)
{
	if (!value || kiln_shell_is_known(value))
		return TRUE;
	kiln_shell_not_understood(shell);
	return FALSE;
}

void kiln_shell_print(KilnShell *shell, const char *text)
{
	if (!shell->output || !text)
		return;
	if (shell->output->text->len + strlen(text) > KILN_LIMIT_SHELL_TEXT_BYTES || !kiln_shell_is_known(text) || shell->output->file) {
		kiln_shell_print_unknown(shell);
		return;
	}
	g_string_append(shell->output->text, text);
}

void kiln_shell_print_unknown(KilnShell *shell)
{
	if (shell->output)
		shell->output->known = FALSE;
}

static void note_path(KilnShell *shell, KilnEffectKind kind, const char *path)
{
	static const KilnPathKind kinds[] = {
		[KILN_EFFECT_ALTERNATIVE] = KILN_PATH_SYMLINK, [KILN_EFFECT_SYMLINK] = KILN_PATH_SYMLINK, [KILN_EFFECT_DIRECTORY] = KILN_PATH_DIRECTORY,
		[KILN_EFFECT_COPY] = KILN_PATH_FILE,           [KILN_EFFECT_CONTENT] = KILN_PATH_FILE,    [KILN_EFFECT_REMOVE] = KILN_PATH_MISSING,
	};
	KilnPathKind made = (guint)kind < G_N_ELEMENTS(kinds) ? kinds[kind] : KILN_PATH_UNKNOWN;
	if (made != KILN_PATH_UNKNOWN)
		g_hash_table_insert(shell->paths, g_strdup(path), GUINT_TO_POINTER(kiln_shell_is_conditional(shell) ? KILN_PATH_UNKNOWN : made));
}

KilnEffect *kiln_shell_effect(KilnShell *shell, KilnEffectKind kind, const char *path)
{
	g_autofree char *absolute = path ? kiln_shell_path(shell, path) : NULL;
	gboolean is_dropped = path && kiln_shell_is_dropped(shell, path);
	if (is_dropped && !absolute)
		return NULL;
	if ((path && !absolute) || shell->script->effects->len >= KILN_LIMIT_SHELL_EFFECTS) {
		kiln_shell_not_understood(shell);
		return NULL;
	}
	if (absolute)
		note_path(shell, kind, absolute);
	if (is_dropped)
		return NULL;
	KilnEffect *effect = kiln_effect_new(kind);
	effect->path = g_steal_pointer(&absolute);
	effect->line = shell->line;
	effect->conditional = kiln_shell_is_conditional(shell);
	g_ptr_array_add(shell->script->effects, effect);
	return effect;
}

/* Half-read templates would make wrong answers out of missing ones: then there are none. */
static void read_answers(KilnShell *shell, const char *text, gsize length)
{
	KilnDeb822 cursor = { text, length, "templates", 1 };
	g_autofree KilnDeb822Stanza *stanza = g_new0(KilnDeb822Stanza, 1);
	gboolean found, readable = TRUE;
	while ((readable = kiln_deb822_next(&cursor, stanza, &found, NULL)) && found)
		if (kiln_deb822_get(stanza, "Template").length && kiln_text_strip(kiln_deb822_get(stanza, "Default")).length)
			g_hash_table_insert(shell->answers, kiln_deb822_dup(stanza, "Template"), kiln_text_dup(kiln_text_strip(kiln_deb822_get(stanza, "Default"))));
	if (!readable)
		g_hash_table_remove_all(shell->answers);
}

static void free_node(gpointer node)
{
	kiln_shell_node_free(node);
}

static void shell_open(KilnShell *shell)
{
	shell->variables = kiln_shell_variables_new();
	shell->functions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	shell->homes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	shell->paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	shell->accounts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	shell->answers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	shell->arguments = g_ptr_array_new_with_free_func(g_free);
	shell->trees = g_ptr_array_new_with_free_func(free_node);
	shell->texts = g_ptr_array_new_with_free_func(g_free);
	shell->umask = 022;
	if (shell->system && shell->system->templates)
		read_answers(shell, shell->system->templates, shell->system->templates_length);
}

static void shell_close(KilnShell *shell)
{
	g_hash_table_unref(shell->variables);
	g_hash_table_unref(shell->functions);
	g_hash_table_unref(shell->homes);
	g_hash_table_unref(shell->paths);
	g_hash_table_unref(shell->accounts);
	g_hash_table_unref(shell->answers);
	g_ptr_array_unref(shell->arguments);
	g_ptr_array_unref(shell->trees);
	g_ptr_array_unref(shell->texts);
}

/* What dpkg sets. Source: deb-postinst(5), deb-preinst(5), dpkg(1) "Internal environment". */
static void set_environment(KilnShell *shell)
{
	const struct {
		const char *name, *value;
	} variables[] = {
		{ "DPKG_MAINTSCRIPT_PACKAGE", shell->package }, { "DPKG_MAINTSCRIPT_NAME", shell->kind }, { "DPKG_MAINTSCRIPT_ARCH", shell->architecture },
		{ "DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT", "1" },   { "DPKG_ADMINDIR", "/var/lib/dpkg" },     { "DPKG_ROOT", "" },
		{ "DEBIAN_FRONTEND", "noninteractive" },        { "DEBIAN_HAS_FRONTEND", "1" },           { "HOME", "/root" },
		{ "PATH", "/usr/sbin:/usr/bin:/sbin:/bin" },    { "PWD", "/" },
	};
	for (guint i = 0; i < G_N_ELEMENTS(variables); i++)
		kiln_shell_set(shell, variables[i].name, variables[i].value);
	gboolean is_postinst = strcmp(shell->kind, "postinst") == 0;
	g_ptr_array_add(shell->arguments, g_strdup(is_postinst ? "configure" : "install"));
	if (is_postinst)
		g_ptr_array_add(shell->arguments, g_strdup(""));
}

/* A reason why the text is not even looked at, or NULL. */
static const char *refuse(const char *text, gsize length)
{
	KilnText rest = { text, length };
	KilnText first = kiln_text_cut(&rest, '\n');
	g_autofree char *line = kiln_text_dup(first);
	if (length > KILN_LIMIT_SCRIPT_BYTES)
		return "too long to be read";
	if (length && (memchr(text, '\0', length) || memchr(text, KILN_SHELL_HOLE, length)))
		return "no text";
	if (g_str_has_prefix(line, "#!")) {
		g_auto(GStrv) words = g_strsplit_set(g_strstrip(line + 2), " \t", -1);
		g_autofree char *interpreter = words[0] ? g_path_get_basename(words[0]) : NULL;
		if (g_strcmp0(interpreter, "sh") != 0 && g_strcmp0(interpreter, "bash") != 0 && g_strcmp0(interpreter, "dash") != 0)
			return "not written for the shell";
	}
	return NULL;
}

static void run_script(KilnShell *shell, const char *text, gsize length)
{
	g_autoptr(GError) error = NULL;
	const char *reason = refuse(text, length);
	if (reason) {
		add_unknown(shell->script, g_strdup_printf("%s:1: %s", shell->kind, reason));
		return;
	}
	g_autoptr(KilnShellNode) tree = kiln_shell_parse((KilnText){ text, length }, 1, 0, &error);
	if (!tree) {
		add_unknown(shell->script, g_strdup_printf("%s:%s", shell->kind, error->message));
		return;
	}
	set_environment(shell);
	kiln_shell_run(shell, tree);
}

/* A trigger runs once however often it is called for. */
static void drop_repeated_triggers(GPtrArray *effects)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < effects->len;) {
		const KilnEffect *effect = effects->pdata[i];
		g_autofree char *key = effect->kind == KILN_EFFECT_TRIGGER
			? g_strdup_printf("%s\n%s\n%s\n%d", effect->name, effect->text ? effect->text : "*", effect->extra ? effect->extra : "", effect->conditional) : NULL;
		if (key && !g_hash_table_add(seen, g_steal_pointer(&key)))
			g_ptr_array_remove_index(effects, i);
		else
			i++;
	}
}

KilnScript *kiln_script_read_on(const char *text, gsize length, const char *kind, const char *package, const char *architecture, const KilnScriptSystem *system)
{
	KilnScript *script = g_new0(KilnScript, 1);
	script->effects = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_effect_free);
	script->unknown = g_ptr_array_new_with_free_func(g_free);
	KilnShell shell = { .script = script, .kind = kind, .file = kind, .package = package, .architecture = architecture, .system = system };
	shell_open(&shell);
	run_script(&shell, text, length);
	shell_close(&shell);
	drop_repeated_triggers(script->effects);
	script->class = script->unknown->len ? KILN_SCRIPT_NOT_UNDERSTOOD : script->effects->len ? KILN_SCRIPT_UNDERSTOOD : KILN_SCRIPT_HARMLESS;
	return script;
}

KilnScript *kiln_script_read(const char *text, gsize length, const char *kind, const char *package, const char *architecture)
{
	return kiln_script_read_on(text, length, kind, package, architecture, NULL);
}
