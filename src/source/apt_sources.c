/* SPDX-License-Identifier: Apache-2.0 */
/* apt_sources.c: what the host's apt says: sources.list and sources.list.d. Source: sources.list(5). */
#include "source/archive.h"

#include "base/error.h"
#include "base/limits.h"
#include "data/deb822.h"
#include "io/file.h"

#include <string.h>

void kiln_apt_source_free(KilnAptSource *source)
{
	if (!source)
		return;
	g_strfreev(source->uris);
	g_strfreev(source->suites);
	g_strfreev(source->components);
	g_strfreev(source->architectures);
	g_free(source->signed_by);
	g_free(source->embedded_key);
	g_free(source->file);
	g_free(source);
}

static char **split_words(KilnText text)
{
	g_autoptr(GStrvBuilder) words = g_strv_builder_new();
	g_autofree char *copy = kiln_text_dup(text);
	g_auto(GStrv) parts = g_strsplit_set(copy, " \t\n\r", -1);
	for (char **part = parts; *part; part++)
		if (**part)
			g_strv_builder_add(words, *part);
	return g_strv_builder_end(words);
}

static void set_signed_by(KilnAptSource *source, KilnText value)
{
	KilnText text = kiln_text_strip(value);
	if (text.length && text.data[0] == '/')
		source->signed_by = kiln_text_dup(kiln_text_strip(kiln_text_cut(&text, ',')));
	else if (text.length && memchr(text.data, '\n', text.length))
		source->embedded_key = kiln_deb822_unfold(value);
}

static gboolean read_deb822(const char *text, gsize length, const char *file, GPtrArray *sources, GError **error)
{
	KilnDeb822 cursor = { text, length, file, 1 };
	g_autofree KilnDeb822Stanza *stanza = g_new(KilnDeb822Stanza, 1);
	for (;;) {
		gboolean found;
		if (!kiln_deb822_next(&cursor, stanza, &found, error))
			return FALSE;
		if (!found)
			return TRUE;
		g_auto(GStrv) types = split_words(kiln_deb822_get(stanza, "Types"));
		if (!g_strv_contains((const char *const *)types, "deb"))
			continue;
		KilnAptSource *source = g_new0(KilnAptSource, 1);
		source->file = g_strdup(file);
		source->line = stanza->line;
		source->uris = split_words(kiln_deb822_get(stanza, "URIs"));
		source->suites = split_words(kiln_deb822_get(stanza, "Suites"));
		source->components = split_words(kiln_deb822_get(stanza, "Components"));
		if (kiln_deb822_get(stanza, "Architectures").length)
			source->architectures = split_words(kiln_deb822_get(stanza, "Architectures"));
		set_signed_by(source, kiln_deb822_get(stanza, "Signed-By"));
		g_autofree char *enabled = kiln_deb822_dup(stanza, "Enabled");
		g_autofree char *trusted = kiln_deb822_dup(stanza, "Trusted");
		source->enabled = !enabled || g_ascii_strcasecmp(enabled, "no") != 0;
		source->trusted = trusted && g_ascii_strcasecmp(trusted, "yes") == 0;
		g_ptr_array_add(sources, source);
	}
}

/* "deb [signed-by=/x arch=amd64] uri suite component..." */
static gboolean read_line(KilnText line, const char *file, guint number, GPtrArray *sources, GError **error)
{
	g_autofree char *copy = kiln_text_dup(line);
	char *comment = strchr(copy, '#');
	if (comment)
		*comment = '\0';
	char *rest = g_strstrip(copy), *options = NULL;
	if (!g_str_has_prefix(rest, "deb ") && !g_str_has_prefix(rest, "deb\t"))
		return TRUE;
	rest = g_strchug(rest + 3);
	if (*rest == '[') {
		char *end = strchr(rest, ']');
		if (!end)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s:%u: \"[\" without \"]\"", file, number);
		*end = '\0';
		options = rest + 1;
		rest = g_strchug(end + 1);
	}
	g_auto(GStrv) words = split_words(kiln_text(rest));
	if (g_strv_length(words) < 2)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s:%u: expected \"deb URI SUITE [COMPONENT...]\"", file, number);
	KilnAptSource *source = g_new0(KilnAptSource, 1);
	source->file = g_strdup(file);
	source->line = number;
	source->enabled = TRUE;
	source->uris = g_strsplit(words[0], " ", -1);
	source->suites = g_strsplit(words[1], " ", -1);
	source->components = g_strdupv(words + 2);
	g_auto(GStrv) settings = split_words(kiln_text(options));
	for (char **setting = settings; *setting; setting++) {
		if (g_str_has_prefix(*setting, "signed-by="))
			set_signed_by(source, kiln_text(*setting + strlen("signed-by=")));
		if (g_str_has_prefix(*setting, "arch=") && !source->architectures)
			source->architectures = g_strsplit(*setting + strlen("arch="), ",", -1);
		source->trusted |= strcmp(*setting, "trusted=yes") == 0;
	}
	g_ptr_array_add(sources, source);
	return TRUE;
}

static gboolean read_list(const char *text, gsize length, const char *file, GPtrArray *sources, GError **error)
{
	KilnText rest = { text, length };
	for (guint number = 1; rest.length; number++)
		if (!read_line(kiln_text_cut(&rest, '\n'), file, number, sources, error))
			return FALSE;
	return TRUE;
}

gboolean kiln_apt_sources_parse(const char *text, gsize length, const char *file, GPtrArray **sources, GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_apt_source_free);
	if (!(g_str_has_suffix(file, ".sources") ? read_deb822 : read_list)(text, length, file, found, error))
		return FALSE;
	*sources = g_steal_pointer(&found);
	return TRUE;
}

static gboolean read_file(int root_fd, const char *path, GPtrArray *sources, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(GBytes) bytes = kiln_file_read_at(root_fd, path, KILN_LIMIT_CONFIG_BYTES, &local);
	gsize length;
	if (!bytes) {
		if (g_error_matches(local, KILN_ERROR, KILN_ERROR_NOT_FOUND))
			return TRUE;
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	const char *text = g_bytes_get_data(bytes, &length);
	g_autofree char *shown = g_strconcat("/", path, NULL);
	return (g_str_has_suffix(path, ".sources") ? read_deb822 : read_list)(text, length, shown, sources, error);
}

gboolean kiln_apt_sources_read(int root_fd, GPtrArray **sources, GError **error)
{
	static const char directory[] = "etc/apt/sources.list.d";
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_apt_source_free);
	if (!read_file(root_fd, "etc/apt/sources.list", found, error))
		return FALSE;
	g_autoptr(GError) local = NULL;
	g_auto(GStrv) names = kiln_directory_list_at(root_fd, directory, &local);
	if (!names && !g_error_matches(local, KILN_ERROR, KILN_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	for (char **name = names; name && *name; name++) {
		g_autofree char *path = g_strdup_printf("%s/%s", directory, *name);
		if ((g_str_has_suffix(*name, ".list") || g_str_has_suffix(*name, ".sources")) && !read_file(root_fd, path, found, error))
			return FALSE;
	}
	*sources = g_steal_pointer(&found);
	return TRUE;
}
