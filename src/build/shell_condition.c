/* SPDX-License-Identifier: Apache-2.0 */
/* shell_condition.c: "[ ... ]" and dpkg --compare-versions with three answers. */
#include "build/shell.h"
#include "pkg/version.h"

#define DEPTH_MAX 30 /* parentheses and "!" */

typedef struct {
	KilnShell *shell;
	char **words;
	guint count, at, depth;
} Test;

static KilnOutcome test_or(Test *test);

static KilnOutcome from_boolean(gboolean value)
{
	return value ? KILN_OUTCOME_TRUE : KILN_OUTCOME_FALSE;
}

/* What is true on every fresh system that has no init running. */
static const struct {
	const char *path;
	KilnPathKind kind;
} fixed_paths[] = {
	{ "/", KILN_PATH_DIRECTORY },
	{ "/run/systemd/system", KILN_PATH_MISSING },
	{ "/usr/share/debconf/confmodule", KILN_PATH_FILE },
	{ "/etc/staff-group-for-usr-local", KILN_PATH_MISSING },
	{ "/var/lib/dpkg/info", KILN_PATH_DIRECTORY },
};

KilnPathKind kiln_shell_look(const KilnShell *shell, const char *text, gboolean follow)
{
	gpointer own;
	g_autofree char *path = kiln_shell_path(shell, text);
	if (*text == '\0')
		return KILN_PATH_MISSING;
	if (!path)
		return KILN_PATH_UNKNOWN;
	if (g_hash_table_lookup_extended(shell->paths, path, NULL, &own)) {
		KilnPathKind kind = (KilnPathKind)GPOINTER_TO_UINT(own);
		return kind == KILN_PATH_SYMLINK && follow ? KILN_PATH_UNKNOWN : kind;
	}
	for (guint i = 0; i < G_N_ELEMENTS(fixed_paths); i++)
		if (strcmp(fixed_paths[i].path, path) == 0)
			return fixed_paths[i].kind;
	if (g_str_has_prefix(path, "/usr/bin/") && kiln_shell_always_has(path + strlen("/usr/bin/"))) /* as "which" prints it */
		return KILN_PATH_PROGRAM;
	return shell->system && shell->system->look ? shell->system->look(path, follow, shell->system->user_data) : KILN_PATH_UNKNOWN;
}

static KilnOutcome test_path(KilnShell *shell, char letter, const char *path)
{
	gboolean follow = !strchr("Lh", letter);
	KilnPathKind kind = kiln_shell_look(shell, path, follow);
	if (kind == KILN_PATH_UNKNOWN)
		return KILN_OUTCOME_UNKNOWN;
	if (kind == KILN_PATH_MISSING)
		return KILN_OUTCOME_FALSE;
	gboolean is_file = kind == KILN_PATH_FILE || kind == KILN_PATH_PROGRAM;
	switch (letter) {
	case 'e':
	case 'a':
	case 'r':
	case 'w': return KILN_OUTCOME_TRUE;
	case 'f': return from_boolean(is_file);
	case 'd': return from_boolean(kind == KILN_PATH_DIRECTORY);
	case 'x': return from_boolean(kind != KILN_PATH_FILE);
	case 'L':
	case 'h': return from_boolean(kind == KILN_PATH_SYMLINK);
	case 'b':
	case 'c':
	case 'p':
	case 'S': return is_file || kind == KILN_PATH_DIRECTORY ? KILN_OUTCOME_FALSE : KILN_OUTCOME_UNKNOWN;
	default: return KILN_OUTCOME_UNKNOWN; /* -s, -O, -u, ...: depends on what is inside */
	}
}

static KilnOutcome test_empty(const char *value)
{
	if (*value == '\0')
		return KILN_OUTCOME_TRUE;
	for (; *value; value++)
		if (*value != KILN_SHELL_HOLE)
			return KILN_OUTCOME_FALSE;
	return KILN_OUTCOME_UNKNOWN;
}

static KilnOutcome test_equal(const char *a, const char *b)
{
	if (kiln_shell_is_known(a) && kiln_shell_is_known(b))
		return from_boolean(strcmp(a, b) == 0);
	for (; *a && *b && *a != KILN_SHELL_HOLE && *b != KILN_SHELL_HOLE; a++, b++)
		if (*a != *b)
			return KILN_OUTCOME_FALSE;
	return KILN_OUTCOME_UNKNOWN;
}

static KilnOutcome test_numbers(const char *a, const char *operator, const char *b)
{
	static const char *const names[] = { "-eq", "-ne", "-lt", "-le", "-gt", "-ge" };
	char *a_end, *b_end;
	gint64 left = g_ascii_strtoll(a, &a_end, 10), right = g_ascii_strtoll(b, &b_end, 10);
	const gboolean answers[] = { left == right, left != right, left < right, left <= right, left > right, left >= right };
	if (!*a || !*b || *a_end || *b_end)
		return KILN_OUTCOME_UNKNOWN;
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(names[i], operator) == 0)
			return from_boolean(answers[i]);
	return KILN_OUTCOME_UNKNOWN;
}

static gboolean is_binary(const char *word)
{
	static const char *const operators[] = { "=", "==", "!=", "<", ">", "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef" };
	for (guint i = 0; i < G_N_ELEMENTS(operators); i++)
		if (strcmp(operators[i], word) == 0)
			return TRUE;
	return FALSE;
}

static KilnOutcome test_binary(const char *a, const char *operator, const char *b)
{
	if (strcmp(operator, "=") == 0 || strcmp(operator, "==") == 0)
		return test_equal(a, b);
	if (strcmp(operator, "!=") == 0)
		return kiln_outcome_not(test_equal(a, b));
	return *operator == '-' ? test_numbers(a, operator, b) : KILN_OUTCOME_UNKNOWN;
}

static gboolean is_unary(const char *word)
{
	return word[0] == '-' && word[1] && !word[2] && strchr("nzefdLhxrwsbcpSugkOGtNa", word[1]);
}

static KilnOutcome test_unary(KilnShell *shell, char letter, const char *operand)
{
	switch (letter) {
	case 'z': return test_empty(operand);
	case 'n': return kiln_outcome_not(test_empty(operand));
	case 't': return KILN_OUTCOME_FALSE;
	default: return test_path(shell, letter, operand);
	}
}

static const char *word(const Test *test, guint ahead)
{
	return test->at + ahead < test->count ? test->words[test->at + ahead] : NULL;
}

static KilnOutcome test_parentheses(Test *test)
{
	test->at++;
	KilnOutcome outcome = test_or(test);
	if (!word(test, 0) || strcmp(word(test, 0), ")") != 0)
		return KILN_OUTCOME_UNKNOWN;
	test->at++;
	return outcome;
}

static KilnOutcome test_primary(Test *test)
{
	const char *first = word(test, 0), *second = word(test, 1), *third = word(test, 2);
	KilnOutcome outcome = KILN_OUTCOME_UNKNOWN;
	if (!first || ++test->depth > DEPTH_MAX) {
		test->at = test->count;
		return KILN_OUTCOME_UNKNOWN;
	}
	if (second && third && is_binary(second)) {
		test->at += 3;
		outcome = test_binary(first, second, third);
	} else if (strcmp(first, "!") == 0 && second) {
		test->at++;
		outcome = kiln_outcome_not(test_primary(test));
	} else if (strcmp(first, "(") == 0 && second) {
		outcome = test_parentheses(test);
	} else if (is_unary(first) && second) {
		test->at += 2;
		outcome = test_unary(test->shell, first[1], second);
	} else {
		test->at++;
		outcome = kiln_outcome_not(test_empty(first));
	}
	test->depth--;
	return outcome;
}

static KilnOutcome test_and(Test *test)
{
	KilnOutcome outcome = test_primary(test);
	while (word(test, 0) && strcmp(word(test, 0), "-a") == 0) {
		test->at++;
		KilnOutcome right = test_primary(test);
		outcome = outcome == KILN_OUTCOME_FALSE || right == KILN_OUTCOME_FALSE ? KILN_OUTCOME_FALSE : MAX(outcome, right);
	}
	return outcome;
}

static KilnOutcome test_or(Test *test)
{
	KilnOutcome outcome = test_and(test);
	while (word(test, 0) && strcmp(word(test, 0), "-o") == 0) {
		test->at++;
		KilnOutcome right = test_and(test);
		outcome = outcome == KILN_OUTCOME_TRUE || right == KILN_OUTCOME_TRUE ? KILN_OUTCOME_TRUE : MAX(outcome, right);
	}
	return outcome;
}

KilnOutcome kiln_shell_test(KilnShell *shell, char **words, guint count)
{
	Test test = { .shell = shell, .words = words, .count = count };
	if (count == 0)
		return KILN_OUTCOME_FALSE;
	KilnOutcome outcome = test_or(&test);
	return test.at == count ? outcome : KILN_OUTCOME_UNKNOWN;
}

/* Source: dpkg(1), --compare-versions. An empty version is earlier than any, with "-nl" later than any. */
static const struct {
	const char *name;
	gboolean empty_is_later;
	gboolean less, equal, greater;
} relations[] = {
	{ "lt", FALSE, TRUE, FALSE, FALSE },   { "le", FALSE, TRUE, TRUE, FALSE },    { "eq", FALSE, FALSE, TRUE, FALSE },
	{ "ne", FALSE, TRUE, FALSE, TRUE },    { "ge", FALSE, FALSE, TRUE, TRUE },    { "gt", FALSE, FALSE, FALSE, TRUE },
	{ "lt-nl", TRUE, TRUE, FALSE, FALSE }, { "le-nl", TRUE, TRUE, TRUE, FALSE },  { "ge-nl", TRUE, FALSE, TRUE, TRUE },
	{ "gt-nl", TRUE, FALSE, FALSE, TRUE }, { "<", FALSE, TRUE, TRUE, FALSE },     { "<=", FALSE, TRUE, TRUE, FALSE },
	{ "<<", FALSE, TRUE, FALSE, FALSE },   { "=", FALSE, FALSE, TRUE, FALSE },    { ">", FALSE, FALSE, TRUE, TRUE },
	{ ">=", FALSE, FALSE, TRUE, TRUE },    { ">>", FALSE, FALSE, FALSE, TRUE },
};

KilnOutcome kiln_shell_compare_versions(const char *a, const char *relation, const char *b)
{
	if (!kiln_shell_is_known(a) || !kiln_shell_is_known(b))
		return KILN_OUTCOME_UNKNOWN;
	for (guint i = 0; i < G_N_ELEMENTS(relations); i++) {
		if (strcmp(relations[i].name, relation) != 0)
			continue;
		int order;
		if (!*a || !*b)
			order = ((*a != '\0') - (*b != '\0')) * (relations[i].empty_is_later ? -1 : 1);
		else
			order = kiln_version_order("deb")->compare(kiln_text(a), kiln_text(b));
		return from_boolean(order < 0 ? relations[i].less : order > 0 ? relations[i].greater : relations[i].equal);
	}
	return KILN_OUTCOME_UNKNOWN;
}
