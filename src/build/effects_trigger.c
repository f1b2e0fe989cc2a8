/* SPDX-License-Identifier: Apache-2.0 */
/* effects_trigger.c: what programs that scripts call leave behind, by the program's name; see build/script.h for the names. */
#include "build/effects_internal.h"

#include <string.h>

typedef gboolean (*Apply)(KilnClosure *closure, const KilnEffect *effect, int package, GError **error);

static gboolean computed_elsewhere(KilnClosure *closure, const KilnEffect *effect, int package, GError **error)
{
	return TRUE;
}

/* Only a program of the package itself knows what it would write: the person decides. */
static gboolean cannot(KilnClosure *closure, const KilnEffect *effect, int package, GError **error)
{
	g_ptr_array_add(closure->packages[package].unknown, g_strdup_printf("postinst:%u: %s writes a file that only it can make", effect->line, effect->name));
	return TRUE;
}

static gboolean apply_pam(KilnClosure *closure, const KilnEffect *effect, int package, GError **error)
{
	return effects_apply_pam(closure, package, error);
}

/* What a module's ini file says in "; priority=20", which decides the order of loading. New string. */
static char *read_priority(const char *text)
{
	static const char digits[] = "0123456789";
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		g_auto(GStrv) sides = g_strsplit(*line, "=", 2);
		if ((*line)[0] != ';' || g_strv_length(sides) != 2 || strcmp(g_strstrip(sides[0] + 1), "priority") != 0)
			continue;
		const char *number = g_strstrip(sides[1]);
		if (*number && strspn(number, digits) == strlen(number) && strlen(number) < 8)
			return g_strdup(number);
	}
	return g_strdup("20");
}

/* /etc/php/VERSION/SAPI/conf.d/PRIORITY-MODULE.ini. Source: phpenmod(8). */
static gboolean enable_php_module(KilnClosure *closure, const char *version, const char *sapi, const char *module, int package, GError **error)
{
	g_autofree char *ini = g_strdup_printf("/etc/php/%s/mods-available/%s.ini", version, module), *text = NULL;
	if (!effects_read_text(closure, ini, &text, error))
		return FALSE;
	if (!text)
		return TRUE;
	g_autofree char *priority = read_priority(text);
	g_autofree char *link = g_strdup_printf("/etc/php/%s/%s/conf.d/%s-%s.ini", version, sapi, priority, module);
	effects_make_link(closure, link, ini, package);
	return TRUE;
}

/* Names of what is in @directory, without @suffix, which those that count end in. NULL-terminated. */
static char **names_in(const KilnClosure *closure, const char *directory, const char *suffix)
{
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	const GPtrArray *children = kiln_closure_children(closure, directory);
	for (guint i = 0; children && i < children->len; i++) {
		g_autofree char *name = g_path_get_basename(((const KilnNode *)children->pdata[i])->path);
		if (!g_str_has_suffix(name, suffix))
			continue;
		name[strlen(name) - strlen(suffix)] = '\0';
		g_strv_builder_add(names, name);
	}
	return g_strv_builder_end(names);
}

/* Every SAPI of the version that the closure has, or the one that the trigger names; every module, or the one. */
static gboolean apply_php(KilnClosure *closure, const KilnEffect *effect, int package, GError **error)
{
	g_auto(GStrv) where = g_strsplit(effect->extra, " ", 2);
	if (g_strv_length(where) != 2)
		return TRUE;
	g_auto(GStrv) versions = strcmp(where[0], "ALL") == 0 ? names_in(closure, "etc/php", "") : g_strsplit(where[0], " ", 1);
	for (char **version = versions; *version; version++) {
		g_autofree char *sapis_directory = g_strdup_printf("usr/lib/php/%s/sapi", *version), *modules_directory = g_strdup_printf("etc/php/%s/mods-available", *version);
		g_auto(GStrv) sapis = names_in(closure, sapis_directory, "");
		g_auto(GStrv) modules = effect->text ? g_strsplit(effect->text, " ", -1) : names_in(closure, modules_directory, ".ini");
		for (char **sapi = sapis; *sapi; sapi++)
			for (char **module = modules; *module; module++)
				if ((strcmp(where[1], "ALL") == 0 || strcmp(where[1], *sapi) == 0) &&
				    !enable_php_module(closure, *version, *sapi, *module, package, error))
					return FALSE;
	}
	return TRUE;
}

/* The words after "# Depends:" in a module's .load file, or after "# -*- depends:" in lighttpd's. */
static char **dependencies_of(const char *text, const char *mark)
{
	const char *line = text ? strstr(text, mark) : NULL;
	if (!line)
		return g_new0(char *, 1);
	line += strlen(mark);
	g_autofree char *words = g_strndup(line, strcspn(line, "\n"));
	char *end = strstr(words, "-*-");
	if (end)
		*end = '\0';
	return g_strsplit_set(g_strstrip(words), " \t,", -1);
}

typedef gboolean (*Enable)(KilnClosure *closure, const char *name, const char *kind, int package, guint depth, GError **error);

static gboolean enable_all(KilnClosure *closure, char **names, const char *kind, int package, guint depth, Enable enable, GError **error)
{
	for (; *names; names++)
		if (**names && depth < 16 && !enable(closure, *names, kind, package, depth + 1, error))
			return FALSE;
	return TRUE;
}

/* mods-enabled/NAME.load and .conf, conf-enabled/NAME.conf, sites-enabled/NAME.conf. Source: a2enmod(8). */
static gboolean enable_apache(KilnClosure *closure, const char *name, const char *kind, int package, guint depth, GError **error)
{
	static const struct {
		const char *kind, *directory, *suffix;
	} rows[] = { { "mod", "mods", ".load" }, { "mod", "mods", ".conf" }, { "conf", "conf", ".conf" }, { "site", "sites", ".conf" } };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *file = g_strdup_printf("/etc/apache2/%s-available/%s%s", rows[i].directory, name, rows[i].suffix), *text = NULL;
		if (strcmp(rows[i].kind, kind) != 0)
			continue;
		if (!effects_read_text(closure, file, &text, error))
			return FALSE;
		g_auto(GStrv) needs = dependencies_of(text, "# Depends:");
		if (text && !enable_all(closure, needs, kind, package, depth, enable_apache, error))
			return FALSE;
		g_autofree char *link = g_strdup_printf("/etc/apache2/%s-enabled/%s%s", rows[i].directory, name, rows[i].suffix);
		g_autofree char *target = g_strdup_printf("../%s-available/%s%s", rows[i].directory, name, rows[i].suffix);
		if (text)
			effects_make_link(closure, link, target, package);
	}
	return TRUE;
}

static gboolean apply_apache(KilnClosure *closure, const KilnEffect *effect, int package, GError **error)
{
	return enable_apache(closure, effect->text, effect->extra, package, 0, error);
}

/* conf-enabled/NN-NAME.conf. Source: lighty-enable-mod(1). */
static gboolean enable_lighttpd(KilnClosure *closure, const char *name, const char *kind, int package, guint depth, GError **error)
{
	g_auto(GStrv) available = names_in(closure, "etc/lighttpd/conf-available", ".conf");
	for (char **file = available; *file; file++) {
		if (!g_ascii_isdigit((*file)[0]) || !g_ascii_isdigit((*file)[1]) || (*file)[2] != '-' || strcmp(*file + 3, name) != 0)
			continue;
		g_autofree char *path = g_strdup_printf("/etc/lighttpd/conf-available/%s.conf", *file), *text = NULL;
		if (!effects_read_text(closure, path, &text, error))
			return FALSE;
		g_auto(GStrv) needs = dependencies_of(text, "# -*- depends:");
		g_autofree char *link = g_strdup_printf("/etc/lighttpd/conf-enabled/%s.conf", *file), *target = g_strdup_printf("../conf-available/%s.conf", *file);
		if (!enable_all(closure, needs, kind, package, depth, enable_lighttpd, error))
			return FALSE;
		effects_make_link(closure, link, target, package);
	}
	return TRUE;
}

static gboolean apply_lighttpd(KilnClosure *closure, const KilnEffect *effect, int package, GError **error)
{
	return enable_lighttpd(closure, effect->text, "", package, 0, error);
}

static const struct {
	const char *name;
	gboolean needs_text;
	Apply apply;
} triggers[] = {
	{ "ldconfig", FALSE, computed_elsewhere },               /* build/tree_libraries, of what is kept */
	{ "update-ca-certificates", FALSE, computed_elsewhere }, /* build/tree_certificates, of what is kept */
	{ "java-cacerts", FALSE, computed_elsewhere },           /* build/tree_certificates too */
	{ "sysusers", FALSE, computed_elsewhere },               /* build/effects reads every file in sysusers.d and tmpfiles.d */
	{ "tmpfiles", FALSE, computed_elsewhere },
	{ "pam-auth-update", FALSE, apply_pam },
	{ "php-enable", FALSE, apply_php },
	{ "apache-enable", TRUE, apply_apache },
	{ "lighttpd-enable", TRUE, apply_lighttpd },
	{ "glib-compile-schemas", FALSE, cannot },
	{ "gdk-pixbuf-query-loaders", FALSE, cannot },
};

static gboolean apply_trigger(KilnClosure *closure, const KilnEffect *effect, int package, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(triggers); i++)
		if (g_strcmp0(effect->name, triggers[i].name) == 0)
			return (triggers[i].needs_text && !effect->text) || triggers[i].apply(closure, effect, package, error);
	return cannot(closure, effect, package, error);
}

gboolean effects_apply_triggers(KilnClosure *closure, GError **error)
{
	for (gsize i = 0; i < closure->package_count; i++)
		for (guint j = 0; j < closure->packages[i].effects->len; j++) {
			const KilnEffect *effect = closure->packages[i].effects->pdata[j];
			if (effect->kind == KILN_EFFECT_TRIGGER && !apply_trigger(closure, effect, (int)i, error))
				return FALSE;
		}
	return TRUE;
}
