/* SPDX-License-Identifier: Apache-2.0 */
/* shell_word.c: expansion of words: quotes, parameters, command substitution, fields. Source: POSIX.1-2017, XCU 2.6. */
#include "base/limits.h"
#include "build/shell.h"

typedef struct {
	KilnShell *shell;
	GString *text;       /* the field being made; special characters that were quoted are escaped when escapes is set */
	GPtrArray *fields;   /* NULL: no splitting */
	gboolean escapes;    /* for patterns and globs */
	gboolean has_field;  /* text counts even when it is empty */
	gboolean is_document;
} Expander;

static void expand(Expander *expander, KilnText raw, gboolean quoted);

gboolean kiln_shell_is_known(const char *value)
{
	return !strchr(value, KILN_SHELL_HOLE);
}

static void append_char(Expander *expander, char c, gboolean quoted)
{
	if (expander->escapes && (quoted ? strchr("*?[]\\-!^", c) != NULL : c == '\\'))
		g_string_append_c(expander->text, '\\');
	g_string_append_c(expander->text, c);
	expander->has_field = TRUE;
	if (expander->text->len > (expander->is_document ? KILN_LIMIT_SHELL_TEXT_BYTES : 2 * KILN_LIMIT_SHELL_VALUE_BYTES))
		g_string_assign(expander->text, KILN_SHELL_HOLE_TEXT);
}

static char *unescaped(const char *text)
{
	GString *plain = g_string_new(NULL);
	for (; *text; text++) {
		if (*text == '\\' && text[1])
			text++;
		g_string_append_c(plain, *text);
	}
	return g_string_free(plain, FALSE);
}

static int compare_strings(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "dir/pattern" with the pattern in the last component only. TRUE when the directory could be read. */
static gboolean expand_glob(Expander *expander, const char *field)
{
	const KilnScriptSystem *system = expander->shell->system;
	const char *slash = strrchr(field, '/');
	if (!system || !system->list || !slash || *field != '/')
		return FALSE;
	g_autofree char *directory = g_strndup(field, (gsize)(slash - field));
	if (kiln_shell_is_glob(directory) || !kiln_shell_is_known(field))
		return FALSE;
	g_autofree char *plain = unescaped(directory);
	g_auto(GStrv) names = system->list(*plain ? plain : "/", system->user_data);
	gsize before = expander->fields->len;
	for (char **name = names; name && *name; name++)
		if ((**name != '.' || slash[1] == '.') && kiln_shell_match(slash + 1, *name) == KILN_OUTCOME_TRUE)
			g_ptr_array_add(expander->fields, g_build_filename(plain, *name, NULL));
	if (expander->fields->len > before)
		qsort(expander->fields->pdata + before, expander->fields->len - before, sizeof(gpointer), compare_strings);
	else /* nothing matches: the pattern stands for itself */
		g_ptr_array_add(expander->fields, unescaped(field));
	return TRUE;
}

static void finish_field(Expander *expander)
{
	if (!expander->has_field)
		return;
	expander->has_field = FALSE;
	if (!kiln_shell_is_glob(expander->text->str) || !expand_glob(expander, expander->text->str))
		g_ptr_array_add(expander->fields, unescaped(expander->text->str));
	g_string_truncate(expander->text, 0);
}

static void append_value(Expander *expander, const char *value, gboolean quoted)
{
	const char *separators = kiln_shell_get(expander->shell, "IFS");
	expander->shell->steps += strlen(value) / 64;
	for (; *value; value++) {
		if (!quoted && expander->fields && strchr(separators ? separators : " \t\n", *value))
			finish_field(expander);
		else
			append_char(expander, *value, quoted);
	}
}

static gboolean is_name(KilnText text)
{
	if (!text.length || g_ascii_isdigit(text.data[0]))
		return FALSE;
	for (gsize i = 0; i < text.length; i++)
		if (!g_ascii_isalnum(text.data[i]) && text.data[i] != '_')
			return FALSE;
	return TRUE;
}

static char *positional(const KilnShell *shell, const char *number)
{
	guint64 index = g_ascii_strtoull(number, NULL, 10);
	if (index == 0)
		return g_strdup_printf("/var/lib/dpkg/info/%s.%s", shell->package, shell->kind);
	return index <= shell->arguments->len ? g_strdup(shell->arguments->pdata[index - 1]) : NULL;
}

static char *joined_arguments(const KilnShell *shell)
{
	GString *joined = g_string_new(NULL);
	for (guint i = 0; i < shell->arguments->len && joined->len < KILN_LIMIT_SHELL_VALUE_BYTES; i++)
		g_string_append_printf(joined, "%s%s", i ? " " : "", (const char *)shell->arguments->pdata[i]);
	return g_string_free(joined, FALSE);
}

/* NULL when unset. */
static char *parameter(const KilnShell *shell, const char *name)
{
	if (g_ascii_isdigit(*name))
		return positional(shell, name);
	switch (*name) {
	case '@':
	case '*': return joined_arguments(shell);
	case '#': return g_strdup_printf("%u", shell->arguments->len);
	case '?': return g_strdup(shell->last == KILN_OUTCOME_TRUE ? "0" : KILN_SHELL_HOLE_TEXT);
	case '$':
	case '!':
	case '-': return g_strdup(KILN_SHELL_HOLE_TEXT);
	default: return g_strdup(kiln_shell_get(shell, name));
	}
}

/* "$@" in quotes: every argument its own field. */
static void append_arguments(Expander *expander)
{
	for (guint i = 0; i < expander->shell->arguments->len; i++) {
		if (i)
			finish_field(expander);
		append_value(expander, expander->shell->arguments->pdata[i], TRUE);
		expander->has_field = TRUE;
	}
}

static void append_parameter(Expander *expander, KilnText name, gboolean quoted)
{
	g_autofree char *key = kiln_text_dup(name);
	if (quoted && expander->fields && strcmp(key, "@") == 0) {
		append_arguments(expander);
		return;
	}
	g_autofree char *value = parameter(expander->shell, key);
	append_value(expander, value ? value : "", quoted);
}

static void append_substitution(Expander *expander, KilnText commands, gboolean quoted)
{
	KilnShell *shell = expander->shell;
	g_autoptr(GString) text = g_string_new(NULL);
	KilnShellOutput output = { text, TRUE };
	shell->last = kiln_shell_capture(shell, commands, shell->line, &output);
	while (text->len && text->str[text->len - 1] == '\n')
		g_string_truncate(text, text->len - 1);
	append_value(expander, output.known ? text->str : KILN_SHELL_HOLE_TEXT, quoted);
}

static void append_backquoted(Expander *expander, KilnText raw, gboolean quoted)
{
	GString *plain = g_string_new(NULL);
	for (gsize i = 0; i < raw.length; i++) {
		if (raw.data[i] == '\\' && i + 1 < raw.length && strchr("$`\\", raw.data[i + 1]))
			i++;
		g_string_append_c(plain, raw.data[i]);
	}
	char *owned = g_string_free(plain, FALSE);
	g_ptr_array_add(expander->shell->texts, owned);
	append_substitution(expander, kiln_text(owned), quoted);
}

/* The part of @value that remains when the shortest or longest match of @pattern is cut off. */
static char *trimmed(KilnShell *shell, const char *value, const char *pattern, gboolean suffix, gboolean longest)
{
	gsize length = strlen(value);
	shell->steps += length / 8;
	if (!kiln_shell_is_known(value) || !kiln_shell_is_known(pattern))
		return g_strdup(KILN_SHELL_HOLE_TEXT);
	for (gsize i = 0; i <= length; i++) {
		gsize cut = longest ? length - i : i;
		g_autofree char *piece = suffix ? g_strdup(value + length - cut) : g_strndup(value, cut);
		if (kiln_shell_match(pattern, piece) == KILN_OUTCOME_TRUE)
			return suffix ? g_strndup(value, length - cut) : g_strdup(value + cut);
	}
	return g_strdup(value);
}

/* ${name:-word} and its relatives. @value: NULL when unset. */
static void append_alternative(Expander *expander, const char *name, const char *value, gboolean colon, char operator, KilnText word, gboolean quoted)
{
	gboolean is_empty = !value || (colon && *value == '\0');
	if (colon && value && strcmp(value, KILN_SHELL_HOLE_TEXT) == 0) { /* nobody knows whether it is empty */
		append_value(expander, KILN_SHELL_HOLE_TEXT, quoted);
		return;
	}
	if (operator == '+' ? is_empty : !is_empty) {
		append_value(expander, operator == '+' ? "" : value, quoted);
		return;
	}
	if (operator == '?')
		return;
	if (operator == '=') {
		g_autofree char *assigned = kiln_shell_expand(expander->shell, word);
		kiln_shell_set(expander->shell, name, assigned);
	}
	expand(expander, word, quoted);
}

static void append_braced(Expander *expander, KilnText inner, gboolean quoted)
{
	gsize end = 0;
	if (inner.length > 1 && inner.data[0] == '#') { /* ${#name} */
		append_value(expander, KILN_SHELL_HOLE_TEXT, quoted);
		return;
	}
	if (inner.length && strchr("@*#?$!-", inner.data[0]))
		end = 1;
	else
		while (end < inner.length && (g_ascii_isalnum(inner.data[end]) || inner.data[end] == '_'))
			end++;
	KilnText name = { inner.data, end }, rest = { inner.data + end, inner.length - end };
	if (rest.length == 0) {
		append_parameter(expander, name, quoted);
		return;
	}
	g_autofree char *key = kiln_text_dup(name);
	g_autofree char *value = end ? parameter(expander->shell, key) : NULL;
	gsize colon = rest.data[0] == ':';
	char operator = rest.length > colon ? rest.data[colon] : '\0';
	KilnText word = { rest.data + colon + 1, rest.length > colon + 1 ? rest.length - colon - 1 : 0 };
	if (operator && strchr("-=+?", operator)) {
		append_alternative(expander, key, value, colon > 0, operator, word, quoted);
	} else if (!colon && (operator == '#' || operator == '%')) {
		gboolean longest = word.length && word.data[0] == operator;
		g_autofree char *pattern = kiln_shell_expand_pattern(expander->shell, longest ? (KilnText){ word.data + 1, word.length - 1 } : word);
		g_autofree char *cut = trimmed(expander->shell, value ? value : "", pattern, operator == '%', longest);
		append_value(expander, cut, quoted);
	} else
		append_value(expander, KILN_SHELL_HOLE_TEXT, quoted);
}

/* At a "$" of @raw; returns the index behind what it introduced. */
static gsize expand_dollar(Expander *expander, KilnText raw, gsize at, gboolean quoted)
{
	char next = at + 1 < raw.length ? raw.data[at + 1] : '\0';
	gsize end = at + 1;
	if (next == '(' || next == '{') {
		end = kiln_shell_skip(raw, at, expander->shell->depth);
		if (!end) {
			append_value(expander, KILN_SHELL_HOLE_TEXT, quoted);
			return raw.length;
		}
		KilnText inner = { raw.data + at + 2, end - at - 3 };
		if (next == '{')
			append_braced(expander, inner, quoted);
		else if (inner.length && inner.data[0] == '(')
			append_value(expander, KILN_SHELL_HOLE_TEXT, quoted); /* arithmetic */
		else
			append_substitution(expander, inner, quoted);
		return end;
	}
	if (next && (g_ascii_isdigit(next) || strchr("@*#?$!-", next)))
		end = at + 2;
	else
		while (end < raw.length && (g_ascii_isalnum(raw.data[end]) || raw.data[end] == '_'))
			end++;
	KilnText name = { raw.data + at + 1, end - at - 1 };
	if (name.length == 0)
		append_char(expander, '$', quoted);
	else if (is_name(name) || name.length == 1)
		append_parameter(expander, name, quoted);
	return end;
}

/* At a double quote. An empty "$@" leaves no field behind, all other quotes do. */
static gsize expand_double(Expander *expander, KilnText raw, gsize at)
{
	gsize end = kiln_shell_skip(raw, at, expander->shell->depth);
	if (!end) {
		append_value(expander, KILN_SHELL_HOLE_TEXT, TRUE);
		return raw.length;
	}
	KilnText inner = { raw.data + at + 1, end - at - 2 };
	expand(expander, inner, TRUE);
	if (!kiln_text_is(inner, "$@"))
		expander->has_field = TRUE;
	return end;
}

static gsize expand_single(Expander *expander, KilnText raw, gsize at)
{
	expander->has_field = TRUE;
	for (at++; at < raw.length && raw.data[at] != '\''; at++)
		append_char(expander, raw.data[at], TRUE);
	return at + 1;
}

static gsize expand_backslash(Expander *expander, KilnText raw, gsize at, gboolean quoted)
{
	char next = at + 1 < raw.length ? raw.data[at + 1] : '\0';
	if (next == '\n')
		return at + 2;
	if (!next || (quoted && !strchr(expander->is_document ? "$`\\" : "$`\"\\", next))) {
		append_char(expander, '\\', TRUE);
		return at + 1;
	}
	append_char(expander, next, TRUE);
	return at + 2;
}

static gsize expand_backquote(Expander *expander, KilnText raw, gsize at, gboolean quoted)
{
	gsize end = kiln_shell_skip(raw, at, expander->shell->depth);
	if (end)
		append_backquoted(expander, (KilnText){ raw.data + at + 1, end - at - 2 }, quoted);
	else
		append_value(expander, KILN_SHELL_HOLE_TEXT, quoted);
	return end ? end : raw.length;
}

static void expand(Expander *expander, KilnText raw, gboolean quoted)
{
	if (++expander->shell->depth > KILN_LIMIT_SHELL_DEPTH) {
		kiln_shell_not_understood(expander->shell);
		append_char(expander, KILN_SHELL_HOLE, quoted);
		raw.length = 0;
	}
	for (gsize at = 0; at < raw.length;) {
		char c = raw.data[at];
		if (c == '\\')
			at = expand_backslash(expander, raw, at, quoted);
		else if (c == '\'' && !quoted)
			at = expand_single(expander, raw, at);
		else if (c == '"' && !expander->is_document)
			at = expand_double(expander, raw, at);
		else if (c == '`')
			at = expand_backquote(expander, raw, at, quoted);
		else if (c == '$')
			at = expand_dollar(expander, raw, at, quoted);
		else {
			append_char(expander, c, quoted);
			at++;
		}
	}
	expander->shell->depth--;
}

static char *expand_to_text(KilnShell *shell, KilnText raw, gboolean escapes)
{
	Expander expander = { .shell = shell, .text = g_string_new(NULL), .escapes = escapes };
	expand(&expander, raw, FALSE);
	return g_string_free(expander.text, FALSE);
}

char *kiln_shell_expand(KilnShell *shell, KilnText raw)
{
	return expand_to_text(shell, raw, FALSE);
}

char *kiln_shell_expand_pattern(KilnShell *shell, KilnText raw)
{
	return expand_to_text(shell, raw, TRUE);
}

char *kiln_shell_expand_document(KilnShell *shell, const KilnShellRedirect *redirect)
{
	GString *body = g_string_new(NULL);
	gboolean line_start = TRUE;
	for (gsize i = 0; i < redirect->body.length; i++) {
		char c = redirect->body.data[i];
		if (redirect->strips_tabs && line_start && c == '\t')
			continue;
		line_start = c == '\n';
		g_string_append_c(body, c);
	}
	if (!redirect->expands)
		return g_string_free(body, FALSE);
	Expander expander = { .shell = shell, .text = g_string_new(NULL), .is_document = TRUE };
	expand(&expander, (KilnText){ body->str, body->len }, TRUE);
	g_string_free(body, TRUE);
	return g_string_free(expander.text, FALSE);
}

void kiln_shell_expand_fields(KilnShell *shell, KilnText raw, GPtrArray *fields)
{
	Expander expander = { .shell = shell, .text = g_string_new(NULL), .fields = fields, .escapes = TRUE };
	expand(&expander, raw, FALSE);
	finish_field(&expander);
	g_string_free(expander.text, TRUE);
}
