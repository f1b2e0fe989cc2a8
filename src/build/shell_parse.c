/* SPDX-License-Identifier: Apache-2.0 */
/* shell_parse.c: the grammar of the shell as a tree that borrows from the text. */
#include "base/error.h"
#include "base/limits.h"
#include "build/shell_lex.h"

static const char *const closing_words[] = { "then", "do", "done", "fi", "else", "elif", "esac", "}" };

static KilnShellNode *parse_command(KilnShellLexer *lexer);
static KilnShellNode *parse_and_or(KilnShellLexer *lexer);

void kiln_shell_node_free(KilnShellNode *node)
{
	if (!node)
		return;
	g_ptr_array_unref(node->children);
	g_ptr_array_unref(node->redirects);
	g_array_unref(node->words);
	if (node->operators)
		g_string_free(node->operators, TRUE);
	g_free(node);
}

static void free_child(gpointer node)
{
	kiln_shell_node_free(node);
}

static KilnShellNode *node_new(const KilnShellLexer *lexer, KilnShellKind kind)
{
	KilnShellNode *node = g_new0(KilnShellNode, 1);
	node->kind = kind;
	node->line = lexer->token_line;
	node->children = g_ptr_array_new_with_free_func(free_child);
	node->redirects = g_ptr_array_new_with_free_func(g_free);
	node->words = g_array_new(FALSE, FALSE, sizeof(KilnText));
	node->source = lexer->token;
	return node;
}

static KilnShellNode *fail(KilnShellLexer *lexer, const char *message)
{
	kiln_shell_lex_fail(lexer, KILN_ERROR_SYNTAX, message);
	return NULL;
}

static gboolean is_word(const KilnShellLexer *lexer, const char *word)
{
	return lexer->kind == KILN_SHELL_TOKEN_WORD && kiln_text_is(lexer->token, word);
}

static gboolean is_operator(const KilnShellLexer *lexer, const char *operator)
{
	return lexer->kind == KILN_SHELL_TOKEN_OPERATOR && kiln_text_is(lexer->token, operator);
}

static void skip_newlines(KilnShellLexer *lexer)
{
	while (lexer->kind == KILN_SHELL_TOKEN_NEWLINE)
		kiln_shell_lex(lexer);
}

static gboolean accept_word(KilnShellLexer *lexer, const char *word)
{
	if (!is_word(lexer, word))
		return FALSE;
	kiln_shell_lex(lexer);
	return TRUE;
}

static gboolean expect(KilnShellLexer *lexer, const char *word)
{
	if (kiln_shell_lex_is(lexer, word)) {
		kiln_shell_lex(lexer);
		return TRUE;
	}
	g_autofree char *message = g_strdup_printf("\"%s\" is missing", word);
	return kiln_shell_lex_fail(lexer, KILN_ERROR_SYNTAX, message);
}

static gboolean at_list_end(const KilnShellLexer *lexer)
{
	if (lexer->kind == KILN_SHELL_TOKEN_END || is_operator(lexer, ")") || is_operator(lexer, ";;"))
		return TRUE;
	for (guint i = 0; i < G_N_ELEMENTS(closing_words); i++)
		if (is_word(lexer, closing_words[i]))
			return TRUE;
	return FALSE;
}

/* Add @child, which may be NULL after an error, to @node; FALSE then. */
static gboolean adopt(KilnShellNode *node, KilnShellNode *child)
{
	if (!child)
		return FALSE;
	g_ptr_array_add(node->children, child);
	return TRUE;
}

KilnShellNode *kiln_shell_parse_list(KilnShellLexer *lexer)
{
	g_autoptr(KilnShellNode) list = node_new(lexer, KILN_SHELL_LIST);
	if (++lexer->depth > KILN_LIMIT_SHELL_DEPTH) {
		kiln_shell_lex_fail(lexer, KILN_ERROR_LIMIT, "nested too deeply");
		return NULL;
	}
	for (;;) {
		skip_newlines(lexer);
		if (at_list_end(lexer))
			break;
		if (!adopt(list, parse_and_or(lexer)))
			return NULL;
		if (is_operator(lexer, ";") || is_operator(lexer, "&"))
			kiln_shell_lex(lexer);
		else if (lexer->kind != KILN_SHELL_TOKEN_NEWLINE)
			break;
	}
	lexer->depth--;
	return lexer->error ? NULL : g_steal_pointer(&list);
}

static KilnShellNode *parse_pipeline(KilnShellLexer *lexer)
{
	g_autoptr(KilnShellNode) pipeline = node_new(lexer, KILN_SHELL_PIPELINE);
	while (accept_word(lexer, "!"))
		pipeline->negated = !pipeline->negated;
	if (!adopt(pipeline, parse_command(lexer)))
		return NULL;
	while (is_operator(lexer, "|") || is_operator(lexer, "|&")) {
		kiln_shell_lex(lexer);
		skip_newlines(lexer);
		if (!adopt(pipeline, parse_command(lexer)))
			return NULL;
	}
	return g_steal_pointer(&pipeline);
}

static KilnShellNode *parse_and_or(KilnShellLexer *lexer)
{
	g_autoptr(KilnShellNode) node = node_new(lexer, KILN_SHELL_AND_OR);
	node->operators = g_string_new(NULL);
	if (!adopt(node, parse_pipeline(lexer)))
		return NULL;
	while (is_operator(lexer, "&&") || is_operator(lexer, "||")) {
		g_string_append_c(node->operators, lexer->token.data[0]);
		kiln_shell_lex(lexer);
		skip_newlines(lexer);
		if (!adopt(node, parse_pipeline(lexer)))
			return NULL;
	}
	return g_steal_pointer(&node);
}

static const struct {
	const char *operator;
	KilnShellRedirectKind kind;
	int descriptor;
	gboolean both;
} redirects[] = {
	{ "<", KILN_SHELL_REDIRECT_READ, 0, FALSE },      { ">", KILN_SHELL_REDIRECT_WRITE, 1, FALSE },
	{ ">|", KILN_SHELL_REDIRECT_WRITE, 1, FALSE },    { ">>", KILN_SHELL_REDIRECT_APPEND, 1, FALSE },
	{ "<>", KILN_SHELL_REDIRECT_APPEND, 0, FALSE },   { ">&", KILN_SHELL_REDIRECT_DUPLICATE, 1, FALSE },
	{ "<&", KILN_SHELL_REDIRECT_DUPLICATE, 0, FALSE }, { "&>", KILN_SHELL_REDIRECT_WRITE, 1, TRUE },
	{ "&>>", KILN_SHELL_REDIRECT_APPEND, 1, TRUE },   { "<<", KILN_SHELL_REDIRECT_DOCUMENT, 0, FALSE },
	{ "<<-", KILN_SHELL_REDIRECT_DOCUMENT, 0, FALSE }, { "<<<", KILN_SHELL_REDIRECT_STRING, 0, FALSE },
};

/* @descriptor: the number before the operator, or -1. TRUE when there was a redirection or an error. */
static gboolean parse_redirect(KilnShellLexer *lexer, KilnShellNode *node, int descriptor)
{
	for (guint i = 0; i < G_N_ELEMENTS(redirects); i++) {
		if (!is_operator(lexer, redirects[i].operator))
			continue;
		KilnShellRedirect *redirect = g_new0(KilnShellRedirect, 1);
		redirect->kind = redirects[i].kind;
		redirect->both = redirects[i].both;
		redirect->descriptor = descriptor >= 0 ? descriptor : redirects[i].descriptor;
		redirect->strips_tabs = strcmp(redirects[i].operator, "<<-") == 0;
		g_ptr_array_add(node->redirects, redirect);
		kiln_shell_lex(lexer);
		if (lexer->kind != KILN_SHELL_TOKEN_WORD)
			return kiln_shell_lex_fail(lexer, KILN_ERROR_SYNTAX, "a redirection names no file"), TRUE;
		redirect->target = lexer->token;
		if (redirect->kind == KILN_SHELL_REDIRECT_DOCUMENT)
			g_ptr_array_add(lexer->pending, redirect);
		kiln_shell_lex(lexer);
		return TRUE;
	}
	return FALSE;
}

/* "2" of "2>file": digits directly before the operator. */
static gboolean parse_numbered_redirect(KilnShellLexer *lexer, KilnShellNode *node)
{
	KilnText number = lexer->token;
	if (lexer->kind != KILN_SHELL_TOKEN_WORD || number.length != 1 || !g_ascii_isdigit(number.data[0]) ||
	    lexer->at >= lexer->text.length || (lexer->text.data[lexer->at] != '<' && lexer->text.data[lexer->at] != '>'))
		return FALSE;
	kiln_shell_lex(lexer);
	return parse_redirect(lexer, node, number.data[0] - '0');
}

static void parse_redirects(KilnShellLexer *lexer, KilnShellNode *node)
{
	while (parse_numbered_redirect(lexer, node) || parse_redirect(lexer, node, -1))
		if (lexer->error)
			return;
}

static KilnShellNode *parse_function_body(KilnShellLexer *lexer, KilnText name, guint line)
{
	g_autoptr(KilnShellNode) function = node_new(lexer, KILN_SHELL_FUNCTION);
	function->line = line;
	g_array_append_val(function->words, name);
	skip_newlines(lexer);
	return adopt(function, parse_command(lexer)) ? g_steal_pointer(&function) : NULL;
}

/* bash's "[[ a && b ]]" becomes the words of "[": && is -a, || is -o. */
static KilnShellNode *parse_double_bracket(KilnShellLexer *lexer)
{
	g_autoptr(KilnShellNode) node = node_new(lexer, KILN_SHELL_COMMAND);
	static const KilnText open = KILN_TEXT("["), close = KILN_TEXT("]"), and = KILN_TEXT("-a"), or = KILN_TEXT("-o");
	g_array_append_val(node->words, open);
	kiln_shell_lex(lexer);
	while (!is_word(lexer, "]]")) {
		KilnText word = is_operator(lexer, "&&") ? and : is_operator(lexer, "||") ? or : lexer->token;
		if (lexer->kind == KILN_SHELL_TOKEN_END)
			return fail(lexer, "[[ is not closed");
		if (lexer->kind != KILN_SHELL_TOKEN_NEWLINE)
			g_array_append_val(node->words, word);
		kiln_shell_lex(lexer);
	}
	g_array_append_val(node->words, close);
	node->source.length = (gsize)(lexer->token.data + lexer->token.length - node->source.data);
	kiln_shell_lex(lexer);
	return g_steal_pointer(&node);
}

static KilnShellNode *parse_simple(KilnShellLexer *lexer)
{
	g_autoptr(KilnShellNode) node = node_new(lexer, KILN_SHELL_COMMAND);
	const char *start = lexer->token.data, *end = start;
	for (;;) {
		const char *before = lexer->token.data + lexer->token.length;
		if (parse_numbered_redirect(lexer, node) || parse_redirect(lexer, node, -1)) {
			KilnShellRedirect *last = node->redirects->pdata[node->redirects->len - 1];
			end = last->target.data ? last->target.data + last->target.length : before;
		} else if (lexer->kind == KILN_SHELL_TOKEN_WORD) {
			KilnText word = lexer->token;
			guint line = lexer->token_line;
			g_array_append_val(node->words, word);
			end = before;
			kiln_shell_lex(lexer);
			if (node->words->len == 1 && node->redirects->len == 0 && is_operator(lexer, "(")) {
				kiln_shell_lex(lexer);
				return expect(lexer, ")") ? parse_function_body(lexer, word, line) : NULL;
			}
		} else
			break;
		if (lexer->error)
			return NULL;
	}
	if (node->words->len == 0 && node->redirects->len == 0)
		return fail(lexer, "a command is missing");
	node->source = (KilnText){ start, (gsize)(end - start) };
	return g_steal_pointer(&node);
}

static KilnShellNode *parse_if(KilnShellLexer *lexer)
{
	g_autoptr(KilnShellNode) node = node_new(lexer, KILN_SHELL_IF);
	do {
		kiln_shell_lex(lexer);
		if (!adopt(node, kiln_shell_parse_list(lexer)) || !expect(lexer, "then") || !adopt(node, kiln_shell_parse_list(lexer)))
			return NULL;
	} while (is_word(lexer, "elif"));
	if (accept_word(lexer, "else") && !adopt(node, kiln_shell_parse_list(lexer)))
		return NULL;
	return expect(lexer, "fi") ? g_steal_pointer(&node) : NULL;
}

static KilnShellNode *parse_loop(KilnShellLexer *lexer, gboolean until)
{
	g_autoptr(KilnShellNode) node = node_new(lexer, KILN_SHELL_LOOP);
	node->negated = until;
	kiln_shell_lex(lexer);
	if (!adopt(node, kiln_shell_parse_list(lexer)) || !expect(lexer, "do") || !adopt(node, kiln_shell_parse_list(lexer)) || !expect(lexer, "done"))
		return NULL;
	return g_steal_pointer(&node);
}

static KilnShellNode *parse_for(KilnShellLexer *lexer)
{
	g_autoptr(KilnShellNode) node = node_new(lexer, KILN_SHELL_FOR);
	kiln_shell_lex(lexer);
	if (lexer->kind != KILN_SHELL_TOKEN_WORD)
		return fail(lexer, "\"for\" names no variable");
	g_array_append_val(node->words, lexer->token);
	kiln_shell_lex(lexer);
	skip_newlines(lexer);
	node->over_arguments = !accept_word(lexer, "in");
	while (!node->over_arguments && lexer->kind == KILN_SHELL_TOKEN_WORD) {
		g_array_append_val(node->words, lexer->token);
		kiln_shell_lex(lexer);
	}
	if (is_operator(lexer, ";"))
		kiln_shell_lex(lexer);
	skip_newlines(lexer);
	if (!expect(lexer, "do") || !adopt(node, kiln_shell_parse_list(lexer)) || !expect(lexer, "done"))
		return NULL;
	return g_steal_pointer(&node);
}

static KilnShellNode *parse_item(KilnShellLexer *lexer)
{
	g_autoptr(KilnShellNode) item = node_new(lexer, KILN_SHELL_ITEM);
	if (is_operator(lexer, "("))
		kiln_shell_lex(lexer);
	do {
		if (is_operator(lexer, "|"))
			kiln_shell_lex(lexer);
		if (lexer->kind != KILN_SHELL_TOKEN_WORD)
			return fail(lexer, "\"case\" has no pattern here");
		g_array_append_val(item->words, lexer->token);
		kiln_shell_lex(lexer);
	} while (is_operator(lexer, "|"));
	if (!expect(lexer, ")") || !adopt(item, kiln_shell_parse_list(lexer)))
		return NULL;
	if (is_operator(lexer, ";;"))
		kiln_shell_lex(lexer);
	else if (!is_word(lexer, "esac"))
		return fail(lexer, "\";;\" is missing");
	skip_newlines(lexer);
	return g_steal_pointer(&item);
}

static KilnShellNode *parse_case(KilnShellLexer *lexer)
{
	g_autoptr(KilnShellNode) node = node_new(lexer, KILN_SHELL_CASE);
	kiln_shell_lex(lexer);
	if (lexer->kind != KILN_SHELL_TOKEN_WORD)
		return fail(lexer, "\"case\" names no word");
	g_array_append_val(node->words, lexer->token);
	kiln_shell_lex(lexer);
	skip_newlines(lexer);
	if (!expect(lexer, "in"))
		return NULL;
	skip_newlines(lexer);
	while (!is_word(lexer, "esac"))
		if (!adopt(node, parse_item(lexer)))
			return NULL;
	kiln_shell_lex(lexer);
	return g_steal_pointer(&node);
}

static KilnShellNode *parse_group(KilnShellLexer *lexer, KilnShellKind kind, const char *close)
{
	g_autoptr(KilnShellNode) node = node_new(lexer, kind);
	kiln_shell_lex(lexer);
	if (!adopt(node, kiln_shell_parse_list(lexer)) || !expect(lexer, close))
		return NULL;
	return g_steal_pointer(&node);
}

static KilnShellNode *parse_named_function(KilnShellLexer *lexer)
{
	kiln_shell_lex(lexer);
	KilnText name = lexer->token;
	guint line = lexer->token_line;
	if (lexer->kind != KILN_SHELL_TOKEN_WORD)
		return fail(lexer, "\"function\" names nothing");
	kiln_shell_lex(lexer);
	if (is_operator(lexer, "(")) {
		kiln_shell_lex(lexer);
		if (!expect(lexer, ")"))
			return NULL;
	}
	return parse_function_body(lexer, name, line);
}

static KilnShellNode *parse_compound(KilnShellLexer *lexer)
{
	if (is_operator(lexer, "("))
		return parse_group(lexer, KILN_SHELL_SUBSHELL, ")");
	if (is_word(lexer, "{"))
		return parse_group(lexer, KILN_SHELL_GROUP, "}");
	if (is_word(lexer, "if"))
		return parse_if(lexer);
	if (is_word(lexer, "while") || is_word(lexer, "until"))
		return parse_loop(lexer, is_word(lexer, "until"));
	if (is_word(lexer, "for"))
		return parse_for(lexer);
	if (is_word(lexer, "case"))
		return parse_case(lexer);
	return NULL;
}

static KilnShellNode *parse_command(KilnShellLexer *lexer)
{
	if (++lexer->depth > KILN_LIMIT_SHELL_DEPTH) {
		kiln_shell_lex_fail(lexer, KILN_ERROR_LIMIT, "nested too deeply");
		return NULL;
	}
	g_autoptr(KilnShellNode) node = parse_compound(lexer);
	if (!node && !lexer->error) {
		if (at_list_end(lexer))
			return fail(lexer, "a command is missing");
		node = is_word(lexer, "[[") ? parse_double_bracket(lexer) : is_word(lexer, "function") ? parse_named_function(lexer) : parse_simple(lexer);
	} else if (node)
		parse_redirects(lexer, node);
	lexer->depth--;
	return lexer->error ? NULL : g_steal_pointer(&node);
}

KilnShellNode *kiln_shell_parse(KilnText text, guint first_line, guint depth, GError **error)
{
	g_autoptr(GPtrArray) pending = g_ptr_array_new();
	KilnShellLexer lexer = { .text = text, .line = first_line, .first_line = first_line, .depth = depth, .pending = pending };
	kiln_shell_lex(&lexer);
	g_autoptr(KilnShellNode) list = kiln_shell_parse_list(&lexer);
	if (list && lexer.kind != KILN_SHELL_TOKEN_END) {
		g_autofree char *token = kiln_text_dup(lexer.token);
		kiln_fail(&lexer.error, KILN_ERROR_SYNTAX, "%u: \"%s\" is out of place", lexer.token_line, token);
	}
	if (lexer.error) {
		g_propagate_error(error, lexer.error);
		return NULL;
	}
	return g_steal_pointer(&list);
}
