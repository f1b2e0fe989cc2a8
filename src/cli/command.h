/* SPDX-License-Identifier: Apache-2.0 */
/* command.h: the one table that dispatch, --help, man pages and completion are made from. */
#pragma once
#include "base/context.h"
#include "source/solver.h"
#include "source/store.h"

typedef enum {
	KILN_OPTION_FLAG,   /* also --name=true and --name=false */
	KILN_OPTION_STRING,
	KILN_OPTION_LIST,   /* may be given several times; separated by commas in its KILN_* variable */
	KILN_OPTION_NUMBER, /* decimal digits */
	KILN_OPTION_SIZE,   /* bytes: digits with k, M, G (powers of 1024; "kB", "MiB" are understood too) */
} KilnOptionKind;

typedef enum { /* what completion offers */
	KILN_COMPLETE_NONE,
	KILN_COMPLETE_FILE,
	KILN_COMPLETE_DIRECTORY,
	KILN_COMPLETE_IMAGE,
	KILN_COMPLETE_WORDS,   /* the option's `words`; any other value is refused */
	KILN_COMPLETE_COMMAND, /* names of commands */
} KilnComplete;

/**
 * Every option has a KILN_* variable (upper case, "-" as "_") and a key in kiln.yaml; the command line wins over the
 * variable, and the variable over the file. An option of the same name means the same in every command.
 */
typedef struct {
	const char *name;   /* "output", long option */
	char letter;        /* 'o' or 0 */
	KilnOptionKind kind;
	const char *value;  /* "IMAGE": placeholder in help; NULL for flags */
	const char *help;   /* one line, lower case, no full stop, at most 52 columns */
	KilnComplete complete;
	const char *const *words; /* NULL-terminated */
} KilnOption;

enum { /* what must be open before a command runs */
	KILN_NEED_NOTHING = 0,
	KILN_NEED_STORE = 1 << 0,
	KILN_NEED_NO_SETTINGS = 1 << 1, /* it works even when kiln.yaml is broken, because it does not read it */
};

typedef struct KilnInvocation KilnInvocation;

typedef struct {
	const char *name;      /* "build" */
	const char *group;     /* "build": heading in kiln --help; commands of one group stand together in the table */
	const char *summary;   /* one line, lower case, no full stop, at most 58 columns */
	const char *arguments; /* "RECIPE..."; "" for none */
	const KilnOption *options; /* ends with a NULL name; NULL for none */
	guint needs;
	int (*run)(KilnInvocation *invocation, GError **error); /* an exit code of cli/exit.h; with @error set its code is mapped */
	const char *description; /* paragraphs, separated by an empty line, for help and man page */
	const char *example;     /* lines "$ kiln ..." and, if need be, what they print or do */
	int arguments_min, arguments_max; /* -1: any number */
	KilnComplete complete_arguments;
	const char *const *argument_words; /* for KILN_COMPLETE_WORDS, NULL-terminated */
	const char *rest;        /* "ARGUMENT...": what may follow "--"; NULL: then those words are positional as well */
} KilnCommand;

/** Everything a command gets: parsed options, positional arguments, context, open store. */
struct KilnInvocation {
	const KilnCommand *command;
	char **arguments; /* positional, NULL-terminated, never NULL */
	char **rest;      /* after "--", NULL-terminated; NULL when there was no "--" */
	KilnContext context;
	KilnStore *store; /* open when the command needs it */
	KilnSolver *solver; /* with a store: what resolving keeps from one recipe to the next */
	char *run_path;    /* where images are unpacked while they run; NULL without a store */
	char *images_path; /* the local store's OCI layout, for kiln_image_open(); NULL without a store */
	gboolean json;    /* --format json */
	gboolean quiet;
	gboolean verbose;
	gboolean colour;  /* stdout is a terminal that may be coloured */
	guint width;      /* columns of the terminal on stdout; 0: stdout is none */
	gpointer session; /* of cli/session.c */
};

const char *kiln_option_string(const KilnInvocation *invocation, const char *name);      /* NULL: not given */
const char *const *kiln_option_list(const KilnInvocation *invocation, const char *name); /* never NULL */
gboolean kiln_option_flag(const KilnInvocation *invocation, const char *name);
gboolean kiln_option_number(const KilnInvocation *invocation, const char *name, guint64 *out); /* FALSE: not given; also for SIZE, in bytes */

/** Erase the progress line; call before the first byte on stdout or stderr after something that reports progress. */
void kiln_output_begin(KilnInvocation *invocation);

/**
 * Package sources of this host: those of kiln.yaml first, then apt's (KilnAptSource, for kiln_archive_resolve()).
 *
 * Errors: those of kiln_apt_sources_read().
 */
gboolean kiln_invocation_sources(KilnInvocation *invocation, GPtrArray **sources, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** All commands, ended by NULL. cli/table.c is the only file that lists them; each is defined in cli/cmd_<name>.c. */
typedef const KilnCommand *const *KilnCommandTable;
KilnCommandTable kiln_commands(void);
/** Options that every command has, ended by one with a NULL name. */
const KilnOption *kiln_global_options(void);
/** The command of that name, or NULL. */
const KilnCommand *kiln_command_find(const char *name);
