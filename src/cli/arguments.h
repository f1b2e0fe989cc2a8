/* SPDX-License-Identifier: Apache-2.0 */
/* arguments.h: words of a command line as options and arguments, and what an option's text may be. */
#pragma once
#include "cli/command.h"

typedef struct {
	const KilnCommand *command; /* NULL: none was named */
	GHashTable *values;         /* option name (of the table) -> GPtrArray of char *, ended by a NULL entry; never empty */
	char **arguments;           /* positional */
	char **rest;                /* after "--", or NULL */
	gboolean help;              /* --help was among the words before "--": nothing else was checked for completeness */
} KilnArguments;

/**
 * Parse everything after the program's name.
 *
 * Errors: KILN_ERROR_SYNTAX unknown command or option (with the nearest), missing or bad value, too few or many arguments.
 * *@out is set even then, with the command as far as it is known, so that the right help can be named.
 */
gboolean kiln_arguments_parse(KilnCommandTable commands, const KilnOption *global, char **words, KilnArguments **out,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_arguments_free(KilnArguments *arguments);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnArguments, kiln_arguments_free)

/** The option of that name among @options (which may be NULL), or NULL. */
const KilnOption *kiln_option_find(const KilnOption *options, const char *name);

/**
 * Whether @text is a value for @option: a number, a size, one of its words, true or false.
 *
 * @origin: how messages name it: "--jobs", "KILN_JOBS", "kiln.yaml:3:7: jobs"
 * @normal: becomes the text to keep ("true" for "yes"); new string
 * Errors: KILN_ERROR_SYNTAX.
 */
gboolean kiln_option_check(const KilnOption *option, const char *origin, const char *text, char **normal,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Add a checked value: lists grow, everything else is replaced. Takes @normal. */
void kiln_values_add(GHashTable *values, const KilnOption *option, char *normal);
/** An empty table of values. */
GHashTable *kiln_values_new(void);
