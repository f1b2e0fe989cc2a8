/* SPDX-License-Identifier: Apache-2.0 */
/* script_files.c: mkdir, chown, cp, ln and the like as effects. */
#include "build/shell.h"

/* The last two components of a copy: "DIR/" or a known directory as destination takes the source's name. */
static char *destination_of(KilnShell *shell, const char *source, const char *destination, gboolean is_directory)
{
	gboolean into = is_directory || g_str_has_suffix(destination, "/") || kiln_shell_look(shell, destination, TRUE) == KILN_PATH_DIRECTORY;
	if (!into)
		return g_strdup(destination);
	g_autofree char *name = g_path_get_basename(source);
	return g_build_filename(destination, name, NULL);
}

static gint64 octal_mode(const char *text)
{
	if (!text || !*text || strlen(text) > 5 || text[strspn(text, "01234567")] != '\0')
		return -1;
	return (gint64)g_ascii_strtoull(text, NULL, 8);
}

static void add_owner(KilnShell *shell, const char *path, const char *owner, const char *mode, gboolean recursive)
{
	if (kiln_shell_is_dropped(shell, path) || !kiln_shell_demand_known(shell, owner) || !kiln_shell_demand_known(shell, mode))
		return;
	KilnEffect *effect = kiln_shell_effect(shell, KILN_EFFECT_OWNER, path);
	if (!effect)
		return;
	effect->is_glob = kiln_shell_is_glob(path);
	effect->text = g_strdup(owner);
	effect->number = octal_mode(mode);
	effect->name = mode && effect->number < 0 ? g_strdup(mode) : NULL;
	effect->extra = recursive ? g_strdup("recursive") : NULL;
}

static KilnOutcome run_chown_like(KilnShell *shell, char **fields, gboolean is_mode, gboolean is_group)
{
	static const KilnShellOption options[] = { { 'R', "recursive" }, { 0, "reference", TRUE }, { 0, "from", TRUE }, { 'h', "no-dereference" }, { 0, NULL } };
	g_auto(KilnShellOptions) given = { 0 };
	kiln_shell_options_read(&given, fields, options);
	/* "chmod -x FILE" looks like an option; getopt of chmod knows better. */
	for (char **field = fields + 1; is_mode && *field; field++)
		if ((*field)[0] == '-' && (*field)[1] && strchr("rwxst", (*field)[1])) {
			g_ptr_array_insert(given.operands, 0, *field);
			break;
		}
	if (given.is_set[1] || given.is_set[2] || given.operands->len < 2) {
		kiln_shell_not_understood(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	g_autofree char *group = is_group ? g_strconcat(":", given.operands->pdata[0], NULL) : NULL;
	const char *owner = is_mode ? NULL : is_group ? group : given.operands->pdata[0];
	g_autofree char *colon = owner ? g_strdelimit(g_strdup(owner), strchr(owner, ':') ? "" : ".", ':') : NULL; /* "user.group" is an old spelling */
	for (guint i = 1; i < given.operands->len; i++)
		add_owner(shell, given.operands->pdata[i], colon, is_mode ? given.operands->pdata[0] : NULL, given.is_set[0]);
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_chown(KilnShell *shell, char **fields, guint count)
{
	return run_chown_like(shell, fields, FALSE, FALSE);
}

static KilnOutcome run_chgrp(KilnShell *shell, char **fields, guint count)
{
	return run_chown_like(shell, fields, FALSE, TRUE);
}

static KilnOutcome run_chmod(KilnShell *shell, char **fields, guint count)
{
	return run_chown_like(shell, fields, TRUE, FALSE);
}

static void add_directory(KilnShell *shell, const char *path, const char *owner, const char *mode, gboolean adjust)
{
	if (!kiln_shell_is_dropped(shell, path) && (!kiln_shell_demand_known(shell, owner) || !kiln_shell_demand_known(shell, mode)))
		return;
	KilnEffect *effect = kiln_shell_effect(shell, KILN_EFFECT_DIRECTORY, path);
	if (!effect)
		return;
	effect->text = g_strdup(owner);
	effect->number = mode ? octal_mode(mode) : (gint64)(0777 & ~shell->umask);
	effect->extra = adjust ? g_strdup("adjust") : NULL;
	if (mode && effect->number < 0)
		kiln_shell_not_understood(shell);
}

static KilnOutcome run_mkdir(KilnShell *shell, char **fields, guint count)
{
	static const KilnShellOption options[] = { { 'm', "mode", TRUE }, { 'p', "parents" }, { 0, NULL } };
	g_auto(KilnShellOptions) given = { 0 };
	kiln_shell_options_read(&given, fields, options);
	for (guint i = 0; i < given.operands->len; i++)
		add_directory(shell, given.operands->pdata[i], NULL, given.values[0], FALSE);
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_rmdir(KilnShell *shell, char **fields, guint count)
{
	for (guint i = 1; i < count; i++) {
		KilnEffect *effect = fields[i][0] == '-' ? NULL : kiln_shell_effect(shell, KILN_EFFECT_REMOVE, fields[i]);
		if (!effect)
			continue;
		effect->extra = g_strdup("empty");
		effect->is_glob = kiln_shell_is_glob(fields[i]);
	}
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_rm(KilnShell *shell, char **fields, guint count)
{
	static const KilnShellOption options[] = { { 'r', "recursive" }, { 'R', NULL }, { 'f', "force" }, { 0, NULL } };
	g_auto(KilnShellOptions) given = { 0 };
	kiln_shell_options_read(&given, fields, options);
	for (guint i = 0; i < given.operands->len; i++) {
		/* Nothing of that name exists on the fresh system: nothing is removed. */
		gboolean is_glob = kiln_shell_is_glob(given.operands->pdata[i]), was_listed = shell->system && shell->system->list;
		if (is_glob ? was_listed : kiln_shell_look(shell, given.operands->pdata[i], FALSE) == KILN_PATH_MISSING)
			continue;
		KilnEffect *effect = kiln_shell_effect(shell, KILN_EFFECT_REMOVE, given.operands->pdata[i]);
		if (!effect)
			continue;
		effect->is_glob = is_glob;
		effect->extra = given.is_set[0] || given.is_set[1] ? g_strdup("recursive") : NULL;
	}
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_touch(KilnShell *shell, char **fields, guint count)
{
	static const KilnShellOption options[] = { { 'd', "date", TRUE }, { 't', NULL, TRUE }, { 'r', "reference", TRUE }, { 0, NULL } };
	g_auto(KilnShellOptions) given = { 0 };
	kiln_shell_options_read(&given, fields, options);
	for (guint i = 0; i < given.operands->len; i++) {
		KilnEffect *effect = kiln_shell_effect(shell, KILN_EFFECT_CONTENT, given.operands->pdata[i]);
		if (!effect)
			continue;
		effect->text = g_strdup("");
		effect->extra = g_strdup("touch");
		effect->number = 0666 & ~shell->umask;
	}
	return KILN_OUTCOME_TRUE;
}

static void add_copy(KilnShell *shell, const char *source, const char *destination, const char *mode, const char *extra)
{
	g_autofree char *from = kiln_shell_path(shell, source);
	if (!kiln_shell_is_dropped(shell, destination) && (!from || !kiln_shell_demand_known(shell, mode))) {
		kiln_shell_not_understood(shell);
		return;
	}
	if (!from) /* note what was made, with nothing to say about its content */
		from = g_strdup("/dev/null");
	gboolean is_empty = strcmp(from, "/dev/null") == 0;
	gboolean is_made_here = g_str_has_prefix(from, "/tmp/"); /* by commands that nobody followed */
	KilnEffect *effect = kiln_shell_effect(shell, is_empty ? KILN_EFFECT_CONTENT : KILN_EFFECT_COPY, destination);
	if (!effect)
		return;
	if (is_made_here || kiln_shell_is_glob(from))
		kiln_shell_not_understood(shell);
	effect->text = is_empty ? g_strdup("") : g_steal_pointer(&from);
	effect->number = mode ? octal_mode(mode) : is_empty ? (gint64)(0666 & ~shell->umask) : -1;
	effect->extra = g_strdup(extra);
}

/* SOURCE... DESTINATION with -t and -T. */
static void copy_operands(KilnShell *shell, const KilnShellOptions *given, const char *into, gboolean no_directory, const char *mode, const char *extra)
{
	guint sources = given->operands->len - (into ? 0 : 1);
	const char *destination = into ? into : given->operands->pdata[sources];
	for (guint i = 0; i < sources; i++) {
		g_autofree char *target = no_directory ? g_strdup(destination) : destination_of(shell, given->operands->pdata[i], destination, into || sources > 1);
		add_copy(shell, given->operands->pdata[i], target, mode, extra);
	}
}

static KilnOutcome run_cp(KilnShell *shell, char **fields, guint count)
{
	static const KilnShellOption options[] = { { 't', "target-directory", TRUE }, { 'T', "no-target-directory" }, { 'r', "recursive" }, { 'R', NULL }, { 'a', "archive" },
		                                   { 'S', "suffix", TRUE },           { 0, "parents" },               { 0, NULL } };
	g_auto(KilnShellOptions) given = { 0 };
	kiln_shell_options_read(&given, fields, options);
	if (given.operands->len < (given.is_set[0] ? 1 : 2) || given.is_set[6]) {
		kiln_shell_not_understood(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	gboolean recursive = given.is_set[2] || given.is_set[3] || given.is_set[4];
	copy_operands(shell, &given, given.values[0], given.is_set[1], NULL, recursive ? "recursive" : NULL);
	return KILN_OUTCOME_TRUE;
}

/* What this script made under another name gets its final one. FALSE when it made nothing of that name. */
static gboolean rename_own(KilnShell *shell, const char *source, const char *destination)
{
	g_autofree char *from = kiln_shell_path(shell, source), *to = kiln_shell_path(shell, destination);
	gboolean found = FALSE;
	gpointer kind;
	if (!from || !to || !g_hash_table_lookup_extended(shell->paths, from, NULL, &kind) || GPOINTER_TO_UINT(kind) == KILN_PATH_MISSING)
		return FALSE;
	for (guint i = 0; i < shell->script->effects->len; i++) {
		KilnEffect *effect = shell->script->effects->pdata[i];
		if (g_strcmp0(effect->path, from) != 0 || effect->kind == KILN_EFFECT_REMOVE)
			continue;
		g_free(effect->path);
		effect->path = g_strdup(to);
		found = TRUE;
	}
	g_hash_table_insert(shell->paths, g_strdup(to), kind);
	g_hash_table_insert(shell->paths, g_strdup(from), GUINT_TO_POINTER(KILN_PATH_MISSING));
	return found;
}

static KilnOutcome run_mv(KilnShell *shell, char **fields, guint count)
{
	static const KilnShellOption options[] = { { 't', "target-directory", TRUE }, { 'T', "no-target-directory" }, { 'S', "suffix", TRUE }, { 0, NULL } };
	g_auto(KilnShellOptions) given = { 0 };
	kiln_shell_options_read(&given, fields, options);
	if (given.operands->len < (given.is_set[0] ? 1 : 2)) {
		kiln_shell_not_understood(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	if (given.operands->len == 2 && !given.is_set[0]) {
		const char *source = given.operands->pdata[0];
		g_autofree char *target = destination_of(shell, source, given.operands->pdata[1], FALSE);
		if (rename_own(shell, source, target) || kiln_shell_look(shell, source, FALSE) == KILN_PATH_MISSING)
			return KILN_OUTCOME_TRUE;
	}
	copy_operands(shell, &given, given.values[0], given.is_set[1], NULL, "move");
	return KILN_OUTCOME_TRUE;
}

/* "ln -sr": the target as seen from the link's directory. Both are absolute and clean. */
static char *relative_target(const char *target, const char *link)
{
	g_auto(GStrv) to = g_strsplit(target + 1, "/", -1), from = g_strsplit(link + 1, "/", -1);
	guint common = 0, depth = g_strv_length(from);
	while (to[common] && from[common] && common + 1 < depth && strcmp(to[common], from[common]) == 0)
		common++;
	GString *relative = g_string_new(NULL);
	for (guint i = common; i + 1 < depth; i++)
		g_string_append(relative, "../");
	g_autofree char *rest = g_strjoinv("/", to + common);
	g_string_append(relative, rest);
	return g_string_free(relative, FALSE);
}

static void add_link(KilnShell *shell, const char *target, const char *link, gboolean symbolic, gboolean relative)
{
	g_autofree char *place = destination_of(shell, target, link, FALSE);
	if (!symbolic) {
		add_copy(shell, target, place, NULL, "link");
		return;
	}
	if (!kiln_shell_demand_known(shell, target))
		return;
	g_autofree char *from = relative ? kiln_shell_path(shell, target) : NULL, *at = relative ? kiln_shell_path(shell, place) : NULL;
	KilnEffect *effect = kiln_shell_effect(shell, KILN_EFFECT_SYMLINK, place);
	if (effect)
		effect->text = from && at ? relative_target(from, at) : g_strdup(target);
}

static KilnOutcome run_ln(KilnShell *shell, char **fields, guint count)
{
	static const KilnShellOption options[] = { { 's', "symbolic" }, { 'r', "relative" }, { 'T', "no-target-directory" }, { 't', "target-directory", TRUE }, { 0, NULL } };
	g_auto(KilnShellOptions) given = { 0 };
	kiln_shell_options_read(&given, fields, options);
	guint operands = given.operands->len;
	if (operands == 0) {
		kiln_shell_not_understood(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	const char *directory = given.is_set[3] ? given.values[3] : operands == 1 ? "." : operands > 2 ? given.operands->pdata[--operands] : NULL;
	if (!directory) {
		add_link(shell, given.operands->pdata[0], given.operands->pdata[1], given.is_set[0], given.is_set[1]);
		return KILN_OUTCOME_TRUE;
	}
	for (guint i = 0; i < operands; i++) {
		g_autofree char *name = g_path_get_basename(given.operands->pdata[i]);
		g_autofree char *place = g_build_filename(directory, name, NULL);
		add_link(shell, given.operands->pdata[i], place, given.is_set[0], given.is_set[1]);
	}
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_install(KilnShell *shell, char **fields, guint count)
{
	static const KilnShellOption options[] = { { 't', "target-directory", TRUE }, { 'T', "no-target-directory" }, { 'd', "directory" }, { 'm', "mode", TRUE },
		                                   { 'o', "owner", TRUE },            { 'g', "group", TRUE },         { 'D', NULL },        { 0, NULL } };
	g_auto(KilnShellOptions) given = { 0 };
	kiln_shell_options_read(&given, fields, options);
	const char *mode = given.is_set[3] ? given.values[3] : "755", *user = given.values[4], *group = given.values[5];
	g_autofree char *owner = user || group ? g_strconcat(user ? user : "", group ? ":" : "", group, NULL) : NULL;
	if (given.is_set[2]) {
		for (guint i = 0; i < given.operands->len; i++)
			add_directory(shell, given.operands->pdata[i], owner, mode, TRUE);
		return KILN_OUTCOME_TRUE;
	}
	if (given.operands->len < (given.is_set[0] ? 1 : 2)) {
		kiln_shell_not_understood(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	guint before = shell->script->effects->len;
	copy_operands(shell, &given, given.values[0], given.is_set[1], mode, NULL);
	guint after = shell->script->effects->len;
	for (guint i = before; i < after && owner; i++) {
		g_autofree char *path = g_strdup(((KilnEffect *)shell->script->effects->pdata[i])->path);
		add_owner(shell, path, owner, NULL, FALSE);
	}
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_setcap(KilnShell *shell, char **fields, guint count)
{
	static const KilnShellOption options[] = { { 'r', NULL }, { 'q', NULL }, { 'n', NULL, TRUE }, { 0, NULL } };
	g_auto(KilnShellOptions) given = { 0 };
	kiln_shell_options_read(&given, fields, options);
	guint step = given.is_set[0] ? 1 : 2;
	for (guint i = 0; i + step <= given.operands->len; i += step) {
		const char *set = given.is_set[0] ? "" : given.operands->pdata[i];
		if (!kiln_shell_demand_known(shell, set))
			continue;
		KilnEffect *effect = kiln_shell_effect(shell, KILN_EFFECT_CAPABILITY, given.operands->pdata[i + step - 1]);
		if (effect)
			effect->text = g_strdup(set);
	}
	return KILN_OUTCOME_TRUE;
}

const KilnShellRow kiln_shell_files[] = {
	{ "chown", run_chown }, { "chgrp", run_chgrp }, { "chmod", run_chmod }, { "mkdir", run_mkdir }, { "rmdir", run_rmdir },
	{ "rm", run_rm },       { "unlink", run_rm },   { "touch", run_touch }, { "cp", run_cp },       { "mv", run_mv },
	{ "ln", run_ln },       { "install", run_install }, { "setcap", run_setcap }, { NULL, NULL },
};
