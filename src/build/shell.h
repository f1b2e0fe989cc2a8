/* SPDX-License-Identifier: Apache-2.0 */
/* shell.h: following a shell script without running it: three-valued outcomes, values with holes, effects. Internal to script*.c and shell*.c. */
#pragma once
#include "build/script.h"
#include "build/shell_tree.h"

/* A byte that stands for text nobody knows; scripts that contain it are not read. */
#define KILN_SHELL_HOLE '\001'
#define KILN_SHELL_HOLE_TEXT "\001"

typedef enum {
	KILN_OUTCOME_TRUE,  /* status 0 */
	KILN_OUTCOME_FALSE, /* any other status */
	KILN_OUTCOME_UNKNOWN,
} KilnOutcome;

typedef enum {
	KILN_FLOW_RUN,
	KILN_FLOW_BREAK,
	KILN_FLOW_CONTINUE,
	KILN_FLOW_RETURN,
	KILN_FLOW_EXIT,
} KilnFlow;

/** Where standard output of the current command goes. */
typedef struct {
	GString *text;
	gboolean known; /* FALSE once something was printed that nobody knows */
	char *file;     /* the one file whose content is all there is, or NULL; owned */
	char *below;    /* the directory of which every file's name is printed, but for those that need no new owner, or NULL; owned */
} KilnShellOutput;

typedef struct {
	KilnScript *script;
	const char *kind, *package, *architecture;
	const KilnScriptSystem *system; /* may be NULL */
	GHashTable *variables; /* name -> value, owned */
	GHashTable *locals;    /* of the function that runs: name -> value before (ref string or NULL); NULL outside */
	GHashTable *functions; /* name -> KilnShellNode, borrowed from trees */
	GHashTable *homes;     /* function's name -> file that it stands in, borrowed */
	GPtrArray *arguments;  /* char *: $1... */
	GHashTable *paths;     /* path -> KilnPathKind that own effects made */
	GHashTable *accounts;  /* "user:x", "group:x" that own effects made */
	GHashTable *answers;   /* debconf question -> default */
	GPtrArray *trees, *texts; /* what is borrowed from: KilnShellNode, char * */
	KilnFlow flow;
	KilnOutcome last;
	KilnOutcome returned;   /* of "return"s that were left behind in branches; valid when has_returned */
	gboolean has_returned;
	KilnFlow doubt;         /* the farthest that an undecided branch may have left; KILN_FLOW_RUN: none did */
	guint undecided;        /* branches around us that may or may not be taken */
	guint depth;  /* of expansions, against KILN_LIMIT_SHELL_DEPTH */
	guint levels; /* of commands and calls, against KILN_LIMIT_SHELL_LEVELS */
	guint64 steps;
	gboolean exit_failed; /* the last exit was a refusal */
	guint umask;
	KilnShellOutput *output; /* NULL: not captured */
	const GString *input;    /* what standard input holds; NULL: not known */
	const char *input_below; /* as below of KilnShellOutput, of the pipe that is standard input; or NULL */
	const char *file; /* for messages: kind, or the name of a library */
	guint line;
	KilnText source;
} KilnShell;

/* shell_run.c */
KilnOutcome kiln_shell_run(KilnShell *shell, const KilnShellNode *node);
/** Parse @text (copied) and run it in the same variables. */
KilnOutcome kiln_shell_run_text(KilnShell *shell, KilnText text, guint line);
/** As run_text, as a subshell: variables and flow come back, output goes to @output. */
KilnOutcome kiln_shell_capture(KilnShell *shell, KilnText text, guint line, KilnShellOutput *output);
/** Call a function or a script's text with arguments fields[1...]. */
KilnOutcome kiln_shell_call(KilnShell *shell, const KilnShellNode *body, char **fields);
/** Remember that the current command was not understood, once a line. */
void kiln_shell_not_understood(KilnShell *shell);
/**
 * An effect of the current line, owned by the script. @path (may be NULL) is made absolute. NULL when it changes nothing
 * that an image has, or when nobody knows the path; then the line is noted as not understood.
 */
KilnEffect *kiln_shell_effect(KilnShell *shell, KilnEffectKind kind, const char *path);
/** @path as an absolute path without "//", "." and ".."; NULL when it has a hole. The caller frees. */
char *kiln_shell_path(const KilnShell *shell, const char *path);
/** TRUE when whatever happens to @path changes nothing that an image has; its end may be unknown. */
gboolean kiln_shell_is_dropped(const KilnShell *shell, const char *path);
/** FALSE, and the line is noted, when @value (may be NULL) has a hole. */
gboolean kiln_shell_demand_known(KilnShell *shell, const char *value);
gboolean kiln_shell_is_conditional(const KilnShell *shell);
void kiln_shell_print(KilnShell *shell, const char *text);
void kiln_shell_print_unknown(KilnShell *shell);
KilnOutcome kiln_outcome_not(KilnOutcome outcome);

/* shell_redirect.c */
KilnOutcome kiln_shell_run_redirected(KilnShell *shell, const KilnShellNode *node, KilnOutcome (*run)(KilnShell *shell, const KilnShellNode *node));

/* shell_state.c */
typedef struct KilnShellState KilnShellState;
KilnShellState *kiln_shell_state_save(const KilnShell *shell);
void kiln_shell_state_restore(KilnShell *shell, const KilnShellState *state);
/** What differs between the states becomes a hole. */
void kiln_shell_state_merge(KilnShell *shell, GPtrArray *states);
void kiln_shell_state_free(gpointer state);
GHashTable *kiln_shell_variables_new(void);
const char *kiln_shell_get(const KilnShell *shell, const char *name);
void kiln_shell_set(KilnShell *shell, const char *name, const char *value);

/* shell_word.c */
/** Expand a raw word without splitting (assignments, case subjects, redirections). */
char *kiln_shell_expand(KilnShell *shell, KilnText raw);
/** Expand as a pattern: quoted special characters come out escaped by "\\". */
char *kiln_shell_expand_pattern(KilnShell *shell, KilnText raw);
/** Expand the body of a here-document. */
char *kiln_shell_expand_document(KilnShell *shell, const KilnShellRedirect *redirect);
/** Expand and split into fields, appended to @fields (char *, owned). */
void kiln_shell_expand_fields(KilnShell *shell, KilnText raw, GPtrArray *fields);
gboolean kiln_shell_is_known(const char *value);

/* shell_pattern.c */
/** Match @value against @pattern (*, ?, [...], "\\" escapes); a hole in either makes the answer unknown where it matters. */
KilnOutcome kiln_shell_match(const char *pattern, const char *value);
/** TRUE when @text has an unescaped *, ? or [. */
gboolean kiln_shell_is_glob(const char *text);

/* shell_condition.c */
KilnOutcome kiln_shell_test(KilnShell *shell, char **words, guint count);
/** dpkg --compare-versions A RELATION B; UNKNOWN for holes or an unknown relation. */
KilnOutcome kiln_shell_compare_versions(const char *a, const char *relation, const char *b);
KilnPathKind kiln_shell_look(const KilnShell *shell, const char *path, gboolean follow);

/* shell_command.c */
/** Run one command by its fields: builtin, function or program. @fields: NULL-terminated, not empty. */
KilnOutcome kiln_shell_command(KilnShell *shell, char **fields);

/* The rows of shell_command.c's table, by what they are about. */
typedef KilnOutcome (*KilnShellProgram)(KilnShell *shell, char **fields, guint count);
typedef struct {
	const char *name; /* base name, or the pattern of a full path */
	KilnShellProgram run;
} KilnShellRow;
extern const KilnShellRow kiln_shell_builtins[];  /* shell_builtin.c; all end with a NULL name */
extern const KilnShellRow kiln_shell_files[];     /* script_files.c */
extern const KilnShellRow kiln_shell_accounts[];  /* script_accounts.c */
extern const KilnShellRow kiln_shell_packaging[]; /* script_packaging.c */
extern const KilnShellRow kiln_shell_queries[];   /* shell_query.c */

/* shell_filter.c */
KilnOutcome kiln_shell_run_cut(KilnShell *shell, char **fields, guint count);

/** TRUE for programs whose effects kiln computes whatever the closure holds: a script that asks for them finds them. */
gboolean kiln_shell_always_has(const char *program);
KilnOutcome kiln_shell_has_account(const KilnShell *shell, gboolean is_group, const char *name);
void kiln_shell_add_account(KilnShell *shell, gboolean is_group, const char *name);

/* shell_option.c: options of a program, as getopt_long(3) would see them. */
#define KILN_SHELL_OPTIONS_MAX 24
typedef struct {
	char letter;      /* 0: only long */
	const char *name; /* NULL: only short */
	gboolean takes_value;
} KilnShellOption;
typedef struct {
	GPtrArray *operands; /* borrowed */
	gboolean is_set[KILN_SHELL_OPTIONS_MAX];
	const char *values[KILN_SHELL_OPTIONS_MAX]; /* borrowed; the last one given; not NULL when set */
} KilnShellOptions;
/** @options: ends with { 0, NULL }. Options that are not listed are skipped and taken to have no value. */
void kiln_shell_options_read(KilnShellOptions *out, char **fields, const KilnShellOption *options);
void kiln_shell_options_clear(KilnShellOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KilnShellOptions, kiln_shell_options_clear)

