/* SPDX-License-Identifier: Apache-2.0 */
/* shell_tree.h: the grammar of the shell as a tree that borrows from the text. Source: POSIX.1-2017, XCU chapter 2. */
#pragma once
#include "base/text.h"

typedef enum {
	KILN_SHELL_COMMAND,  /* words, redirects */
	KILN_SHELL_PIPELINE, /* children; negated */
	KILN_SHELL_AND_OR,   /* children; operators has '&' or '|' for each child but the first */
	KILN_SHELL_LIST,     /* children */
	KILN_SHELL_IF,       /* children: condition, body, condition, body, ..., else body when the count is odd */
	KILN_SHELL_LOOP,     /* children: condition, body; negated for until */
	KILN_SHELL_FOR,      /* words: name, then the items; children: body; over_arguments without "in" */
	KILN_SHELL_CASE,     /* words: subject; children: items */
	KILN_SHELL_ITEM,     /* of a case: words are patterns; children: body */
	KILN_SHELL_FUNCTION, /* words: name; children: body */
	KILN_SHELL_GROUP,    /* { }: children: body */
	KILN_SHELL_SUBSHELL, /* ( ): children: body */
} KilnShellKind;

typedef enum {
	KILN_SHELL_REDIRECT_READ,
	KILN_SHELL_REDIRECT_WRITE,
	KILN_SHELL_REDIRECT_APPEND,
	KILN_SHELL_REDIRECT_DUPLICATE, /* >&N, <&N */
	KILN_SHELL_REDIRECT_DOCUMENT,  /* <<WORD */
	KILN_SHELL_REDIRECT_STRING,    /* <<<WORD */
} KilnShellRedirectKind;

typedef struct {
	KilnShellRedirectKind kind;
	int descriptor;   /* the one that is redirected */
	gboolean both;    /* &>: stdout and stderr */
	KilnText target;  /* raw word */
	KilnText body;    /* of a here-document, raw */
	gboolean expands; /* its delimiter was not quoted */
	gboolean strips_tabs;
} KilnShellRedirect;

typedef struct KilnShellNode {
	KilnShellKind kind;
	guint line;       /* from 1 */
	KilnText source;  /* of a command: its text */
	gboolean negated, over_arguments;
	GPtrArray *children;  /* KilnShellNode */
	GArray *words;        /* KilnText, raw */
	GPtrArray *redirects; /* KilnShellRedirect */
	GString *operators;   /* or NULL */
} KilnShellNode;

/**
 * @text: borrowed for the life of the tree
 * @depth: how deep the caller is already; nesting beyond KILN_LIMIT_SHELL_DEPTH is KILN_ERROR_LIMIT
 * Errors: KILN_ERROR_SYNTAX "LINE: ...".
 */
KilnShellNode *kiln_shell_parse(KilnText text, guint first_line, guint depth, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_shell_node_free(KilnShellNode *node);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnShellNode, kiln_shell_node_free)

/**
 * Find the end of what starts with "$(" , "`", "${", "$((", or a quote at @at of @text; returns the index behind it, or 0 when it never ends.
 */
gsize kiln_shell_skip(KilnText text, gsize at, guint depth);
