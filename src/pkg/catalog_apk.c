/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_apk.c: packages that apk installed: Alpine, Wolfi and what derives from them.
 *
 * Source: apk-package(5) and apk-v2(5), "installed database": records of "X:value" lines, an empty line after each. F: begins a
 * directory, R: names a file in it.
 */
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "pkg/cataloger.h"

#include <string.h>

static const char *const databases[] = { "lib/apk/db/installed", "usr/lib/apk/db/installed" };

static gboolean wants(const char *path)
{
	for (gsize i = 0; i < G_N_ELEMENTS(databases); i++)
		if (strcmp(path, databases[i]) == 0)
			return TRUE;
	return FALSE;
}

typedef struct {
	KilnText rest;
	const char *path; /* for messages */
	guint line;
	char field; /* of the line read last; 0: the end of a record */
	KilnText value;
} Cursor;

/* The next line. *more is FALSE at the end of the text. */
static gboolean next_line(Cursor *cursor, gboolean *more, GError **error)
{
	*more = cursor->rest.length > 0;
	if (!*more)
		return TRUE;
	KilnText line = kiln_text_cut(&cursor->rest, '\n');
	cursor->line++;
	if (line.length && (line.length < 2 || line.data[1] != ':'))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "/%s:%u: \"%.*s\" is no line of apk's database, such as \"P:musl\"", cursor->path, cursor->line,
		                 (int)MIN(line.length, 60), line.data);
	cursor->field = line.length ? line.data[0] : '\0';
	cursor->value = line.length ? (KilnText){ line.data + 2, line.length - 2 } : (KilnText){ 0 };
	if (line.length && memchr(line.data, '\0', line.length))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "/%s:%u: a NUL byte in \"%c:\"", cursor->path, cursor->line, cursor->field);
	return TRUE;
}

/* Where a field's text goes; NULL: it is no text that anybody asks for. */
static char **text_field(KilnInventoryPackage *package, char field)
{
	KilnPackage *identity = &package->identity;
	switch (field) {
	case 'P': return &identity->name;
	case 'V': return &identity->version;
	case 'A': return &identity->architecture;
	case 'T': return &identity->summary;
	case 'U': return &identity->homepage;
	case 'm': return &identity->maintainer;
	case 'o': return &identity->source_name;
	case 'L': return &package->licence;
	default: return NULL;
	}
}

static gboolean finish(KilnInventoryPackage *package, const char *path, guint line, GError **error)
{
	KilnPackage *identity = &package->identity;
	if (!identity->name || !*identity->name || !identity->version || !*identity->version)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "/%s:%u: a package without name or version", path, line);
	if (!identity->source_name)
		identity->source_name = g_strdup(identity->name);
	identity->source_version = g_strdup(identity->version);
	return TRUE;
}

static gboolean read_database(KilnInventory *inventory, const KilnImageFile *file, GError **error)
{
	Cursor cursor = { .rest = { g_bytes_get_data(file->content, NULL), g_bytes_get_size(file->content) }, .path = file->path };
	KilnInventoryPackage *package = NULL;
	guint begun = 0;
	for (gboolean more = TRUE;;) {
		if (!next_line(&cursor, &more, error))
			return FALSE;
		if (!more || !cursor.field) {
			if (package && !finish(package, file->path, begun, error))
				return FALSE;
			package = NULL;
			if (!more)
				return TRUE;
			continue;
		}
		if (!package) {
			package = cataloger_add_package(inventory, "apk", file->path);
			begun = cursor.line;
		}
		char **text = text_field(package, cursor.field);
		if (text && *text)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "/%s:%u: \"%c:\" twice in one package", file->path, cursor.line, cursor.field);
		if (text)
			*text = kiln_text_dup(cursor.value);
		else if (cursor.field == 'I' && !kiln_text_to_u64(cursor.value, &package->installed_bytes))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "/%s:%u: \"I:\" is no size in bytes", file->path, cursor.line);
	}
}

static gboolean read_all(KilnInventory *inventory, gboolean *found, GError **error)
{
	for (guint i = 0; i < inventory->files->len; i++) {
		const KilnImageFile *file = inventory->files->pdata[i];
		if (!file->content || !wants(file->path))
			continue;
		*found = TRUE;
		if (!read_database(inventory, file, error))
			return FALSE;
	}
	return TRUE;
}

static char *path_in(KilnText directory, KilnText name)
{
	return directory.length ? g_strdup_printf("%.*s/%.*s", (int)directory.length, directory.data, (int)name.length, name.data) : kiln_text_dup(name);
}

static gboolean claim_of(KilnInventory *inventory, const KilnImageLookup *lookup, const KilnImageFile *file, GError **error)
{
	Cursor cursor = { .rest = { g_bytes_get_data(file->content, NULL), g_bytes_get_size(file->content) }, .path = file->path };
	KilnText directory = { 0 };
	gint package = -1;
	for (gboolean more = TRUE;;) {
		if (!next_line(&cursor, &more, error))
			return FALSE;
		if (!more)
			return TRUE;
		if (cursor.field == 'P') {
			g_autofree char *name = kiln_text_dup(cursor.value);
			package = kiln_inventory_package(inventory, name, NULL);
		} else if (cursor.field == 'F') {
			directory = cursor.value;
		} else if (cursor.field == '\0') {
			directory = (KilnText){ 0 };
			package = -1;
		} else if (cursor.field == 'R' && package >= 0 && directory.length + cursor.value.length < KILN_LIMIT_PATH_BYTES) {
			g_autofree char *path = path_in(directory, cursor.value);
			KilnInventoryPackage *owner = inventory->packages->pdata[package];
			owner->partial |= !cataloger_claim(inventory, lookup, path, package);
		}
	}
}

static gboolean claim(KilnInventory *inventory, const KilnImageLookup *lookup, GError **error)
{
	for (guint i = 0; i < inventory->files->len; i++) {
		const KilnImageFile *file = inventory->files->pdata[i];
		if (file->content && wants(file->path) && !claim_of(inventory, lookup, file, error))
			return FALSE;
	}
	return TRUE;
}

/* "Q1" and SHA-1 in base64: of a file's content. Source: apk-v2(5), "Z:". */
static void check_sum(KilnInventory *inventory, const KilnImageLookup *lookup, const char *path, KilnText value)
{
	gsize length = 0;
	if (value.length < 3 || value.length > 60 || memcmp(value.data, "Q1", 2) != 0)
		return;
	g_autofree char *text = g_strndup(value.data + 2, value.length - 2);
	g_autofree guint8 *sum = g_base64_decode(text, &length);
	if (length == sizeof((KilnOldHashes *)NULL)->sha1)
		cataloger_check(inventory, lookup, path, CATALOGER_SHA1, sum, g_str_has_prefix(path, "etc/")); /* what apk protects unless told otherwise */
}

static gboolean check_of(KilnInventory *inventory, const KilnImageLookup *lookup, const KilnImageFile *file, GError **error)
{
	Cursor cursor = { .rest = { g_bytes_get_data(file->content, NULL), g_bytes_get_size(file->content) }, .path = file->path };
	KilnText directory = { 0 };
	g_autofree char *path = NULL;
	for (gboolean more = TRUE;;) {
		if (!next_line(&cursor, &more, error))
			return FALSE;
		if (!more)
			return TRUE;
		if (cursor.field == 'F' || !cursor.field)
			directory = cursor.field ? cursor.value : (KilnText){ 0 };
		if (cursor.field == 'Z' && path)
			check_sum(inventory, lookup, path, cursor.value);
		if (cursor.field == 'F' || !cursor.field || cursor.field == 'R')
			g_clear_pointer(&path, g_free);
		if (cursor.field == 'R' && directory.length + cursor.value.length < KILN_LIMIT_PATH_BYTES)
			path = path_in(directory, cursor.value);
	}
}

static gboolean check(KilnInventory *inventory, const KilnImageLookup *lookup, GError **error)
{
	for (guint i = 0; i < inventory->files->len; i++) {
		const KilnImageFile *file = inventory->files->pdata[i];
		if (file->content && wants(file->path) && !check_of(inventory, lookup, file, error))
			return FALSE;
	}
	return TRUE;
}

const KilnCataloger kiln_cataloger_apk = { "apk", wants, read_all, claim, NULL, check };
