/* SPDX-License-Identifier: Apache-2.0 */
/* shell_lex.c: tokens of the shell: where a word ends, and what a here-document holds. */
#include "build/shell_lex.h"
#include "base/error.h"
#include "base/limits.h"

gboolean kiln_shell_lex_fail(KilnShellLexer *lexer, int code, const char *message)
{
	if (!lexer->error)
		kiln_fail(&lexer->error, code, "%u: %s", lexer->line, message);
	lexer->kind = KILN_SHELL_TOKEN_END;
	lexer->token = (KilnText){ NULL, 0 };
	return FALSE;
}

gboolean kiln_shell_lex_is(const KilnShellLexer *lexer, const char *operator_or_word)
{
	return (lexer->kind == KILN_SHELL_TOKEN_WORD || lexer->kind == KILN_SHELL_TOKEN_OPERATOR) && kiln_text_is(lexer->token, operator_or_word);
}

static char peek(const KilnShellLexer *lexer, gsize ahead)
{
	return lexer->at < lexer->text.length && ahead < lexer->text.length - lexer->at ? lexer->text.data[lexer->at + ahead] : '\0';
}

static void step(KilnShellLexer *lexer, gsize count)
{
	for (; count && lexer->at < lexer->text.length; count--)
		if (lexer->text.data[lexer->at++] == '\n')
			lexer->line++;
}

static gboolean at_end(const KilnShellLexer *lexer)
{
	return lexer->at >= lexer->text.length;
}

static gboolean skip_quoted(KilnShellLexer *lexer);

static gboolean skip_single(KilnShellLexer *lexer)
{
	step(lexer, 1);
	while (!at_end(lexer) && peek(lexer, 0) != '\'')
		step(lexer, 1);
	if (at_end(lexer))
		return kiln_shell_lex_fail(lexer, KILN_ERROR_SYNTAX, "a single quote is not closed");
	step(lexer, 1);
	return TRUE;
}

static gboolean skip_backquote(KilnShellLexer *lexer)
{
	step(lexer, 1);
	while (!at_end(lexer) && peek(lexer, 0) != '`')
		step(lexer, peek(lexer, 0) == '\\' ? 2 : 1);
	if (at_end(lexer))
		return kiln_shell_lex_fail(lexer, KILN_ERROR_SYNTAX, "a backquote is not closed");
	step(lexer, 1);
	return TRUE;
}

/* "$((" ... "))": nothing in an arithmetic expression needs more than counting. */
static gboolean skip_arithmetic(KilnShellLexer *lexer)
{
	guint open = 0;
	step(lexer, 1);
	do {
		char c = peek(lexer, 0);
		if (at_end(lexer))
			return kiln_shell_lex_fail(lexer, KILN_ERROR_SYNTAX, "$(( is not closed");
		if (c == '$' && peek(lexer, 1) == '(' && peek(lexer, 2) != '(') {
			if (!skip_quoted(lexer))
				return FALSE;
			continue;
		}
		open += c == '(';
		open -= c == ')';
		step(lexer, 1);
	} while (open);
	return TRUE;
}

/* Only a parser finds the end of $( ): "case a in b) ;; esac" has unbalanced parentheses. */
static gboolean skip_substitution(KilnShellLexer *lexer)
{
	guint pending = lexer->pending->len;
	step(lexer, 2);
	kiln_shell_lex(lexer);
	g_autoptr(KilnShellNode) list = kiln_shell_parse_list(lexer);
	if (!list || lexer->error)
		return FALSE;
	g_ptr_array_set_size(lexer->pending, (int)MIN(pending, lexer->pending->len)); /* they belong to the tree that goes now */
	if (!kiln_shell_lex_is(lexer, ")"))
		return kiln_shell_lex_fail(lexer, KILN_ERROR_SYNTAX, "$( is not closed");
	return TRUE;
}

static gboolean skip_braces(KilnShellLexer *lexer)
{
	step(lexer, 2);
	while (!at_end(lexer) && peek(lexer, 0) != '}') {
		char c = peek(lexer, 0);
		if (c == '\\')
			step(lexer, 2);
		else if (c == '\'' || c == '"' || c == '`' || c == '$') {
			if (!skip_quoted(lexer))
				return FALSE;
		} else
			step(lexer, 1);
	}
	if (at_end(lexer))
		return kiln_shell_lex_fail(lexer, KILN_ERROR_SYNTAX, "${ is not closed");
	step(lexer, 1);
	return TRUE;
}

static gboolean skip_double(KilnShellLexer *lexer)
{
	step(lexer, 1);
	while (!at_end(lexer) && peek(lexer, 0) != '"') {
		char c = peek(lexer, 0);
		if (c == '\\')
			step(lexer, 2);
		else if (c == '`' || c == '$') {
			if (!skip_quoted(lexer))
				return FALSE;
		} else
			step(lexer, 1);
	}
	if (at_end(lexer))
		return kiln_shell_lex_fail(lexer, KILN_ERROR_SYNTAX, "a double quote is not closed");
	step(lexer, 1);
	return TRUE;
}

/* At a quote, a backquote or "$": step behind what it opens; a "$" that opens nothing is one character. */
static gboolean skip_quoted(KilnShellLexer *lexer)
{
	gboolean ok = TRUE;
	if (++lexer->depth > KILN_LIMIT_SHELL_DEPTH)
		return kiln_shell_lex_fail(lexer, KILN_ERROR_LIMIT, "nested too deeply");
	switch (peek(lexer, 0)) {
	case '\'': ok = skip_single(lexer); break;
	case '"': ok = skip_double(lexer); break;
	case '`': ok = skip_backquote(lexer); break;
	default:
		if (peek(lexer, 1) == '(' && peek(lexer, 2) == '(')
			ok = skip_arithmetic(lexer);
		else if (peek(lexer, 1) == '(')
			ok = skip_substitution(lexer);
		else if (peek(lexer, 1) == '{')
			ok = skip_braces(lexer);
		else
			step(lexer, 1);
	}
	lexer->depth--;
	return ok;
}

gsize kiln_shell_skip(KilnText text, gsize at, guint depth)
{
	g_autoptr(GPtrArray) pending = g_ptr_array_new();
	KilnShellLexer lexer = { .text = text, .at = at, .line = 1, .first_line = 1, .depth = depth, .pending = pending };
	gboolean ok = skip_quoted(&lexer);
	g_clear_error(&lexer.error);
	return ok ? lexer.at : 0;
}

static gboolean lex_word(KilnShellLexer *lexer, gsize start)
{
	while (!at_end(lexer) && !strchr(" \t\n;&|<>()", peek(lexer, 0))) {
		char c = peek(lexer, 0);
		if (c == '\\')
			step(lexer, 2);
		else if (c == '\'' || c == '"' || c == '`' || c == '$') {
			if (!skip_quoted(lexer))
				return FALSE;
		} else
			step(lexer, 1);
	}
	lexer->kind = KILN_SHELL_TOKEN_WORD;
	lexer->token = (KilnText){ lexer->text.data + start, lexer->at - start };
	return TRUE;
}

static KilnText cut_line(KilnShellLexer *lexer)
{
	gsize start = lexer->at;
	while (!at_end(lexer) && peek(lexer, 0) != '\n')
		lexer->at++;
	KilnText line = { lexer->text.data + start, lexer->at - start };
	step(lexer, 1);
	return line;
}

/* The delimiter as it is compared: quotes and backslashes removed. */
static char *delimiter_text(KilnShellRedirect *redirect)
{
	GString *plain = g_string_new(NULL);
	redirect->expands = TRUE;
	for (gsize i = 0; i < redirect->target.length; i++) {
		if (strchr("'\"\\", redirect->target.data[i]))
			redirect->expands = FALSE;
		else
			g_string_append_c(plain, redirect->target.data[i]);
	}
	return g_string_free(plain, FALSE);
}

static void read_documents(KilnShellLexer *lexer)
{
	for (guint i = 0; i < lexer->pending->len; i++) {
		KilnShellRedirect *redirect = lexer->pending->pdata[i];
		g_autofree char *delimiter = delimiter_text(redirect);
		gsize start = lexer->at, end = start;
		while (!at_end(lexer)) {
			end = lexer->at;
			KilnText line = cut_line(lexer);
			while (redirect->strips_tabs && line.length && line.data[0] == '\t')
				line = (KilnText){ line.data + 1, line.length - 1 };
			if (kiln_text_is(line, delimiter))
				break;
			end = lexer->at;
		}
		redirect->body = (KilnText){ lexer->text.data + start, end - start };
	}
	g_ptr_array_set_size(lexer->pending, 0);
}

static void lex_operator(KilnShellLexer *lexer)
{
	static const char *const operators[] = { "<<<", "<<-", "&>>", "&&", "||", ";;", "<<", ">>", "<&", ">&", "<>", ">|", "&>", "|&" };
	gsize length = 1;
	for (guint i = 0; i < G_N_ELEMENTS(operators); i++)
		if (lexer->text.length - lexer->at >= strlen(operators[i]) && memcmp(lexer->text.data + lexer->at, operators[i], strlen(operators[i])) == 0) {
			length = strlen(operators[i]);
			break;
		}
	lexer->kind = KILN_SHELL_TOKEN_OPERATOR;
	lexer->token = (KilnText){ lexer->text.data + lexer->at, length };
	step(lexer, length);
}

void kiln_shell_lex(KilnShellLexer *lexer)
{
	for (;;) {
		char c = peek(lexer, 0);
		if (c == ' ' || c == '\t' || c == '\r')
			step(lexer, 1);
		else if (c == '\\' && peek(lexer, 1) == '\n')
			step(lexer, 2);
		else if (c == '#')
			while (!at_end(lexer) && peek(lexer, 0) != '\n')
				step(lexer, 1);
		else
			break;
	}
	lexer->token_line = lexer->line;
	lexer->token = (KilnText){ lexer->text.data + lexer->at, 0 };
	if (lexer->error || at_end(lexer)) {
		lexer->kind = KILN_SHELL_TOKEN_END;
	} else if (peek(lexer, 0) == '\n') {
		lexer->kind = KILN_SHELL_TOKEN_NEWLINE;
		step(lexer, 1);
		read_documents(lexer);
	} else if (strchr(";&|<>()", peek(lexer, 0))) {
		lex_operator(lexer);
	} else {
		guint line = lexer->line;
		lex_word(lexer, lexer->at);
		lexer->token_line = line;
	}
}
