/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_pacman.c: packages that pacman installed: Arch Linux and what derives from it.
 *
 * Source: libalpm's local database, a directory for each package: "desc" and "files", each of "%FIELD%", lines, an empty line.
 */
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "io/reader.h"
#include "pkg/cataloger.h"

#include <string.h>

#define LOCAL "var/lib/pacman/local/"

/* "desc" or "files" of a package's directory; NULL: another file. */
static const char *file_of(const char *path)
{
	const char *slash = g_str_has_prefix(path, LOCAL) ? strchr(path + strlen(LOCAL), '/') : NULL;
	return slash && !strchr(slash + 1, '/') ? slash + 1 : NULL;
}

static gboolean wants(const char *path)
{
	const char *name = file_of(path);
	return name && (strcmp(name, "desc") == 0 || strcmp(name, "files") == 0);
}

/* The next value with the field that it belongs to. FALSE at the end. */
static gboolean next_value(KilnText *rest, KilnText *field, KilnText *value)
{
	while (rest->length) {
		KilnText line = kiln_text_cut(rest, '\n');
		if (line.length > 2 && line.data[0] == '%' && line.data[line.length - 1] == '%') {
			*field = (KilnText){ line.data + 1, line.length - 2 };
		} else if (line.length && field->length) {
			*value = line;
			return TRUE;
		}
	}
	return FALSE;
}

static char **text_field(KilnInventoryPackage *package, KilnText field)
{
	KilnPackage *identity = &package->identity;
	const struct {
		const char *name;
		char **text;
	} fields[] = {
		{ "NAME", &identity->name }, { "VERSION", &identity->version }, { "BASE", &identity->source_name }, { "ARCH", &identity->architecture }, { "DESC", &identity->summary },
		{ "URL", &identity->homepage }, { "PACKAGER", &identity->maintainer }, { "LICENSE", &package->licence },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
		if (kiln_text_is(field, fields[i].name))
			return fields[i].text;
	return NULL;
}

static void set_text(char **text, KilnText value)
{
	g_autofree char *raw = g_strndup(value.data, value.length), *valid = g_utf8_make_valid(raw, -1), *before = *text;
	*text = before ? g_strdup_printf("%s AND %s", before, valid) : g_steal_pointer(&valid); /* of several licences all hold */
}

static gboolean read_description(KilnInventory *inventory, const KilnImageFile *file, GError **error)
{
	KilnText rest = { g_bytes_get_data(file->content, NULL), g_bytes_get_size(file->content) }, field = { 0 }, value;
	KilnInventoryPackage *package = cataloger_add_package(inventory, "alpm", file->path);
	KilnPackage *identity = &package->identity;
	while (next_value(&rest, &field, &value)) {
		char **text = text_field(package, field);
		if (text && *text && text != &package->licence)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "/%s: %%%.*s%% twice", file->path, (int)field.length, field.data);
		if (text)
			set_text(text, value);
		else if (kiln_text_is(field, "SIZE") && !kiln_text_to_u64(value, &package->installed_bytes))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "/%s: %%SIZE%% is no size in bytes", file->path);
	}
	if (!identity->name || !identity->version)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "/%s: a package without %%NAME%% or %%VERSION%%", file->path);
	if (!identity->source_name)
		identity->source_name = g_strdup(identity->name);
	identity->source_version = g_strdup(identity->version);
	return TRUE;
}

/* Files follow descriptions in their order, so that the package whose they are was added last. */
static void read_files(KilnInventory *inventory, const KilnImageFile *file)
{
	KilnText rest = { g_bytes_get_data(file->content, NULL), g_bytes_get_size(file->content) }, field = { 0 }, value;
	KilnInventoryPackage *package = inventory->packages->len ? inventory->packages->pdata[inventory->packages->len - 1] : NULL;
	gsize directory = (gsize)(file_of(file->path) - file->path);
	if (!package || strncmp(package->database, file->path, directory) != 0)
		return; /* its description is missing: it is not installed */
	package->claims = g_ptr_array_new_with_free_func(g_free);
	while (next_value(&rest, &field, &value))
		if (kiln_text_is(field, "FILES") && value.data[value.length - 1] != '/')
			g_ptr_array_add(package->claims, kiln_text_dup(value));
}

static gboolean read_all(KilnInventory *inventory, gboolean *found, GError **error)
{
	for (guint i = 0; i < inventory->files->len; i++) {
		const KilnImageFile *file = inventory->files->pdata[i];
		*found |= strcmp(file->path, LOCAL "ALPM_DB_VERSION") == 0;
		if (!file->content || !wants(file->path))
			continue;
		*found = TRUE;
		if (strcmp(file_of(file->path), "files") == 0)
			read_files(inventory, file);
		else if (!read_description(inventory, file, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean wants_thorough(const char *path)
{
	const char *name = file_of(path);
	return name && strcmp(name, "mtree") == 0;
}

/* The word that begins with @key in a line of words. */
static KilnText word_of(KilnText line, const char *key)
{
	while (line.length) {
		KilnText word = kiln_text_cut(&line, ' ');
		if (kiln_text_starts(word, key))
			return (KilnText){ word.data + strlen(key), word.length - strlen(key) };
	}
	return (KilnText){ 0 };
}

/* "./usr/bin/x size=1 sha256digest=..."; octal numbers stand for what is no plain character. Source: mtree(5). */
static void check_line(KilnInventory *inventory, const KilnImageLookup *lookup, KilnText line)
{
	KilnText rest = line, name = kiln_text_cut(&rest, ' '), sum = word_of(rest, "sha256digest=");
	if (!kiln_text_starts(name, "./") || !sum.length)
		return;
	g_autofree char *raw = g_strndup(name.data + 2, name.length - 2), *path = g_strcompress(raw);
	cataloger_check_hex(inventory, lookup, path, CATALOGER_SHA256, sum, g_str_has_prefix(path, "etc/")); /* what pacman backs up is there */
}

static gboolean check(KilnInventory *inventory, const KilnImageLookup *lookup, GError **error)
{
	for (guint i = 0; i < inventory->files->len; i++) {
		const KilnImageFile *file = inventory->files->pdata[i];
		g_autoptr(GError) reason = NULL;
		if (!file->content || !wants_thorough(file->path))
			continue;
		g_autoptr(KilnReader) reader = kiln_reader_new_inflate(kiln_reader_new_bytes(file->content), KILN_COMPRESSION_GZIP, KILN_LIMIT_OWNED_PATHS_BYTES, &reason);
		g_autoptr(GBytes) all = reader ? kiln_reader_read_all(reader, KILN_LIMIT_OWNED_PATHS_BYTES, &reason) : NULL;
		KilnText text = { 0 };
		if (all)
			text = (KilnText){ g_bytes_get_data(all, NULL), g_bytes_get_size(all) };
		else
			kiln_inventory_remark(inventory, "unreadable", file->path, g_strdup_printf("whether files of the package have changed: %s", reason->message));
		while (text.length)
			check_line(inventory, lookup, kiln_text_cut(&text, '\n'));
	}
	return TRUE;
}

const KilnCataloger kiln_cataloger_pacman = { "pacman", wants, read_all, NULL, wants_thorough, check };
