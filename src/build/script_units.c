/* SPDX-License-Identifier: Apache-2.0 */
/* script_units.c: sysusers.d(5) and tmpfiles.d(5) lines as effects. */
#include "base/limits.h"
#include "base/text.h"
#include "build/script.h"

#include <string.h>

typedef struct {
	const char *file;
	guint line;
	GPtrArray *effects, *unknown;
	KilnText text; /* of the line */
} Units;

static void not_understood(Units *units)
{
	g_autofree char *text = g_strndup(units->text.data, MIN(units->text.length, 200));
	g_autofree char *name = g_path_get_basename(units->file);
	g_ptr_array_add(units->unknown, g_strdup_printf("%s:%u: %s", name, units->line, text));
}

static KilnEffect *add(Units *units, KilnEffectKind kind, const char *path)
{
	KilnEffect *effect = kiln_effect_new(kind);
	effect->line = units->line;
	effect->path = g_strdup(path);
	g_ptr_array_add(units->effects, effect);
	return effect;
}

/* One field with quotes and backslash escapes resolved; @rest is advanced. NULL at the end of the line. */
static char *cut_field(KilnText *rest)
{
	gsize i = 0;
	char quote = '\0';
	while (i < rest->length && (rest->data[i] == ' ' || rest->data[i] == '\t'))
		i++;
	if (i == rest->length)
		return NULL;
	GString *field = g_string_new(NULL);
	for (; i < rest->length && (quote || (rest->data[i] != ' ' && rest->data[i] != '\t')); i++) {
		char c = rest->data[i];
		if (c == '\\' && i + 1 < rest->length)
			g_string_append_c(field, rest->data[++i]);
		else if (quote ? c == quote : c == '"' || c == '\'')
			quote = quote ? '\0' : c;
		else
			g_string_append_c(field, c);
	}
	*rest = (KilnText){ rest->data + i, rest->length - i };
	return g_string_free(field, FALSE);
}

/* "-" and a missing field mean the default. */
static const char *given(const char *field)
{
	return field && *field && strcmp(field, "-") != 0 ? field : NULL;
}

/* Specifiers that mean the same on every system. NULL for the others. */
static char *expand_specifiers(const char *text)
{
	static const struct {
		char letter;
		const char *value;
	} specifiers[] = { { '%', "%" },        { 't', "/run" },     { 'S', "/var/lib" }, { 'C', "/var/cache" }, { 'L', "/var/log" }, { 'E', "/etc" }, { 'T', "/tmp" },
		           { 'V', "/var/tmp" }, { 'h', "/root" },    { 'u', "root" },     { 'g', "root" },       { 'U', "0" },        { 'G', "0" } };
	GString *expanded = g_string_new(NULL);
	for (; *text; text++) {
		const char *value = NULL;
		if (*text != '%') {
			g_string_append_c(expanded, *text);
			continue;
		}
		text++;
		for (guint i = 0; i < G_N_ELEMENTS(specifiers); i++)
			if (specifiers[i].letter == *text)
				value = specifiers[i].value;
		if (!value) {
			g_string_free(expanded, TRUE);
			return NULL;
		}
		g_string_append(expanded, value);
	}
	return g_string_free(expanded, FALSE);
}

typedef void (*LineReader)(Units *units, char **fields);

#define FIELDS 7

/* Call @read for each line that is neither empty nor a comment; the last of @fields fields is the rest of the line. */
static void read_lines(const char *text, gsize length, Units *units, guint fields, gboolean last_is_rest, LineReader read)
{
	KilnText rest = { text, length };
	if (length > KILN_LIMIT_SCRIPT_BYTES || (length && memchr(text, '\0', length))) {
		units->line = 1;
		units->text = (KilnText)KILN_TEXT("too long, or no text");
		not_understood(units);
		return;
	}
	while (rest.length) {
		KilnText line = kiln_text_strip(kiln_text_cut(&rest, '\n'));
		char *values[FIELDS + 1] = { NULL };
		units->line++;
		if (line.length == 0 || line.data[0] == '#' || line.data[0] == ';')
			continue;
		units->text = line;
		for (guint i = 0; i < fields; i++) {
			gboolean is_rest = last_is_rest && i + 1 == fields;
			line = is_rest ? kiln_text_strip(line) : line;
			values[i] = !is_rest ? cut_field(&line) : line.length ? kiln_text_dup(line) : NULL;
		}
		read(units, values);
		for (guint i = 0; i < fields; i++)
			g_free(values[i]);
	}
}

static gint64 id_or_none(const char *text)
{
	guint64 number;
	return text && kiln_text_to_u64(kiln_text(text), &number) && number < G_MAXUINT32 ? (gint64)number : -1;
}

static void add_sysuser(Units *units, char **fields)
{
	const char *name = fields[1], *id = given(fields[2]), *home = given(fields[4]), *shell = given(fields[5]);
	const char *colon = id ? strchr(id, ':') : NULL;
	g_autofree char *uid = colon ? g_strndup(id, (gsize)(colon - id)) : g_strdup(id);
	const char *group = colon ? colon + 1 : name;
	if (!colon) {
		KilnEffect *effect = add(units, KILN_EFFECT_GROUP, NULL);
		effect->name = g_strdup(name);
		effect->number = id_or_none(uid);
	}
	KilnEffect *effect = add(units, KILN_EFFECT_USER, shell ? shell : "/usr/sbin/nologin");
	effect->name = g_strdup(name);
	effect->number = id_or_none(uid);
	effect->extra = g_strdup(group);
	effect->text = g_strdup(home ? home : "/");
}

/* Source: sysusers.d(5). Fields: type, name, id, gecos, home, shell. */
static void read_sysuser(Units *units, char **fields)
{
	const char *type = fields[0], *name = given(fields[1]), *id = given(fields[2]);
	gboolean has_specifier = (name && strchr(name, '%')) || (fields[4] && strchr(fields[4], '%'));
	if (strcmp(type, "r") == 0)
		return; /* a range of ids: kiln has its own */
	if (!name || has_specifier) {
		not_understood(units);
	} else if (strcmp(type, "u") == 0 || strcmp(type, "u!") == 0) {
		add_sysuser(units, fields);
	} else if (strcmp(type, "g") == 0) {
		KilnEffect *effect = add(units, KILN_EFFECT_GROUP, NULL);
		effect->name = g_strdup(name);
		effect->number = id_or_none(id);
	} else if (strcmp(type, "m") == 0 && id) {
		KilnEffect *effect = add(units, KILN_EFFECT_MEMBER, NULL);
		effect->name = g_strdup(name);
		effect->text = g_strdup(id);
	} else
		not_understood(units);
}

void kiln_script_read_sysusers(const char *text, gsize length, const char *path, GPtrArray *effects, GPtrArray *unknown)
{
	Units units = { .file = path, .effects = effects, .unknown = unknown };
	read_lines(text, length, &units, 6, FALSE, read_sysuser);
}

static gint64 mode_of(const char *field, gint64 otherwise)
{
	const char *mode = given(field);
	while (mode && (*mode == '~' || *mode == ':'))
		mode++;
	if (!mode || !*mode || strlen(mode) > 5 || mode[strspn(mode, "01234567")])
		return otherwise;
	return (gint64)g_ascii_strtoull(mode, NULL, 8);
}

static char *owner_of(char **fields, const char *otherwise)
{
	const char *user = given(fields[3]), *group = given(fields[4]);
	if (user && *user == ':')
		user++;
	if (group && *group == ':')
		group++;
	if (!user && !group)
		return g_strdup(otherwise);
	return g_strconcat(user ? user : otherwise ? "root" : "", ":", group ? group : otherwise ? "root" : "", NULL);
}

static void add_tmp_directory(Units *units, const char *path, char **fields)
{
	KilnEffect *effect = add(units, KILN_EFFECT_DIRECTORY, path);
	effect->number = mode_of(fields[2], 0755);
	effect->text = owner_of(fields, "root:root");
	effect->extra = g_strdup("adjust");
}

static void add_tmp_file(Units *units, const char *path, char **fields)
{
	g_autofree char *owner = owner_of(fields, NULL);
	gboolean replaces = strchr(fields[0], '+') || fields[0][0] == 'F';
	KilnEffect *effect = add(units, KILN_EFFECT_CONTENT, path);
	effect->text = fields[6] ? g_strcompress(fields[6]) : g_strdup("");
	effect->number = mode_of(fields[2], 0644);
	effect->extra = replaces ? NULL : g_strdup("touch");
	if (owner)
		add(units, KILN_EFFECT_OWNER, path)->text = g_steal_pointer(&owner);
}

static void add_tmp_owner(Units *units, const char *path, char **fields)
{
	KilnEffect *effect = add(units, KILN_EFFECT_OWNER, path);
	effect->number = mode_of(fields[2], -1);
	effect->text = owner_of(fields, NULL);
	effect->is_glob = strpbrk(path, "*?[") != NULL;
	effect->extra = fields[0][0] == 'Z' ? g_strdup("recursive") : NULL;
}

static void add_tmp_link(Units *units, const char *path, char **fields)
{
	KilnEffect *effect = add(units, KILN_EFFECT_SYMLINK, path);
	const char *target = given(fields[6]);
	effect->text = target ? g_strdup(target) : g_strconcat("/usr/share/factory", path, NULL);
}

static void add_tmp_copy(Units *units, const char *path, char **fields)
{
	KilnEffect *effect = add(units, KILN_EFFECT_COPY, path);
	const char *source = given(fields[6]);
	effect->text = source ? g_strdup(source) : g_strconcat("/usr/share/factory", path, NULL);
	effect->number = mode_of(fields[2], -1);
	effect->extra = g_strdup("recursive");
}

/* Of these only a running system keeps the promise: cleaning, attributes of files on a disk, access lists of a journal. */
static gboolean is_without_effect(char type)
{
	return strchr("xXrRhHtTaA", type) != NULL;
}

/* Source: tmpfiles.d(5). Fields: type, path, mode, user, group, age, argument. "!" lines are for booting only. */
static void read_tmpfile(Units *units, char **fields)
{
	char type = fields[0][0];
	g_autofree char *path = fields[1] ? expand_specifiers(fields[1]) : NULL;
	if (strchr(fields[0], '!') || is_without_effect(type))
		return;
	if (!path || *path != '/' || (fields[6] && strchr("LfFC", type) && strchr(fields[6], '%'))) {
		not_understood(units);
		return;
	}
	switch (type) {
	case 'd':
	case 'D':
	case 'v':
	case 'q':
	case 'Q': add_tmp_directory(units, path, fields); break;
	case 'f':
	case 'F': add_tmp_file(units, path, fields); break;
	case 'L': add_tmp_link(units, path, fields); break;
	case 'C': add_tmp_copy(units, path, fields); break;
	case 'e':
	case 'z':
	case 'Z': add_tmp_owner(units, path, fields); break;
	default: not_understood(units);
	}
}

void kiln_script_read_tmpfiles(const char *text, gsize length, const char *path, GPtrArray *effects, GPtrArray *unknown)
{
	Units units = { .file = path, .effects = effects, .unknown = unknown };
	read_lines(text, length, &units, FIELDS, TRUE, read_tmpfile);
}
