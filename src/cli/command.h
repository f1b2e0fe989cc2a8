/* SPDX-License-Identifier: Apache-2.0 */
/* command.h: the one table that dispatch, --help, man pages and completion are made from. */
#pragma once
#include "base/context.h"
#include "source/store.h"

typedef enum {
	KILN_OPTION_FLAG,
	KILN_OPTION_STRING,
	KILN_OPTION_LIST,   /* may be given several times */
	KILN_OPTION_NUMBER,
} KilnOptionKind;

typedef enum { /* what completion offers */
	KILN_COMPLETE_NONE,
	KILN_COMPLETE_FILE,
	KILN_COMPLETE_DIRECTORY,
	KILN_COMPLETE_IMAGE,
	KILN_COMPLETE_WORDS, /* the option's `words` */
} KilnComplete;

typedef struct {
	const char *name;   /* "output", long option */
	char letter;        /* 'o' or 0 */
	KilnOptionKind kind;
	const char *value;  /* "IMAGE": placeholder in help; NULL for flags */
	const char *help;   /* one line, lower case, no full stop */
	KilnComplete complete;
	const char *const *words;
} KilnOption;

enum { /* what must be open before a command runs */
	KILN_NEED_NOTHING = 0,
	KILN_NEED_STORE = 1 << 0,
};

typedef struct KilnInvocation KilnInvocation;

typedef struct {
	const char *name;      /* "build" */
	const char *group;     /* "BUILD": heading in kiln --help */
	const char *summary;   /* one line */
	const char *arguments; /* "RECIPE..." */
	const KilnOption *options; /* ends with a NULL name */
	guint needs;
	int (*run)(KilnInvocation *invocation, GError **error); /* an exit code of cli/exit.h; with @error set its code is mapped */
	const char *description; /* paragraphs for help and man page */
	const char *example;     /* lines "$ kiln ..." and what they do */
	int arguments_min, arguments_max; /* -1: any number */
	KilnComplete complete_arguments;
} KilnCommand;

/** Everything a command gets: parsed options, positional arguments, context, open store. */
struct KilnInvocation {
	const KilnCommand *command;
	char **arguments; /* positional, NULL-terminated */
	char **rest;      /* after "--", NULL-terminated; NULL when there was no "--" */
	KilnContext context;
	KilnStore *store; /* open when the command needs it */
	gboolean json;    /* --format json */
	gboolean quiet;
	gboolean colour;  /* stdout is a terminal that may be coloured */
	gboolean terminal; /* stderr shows progress */
	gpointer private; /* of cli/arguments.c */
};

const char *kiln_option_string(const KilnInvocation *invocation, const char *name);      /* NULL: not given */
const char *const *kiln_option_list(const KilnInvocation *invocation, const char *name); /* never NULL */
gboolean kiln_option_flag(const KilnInvocation *invocation, const char *name);
gboolean kiln_option_number(const KilnInvocation *invocation, const char *name, guint64 *out); /* FALSE: not given */

/** All commands, ended by one with a NULL name. cli/table.c is the only file that lists them. */
const KilnCommand *kiln_commands(void);
