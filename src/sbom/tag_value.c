/* SPDX-License-Identifier: Apache-2.0 */
/* tag_value.c: SPDX 2.3 as lines "Tag: value", from and to the JSON form, which says the same. Source: SPDX 2.3, sections 6 to 11 and annex I. */
#include "sbom/tag_value.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

/* How one member of a JSON object is written, in the order of the specification. */
typedef enum { PLAIN, MULTI, LIST, CHECKSUMS, REFERENCES, CODE, SWITCH } Kind;

typedef struct {
	const char *key, *tag;
	Kind kind;
} Row;

static const Row document_rows[] = { { "spdxVersion", "SPDXVersion", PLAIN }, { "dataLicense", "DataLicense", PLAIN }, { "SPDXID", "SPDXID", PLAIN }, { "name", "DocumentName", PLAIN },
	                             { "documentNamespace", "DocumentNamespace", PLAIN }, { "comment", "DocumentComment", MULTI }, { NULL } };
static const Row creation_rows[] = { { "creators", "Creator", LIST }, { "created", "Created", PLAIN }, { "licenseListVersion", "LicenseListVersion", PLAIN }, { "comment", "CreatorComment", MULTI }, { NULL } };
static const Row package_rows[] = {
	{ "name", "PackageName", PLAIN }, { "SPDXID", "SPDXID", PLAIN }, { "versionInfo", "PackageVersion", PLAIN }, { "packageFileName", "PackageFileName", PLAIN },
	{ "supplier", "PackageSupplier", PLAIN }, { "originator", "PackageOriginator", PLAIN }, { "downloadLocation", "PackageDownloadLocation", PLAIN },
	{ "filesAnalyzed", "FilesAnalyzed", SWITCH }, { "packageVerificationCode", "PackageVerificationCode", CODE }, { "checksums", "PackageChecksum", CHECKSUMS },
	{ "homepage", "PackageHomePage", PLAIN }, { "sourceInfo", "PackageSourceInfo", MULTI }, { "licenseConcluded", "PackageLicenseConcluded", PLAIN },
	{ "licenseDeclared", "PackageLicenseDeclared", PLAIN }, { "licenseComments", "PackageLicenseComments", MULTI }, { "copyrightText", "PackageCopyrightText", MULTI },
	{ "summary", "PackageSummary", MULTI }, { "description", "PackageDescription", MULTI }, { "comment", "PackageComment", MULTI },
	{ "externalRefs", "ExternalRef", REFERENCES }, { "primaryPackagePurpose", "PrimaryPackagePurpose", PLAIN }, { NULL } };
static const Row file_rows[] = { { "fileName", "FileName", PLAIN }, { "SPDXID", "SPDXID", PLAIN }, { "fileTypes", "FileType", LIST }, { "checksums", "FileChecksum", CHECKSUMS },
	                         { "licenseConcluded", "LicenseConcluded", PLAIN }, { "licenseInfoInFiles", "LicenseInfoInFile", LIST }, { "copyrightText", "FileCopyrightText", MULTI }, { NULL } };
static const Row licence_rows[] = { { "licenseId", "LicenseID", PLAIN }, { "extractedText", "ExtractedText", MULTI }, { "name", "LicenseName", PLAIN }, { "comment", "LicenseComment", MULTI }, { NULL } };

/* Texts that contain the end mark cannot be written; an entity keeps them readable. */
static void put_text(GString *out, const char *tag, const char *value, gboolean multi)
{
	if (!multi) {
		g_autofree char *line = g_strdelimit(g_strdup(value), "\r\n", ' ');
		g_string_append_printf(out, "%s: %s\n", tag, line);
		return;
	}
	g_auto(GStrv) parts = g_strsplit(value, "</text>", -1);
	g_autofree char *safe = g_strjoinv("&lt;/text>", parts);
	g_string_append_printf(out, "%s: <text>%s</text>\n", tag, safe);
}

static void put_row(GString *out, const Row *row, const json_t *value)
{
	const json_t *item;
	size_t i;
	if (json_is_string(value)) {
		/* NOASSERTION and NONE are words, not texts. */
		gboolean word = strcmp(json_string_value(value), "NOASSERTION") == 0 || strcmp(json_string_value(value), "NONE") == 0;
		put_text(out, row->tag, json_string_value(value), row->kind == MULTI && !word);
	} else if (row->kind == SWITCH) {
		g_string_append_printf(out, "%s: %s\n", row->tag, json_is_true(value) ? "true" : "false");
	} else if (row->kind == CODE) {
		put_text(out, row->tag, kiln_json_string_or_null(value, "packageVerificationCodeValue"), FALSE);
	}
	json_array_foreach(value, i, item) {
		if (row->kind == LIST && json_is_string(item))
			put_text(out, row->tag, json_string_value(item), FALSE);
		else if (row->kind == CHECKSUMS)
			g_string_append_printf(out, "%s: %s: %s\n", row->tag, kiln_json_string_or_null(item, "algorithm"), kiln_json_string_or_null(item, "checksumValue"));
		else if (row->kind == REFERENCES)
			g_string_append_printf(out, "%s: %s %s %s\n", row->tag, kiln_json_string_or_null(item, "referenceCategory"), kiln_json_string_or_null(item, "referenceType"),
			                       kiln_json_string_or_null(item, "referenceLocator"));
	}
}

static void put_object(GString *out, const Row *rows, const json_t *object)
{
	for (; rows->key; rows++)
		if (json_object_get(object, rows->key))
			put_row(out, rows, json_object_get(object, rows->key));
}

static void put_all(GString *out, const Row *rows, const json_t *list)
{
	const json_t *item;
	size_t i;
	json_array_foreach(list, i, item) {
		g_string_append_c(out, '\n');
		put_object(out, rows, item);
	}
}

GBytes *kiln_tag_value_write(const json_t *document)
{
	GString *out = g_string_new(NULL);
	const json_t *item;
	size_t i;
	put_object(out, document_rows, document);
	put_object(out, creation_rows, json_object_get(document, "creationInfo"));
	put_all(out, package_rows, json_object_get(document, "packages"));
	put_all(out, file_rows, json_object_get(document, "files"));
	put_all(out, licence_rows, json_object_get(document, "hasExtractedLicensingInfos"));
	g_string_append_c(out, '\n');
	json_array_foreach(json_object_get(document, "relationships"), i, item)
		g_string_append_printf(out, "Relationship: %s %s %s\n", kiln_json_string_or_null(item, "spdxElementId"), kiln_json_string_or_null(item, "relationshipType"),
		                       kiln_json_string_or_null(item, "relatedSpdxElement"));
	return g_string_free_to_bytes(out);
}

/* Reading: the object that lines are put into, and its rows. */
typedef struct {
	json_t *document;
	json_t *object;
	const Row *rows;
	guint objects;
} Reading;

static json_t *list_of(json_t *object, const char *key)
{
	json_t *list = json_object_get(object, key);
	if (!list) {
		list = json_array();
		json_object_set_new(object, key, list);
	}
	return list;
}

static void begin(Reading *reading, const char *list, const Row *rows)
{
	json_t *object = json_object();
	json_array_append_new(list_of(reading->document, list), object);
	reading->object = object;
	reading->rows = rows;
	reading->objects++;
}

static void set_value(json_t *object, const Row *row, KilnText value)
{
	g_autofree char *raw = kiln_text_dup(value), *text = g_utf8_make_valid(raw, -1);
	g_auto(GStrv) words = g_strsplit(text, " ", 3);
	if (row->kind == PLAIN || row->kind == MULTI)
		json_object_set_new(object, row->key, json_string(text));
	else if (row->kind == SWITCH)
		json_object_set_new(object, row->key, json_boolean(strcmp(text, "true") == 0));
	else if (row->kind == CODE)
		json_object_set_new(object, row->key, json_pack("{s:s}", "packageVerificationCodeValue", text));
	else if (row->kind == LIST)
		json_array_append_new(list_of(object, row->key), json_string(text));
	else if (row->kind == CHECKSUMS && words[0] && words[1])
		json_array_append_new(list_of(object, row->key), json_pack("{s:s%, s:s}", "algorithm", words[0], strcspn(words[0], ":"), "checksumValue", words[1]));
	else if (row->kind == REFERENCES && words[0] && words[1] && words[2])
		json_array_append_new(list_of(object, row->key), json_pack("{s:s, s:s, s:s}", "referenceCategory", words[0], "referenceType", words[1], "referenceLocator", words[2]));
}

static void take_line(Reading *reading, KilnText tag, KilnText value)
{
	static const struct {
		const char *tag, *list;
		const Row *rows;
	} begins[] = { { "PackageName", "packages", package_rows }, { "FileName", "files", file_rows }, { "LicenseID", "hasExtractedLicensingInfos", licence_rows } };
	for (gsize i = 0; i < G_N_ELEMENTS(begins); i++)
		if (kiln_text_is(tag, begins[i].tag))
			begin(reading, begins[i].list, begins[i].rows);
	if (kiln_text_is(tag, "Relationship")) {
		g_autofree char *text = kiln_text_dup(value);
		g_auto(GStrv) words = g_strsplit(text, " ", 3);
		if (words[0] && words[1] && words[2])
			json_array_append_new(list_of(reading->document, "relationships"),
			                      json_pack("{s:s, s:s, s:s}", "spdxElementId", words[0], "relationshipType", words[1], "relatedSpdxElement", words[2]));
		return;
	}
	for (const Row *row = reading->rows; row->key; row++)
		if (kiln_text_is(tag, row->tag)) {
			set_value(reading->object, row, value);
			return;
		}
	for (const Row *row = creation_rows; row->key; row++)
		if (kiln_text_is(tag, row->tag))
			set_value(json_object_get(reading->document, "creationInfo"), row, value);
}

/* What stands between <text> and </text>, over line ends; else the rest of the line. */
static gboolean take_value(KilnText *rest, KilnText line, KilnText *value)
{
	const char *open = line.length ? memmem(line.data, line.length, "<text>", strlen("<text>")) : NULL;
	*value = kiln_text_strip(line);
	if (!open || open != value->data)
		return TRUE;
	const char *start = open + strlen("<text>"), *end = rest->length ? rest->data + rest->length : line.data + line.length;
	const char *close = memmem(start, (gsize)(end - start), "</text>", strlen("</text>"));
	if (!close)
		return FALSE;
	*value = (KilnText){ start, (gsize)(close - start) };
	if (close >= line.data + line.length) {
		*rest = (KilnText){ close, (gsize)(end - close) };
		kiln_text_cut(rest, '\n');
	}
	return TRUE;
}

gboolean kiln_tag_value_is(KilnText text)
{
	KilnText head = { text.data, MIN(text.length, 65536) };
	return head.length > 12 && (memcmp(head.data, "SPDXVersion:", 12) == 0 || memmem(head.data, head.length, "\nSPDXVersion:", 13));
}

json_t *kiln_tag_value_read(KilnText text, const char *name, GError **error)
{
	g_autoptr(json_t) document = json_object();
	json_object_set_new(document, "creationInfo", json_object());
	Reading reading = { document, document, document_rows, 0 };
	for (guint number = 1; text.length; number++) {
		const char *before = text.data;
		KilnText line = kiln_text_cut(&text, '\n'), value;
		if (!kiln_text_strip(line).length || line.data[0] == '#')
			continue;
		KilnText rest = line, tag = kiln_text_cut(&rest, ':');
		if (!rest.data) {
			kiln_fail(error, KILN_ERROR_SYNTAX, "%s:%u: no line of the form \"Tag: value\"", name, number);
			return NULL;
		}
		if (!take_value(&text, rest, &value)) {
			kiln_fail(error, KILN_ERROR_SYNTAX, "%s:%u: a <text> that does not end", name, number);
			return NULL;
		}
		if (reading.objects > KILN_LIMIT_IMAGE_FILES) {
			kiln_fail(error, KILN_ERROR_LIMIT, "%s:%u: more than %d packages and files", name, number, KILN_LIMIT_IMAGE_FILES);
			return NULL;
		}
		take_line(&reading, kiln_text_strip(tag), value);
		for (const char *at = before + line.length + 1; text.data && at < text.data; at++)
			number += *at == '\n';
	}
	return g_steal_pointer(&document);
}
