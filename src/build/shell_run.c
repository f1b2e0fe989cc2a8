/* SPDX-License-Identifier: Apache-2.0 */
/* shell_run.c: following the tree of a script: what is decided is followed, what is not decided is followed both ways. */
#include "base/error.h"
#include "base/limits.h"
#include "build/shell.h"

/* The ways to go on behind a test that is not decided. */
typedef struct {
	KilnShellState *before;
	GPtrArray *ends; /* KilnShellState of each way that comes out */
	KilnFlow left;   /* the farthest that a way went away */
	KilnOutcome outcome;
	gboolean has_outcome;
} Ways;

KilnOutcome kiln_outcome_not(KilnOutcome outcome)
{
	return outcome == KILN_OUTCOME_UNKNOWN ? outcome : outcome == KILN_OUTCOME_TRUE ? KILN_OUTCOME_FALSE : KILN_OUTCOME_TRUE;
}

static KilnOutcome combined(KilnOutcome a, KilnOutcome b)
{
	return a == b ? a : KILN_OUTCOME_UNKNOWN;
}

static void ways_begin(KilnShell *shell, Ways *ways)
{
	*ways = (Ways){ .before = kiln_shell_state_save(shell), .ends = g_ptr_array_new_with_free_func(kiln_shell_state_free) };
}

static void ways_add_outcome(Ways *ways, KilnOutcome outcome)
{
	ways->outcome = ways->has_outcome ? combined(ways->outcome, outcome) : outcome;
	ways->has_outcome = TRUE;
}

/* A script that refuses to go on (exit 1) did not do so: its package is installed, that is the premise. */
static void leave(KilnShell *shell, Ways *ways)
{
	if (shell->flow == KILN_FLOW_RETURN) {
		shell->returned = shell->has_returned ? combined(shell->returned, shell->last) : shell->last;
		shell->has_returned = TRUE;
	}
	if (!(shell->flow == KILN_FLOW_EXIT && shell->exit_failed))
		shell->doubt = MAX(shell->doubt, shell->flow);
	ways->left = MAX(ways->left, shell->flow);
	shell->flow = KILN_FLOW_RUN;
}

/* Follow one way; @node NULL: nothing happens on it and the status is TRUE. */
static void ways_follow(KilnShell *shell, Ways *ways, const KilnShellNode *node)
{
	kiln_shell_state_restore(shell, ways->before);
	shell->undecided++;
	KilnOutcome outcome = node ? kiln_shell_run(shell, node) : KILN_OUTCOME_TRUE;
	shell->undecided--;
	if (shell->flow != KILN_FLOW_RUN) {
		leave(shell, ways);
		return;
	}
	ways_add_outcome(ways, outcome);
	g_ptr_array_add(ways->ends, kiln_shell_state_save(shell));
}

static KilnOutcome ways_end(KilnShell *shell, Ways *ways)
{
	if (ways->ends->len == 0)
		shell->flow = ways->left;
	kiln_shell_state_merge(shell, ways->ends);
	kiln_shell_state_free(ways->before);
	g_ptr_array_unref(ways->ends);
	return ways->has_outcome ? ways->outcome : shell->last;
}

static const KilnShellNode *child(const KilnShellNode *node, guint index)
{
	return node->children->pdata[index];
}

static KilnOutcome run_list(KilnShell *shell, const KilnShellNode *node)
{
	KilnOutcome outcome = KILN_OUTCOME_TRUE;
	for (guint i = 0; i < node->children->len && shell->flow == KILN_FLOW_RUN; i++)
		outcome = kiln_shell_run(shell, child(node, i));
	return outcome;
}

/* The right side of && or || when the left side is not decided. */
static KilnOutcome run_perhaps(KilnShell *shell, const KilnShellNode *node, gboolean is_and)
{
	Ways ways;
	ways_begin(shell, &ways);
	ways_follow(shell, &ways, node);
	gboolean left = ways.left != KILN_FLOW_RUN;
	KilnOutcome right = left ? KILN_OUTCOME_UNKNOWN : ways.outcome;
	ways_follow(shell, &ways, NULL);
	ways_end(shell, &ways);
	if (left) /* who comes here did not take it */
		return is_and ? KILN_OUTCOME_FALSE : KILN_OUTCOME_TRUE;
	if (is_and)
		return right == KILN_OUTCOME_FALSE ? KILN_OUTCOME_FALSE : KILN_OUTCOME_UNKNOWN;
	return right == KILN_OUTCOME_TRUE ? KILN_OUTCOME_TRUE : KILN_OUTCOME_UNKNOWN;
}

static KilnOutcome run_and_or(KilnShell *shell, const KilnShellNode *node)
{
	KilnOutcome outcome = kiln_shell_run(shell, child(node, 0));
	for (guint i = 1; i < node->children->len && shell->flow == KILN_FLOW_RUN; i++) {
		gboolean is_and = node->operators->str[i - 1] == '&';
		if (outcome == KILN_OUTCOME_UNKNOWN)
			outcome = run_perhaps(shell, child(node, i), is_and);
		else if ((outcome == KILN_OUTCOME_TRUE) == is_and)
			outcome = kiln_shell_run(shell, child(node, i));
	}
	return outcome;
}

/* Run something as a subshell: what it does to variables and where it goes stays inside. */
static KilnOutcome run_apart(KilnShell *shell, const KilnShellNode *node)
{
	KilnShellState *state = kiln_shell_state_save(shell);
	KilnFlow doubt = shell->doubt;
	KilnOutcome outcome = kiln_shell_run(shell, node);
	if (shell->flow == KILN_FLOW_EXIT && shell->exit_failed)
		outcome = KILN_OUTCOME_FALSE;
	shell->flow = KILN_FLOW_RUN;
	shell->doubt = doubt;
	kiln_shell_state_restore(shell, state);
	kiln_shell_state_free(state);
	return outcome;
}

static void output_clear(KilnShellOutput *output)
{
	g_string_free(output->text, TRUE);
	g_free(output->file);
	g_free(output->below);
}

static KilnOutcome run_pipeline(KilnShell *shell, const KilnShellNode *node)
{
	KilnOutcome outcome = KILN_OUTCOME_TRUE;
	if (node->children->len == 1) {
		outcome = kiln_shell_run(shell, child(node, 0));
		return node->negated ? kiln_outcome_not(outcome) : outcome;
	}
	KilnShellOutput *output = shell->output;
	const GString *input = shell->input;
	const char *input_below = shell->input_below;
	KilnShellOutput pipe = { g_string_new(NULL), FALSE };
	for (guint i = 0; i < node->children->len; i++) {
		gboolean is_last = i + 1 == node->children->len;
		KilnShellOutput next = { g_string_new(NULL), TRUE };
		shell->input = i == 0 ? input : pipe.known ? pipe.text : NULL;
		shell->input_below = i == 0 ? input_below : pipe.below;
		shell->output = is_last ? output : &next;
		outcome = run_apart(shell, child(node, i));
		shell->output = output;
		shell->input = input;
		shell->input_below = input_below;
		output_clear(&pipe);
		if (next.file)
			next.known = FALSE;
		pipe = next;
	}
	output_clear(&pipe);
	return node->negated ? kiln_outcome_not(outcome) : outcome;
}

static KilnOutcome run_if(KilnShell *shell, const KilnShellNode *node)
{
	Ways ways = { 0 };
	gboolean undecided = FALSE, decided = FALSE;
	guint pairs = node->children->len / 2;
	for (guint i = 0; i < pairs && !decided; i++) {
		KilnOutcome condition = kiln_shell_run(shell, child(node, 2 * i));
		if (shell->flow != KILN_FLOW_RUN)
			break;
		if (condition == KILN_OUTCOME_TRUE && !undecided)
			return kiln_shell_run(shell, child(node, 2 * i + 1));
		if (condition == KILN_OUTCOME_FALSE)
			continue;
		if (!undecided)
			ways_begin(shell, &ways);
		undecided = TRUE;
		decided = condition == KILN_OUTCOME_TRUE;
		ways_follow(shell, &ways, child(node, 2 * i + 1));
		kiln_shell_state_restore(shell, ways.before);
	}
	gboolean has_else = node->children->len % 2 == 1;
	const KilnShellNode *otherwise = has_else ? child(node, node->children->len - 1) : NULL;
	if (!undecided)
		return shell->flow != KILN_FLOW_RUN ? shell->last : otherwise ? kiln_shell_run(shell, otherwise) : KILN_OUTCOME_TRUE;
	if (!decided && shell->flow == KILN_FLOW_RUN)
		ways_follow(shell, &ways, otherwise);
	return ways_end(shell, &ways);
}

/* What a "break" or "continue" in an undecided branch put in doubt ends with the loop. */
static void end_loop(KilnShell *shell, KilnFlow doubt)
{
	if (shell->flow == KILN_FLOW_BREAK || shell->flow == KILN_FLOW_CONTINUE)
		shell->flow = KILN_FLOW_RUN;
	if (shell->doubt <= KILN_FLOW_CONTINUE)
		shell->doubt = doubt;
}

static void follow_once_or_never(KilnShell *shell, const KilnShellNode *body)
{
	Ways ways;
	ways_begin(shell, &ways);
	ways_follow(shell, &ways, body);
	ways_follow(shell, &ways, NULL);
	ways_end(shell, &ways);
}

/* Nobody counts rounds: one round stands for all, and what it changes is unknown behind it. */
static KilnOutcome run_loop(KilnShell *shell, const KilnShellNode *node)
{
	KilnFlow doubt = shell->doubt;
	KilnOutcome condition = kiln_shell_run(shell, child(node, 0));
	if (node->negated)
		condition = kiln_outcome_not(condition);
	if (condition != KILN_OUTCOME_FALSE && shell->flow == KILN_FLOW_RUN)
		follow_once_or_never(shell, child(node, 1));
	end_loop(shell, doubt);
	return KILN_OUTCOME_TRUE;
}

/* A pattern that nobody could match against a directory may stand for any names. */
static gboolean is_certain(const KilnShell *shell, const char *field)
{
	return kiln_shell_is_known(field) && (!kiln_shell_is_glob(field) || (shell->system && shell->system->list));
}

static KilnOutcome run_for(KilnShell *shell, const KilnShellNode *node)
{
	static const KilnText all = KILN_TEXT("\"$@\"");
	KilnFlow doubt = shell->doubt;
	g_autoptr(GPtrArray) fields = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *name = kiln_text_dup(g_array_index(node->words, KilnText, 0));
	KilnOutcome outcome = KILN_OUTCOME_TRUE;
	if (node->over_arguments)
		kiln_shell_expand_fields(shell, all, fields);
	for (guint i = 1; i < node->words->len; i++)
		kiln_shell_expand_fields(shell, g_array_index(node->words, KilnText, i), fields);
	for (guint i = 0; i < fields->len && shell->flow == KILN_FLOW_RUN; i++) {
		gboolean certain = is_certain(shell, fields->pdata[i]);
		kiln_shell_set(shell, name, certain ? fields->pdata[i] : KILN_SHELL_HOLE_TEXT);
		if (certain)
			outcome = kiln_shell_run(shell, child(node, 0));
		else
			follow_once_or_never(shell, child(node, 0));
		if (shell->flow == KILN_FLOW_CONTINUE)
			shell->flow = KILN_FLOW_RUN;
	}
	end_loop(shell, doubt);
	return outcome;
}

static KilnOutcome match_item(KilnShell *shell, const KilnShellNode *item, const char *subject)
{
	KilnOutcome best = KILN_OUTCOME_FALSE;
	for (guint i = 0; i < item->words->len; i++) {
		g_autofree char *pattern = kiln_shell_expand_pattern(shell, g_array_index(item->words, KilnText, i));
		KilnOutcome outcome = kiln_shell_match(pattern, subject);
		if (outcome == KILN_OUTCOME_TRUE)
			return outcome;
		if (outcome == KILN_OUTCOME_UNKNOWN)
			best = outcome;
	}
	return best;
}

static KilnOutcome run_case(KilnShell *shell, const KilnShellNode *node)
{
	g_autofree char *subject = kiln_shell_expand(shell, g_array_index(node->words, KilnText, 0));
	Ways ways = { 0 };
	gboolean undecided = FALSE, decided = FALSE;
	for (guint i = 0; i < node->children->len && !decided; i++) {
		KilnOutcome matches = match_item(shell, child(node, i), subject);
		const KilnShellNode *body = child(child(node, i), 0);
		if (matches == KILN_OUTCOME_TRUE && !undecided)
			return kiln_shell_run(shell, body);
		if (matches == KILN_OUTCOME_FALSE)
			continue;
		if (!undecided)
			ways_begin(shell, &ways);
		undecided = TRUE;
		decided = matches == KILN_OUTCOME_TRUE;
		ways_follow(shell, &ways, body);
		kiln_shell_state_restore(shell, ways.before);
	}
	if (!undecided)
		return KILN_OUTCOME_TRUE;
	if (!decided)
		ways_follow(shell, &ways, NULL);
	return ways_end(shell, &ways);
}

static KilnOutcome run_function(KilnShell *shell, const KilnShellNode *node)
{
	KilnText name = g_array_index(node->words, KilnText, 0);
	g_hash_table_insert(shell->functions, kiln_text_dup(name), (gpointer)child(node, 0));
	g_hash_table_insert(shell->homes, kiln_text_dup(name), (gpointer)shell->file);
	return KILN_OUTCOME_TRUE;
}

/* NAME=..., at the start of a command. Returns the length of the name or 0. */
static gsize assignment_name(KilnText word)
{
	gsize i = 0;
	while (i < word.length && (g_ascii_isalnum(word.data[i]) || word.data[i] == '_'))
		i++;
	return i && i < word.length && word.data[i] == '=' && !g_ascii_isdigit(word.data[0]) ? i : 0;
}

static KilnOutcome run_command(KilnShell *shell, const KilnShellNode *node)
{
	g_autoptr(GPtrArray) fields = g_ptr_array_new_with_free_func(g_free);
	guint assignments = 0;
	shell->line = node->line;
	shell->source = node->source;
	while (assignments < node->words->len && assignment_name(g_array_index(node->words, KilnText, assignments)))
		assignments++;
	for (guint i = assignments; i < node->words->len; i++)
		kiln_shell_expand_fields(shell, g_array_index(node->words, KilnText, i), fields);
	/* The status of "x=$(command)" is that of the command; expansion leaves it in last. */
	if (fields->len == 0)
		shell->last = KILN_OUTCOME_TRUE;
	for (guint i = 0; i < assignments && fields->len == 0; i++) {
		KilnText word = g_array_index(node->words, KilnText, i);
		gsize length = assignment_name(word);
		g_autofree char *name = g_strndup(word.data, length);
		g_autofree char *value = kiln_shell_expand(shell, (KilnText){ word.data + length + 1, word.length - length - 1 });
		kiln_shell_set(shell, name, value);
	}
	shell->line = node->line; /* substitutions moved it */
	shell->source = node->source;
	if (fields->len == 0)
		return shell->last;
	g_ptr_array_add(fields, NULL);
	return kiln_shell_command(shell, (char **)fields->pdata);
}

static KilnOutcome run_bare(KilnShell *shell, const KilnShellNode *node)
{
	switch (node->kind) {
	case KILN_SHELL_COMMAND: return run_command(shell, node);
	case KILN_SHELL_PIPELINE: return run_pipeline(shell, node);
	case KILN_SHELL_AND_OR: return run_and_or(shell, node);
	case KILN_SHELL_IF: return run_if(shell, node);
	case KILN_SHELL_LOOP: return run_loop(shell, node);
	case KILN_SHELL_FOR: return run_for(shell, node);
	case KILN_SHELL_CASE: return run_case(shell, node);
	case KILN_SHELL_FUNCTION: return run_function(shell, node);
	case KILN_SHELL_SUBSHELL: return run_apart(shell, child(node, 0));
	case KILN_SHELL_LIST:
	case KILN_SHELL_GROUP:
	case KILN_SHELL_ITEM:
	default: return run_list(shell, node);
	}
}

KilnOutcome kiln_shell_run(KilnShell *shell, const KilnShellNode *node)
{
	if (++shell->steps > KILN_LIMIT_SHELL_STEPS || shell->levels > KILN_LIMIT_SHELL_LEVELS) {
		kiln_shell_not_understood(shell);
		shell->flow = KILN_FLOW_EXIT;
		return KILN_OUTCOME_UNKNOWN;
	}
	shell->levels++;
	shell->last = node->redirects->len ? kiln_shell_run_redirected(shell, node, run_bare) : run_bare(shell, node);
	shell->levels--;
	return shell->last;
}

KilnOutcome kiln_shell_run_text(KilnShell *shell, KilnText text, guint line)
{
	g_autoptr(GError) error = NULL;
	char *copy = g_strndup(text.data, text.length);
	g_ptr_array_add(shell->texts, copy);
	g_autoptr(KilnShellNode) tree = kiln_shell_parse((KilnText){ copy, text.length }, line, shell->depth, &error);
	if (!tree) {
		kiln_shell_not_understood(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	const KilnShellNode *borrowed = tree;
	g_ptr_array_add(shell->trees, g_steal_pointer(&tree)); /* functions that it defines point into it */
	return kiln_shell_run(shell, borrowed);
}

KilnOutcome kiln_shell_capture(KilnShell *shell, KilnText text, guint line, KilnShellOutput *output)
{
	KilnShellOutput *outer = shell->output;
	KilnShellState *state = kiln_shell_state_save(shell);
	KilnFlow doubt = shell->doubt;
	KilnOutcome outcome = KILN_OUTCOME_UNKNOWN;
	shell->output = output;
	if (++shell->depth <= KILN_LIMIT_SHELL_DEPTH)
		outcome = kiln_shell_run_text(shell, text, line);
	else
		kiln_shell_not_understood(shell);
	shell->depth--;
	shell->output = outer;
	if (shell->steps <= KILN_LIMIT_SHELL_STEPS)
		shell->flow = KILN_FLOW_RUN;
	shell->doubt = doubt;
	kiln_shell_state_restore(shell, state);
	kiln_shell_state_free(state);
	if (output->file)
		output->known = FALSE;
	g_clear_pointer(&output->file, g_free);
	g_clear_pointer(&output->below, g_free);
	return outcome;
}

static void release_local(gpointer value)
{
	if (value)
		g_ref_string_release(value);
}

/* Give variables back the values that "local" hid. */
static void restore_locals(KilnShell *shell, GHashTable *outer)
{
	GHashTableIter iter;
	gpointer name, value;
	g_hash_table_iter_init(&iter, shell->locals);
	while (g_hash_table_iter_next(&iter, &name, &value)) {
		if (value)
			kiln_shell_set(shell, name, value);
		else
			g_hash_table_remove(shell->variables, name);
	}
	g_hash_table_unref(shell->locals);
	shell->locals = outer;
}

KilnOutcome kiln_shell_call(KilnShell *shell, const KilnShellNode *body, char **fields)
{
	GPtrArray *outer = shell->arguments;
	GHashTable *locals = shell->locals;
	KilnFlow doubt = shell->doubt;
	gboolean had_returned = shell->has_returned;
	KilnOutcome returned = shell->returned;
	shell->arguments = g_ptr_array_new_with_free_func(g_free);
	shell->has_returned = FALSE;
	shell->locals = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, release_local);
	for (char **field = fields + 1; *field; field++)
		g_ptr_array_add(shell->arguments, g_strdup(*field));
	KilnOutcome outcome = kiln_shell_run(shell, body);
	if (shell->flow == KILN_FLOW_RETURN)
		shell->flow = KILN_FLOW_RUN;
	if (shell->has_returned)
		outcome = combined(outcome, shell->returned);
	if (shell->doubt <= KILN_FLOW_RETURN)
		shell->doubt = doubt;
	shell->has_returned = had_returned;
	shell->returned = returned;
	restore_locals(shell, locals);
	g_ptr_array_unref(shell->arguments);
	shell->arguments = outer;
	return outcome;
}
