/* SPDX-License-Identifier: Apache-2.0 */
/* shell_lex.h: tokens of the shell. Shared by the parser's files only. */
#pragma once
#include "build/shell_tree.h"

typedef enum {
	KILN_SHELL_TOKEN_END,
	KILN_SHELL_TOKEN_WORD,
	KILN_SHELL_TOKEN_OPERATOR,
	KILN_SHELL_TOKEN_NEWLINE,
} KilnShellTokenKind;

typedef struct {
	KilnText text;
	gsize at; /* where the next token starts to be looked for */
	guint line, first_line, depth;
	GPtrArray *pending; /* KilnShellRedirect, borrowed: here-documents whose body follows the next newline */
	GError *error;      /* the first one; then only END tokens come */
	KilnShellTokenKind kind;
	KilnText token;
	guint token_line;
} KilnShellLexer;

/** Step to the next token. */
void kiln_shell_lex(KilnShellLexer *lexer);
gboolean kiln_shell_lex_fail(KilnShellLexer *lexer, int code, const char *message);
gboolean kiln_shell_lex_is(const KilnShellLexer *lexer, const char *operator_or_word);

/** Parse commands up to (not including) a closing token; in shell_parse.c. NULL after an error. */
KilnShellNode *kiln_shell_parse_list(KilnShellLexer *lexer);
