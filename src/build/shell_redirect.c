/* SPDX-License-Identifier: Apache-2.0 */
/* shell_redirect.c: where a command's output goes; a file that it makes is an effect. */
#include "build/shell.h"

#define STANDARD_INPUT 0
#define STANDARD_OUTPUT 1

typedef struct {
	GString *input;         /* of a here-document, or NULL */
	KilnShellOutput output; /* what goes to target */
	char *target;           /* the file behind standard output, or NULL */
	gboolean append;
} Redirection;

static void redirection_clear(Redirection *redirection)
{
	if (redirection->input)
		g_string_free(redirection->input, TRUE);
	if (redirection->output.text)
		g_string_free(redirection->output.text, TRUE);
	g_free(redirection->output.file);
	g_free(redirection->output.below);
	g_free(redirection->target);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Redirection, redirection_clear)

static void set_input(KilnShell *shell, Redirection *redirection, char *text)
{
	if (redirection->input)
		g_string_free(redirection->input, TRUE);
	redirection->input = g_string_new(text);
	shell->input = kiln_shell_is_known(text) ? redirection->input : NULL;
	g_free(text);
}

static void open_output(KilnShell *shell, Redirection *redirection, const KilnShellRedirect *redirect, char *target)
{
	g_clear_pointer(&redirection->target, g_free);
	shell->output = NULL;
	if (kiln_shell_is_dropped(shell, target)) {
		g_free(target);
		return;
	}
	if (redirect->descriptor != STANDARD_OUTPUT) { /* error messages into a file, or a descriptor of the script's own */
		kiln_shell_not_understood(shell);
		g_free(target);
		return;
	}
	redirection->target = target;
	redirection->append = redirect->kind == KILN_SHELL_REDIRECT_APPEND;
	if (!redirection->output.text)
		redirection->output.text = g_string_new(NULL);
	g_string_truncate(redirection->output.text, 0);
	redirection->output.known = TRUE;
	shell->output = &redirection->output;
}

static void open_redirect(KilnShell *shell, Redirection *redirection, const KilnShellRedirect *redirect)
{
	if (redirect->kind == KILN_SHELL_REDIRECT_DOCUMENT) {
		set_input(shell, redirection, kiln_shell_expand_document(shell, redirect));
		return;
	}
	char *target = kiln_shell_expand(shell, redirect->target);
	switch (redirect->kind) {
	case KILN_SHELL_REDIRECT_STRING:
		set_input(shell, redirection, g_strconcat(target, "\n", NULL));
		break;
	case KILN_SHELL_REDIRECT_READ:
		if (strcmp(target, "/dev/null") == 0)
			set_input(shell, redirection, g_strdup(""));
		else
			shell->input = NULL;
		break;
	case KILN_SHELL_REDIRECT_DUPLICATE:
		if (redirect->descriptor == STANDARD_OUTPUT && strcmp(target, "1") != 0)
			shell->output = NULL; /* to standard error, which nobody captures */
		break;
	default: {
		KilnShellOutput *outer = shell->output;
		gboolean is_standard = redirect->descriptor == STANDARD_OUTPUT;
		open_output(shell, redirection, redirect, g_steal_pointer(&target));
		if (!is_standard)
			shell->output = outer;
	}
	}
	g_free(target);
}

/* The file that the command made. */
static void close_output(KilnShell *shell, const Redirection *redirection)
{
	gboolean is_copy = redirection->output.file && redirection->output.text->len == 0 && !redirection->append;
	if (!is_copy && (!redirection->output.known || redirection->output.file)) {
		kiln_shell_not_understood(shell);
		return;
	}
	KilnEffect *effect = kiln_shell_effect(shell, is_copy ? KILN_EFFECT_COPY : KILN_EFFECT_CONTENT, redirection->target);
	if (!effect)
		return;
	effect->text = g_strdup(is_copy ? redirection->output.file : redirection->output.text->str);
	effect->number = 0666 & ~shell->umask;
	if (redirection->append) {
		effect->extra = g_strdup("append");
		effect->number = -1;
	}
}

KilnOutcome kiln_shell_run_redirected(KilnShell *shell, const KilnShellNode *node, KilnOutcome (*run)(KilnShell *shell, const KilnShellNode *node))
{
	g_auto(Redirection) redirection = { 0 };
	KilnShellOutput *output = shell->output;
	const GString *input = shell->input;
	shell->line = node->line;
	shell->source = node->source;
	for (guint i = 0; i < node->redirects->len; i++)
		open_redirect(shell, &redirection, node->redirects->pdata[i]);
	KilnOutcome outcome = run(shell, node);
	shell->output = output;
	shell->input = input;
	shell->line = node->line;
	shell->source = node->source;
	if (redirection.target)
		close_output(shell, &redirection);
	return outcome;
}
