/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_python.c: what pip, setuptools and the like installed.
 *
 * Source: Python Packaging User Guide, "Core metadata specifications" and "Recording installed projects". METADATA and PKG-INFO are
 * headers like those of mail; RECORD and installed-files.txt list the files, relative to the directory of packages, one a line.
 */
#include "pkg/file_cataloger.h"

#include <string.h>

#define METADATA_MAX_BYTES (16 * KILN_MIB)
#define CLASSIFIER "License :: "

static gboolean is_file_list(const char *path)
{
	return g_str_has_suffix(path, ".dist-info/RECORD") || g_str_has_suffix(path, ".egg-info/installed-files.txt");
}

static gboolean is_metadata(const char *path)
{
	return g_str_has_suffix(path, ".dist-info/METADATA") || g_str_has_suffix(path, ".egg-info/PKG-INFO") || g_str_has_suffix(path, ".egg-info") ||
	       g_str_has_suffix(path, "EGG-INFO/PKG-INFO");
}

static gboolean wants(const KilnSeenFile *file)
{
	return (is_metadata(file->path) || is_file_list(file->path)) && file->size <= METADATA_MAX_BYTES;
}

/* The headers that matter; the first of each counts. */
typedef struct {
	KilnText name, version, licence, expression, summary, homepage, author, classifier;
} Headers;

static void note_header(Headers *headers, KilnText key, KilnText value)
{
	const struct {
		const char *key;
		KilnText *value;
	} known[] = { { "Name", &headers->name }, { "Version", &headers->version }, { "License", &headers->licence }, { "License-Expression", &headers->expression },
		      { "Summary", &headers->summary }, { "Home-page", &headers->homepage }, { "Author", &headers->author } };
	for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
		if (key.length == strlen(known[i].key) && g_ascii_strncasecmp(key.data, known[i].key, key.length) == 0 && !known[i].value->length)
			*known[i].value = value;
	if (kiln_text_is(key, "Classifier") && value.length > strlen(CLASSIFIER) && memcmp(value.data, CLASSIFIER, strlen(CLASSIFIER)) == 0)
		headers->classifier = value;
}

static Headers read_headers(KilnText content)
{
	Headers headers = { 0 };
	while (content.length) {
		KilnText line = kiln_text_cut(&content, '\n');
		if (!kiln_text_strip(line).length)
			break;
		if (g_ascii_isspace(line.data[0])) /* goes on; the first line says enough */
			continue;
		KilnText value = line, key = kiln_text_cut(&value, ':');
		note_header(&headers, key, kiln_text_strip(value));
	}
	return headers;
}

/* "License :: OSI Approved :: MIT License" is "MIT License". */
static KilnText licence_of(const Headers *headers)
{
	if (headers->expression.length)
		return headers->expression;
	if (headers->licence.length && headers->licence.length < 200 && !kiln_text_is(headers->licence, "UNKNOWN"))
		return headers->licence;
	KilnText last = headers->classifier;
	for (gsize i = last.length; i > 3; i--)
		if (memcmp(last.data + i - 3, ":: ", 3) == 0)
			return (KilnText){ last.data + i, last.length - i };
	return last;
}

static char *text_or_null(KilnText text)
{
	return text.length && !kiln_text_is(text, "UNKNOWN") ? kiln_text_dup(text) : NULL;
}

/* The directory of metadata says which package it is: "name-1.0.dist-info", and for eggs "name-1.0-py3.11.egg-info". */
static gboolean read_file_list(KilnFileNotes *notes, KilnText content, GError **error)
{
	g_autofree char *own = file_notes_directory(notes, 1), *above = file_notes_directory(notes, 2);
	gboolean is_egg = g_str_has_suffix(own, ".egg-info");
	KilnText version = kiln_text(own + strlen(above) + (*above ? 1 : 0)), name = kiln_text_cut(&version, '-');
	version = is_egg ? kiln_text_cut(&version, '-') : version;
	if (g_str_has_suffix(own, ".dist-info"))
		version.length -= MIN(version.length, strlen(".dist-info"));
	if (is_egg && !version.length) /* "name.egg-info" does not say; its PKG-INFO does */
		return TRUE;
	KilnInventoryPackage *package = file_notes_add(notes, "pypi", name, version, error);
	if (!package)
		return FALSE;
	while (content.length) {
		KilnText line = kiln_text_strip(kiln_text_cut(&content, '\n'));
		gboolean quoted = line.length && line.data[0] == '"';
		KilnText path = quoted ? (KilnText){ line.data + 1, line.length - 1 } : line;
		path = kiln_text_cut(&path, quoted ? '"' : is_egg ? '\n' : ',');
		if (path.length)
			file_notes_claim(package, is_egg ? own : above, path);
	}
	return TRUE;
}

/* The directory of metadata is the package's own; the list of its files tells more. */
static gboolean read_metadata(KilnFileNotes *notes, KilnText content, GError **error)
{
	Headers headers = read_headers(content);
	KilnInventoryPackage *package = file_notes_add(notes, "pypi", headers.name, headers.version, error);
	if (!package)
		return FALSE;
	package->licence = text_or_null(licence_of(&headers));
	package->identity.summary = text_or_null(headers.summary);
	package->identity.homepage = text_or_null(headers.homepage);
	package->identity.maintainer = text_or_null(headers.author);
	if (g_str_has_suffix(notes->path, ".egg-info")) {
		file_notes_claim(package, NULL, kiln_text(notes->path));
		return TRUE;
	}
	g_autofree char *own = file_notes_directory(notes, 1), *tree = g_strconcat(own, "/", NULL);
	file_notes_claim(package, NULL, kiln_text(tree));
	return TRUE;
}

static gboolean read_file(KilnFileNotes *notes, KilnText content, GError **error)
{
	return is_file_list(notes->path) ? read_file_list(notes, content, error) : read_metadata(notes, content, error);
}

const KilnFileCataloger kiln_cataloger_python = { "python", wants, read_file };
