/* SPDX-License-Identifier: Apache-2.0 */
/* script_packaging.c: Debian's own tools as effects: alternatives, diversions, overrides, ucf, triggers. */
#include "base/text.h"
#include "build/shell.h"

static void add_alternative(KilnShell *shell, const char *link, const char *name, const char *target, gint64 priority, const char *extra)
{
	if ((link && kiln_shell_is_dropped(shell, link)) || !kiln_shell_demand_known(shell, name) || !kiln_shell_demand_known(shell, target))
		return;
	KilnEffect *effect = kiln_shell_effect(shell, KILN_EFFECT_ALTERNATIVE, link);
	if (!effect)
		return;
	effect->name = g_strdup(name);
	effect->text = g_strdup(target);
	effect->number = priority;
	effect->extra = g_strdup(extra);
}

/* Source: update-alternatives(1). */
static KilnOutcome run_update_alternatives(KilnShell *shell, char **fields, guint count)
{
	static const char *const without_effect[] = { "--remove", "--remove-all", "--auto", "--query", "--display", "--list", "--get-selections", "--all", "--config" };
	const char *master = NULL;
	guint64 priority;
	for (guint i = 1; i < count; i++) {
		guint left = count - i - 1;
		if (strcmp(fields[i], "--install") == 0 && left >= 4) {
			master = fields[i + 2];
			if (kiln_shell_is_dropped(shell, fields[i + 1]))
				return KILN_OUTCOME_TRUE;
			if (!kiln_text_to_u64(kiln_text(fields[i + 4]), &priority) || priority > G_MAXINT32) {
				kiln_shell_not_understood(shell);
				return KILN_OUTCOME_UNKNOWN;
			}
			add_alternative(shell, fields[i + 1], master, fields[i + 3], (gint64)priority, NULL);
			i += 4;
		} else if (strcmp(fields[i], "--slave") == 0 && left >= 3 && master) {
			add_alternative(shell, fields[i + 1], master, fields[i + 3], -1, "slave");
			i += 3;
		} else if (strcmp(fields[i], "--set") == 0 && left >= 2) {
			add_alternative(shell, NULL, fields[i + 1], fields[i + 2], -1, "set");
			i += 2;
		}
		for (guint j = 0; i < count && j < G_N_ELEMENTS(without_effect); j++)
			if (strcmp(fields[i], without_effect[j]) == 0) {
				kiln_shell_print_unknown(shell);
				return KILN_OUTCOME_UNKNOWN;
			}
	}
	return KILN_OUTCOME_TRUE;
}

/* Source: dpkg-divert(1). */
static KilnOutcome run_dpkg_divert(KilnShell *shell, char **fields, guint count)
{
	static const KilnShellOption options[] = { { 0, "divert", TRUE }, { 0, "package", TRUE }, { 0, "rename" },     { 0, "no-rename" }, { 0, "remove" },
		                                   { 0, "list" },         { 0, "listpackage" },   { 0, "truename" },   { 0, "admindir", TRUE }, { 0, "root", TRUE }, { 0, NULL } };
	g_auto(KilnShellOptions) given = { 0 };
	kiln_shell_options_read(&given, fields, options);
	if (given.is_set[5] || given.is_set[6] || given.is_set[7]) {
		kiln_shell_print_unknown(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	if (given.operands->len != 1 || !kiln_shell_demand_known(shell, given.values[0])) {
		kiln_shell_not_understood(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	KilnEffect *effect = kiln_shell_effect(shell, KILN_EFFECT_DIVERT, given.operands->pdata[0]);
	if (!effect)
		return KILN_OUTCOME_TRUE;
	effect->text = given.is_set[0] ? kiln_shell_path(shell, given.values[0]) : g_strconcat(effect->path, ".distrib", NULL);
	effect->extra = g_strdup(given.is_set[4] ? "remove" : given.is_set[2] ? "rename" : "no-rename");
	return KILN_OUTCOME_TRUE;
}

/* Source: dpkg-statoverride(1). A fresh system has no override. */
static KilnOutcome run_dpkg_statoverride(KilnShell *shell, char **fields, guint count)
{
	static const KilnShellOption options[] = { { 0, "add" }, { 0, "remove" }, { 0, "list" }, { 0, "update" }, { 0, "admindir", TRUE }, { 0, "root", TRUE }, { 0, NULL } };
	g_auto(KilnShellOptions) given = { 0 };
	kiln_shell_options_read(&given, fields, options);
	if (given.is_set[2])
		return KILN_OUTCOME_FALSE;
	if (given.is_set[1])
		return KILN_OUTCOME_TRUE;
	if (!given.is_set[0] || given.operands->len != 4) {
		kiln_shell_not_understood(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	char **operands = (char **)given.operands->pdata;
	for (guint i = 0; i < 4; i++)
		if (!kiln_shell_demand_known(shell, operands[i]))
			return KILN_OUTCOME_UNKNOWN;
	KilnEffect *effect = kiln_shell_effect(shell, KILN_EFFECT_OWNER, operands[3]);
	if (!effect)
		return KILN_OUTCOME_TRUE;
	effect->text = g_strconcat(operands[0], ":", operands[1], NULL);
	effect->number = (gint64)g_ascii_strtoull(operands[2], NULL, 8);
	return KILN_OUTCOME_TRUE;
}

/* Source: ucf(1). On a fresh system the file is simply copied. */
static KilnOutcome run_ucf(KilnShell *shell, char **fields, guint count)
{
	static const KilnShellOption options[] = { { 'p', "purge" },          { 0, "sum-file", TRUE },      { 0, "src-dir", TRUE },
		                                   { 0, "state-dir", TRUE },  { 0, "debconf-template", TRUE }, { 'o', NULL, TRUE }, { 0, NULL } };
	g_auto(KilnShellOptions) given = { 0 };
	kiln_shell_options_read(&given, fields, options);
	if (given.is_set[0])
		return KILN_OUTCOME_TRUE;
	if (given.operands->len == 2 && kiln_shell_is_dropped(shell, given.operands->pdata[1]))
		return KILN_OUTCOME_TRUE;
	g_autofree char *from = given.operands->len == 2 ? kiln_shell_path(shell, given.operands->pdata[0]) : NULL;
	if (!from || g_str_has_prefix(from, "/tmp/")) {
		kiln_shell_not_understood(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	KilnEffect *effect = kiln_shell_effect(shell, KILN_EFFECT_COPY, given.operands->pdata[1]);
	if (effect)
		effect->text = g_steal_pointer(&from);
	return KILN_OUTCOME_TRUE;
}

static KilnEffect *add_trigger(KilnShell *shell, const char *name)
{
	KilnEffect *effect = kiln_shell_effect(shell, KILN_EFFECT_TRIGGER, NULL);
	if (effect)
		effect->name = g_strdup(name);
	return effect;
}

/* Programs whose result kiln computes itself; the trigger has the program's name. */
static KilnOutcome run_trigger(KilnShell *shell, char **fields, guint count)
{
	g_autofree char *name = g_path_get_basename(fields[0]);
	add_trigger(shell, name);
	return KILN_OUTCOME_TRUE;
}

/* Only a package that waits for a trigger does something; those that kiln knows are rows here. */
static KilnOutcome run_dpkg_trigger(KilnShell *shell, char **fields, guint count)
{
	static const struct {
		const char *trigger, *effect;
	} known[] = { { "ldconfig", "ldconfig" },
		      { "update-ca-certificates", "update-ca-certificates" },
		      { "update-ca-certificates-fresh", "update-ca-certificates" },
		      { "update-ca-certificates-java", "java-cacerts" } };
	for (guint i = 0; count > 1 && i < G_N_ELEMENTS(known); i++)
		if (strcmp(fields[count - 1], known[i].trigger) == 0)
			add_trigger(shell, known[i].effect);
	return KILN_OUTCOME_TRUE;
}

/* systemd-sysusers and systemd-tmpfiles: their operands are files of the package. */
static KilnOutcome run_units(KilnShell *shell, const char *trigger, char **fields)
{
	g_autoptr(GString) names = g_string_new(NULL);
	gboolean is_inline = FALSE;
	for (char **field = fields + 1; *field; field++) {
		is_inline = is_inline || strcmp(*field, "--inline") == 0;
		if (**field == '-')
			continue;
		if (!kiln_shell_demand_known(shell, *field))
			return KILN_OUTCOME_UNKNOWN;
		g_string_append_printf(names, "%s%s", names->len ? " " : "", *field);
	}
	if (is_inline) {
		kiln_shell_not_understood(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	KilnEffect *effect = add_trigger(shell, trigger);
	if (effect && names->len)
		effect->text = g_strdup(names->str);
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_sysusers(KilnShell *shell, char **fields, guint count)
{
	return run_units(shell, "sysusers", fields);
}

static KilnOutcome run_tmpfiles(KilnShell *shell, char **fields, guint count)
{
	return run_units(shell, "tmpfiles", fields);
}

/* php_invoke enmod VERSION SAPI MODULE; phpenmod [-v VERSION] [-s SAPI] MODULE... */
static void enable_php(KilnShell *shell, const char *version, const char *sapi, const char *module)
{
	g_autofree char *where = g_strconcat(version, " ", sapi, NULL);
	if (!kiln_shell_demand_known(shell, where))
		return;
	KilnEffect *effect = add_trigger(shell, "php-enable");
	if (!effect)
		return;
	effect->text = kiln_shell_is_known(module) ? g_strdup(module) : NULL; /* of a list that phpquery printed: every module */
	effect->conditional = effect->conditional && effect->text;
	effect->extra = g_steal_pointer(&where);
}

static KilnOutcome run_php_invoke(KilnShell *shell, char **fields, guint count)
{
	if (count == 5 && strcmp(fields[1], "enmod") == 0)
		enable_php(shell, fields[2], fields[3], fields[4]);
	else if (count < 2 || strcmp(fields[1], "dismod") != 0)
		kiln_shell_not_understood(shell);
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_phpenmod(KilnShell *shell, char **fields, guint count)
{
	static const KilnShellOption options[] = { { 'v', NULL, TRUE }, { 's', NULL, TRUE }, { 'm', NULL }, { 0, NULL } };
	g_auto(KilnShellOptions) given = { 0 };
	kiln_shell_options_read(&given, fields, options);
	for (guint i = 0; i < given.operands->len; i++)
		enable_php(shell, given.is_set[0] ? given.values[0] : "ALL", given.is_set[1] ? given.values[1] : "ALL", given.operands->pdata[i]);
	return KILN_OUTCOME_TRUE;
}

/* a2enmod, a2enconf, a2ensite: KIND after "a2en". apache2_invoke enmod NAME is the same. */
static void enable_apache(KilnShell *shell, const char *kind, char **names)
{
	for (; *names; names++) {
		if (**names == '-' || !kiln_shell_demand_known(shell, *names))
			continue;
		KilnEffect *effect = add_trigger(shell, "apache-enable");
		if (!effect)
			continue;
		effect->text = g_strdup(*names);
		effect->extra = g_strdup(kind);
	}
}

static KilnOutcome run_a2en(KilnShell *shell, char **fields, guint count)
{
	g_autofree char *name = g_path_get_basename(fields[0]);
	enable_apache(shell, name + strlen("a2en"), fields + 1);
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_apache2_invoke(KilnShell *shell, char **fields, guint count)
{
	if (count > 2 && g_str_has_prefix(fields[1], "en"))
		enable_apache(shell, fields[1] + strlen("en"), fields + 2);
	else if (count < 3 || !g_str_has_prefix(fields[1], "dis"))
		kiln_shell_not_understood(shell);
	return KILN_OUTCOME_TRUE;
}

static KilnOutcome run_lighty_enable(KilnShell *shell, char **fields, guint count)
{
	for (guint i = 1; i < count; i++) {
		KilnEffect *effect = kiln_shell_demand_known(shell, fields[i]) ? add_trigger(shell, "lighttpd-enable") : NULL;
		if (effect)
			effect->text = g_strdup(fields[i]);
	}
	return KILN_OUTCOME_TRUE;
}

/* What was never enabled on a fresh system needs no disabling. */
static KilnOutcome run_disable(KilnShell *shell, char **fields, guint count)
{
	return KILN_OUTCOME_TRUE;
}

const KilnShellRow kiln_shell_packaging[] = {
	{ "update-alternatives", run_update_alternatives },
	{ "dpkg-divert", run_dpkg_divert },
	{ "dpkg-statoverride", run_dpkg_statoverride },
	{ "dpkg-trigger", run_dpkg_trigger },
	{ "ucf", run_ucf },
	{ "ldconfig", run_trigger },
	{ "update-ca-certificates", run_trigger },
	{ "pam-auth-update", run_trigger },
	{ "glib-compile-schemas", run_trigger },
	{ "gdk-pixbuf-query-loaders", run_trigger },
	{ "systemd-sysusers", run_sysusers },
	{ "systemd-tmpfiles", run_tmpfiles },
	{ "php_invoke", run_php_invoke },
	{ "phpenmod", run_phpenmod },
	{ "phpdismod", run_disable },
	{ "a2enmod", run_a2en },
	{ "a2enconf", run_a2en },
	{ "a2ensite", run_a2en },
	{ "a2dismod", run_disable },
	{ "a2disconf", run_disable },
	{ "a2dissite", run_disable },
	{ "apache2_invoke", run_apache2_invoke },
	{ "lighty-enable-mod", run_lighty_enable },
	{ "lighty-disable-mod", run_disable },
	{ NULL, NULL },
};
