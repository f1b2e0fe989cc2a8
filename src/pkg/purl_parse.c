/* SPDX-License-Identifier: Apache-2.0 */
/* purl_parse.c: read a package URL in any spelling that the specification accepts. */
#include "base/error.h"
#include "base/limits.h"
#include "pkg/purl.h"

/* Cut what follows the last @separator off @text; {NULL, 0} when it does not occur. */
static KilnText cut_last(KilnText *text, char separator)
{
	const char *found = text->length ? memrchr(text->data, separator, text->length) : NULL;
	if (!found)
		return (KilnText){ NULL, 0 };
	KilnText after = { found + 1, text->length - (gsize)(found - text->data) - 1 };
	text->length = (gsize)(found - text->data);
	return after;
}

static KilnText strip_slashes(KilnText text)
{
	while (text.length && text.data[0] == '/') {
		text.data++;
		text.length--;
	}
	while (text.length && text.data[text.length - 1] == '/')
		text.length--;
	return text;
}

/* Percent-decode to valid UTF-8 without NUL; NULL on error. */
static char *decode(KilnText text, const char *part, GError **error)
{
	g_autoptr(GString) out = g_string_sized_new(text.length);
	for (gsize i = 0; i < text.length; i++) {
		if (text.data[i] != '%') {
			g_string_append_c(out, text.data[i]);
			continue;
		}
		gboolean room = text.length - i > 2;
		int high = room ? g_ascii_xdigit_value(text.data[i + 1]) : -1;
		int low = room ? g_ascii_xdigit_value(text.data[i + 2]) : -1;
		if (high < 0 || low < 0) {
			kiln_fail(error, KILN_ERROR_SYNTAX, "purl %s \"%.*s\": \"%%\" is not followed by two hex digits", part,
			          (int)text.length, text.data);
			return NULL;
		}
		g_string_append_c(out, (char)(high << 4 | low));
		i += 2;
	}
	if (!g_utf8_validate_len(out->str, out->len, NULL)) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "purl %s is not UTF-8 or has a NUL", part);
		return NULL;
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* Decode the segments of a path; a segment that decodes to something with "/" would become two. */
static char *decode_path(KilnText path, const char *part, GError **error)
{
	g_autoptr(GString) out = g_string_new(NULL);
	while (path.data) {
		g_autofree char *segment = decode(kiln_text_cut(&path, '/'), part, error);
		if (!segment)
			return NULL;
		if (strchr(segment, '/')) {
			kiln_fail(error, KILN_ERROR_SYNTAX, "purl %s: segment \"%s\" has an encoded \"/\"", part, segment);
			return NULL;
		}
		g_string_append_printf(out, "%s/", segment);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static char **decode_qualifiers(KilnText text, GError **error)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	while (text.length) {
		KilnText value = kiln_text_cut(&text, '&');
		KilnText key = kiln_text_cut(&value, '=');
		g_autofree char *key_text = kiln_text_dup(key);
		g_autofree char *value_text = decode(value, "qualifier", error);
		if (!value_text)
			return NULL;
		g_strv_builder_add_many(builder, key_text, value_text, NULL);
	}
	return g_strv_builder_end(builder);
}

/* What follows the scheme and comes before version, qualifiers and subpath: type/namespace/name. */
typedef struct {
	KilnText type, name_space, name, version, qualifiers, subpath;
} Pieces;

static gboolean cut_pieces(KilnText text, Pieces *pieces, GError **error)
{
	int shown = (int)MIN(text.length, 200);
	KilnText rest = text;
	pieces->subpath = cut_last(&rest, '#');
	pieces->qualifiers = cut_last(&rest, '?');
	if (rest.length < 4 || g_ascii_strncasecmp(rest.data, "pkg:", 4) != 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "\"%.*s\" does not begin with \"pkg:\"", shown, text.data);
	rest = strip_slashes((KilnText){ rest.data + 4, rest.length - 4 });
	pieces->type = kiln_text_cut(&rest, '/');
	rest = strip_slashes(rest);
	/* "@" may stand unencoded in a namespace ("@angular"): only one in the last segment begins the version. */
	const char *at = rest.length ? memrchr(rest.data, '@', rest.length) : NULL;
	const char *slash = rest.length ? memrchr(rest.data, '/', rest.length) : NULL;
	if (at && (!slash || at > slash))
		pieces->version = cut_last(&rest, '@');
	rest = strip_slashes(rest);
	KilnText name = cut_last(&rest, '/');
	pieces->name = name.data ? name : rest;
	pieces->name_space = name.data ? strip_slashes(rest) : (KilnText){ NULL, 0 };
	return TRUE;
}

KilnPurl *kiln_purl_parse(KilnText text, GError **error)
{
	Pieces pieces = { 0 };
	if (text.length > KILN_LIMIT_PURL_BYTES) {
		kiln_fail(error, KILN_ERROR_LIMIT, "a purl has more than %u bytes", KILN_LIMIT_PURL_BYTES);
		return NULL;
	}
	if (!cut_pieces(text, &pieces, error))
		return NULL;
	g_autofree char *type = decode(pieces.type, "type", error);
	g_autofree char *name_space = type ? decode_path(pieces.name_space, "namespace", error) : NULL;
	g_autofree char *name = name_space ? decode(pieces.name, "name", error) : NULL;
	g_autofree char *version = name ? decode(pieces.version, "version", error) : NULL;
	g_auto(GStrv) qualifiers = version ? decode_qualifiers(pieces.qualifiers, error) : NULL;
	g_autofree char *subpath = qualifiers ? decode_path(pieces.subpath, "subpath", error) : NULL;
	if (!subpath)
		return NULL;
	return kiln_purl_new(type, name_space, name, version, (const char *const *)qualifiers, subpath, error);
}
