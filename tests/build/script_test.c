/* SPDX-License-Identifier: Apache-2.0 */
/* script_test.c: effects of small maintainer scripts against what a person wrote into their comments. */
#include "build/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const kind_names[] = { "user",   "group",  "member", "alternative", "symlink", "directory", "owner",
	                                  "copy",   "divert", "remove", "capability",  "trigger", "content" };
static const char *const class_names[] = { "harmless", "understood", "not-understood" };
static const char *const path_kinds[] = { "unknown", "missing", "file", "program", "directory", "symlink" };

/* What a sample says of the system it runs on. */
typedef struct {
	GHashTable *paths; /* path -> name of its kind */
	GHashTable *texts; /* path -> content */
	GString *templates;
} Sample;

static KilnPathKind look(const char *path, gboolean follow, gpointer user_data)
{
	const Sample *sample = user_data;
	const char *name = g_hash_table_lookup(sample->paths, path);
	for (guint i = 0; name && i < G_N_ELEMENTS(path_kinds); i++)
		if (strcmp(path_kinds[i], name) == 0)
			return i == KILN_PATH_SYMLINK && follow ? KILN_PATH_FILE : (KilnPathKind)i;
	return KILN_PATH_MISSING;
}

static char **list(const char *directory, gpointer user_data)
{
	const Sample *sample = user_data;
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	GHashTableIter iter;
	gpointer path;
	g_hash_table_iter_init(&iter, sample->paths);
	while (g_hash_table_iter_next(&iter, &path, NULL)) {
		g_autofree char *parent = g_path_get_dirname(path), *name = g_path_get_basename(path);
		if (strcmp(parent, directory) == 0)
			g_strv_builder_add(names, name);
	}
	return g_strv_builder_end(names);
}

static GBytes *read_text(const char *path, gpointer user_data)
{
	const Sample *sample = user_data;
	const char *text = g_hash_table_lookup(sample->texts, path);
	return text ? g_bytes_new(text, strlen(text)) : NULL;
}

static char *describe(const KilnEffect *effect)
{
	GString *line = g_string_new(kind_names[effect->kind]);
	gboolean is_mode = effect->kind == KILN_EFFECT_DIRECTORY || effect->kind == KILN_EFFECT_OWNER || effect->kind == KILN_EFFECT_COPY ||
	                   effect->kind == KILN_EFFECT_CONTENT;
	g_autofree char *text = effect->text ? g_strescape(effect->text, NULL) : NULL;
	if (effect->kind != KILN_EFFECT_USER && effect->path)
		g_string_append_printf(line, " path=%s", effect->path);
	if (effect->name)
		g_string_append_printf(line, " name=%s", effect->name);
	if (text)
		g_string_append_printf(line, " text=%s", text);
	if (effect->kind == KILN_EFFECT_USER && effect->extra)
		g_string_append_printf(line, " extra=%s", effect->extra);
	if (effect->kind == KILN_EFFECT_USER && effect->path)
		g_string_append_printf(line, " path=%s", effect->path);
	if (effect->number >= 0)
		g_string_append_printf(line, is_mode ? " number=0%lo" : " number=%ld", (long)effect->number);
	if (effect->kind != KILN_EFFECT_USER && effect->extra)
		g_string_append_printf(line, " extra=%s", effect->extra);
	g_string_append(line, effect->is_glob ? " glob" : "");
	g_string_append(line, effect->conditional ? " conditional" : "");
	return g_string_free(line, FALSE);
}

/* All that the reader said, in the form of the "#=" lines. */
static char *describe_script(const KilnScript *script)
{
	GString *text = g_string_new(NULL);
	g_string_append_printf(text, "class %s\n", class_names[script->class]);
	for (guint i = 0; i < script->effects->len; i++) {
		g_autofree char *line = describe(script->effects->pdata[i]);
		g_string_append_printf(text, "%s\n", line);
	}
	for (guint i = 0; i < script->unknown->len; i++)
		g_string_append_printf(text, "unknown %s\n", strchr(script->unknown->pdata[i], ':') + 1);
	return g_string_free(text, FALSE);
}

static void note_system(Sample *sample, const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 3);
	if (strcmp(words[0], "answer") == 0) {
		g_auto(GStrv) pair = g_strsplit(words[1], "=", 2);
		g_string_append_printf(sample->templates, "Template: %s\nType: string\nDefault: %s\n\n", pair[0], pair[1]);
	} else if (strcmp(words[0], "text") == 0)
		g_hash_table_insert(sample->texts, g_strdup(words[1]), g_strdelimit(g_strdup(words[2]), "%", '\n'));
	else
		g_hash_table_insert(sample->paths, g_strdup(words[0]), g_strdup(words[1]));
}

static void check_sample(const char *path)
{
	g_autofree char *text = NULL, *name = g_path_get_basename(path);
	gsize length;
	assert_true(g_file_get_contents(path, &text, &length, NULL));
	Sample sample = { g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free), g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
		          g_string_new(NULL) };
	g_autoptr(GString) expected = g_string_new(NULL);
	gboolean is_preinst = FALSE;
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		if (strcmp(*line, "#= kind preinst") == 0)
			is_preinst = TRUE;
		else if (g_str_has_prefix(*line, "#= "))
			g_string_append_printf(expected, "%s\n", *line + 3);
		else if (g_str_has_prefix(*line, "#@ "))
			note_system(&sample, *line + 3);
	}
	assert_true(expected->len > 0);
	gboolean has_system = g_hash_table_size(sample.paths) > 0;
	KilnScriptSystem system = { look, list, read_text, NULL, sample.templates->str, sample.templates->len, &sample };
	g_autoptr(KilnScript) script = kiln_script_read_on(text, length, is_preinst ? "preinst" : "postinst", "sample", "amd64", has_system ? &system : NULL);
	g_autofree char *found = describe_script(script);
	g_auto(GStrv) ours = g_strsplit(found, "\n", -1), theirs = g_strsplit(expected->str, "\n", -1);
	for (guint i = 0; ours[i] && theirs[i]; i++)
		if (strcmp(ours[i], theirs[i]) != 0)
			fail_msg("%s: kiln finds \"%s\", the sample says \"%s\"", name, ours[i], theirs[i]);
	assert_int_equal(g_strv_length(ours), g_strv_length(theirs));
	g_hash_table_unref(sample.paths);
	g_hash_table_unref(sample.texts);
	g_string_free(sample.templates, TRUE);
}

static void test_samples(void **state)
{
	g_autofree char *directory = g_build_filename(g_getenv("KILN_TEST_DATA"), "build", "script", NULL);
	g_autoptr(GDir) open = g_dir_open(directory, 0, NULL);
	const char *name;
	guint count = 0;
	assert_non_null(open);
	while ((name = g_dir_read_name(open))) {
		g_autofree char *path = g_build_filename(directory, name, NULL);
		print_message("# %s\n", name);
		check_sample(path);
		count++;
	}
	assert_true(count >= 8);
}

/* What cannot be read is not understood, and says where. */
static void test_refused(void **state)
{
	g_autofree char *deep = g_strnfill(100000, '('), *quotes = g_strdup("x=\"$(\"$(\"$(\"$(\"$(");
	static const char nul[] = "#!/bin/sh\n\0mkdir /x\n";
	const struct {
		const char *text;
		gssize length;
		const char *begins;
	} rows[] = {
		{ "#!/usr/bin/perl\nunlink '/x';\n", -1, "postinst:1: not written for the shell" },
		{ "#!/bin/sh\nif true; then\nmkdir /x\n", -1, "postinst:4: " },
		{ "#!/bin/sh\necho 'open\n", -1, "postinst:3: a single quote is not closed" },
		{ "#!/bin/sh\nfi\n", -1, "postinst:2: \"fi\" is out of place" },
		{ "#!/bin/sh\nx | | y\n", -1, "postinst:2: " },
		{ nul, sizeof(nul) - 1, "postinst:1: no text" },
		{ deep, -1, "postinst:1: nested too deeply" },
		{ quotes, -1, "postinst:1: " },
		{ "f() { f; }\nf\n", -1, "postinst:1: f" },
		{ "for a in 1 2 3 4 5 6 7 8 9; do for b in 1 2 3 4 5 6 7 8 9; do for c in 1 2 3 4 5 6 7 8 9; do for d in 1 2 3 4 5 6 7 8 9; do for e in 1 2 3 4 5 6 7 8 9; do :; done; "
		  "done; done; done; done\n",
		  -1, "postinst:1: " },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		gsize length = rows[i].length < 0 ? strlen(rows[i].text) : (gsize)rows[i].length;
		g_autoptr(KilnScript) script = kiln_script_read(rows[i].text, length, "postinst", "sample", "amd64");
		assert_int_equal(script->class, KILN_SCRIPT_NOT_UNDERSTOOD);
		assert_true(script->unknown->len >= 1);
		print_message("# %s\n", (char *)script->unknown->pdata[0]);
		assert_true(g_str_has_prefix(script->unknown->pdata[0], rows[i].begins));
	}
}

static void check_units(void (*read)(const char *, gsize, const char *, GPtrArray *, GPtrArray *), const char *text, const char *const *expected, guint count,
                        const char *unknown)
{
	g_autoptr(GPtrArray) effects = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_effect_free);
	g_autoptr(GPtrArray) unread = g_ptr_array_new_with_free_func(g_free);
	read(text, strlen(text), "/usr/lib/x.d/sample.conf", effects, unread);
	for (guint i = 0; i < MIN(count, effects->len); i++) {
		g_autofree char *line = describe(effects->pdata[i]);
		assert_string_equal(line, expected[i]);
	}
	assert_int_equal(effects->len, count);
	assert_int_equal(unread->len, 1);
	assert_string_equal(unread->pdata[0], unknown);
}

static void test_sysusers(void **state)
{
	static const char text[] = "# comment\n\nu valkey - \"Valkey Server\" /var/lib/valkey\nu! nobody2 65533:nogroup 'No body' - /bin/false\n"
	                           "g render 107\nm valkey adm\nr - 500-900\nu two 12:34 - - -\nx strange\n";
	static const char *const expected[] = { "group name=valkey",
		                                "user name=valkey text=/var/lib/valkey extra=valkey path=/usr/sbin/nologin",
		                                "user name=nobody2 text=/ extra=nogroup path=/bin/false number=65533",
		                                "group name=render number=107",
		                                "member name=valkey text=adm",
		                                "user name=two text=/ extra=34 path=/usr/sbin/nologin number=12" };
	check_units(kiln_script_read_sysusers, text, expected, G_N_ELEMENTS(expected), "sample.conf:9: x strange");
}

static void test_tmpfiles(void **state)
{
	static const char text[] = "# comment\nd /run/haproxy 2775 haproxy haproxy -\nd /run/plain\nD! /tmp/.X11-unix 1777 root root 10d\n"
	                           "f /run/motd 0644 root root - hello\\nworld\nL /etc/mtab - - - - ../proc/self/mounts\nL+ /etc/os - - - -\n"
	                           "C /etc/skel2 0755 - - - /usr/share/skel\nZ /var/lib/x ~0750 x - -\nz /var/log/*.log 640 root adm\nq %S/machines 0700 - - -\n"
	                           "x /tmp/keep\nr! /run/old\nd \"/run/with space\" 700\nd /run/%m 0755\na+ /var/log/journal - - - - m:r\n";
	static const char *const expected[] = { "directory path=/run/haproxy text=haproxy:haproxy number=02775 extra=adjust",
		                                "directory path=/run/plain text=root:root number=0755 extra=adjust",
		                                "content path=/run/motd text=hello\\nworld number=0644 extra=touch",
		                                "owner path=/run/motd text=root:root",
		                                "symlink path=/etc/mtab text=../proc/self/mounts",
		                                "symlink path=/etc/os text=/usr/share/factory/etc/os",
		                                "copy path=/etc/skel2 text=/usr/share/skel number=0755 extra=recursive",
		                                "owner path=/var/lib/x text=x: number=0750 extra=recursive",
		                                "owner path=/var/log/*.log text=root:adm number=0640 glob",
		                                "directory path=/var/lib/machines text=root:root number=0700 extra=adjust",
		                                "directory path=/run/with space text=root:root number=0700 extra=adjust" };
	check_units(kiln_script_read_tmpfiles, text, expected, G_N_ELEMENTS(expected), "sample.conf:15: d /run/%m 0755");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_samples), cmocka_unit_test(test_refused), cmocka_unit_test(test_sysusers), cmocka_unit_test(test_tmpfiles) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
