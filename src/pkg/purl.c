/* SPDX-License-Identifier: Apache-2.0 */
/* purl.c: package URLs, checked and written in their one canonical form. */
#include "pkg/purl.h"
#include "base/error.h"
#include "pkg/purl_type.h"

typedef struct {
	char *key, *value;
} Qualifier;

void kiln_purl_free(KilnPurl *purl)
{
	if (!purl)
		return;
	g_free(purl->type);
	g_free(purl->name_space);
	g_free(purl->name);
	g_free(purl->version);
	g_strfreev(purl->qualifiers);
	g_free(purl->subpath);
	g_free(purl);
}

const char *kiln_purl_qualifier(const KilnPurl *purl, const char *key)
{
	for (char **pair = purl->qualifiers; pair && *pair; pair += 2)
		if (strcmp(pair[0], key) == 0)
			return pair[1];
	return NULL;
}

static char *check_type(const char *type, GError **error)
{
	if (!type || !g_ascii_isalpha(*type)) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "purl type \"%s\" does not begin with a letter", type ? type : "");
		return NULL;
	}
	for (const char *c = type; *c; c++) {
		if (g_ascii_isalnum(*c) || *c == '.' || *c == '-')
			continue;
		kiln_fail(error, KILN_ERROR_SYNTAX, "purl type \"%s\": only letters, digits, \".\" and \"-\" may occur", type);
		return NULL;
	}
	return g_ascii_strdown(type, -1);
}

/* "/" at the ends and empty segments mean nothing; in a subpath neither do "." and "..". NULL when nothing is left. */
static char *tidy_segments(const char *path, gboolean drop_dots)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_auto(GStrv) segments = g_strsplit(path ? path : "", "/", -1);
	for (char **segment = segments; *segment; segment++) {
		if (!**segment || (drop_dots && (strcmp(*segment, ".") == 0 || strcmp(*segment, "..") == 0)))
			continue;
		if (out->len)
			g_string_append_c(out, '/');
		g_string_append(out, *segment);
	}
	return out->len ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}

static gboolean check_key(const char *key, GError **error)
{
	gboolean good = g_ascii_isalpha(*key);
	for (const char *c = key; good && *c; c++)
		good = g_ascii_isalnum(*c) || *c == '.' || *c == '-' || *c == '_';
	if (!good)
		return kiln_fail(error, KILN_ERROR_SYNTAX,
		                 "purl qualifier \"%s\": a key begins with a letter and has only letters, digits, \".\", \"-\" and \"_\"", key);
	return TRUE;
}

static int compare_keys(gconstpointer a, gconstpointer b)
{
	return strcmp(((const Qualifier *)a)->key, ((const Qualifier *)b)->key);
}

static void clear_qualifier(gpointer qualifier)
{
	g_free(((Qualifier *)qualifier)->key);
	g_free(((Qualifier *)qualifier)->value);
}

static gboolean sort_qualifiers(const char *const *pairs, char ***out, GError **error)
{
	g_autoptr(GArray) sorted = g_array_new(FALSE, FALSE, sizeof(Qualifier));
	g_array_set_clear_func(sorted, clear_qualifier);
	for (; pairs && pairs[0]; pairs += 2) {
		if (!check_key(pairs[0], error))
			return FALSE;
		if (!pairs[1] || !*pairs[1])
			continue;
		Qualifier qualifier = { g_ascii_strdown(pairs[0], -1), g_strdup(pairs[1]) };
		g_array_append_val(sorted, qualifier);
	}
	g_array_sort(sorted, compare_keys);
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	for (guint i = 0; i < sorted->len; i++) {
		const Qualifier *qualifier = &g_array_index(sorted, Qualifier, i);
		if (i && compare_keys(qualifier - 1, qualifier) == 0)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "purl qualifier \"%s\" occurs twice", qualifier->key);
		g_strv_builder_add_many(builder, qualifier->key, qualifier->value, NULL);
	}
	*out = sorted->len ? g_strv_builder_end(builder) : NULL;
	return TRUE;
}

KilnPurl *kiln_purl_new(const char *type, const char *name_space, const char *name, const char *version,
                        const char *const *qualifiers, const char *subpath, GError **error)
{
	g_autoptr(KilnPurl) purl = g_new0(KilnPurl, 1);
	purl->type = check_type(type, error);
	if (!purl->type)
		return NULL;
	if (!name || !*name) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "a purl of type %s has no name", purl->type);
		return NULL;
	}
	purl->name = g_strdup(name);
	purl->name_space = tidy_segments(name_space, FALSE);
	purl->version = version && *version ? g_strdup(version) : NULL;
	purl->subpath = tidy_segments(subpath, TRUE);
	if (!sort_qualifiers(qualifiers, &purl->qualifiers, error) || !kiln_purl_type_apply(purl, error))
		return NULL;
	return g_steal_pointer(&purl);
}

/* Percent-encode all but unreserved bytes, ":" and, in paths, "/". */
static void append_encoded(GString *out, const char *text, gboolean path)
{
	for (; *text; text++) {
		guint8 byte = (guint8)*text;
		if (g_ascii_isalnum(*text) || strchr(".-_~:", *text) || (path && *text == '/'))
			g_string_append_c(out, *text);
		else
			g_string_append_printf(out, "%%%02X", byte);
	}
}

char *kiln_purl_print(const KilnPurl *purl)
{
	g_autoptr(GString) out = g_string_new("pkg:");
	g_string_append_printf(out, "%s/", purl->type);
	if (purl->name_space) {
		append_encoded(out, purl->name_space, TRUE);
		g_string_append_c(out, '/');
	}
	append_encoded(out, purl->name, FALSE);
	if (purl->version) {
		g_string_append_c(out, '@');
		append_encoded(out, purl->version, FALSE);
	}
	for (char **pair = purl->qualifiers; pair && *pair; pair += 2) {
		g_string_append_printf(out, "%c%s=", pair == purl->qualifiers ? '?' : '&', pair[0]);
		append_encoded(out, pair[1], FALSE);
	}
	if (purl->subpath) {
		g_string_append_c(out, '#');
		append_encoded(out, purl->subpath, TRUE);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}
