/* SPDX-License-Identifier: Apache-2.0 */
/* shell_state.c: variables and arguments, saved before a branch that may not be taken and merged behind it. */
#include "base/limits.h"
#include "build/shell.h"

struct KilnShellState {
	GHashTable *variables;
	GPtrArray *arguments;
};

/* Reference-counted texts: a script with a thousand branches copies pointers, not values. */
GHashTable *kiln_shell_variables_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, (GDestroyNotify)g_ref_string_release, (GDestroyNotify)g_ref_string_release);
}

static GHashTable *copy_variables(GHashTable *from)
{
	GHashTable *copy = kiln_shell_variables_new();
	GHashTableIter iter;
	gpointer key, value;
	g_hash_table_iter_init(&iter, from);
	while (g_hash_table_iter_next(&iter, &key, &value))
		g_hash_table_insert(copy, g_ref_string_acquire(key), g_ref_string_acquire(value));
	return copy;
}

static gpointer copy_string(gconstpointer text, gpointer unused)
{
	return g_strdup(text);
}

KilnShellState *kiln_shell_state_save(const KilnShell *shell)
{
	KilnShellState *state = g_new0(KilnShellState, 1);
	state->variables = copy_variables(shell->variables);
	state->arguments = g_ptr_array_copy(shell->arguments, copy_string, NULL);
	return state;
}

void kiln_shell_state_restore(KilnShell *shell, const KilnShellState *state)
{
	g_hash_table_unref(shell->variables);
	g_ptr_array_unref(shell->arguments);
	shell->variables = copy_variables(state->variables);
	shell->arguments = g_ptr_array_copy(state->arguments, copy_string, NULL);
}

void kiln_shell_state_free(gpointer data)
{
	KilnShellState *state = data;
	g_hash_table_unref(state->variables);
	g_ptr_array_unref(state->arguments);
	g_free(state);
}

/* An unset variable is an empty one: dpkg's environment is known to hold none of the names that scripts make up. */
static const char *value_in(GHashTable *variables, const char *name)
{
	const char *value = g_hash_table_lookup(variables, name);
	return value ? value : "";
}

static void merge_variables(KilnShell *shell, const KilnShellState *other)
{
	GHashTableIter iter;
	gpointer key;
	g_autoptr(GPtrArray) differing = g_ptr_array_new_with_free_func(g_free);
	GHashTable *sides[] = { shell->variables, other->variables };
	for (guint i = 0; i < G_N_ELEMENTS(sides); i++) {
		g_hash_table_iter_init(&iter, sides[i]);
		while (g_hash_table_iter_next(&iter, &key, NULL))
			if (strcmp(value_in(sides[0], key), value_in(sides[1], key)) != 0)
				g_ptr_array_add(differing, g_strdup(key));
	}
	for (guint i = 0; i < differing->len; i++)
		kiln_shell_set(shell, differing->pdata[i], KILN_SHELL_HOLE_TEXT);
}

void kiln_shell_state_merge(KilnShell *shell, GPtrArray *states)
{
	if (states->len == 0)
		return;
	kiln_shell_state_restore(shell, states->pdata[0]);
	for (guint i = 1; i < states->len; i++) {
		const KilnShellState *other = states->pdata[i];
		merge_variables(shell, other);
		for (guint j = 0; j < MAX(shell->arguments->len, other->arguments->len); j++) {
			const char *mine = j < shell->arguments->len ? shell->arguments->pdata[j] : "";
			const char *theirs = j < other->arguments->len ? other->arguments->pdata[j] : "";
			if (j >= shell->arguments->len)
				g_ptr_array_add(shell->arguments, g_strdup(KILN_SHELL_HOLE_TEXT));
			else if (strcmp(mine, theirs) != 0) {
				g_free(shell->arguments->pdata[j]);
				shell->arguments->pdata[j] = g_strdup(KILN_SHELL_HOLE_TEXT);
			}
		}
	}
}

const char *kiln_shell_get(const KilnShell *shell, const char *name)
{
	return g_hash_table_lookup(shell->variables, name);
}

void kiln_shell_set(KilnShell *shell, const char *name, const char *value)
{
	gboolean fits = strlen(value) <= KILN_LIMIT_SHELL_VALUE_BYTES;
	if (g_hash_table_size(shell->variables) >= KILN_LIMIT_SHELL_VARIABLES && !g_hash_table_contains(shell->variables, name)) {
		kiln_shell_not_understood(shell);
		return;
	}
	g_hash_table_insert(shell->variables, g_ref_string_new(name), g_ref_string_new(fits ? value : KILN_SHELL_HOLE_TEXT));
}
