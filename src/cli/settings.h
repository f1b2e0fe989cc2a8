/* SPDX-License-Identifier: Apache-2.0 */
/* settings.h: kiln.yaml: default options and package archives of this host. Strict, with line and column. */
#pragma once
#include "cli/arguments.h"

typedef struct {
	char *file;            /* NULL: there is none */
	GHashTable *values;    /* global options, as in KilnArguments */
	GHashTable *commands;  /* command name -> such a table */
	GPtrArray *sources;    /* KilnAptSource: mirrors and keyrings by distro */
} KilnSettings;

/**
 * Read settings from @text. Keys: global options by their long names, one mapping of options per command, `archives`
 * with one mapping per distro (mirrors, security-mirrors, keyring).
 *
 * Errors: KILN_ERROR_SYNTAX "name:line:column: unknown key ...; did you mean ...?".
 */
KilnSettings *kiln_settings_parse(const char *text, gsize length, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Find and read the file: @explicit_path (which must exist), else $KILN_CONFIG (likewise), else
 * $XDG_CONFIG_HOME/kiln/kiln.yaml, else /etc/kiln/kiln.yaml; without any, empty settings.
 */
KilnSettings *kiln_settings_load(const char *explicit_path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_settings_free(KilnSettings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnSettings, kiln_settings_free)

/**
 * Fill @values with what the command line did not say: from KILN_* variables, then from @settings.
 *
 * @command: NULL: global options only
 * Errors: KILN_ERROR_SYNTAX a variable with a bad value, by its name.
 */
gboolean kiln_settings_complete(const KilnSettings *settings, const KilnCommand *command, GHashTable *values,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** "KILN_CACHE_DIR" for "cache-dir". New string. */
char *kiln_option_variable(const KilnOption *option);
