/* SPDX-License-Identifier: Apache-2.0 */
/* help.c: what --help prints. */
#include "cli/help.h"
#include "cli/arguments.h"

#include "cli/render.h"

#include <string.h>

const char *kiln_help_sentence(void)
{
	return "Minimal, reproducible, explained container images from signed Debian packages.";
}

char *kiln_help_usage(const KilnCommand *command)
{
	GString *text = g_string_new(NULL);
	g_string_append_printf(text, "kiln %s%s%s [OPTION...]", command->name, *command->arguments ? " " : "", command->arguments);
	if (command->rest)
		g_string_append_printf(text, " [-- %s]", command->rest);
	return g_string_free(text, FALSE);
}

static gboolean begins_group(KilnCommandTable commands, KilnCommandTable command)
{
	return command == commands || strcmp((*command)->group, command[-1]->group) != 0;
}

char *kiln_help_overview(KilnCommandTable commands, gboolean colour)
{
	GString *text = g_string_new(NULL);
	guint lines = 0, name_columns = 0, group_columns = 0;
	for (KilnCommandTable command = commands; *command; command++) {
		lines += begins_group(commands, command) ? 2 : 1;
		name_columns = MAX(name_columns, (guint)strlen((*command)->name));
		group_columns = MAX(group_columns, (guint)strlen((*command)->group));
	}
	gboolean airy = lines + 7 <= KILN_HELP_LINES; /* an empty line before each group, as long as all fits one screen */
	const char *bold = kiln_style(colour, KILN_STYLE_BOLD), *plain = kiln_style(colour, KILN_STYLE_PLAIN);
	g_string_append_printf(text, "%s\n\nusage: kiln COMMAND [ARGUMENT...] [OPTION...]\n%s", kiln_help_sentence(), airy ? "" : "\n");
	for (KilnCommandTable command = commands; *command; command++) {
		gboolean first = begins_group(commands, command);
		g_string_append_printf(text, "%s%s%-*s%s  %-*s  %s\n", airy && first ? "\n" : "", first ? bold : "", (int)group_columns,
		                       first ? (*command)->group : "", first ? plain : "", (int)name_columns, (*command)->name, (*command)->summary);
	}
	g_string_append(text, "\n\"kiln COMMAND --help\" explains a command with an example.\n");
	return g_string_free(text, FALSE);
}

static void append_heading(GString *text, const char *heading, gboolean colour)
{
	g_string_append_printf(text, "\n%s%s%s\n", kiln_style(colour, KILN_STYLE_BOLD), heading, kiln_style(colour, KILN_STYLE_PLAIN));
}

static void append_option(GString *text, const KilnOption *option, guint columns)
{
	g_autofree char *letter = option->letter ? g_strdup_printf("-%c, ", option->letter) : g_strdup("    ");
	g_autofree char *name = g_strconcat(letter, "--", option->name, option->value ? " " : "", option->value,
	                                    option->kind == KILN_OPTION_LIST && option->value ? "..." : NULL, NULL);
	g_string_append_printf(text, "  %-*s  %s\n", (int)columns, name, option->help);
}

static guint option_columns(const KilnOption *options)
{
	guint columns = 0;
	for (; options && options->name; options++) {
		gsize value = options->value ? strlen(options->value) + 1 + (options->kind == KILN_OPTION_LIST ? 3 : 0) : 0;
		columns = MAX(columns, (guint)(strlen("-x, --") + strlen(options->name) + value));
	}
	return columns;
}

/* Those of @options that are not described among @described. */
static void append_options(GString *text, const char *heading, const KilnOption *options, const KilnOption *described, guint columns, gboolean colour)
{
	if (!options || !options->name)
		return;
	append_heading(text, heading, colour);
	for (; options->name; options++)
		if (!kiln_option_find(described, options->name))
			append_option(text, options, columns);
}

char *kiln_help_command(const KilnCommand *command, const KilnOption *global, gboolean colour)
{
	GString *text = g_string_new(NULL);
	g_autofree char *usage = kiln_help_usage(command);
	g_autofree char *description = kiln_text_wrap(command->description, 0, KILN_HELP_COLUMNS);
	guint columns = MAX(option_columns(command->options), option_columns(global));
	g_string_append_printf(text, "usage: %s\n\n%s", usage, description);
	append_options(text, "options", command->options, NULL, columns, colour);
	append_options(text, "options of every command", global, command->options, columns, colour);
	append_heading(text, "example", colour);
	g_auto(GStrv) lines = g_strsplit(command->example, "\n", -1);
	for (char **line = lines; *line; line++)
		if (**line || line[1])
			g_string_append_printf(text, "%s%s\n", **line ? "  " : "", *line);
	return g_string_free(text, FALSE);
}
