/* SPDX-License-Identifier: Apache-2.0 */
/* ignore_osv.c: osv-scanner.toml. Source: osv-scanner documentation, "Configuration".
 *
 * Of TOML 1.0 only what such files need is read: tables of arrays, dotted keys, texts, dates, numbers, true and false, and lists of texts on one line.
 * Anything else is an error with its line.
 */
#include "base/error.h"
#include "vuln/ignore.h"

#include <string.h>

typedef struct {
	const char *path;
	guint line;
	KilnVexStatement *rule; /* NULL: what stands here is no rule */
	gboolean is_override;   /* [[PackageOverrides]] */
	gboolean ignores;       /* the override says so */
} Reader;

static gboolean fail(const Reader *reader, const char *what, GError **error)
{
	return kiln_fail(error, KILN_ERROR_SYNTAX, "%s:%u: %s", reader->path, reader->line, what);
}

/* "text", 'text', or a bare word; what follows may only be a comment. *value: new string. */
static gboolean read_value(const Reader *reader, KilnText text, char **value, GError **error)
{
	text = kiln_text_strip(text);
	if (text.length && (*text.data == '"' || *text.data == '\'')) {
		char quote = *text.data;
		KilnText rest = { text.data + 1, text.length - 1 }, inside = kiln_text_cut(&rest, quote);
		if (!rest.data || (quote == '"' && memchr(inside.data, '\\', inside.length)))
			return fail(reader, "a text must end on its line, and kiln reads no \"\\\" in it", error);
		rest = kiln_text_strip(rest);
		if (rest.length && *rest.data != '#')
			return fail(reader, "something follows a text", error);
		*value = g_strndup(inside.data, inside.length);
		return TRUE;
	}
	if (text.length && *text.data == '[') {
		*value = g_strdup("");
		return TRUE;
	}
	KilnText word = kiln_text_strip(kiln_text_cut(&text, '#'));
	*value = g_strndup(word.data, word.length);
	return **value || fail(reader, "a key without a value", error);
}

static gboolean read_override(Reader *reader, const char *key, const char *value)
{
	VexCondition *condition = reader->rule->condition;
	if (strcmp(key, "name") == 0)
		condition->package = g_regex_escape_string(value, -1);
	else if (strcmp(key, "version") == 0)
		condition->version = g_strdup(value);
	else if (strcmp(key, "ecosystem") == 0)
		condition->purl_type = g_strdup(ignore_purl_type(value));
	else if (strcmp(key, "ignore") == 0 || strcmp(key, "vulnerability.ignore") == 0)
		reader->ignores |= strcmp(value, "true") == 0;
	else if (g_str_has_prefix(key, "license."))
		return TRUE; /* of licences, not of vulnerabilities */
	else
		return FALSE;
	return TRUE;
}

static gboolean read_key(Reader *reader, const char *key, const char *value, GError **error)
{
	KilnVexStatement *rule = reader->rule;
	if (!rule)
		return TRUE;
	if (strcmp(key, "reason") == 0)
		rule->statement = g_strdup(value);
	else if (strcmp(key, "ignoreUntil") == 0 || strcmp(key, "effectiveUntil") == 0)
		return ignore_parse_day(value, &rule->expires_unix_s) || fail(reader, "it must be a day such as 2026-12-31", error);
	else if (!reader->is_override && strcmp(key, "id") == 0)
		vex_add_name(rule, value);
	else if (!(reader->is_override && read_override(reader, key, value)))
		ignore_void(rule, g_strdup_printf("kiln does not know its condition \"%s\"", key));
	return TRUE;
}

static gboolean end_rule(Reader *reader, GError **error)
{
	KilnVexStatement *rule = reader->rule;
	reader->rule = NULL;
	if (rule && reader->is_override) {
		rule->condition->any_vulnerability = TRUE;
		if (!reader->ignores)
			ignore_void(rule, g_strdup("it does not say \"vulnerability.ignore = true\""));
		else if (!rule->condition->package && !rule->condition->purl_type)
			return fail(reader, "an override without a package would ignore everything", error);
	}
	return !rule || reader->is_override || rule->names->len || fail(reader, "the rule that ends here needs \"id\"", error);
}

static gboolean begin_table(Reader *reader, KilnVex *vex, KilnText line, GError **error)
{
	gboolean is_ignored = kiln_text_is(line, "[[IgnoredVulns]]");
	if (!end_rule(reader, error))
		return FALSE;
	reader->is_override = kiln_text_is(line, "[[PackageOverrides]]");
	reader->ignores = FALSE;
	if (is_ignored || reader->is_override)
		reader->rule = ignore_add(vex, reader->path, reader->line);
	return TRUE;
}

gboolean ignore_read_osv(KilnVex *vex, KilnText text, const char *path, GError **error)
{
	Reader reader = { .path = path };
	while (text.length) {
		KilnText line = kiln_text_strip(kiln_text_cut(&text, '\n')), value = line, key = kiln_text_strip(kiln_text_cut(&value, '='));
		g_autofree char *name = g_strndup(key.data, key.length), *said = NULL;
		reader.line++;
		if (!line.length || *line.data == '#')
			continue;
		if (*line.data != '[' && !value.data)
			return fail(&reader, "neither a key with a value nor a table", error);
		if (*line.data == '[' ? !begin_table(&reader, vex, line, error) : !read_value(&reader, value, &said, error) || !read_key(&reader, name, said, error))
			return FALSE;
	}
	reader.line++;
	return end_rule(&reader, error);
}
