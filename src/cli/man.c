/* SPDX-License-Identifier: Apache-2.0 */
/* man.c: manual pages in roff, made from the command table. Source: man(7). */
#include "cli/man.h"

#include "cli/exit.h"
#include "cli/help.h"
#include "cli/settings.h"
#include "kiln_config.h"

#include <string.h>

/* Text that means nothing to roff, whatever its characters are. */
static void append_text(GString *page, const char *text)
{
	for (gsize i = 0; text[i]; i++) {
		gboolean line_start = page->len == 0 || page->str[page->len - 1] == '\n';
		if (line_start && (text[i] == '.' || text[i] == '\''))
			g_string_append(page, "\\&");
		if (text[i] == '\\')
			g_string_append(page, "\\e");
		else if (text[i] == '-')
			g_string_append(page, "\\-");
		else if (text[i] == '~')
			g_string_append(page, "\\(ti");
		else if (text[i] == '^')
			g_string_append(page, "\\(ha");
		else if (text[i] == '`')
			g_string_append(page, "\\(ga");
		else
			g_string_append_c(page, text[i]);
	}
}

static void append_paragraphs(GString *page, const char *text)
{
	g_auto(GStrv) paragraphs = g_strsplit(text, "\n\n", -1);
	for (char **paragraph = paragraphs; *paragraph; paragraph++) {
		if (paragraph != paragraphs)
			g_string_append(page, ".PP\n");
		append_text(page, *paragraph);
		g_string_append_c(page, '\n');
	}
}

static void append_header(GString *page, const char *name, const char *summary)
{
	/* No date: the page must be the same whenever it is made. */
	g_string_append_printf(page, ".TH \"%s\" \"1\" \"\" \"kiln %s\" \"kiln manual\"\n.SH NAME\n", name, KILN_VERSION);
	append_text(page, name);
	g_string_append(page, " \\- ");
	append_text(page, summary);
	g_string_append_c(page, '\n');
}

static void append_option(GString *page, const KilnOption *option)
{
	g_autofree char *variable = kiln_option_variable(option);
	g_string_append(page, ".TP\n\\fB");
	if (option->letter)
		g_string_append_printf(page, "\\-%c\\fR, \\fB", option->letter);
	g_string_append(page, "\\-\\-");
	append_text(page, option->name);
	g_string_append(page, "\\fR");
	if (option->value) {
		g_string_append(page, " \\fI");
		append_text(page, option->value);
		g_string_append(page, "\\fR");
	}
	g_string_append_c(page, '\n');
	append_text(page, option->help);
	if (option->kind == KILN_OPTION_LIST)
		g_string_append(page, "; may be given several times");
	if (option->complete == KILN_COMPLETE_WORDS) {
		g_autofree char *words = g_strjoinv(", ", (char **)option->words);
		g_string_append(page, "; one of ");
		append_text(page, words);
	}
	g_string_append_printf(page, ". Variable: \\fB%s\\fR.\n", variable);
}

static void append_example(GString *page, const char *example)
{
	g_string_append(page, ".SH EXAMPLE\n.nf\n");
	g_auto(GStrv) lines = g_strsplit(example, "\n", -1);
	for (char **line = lines; *line; line++) {
		if (!**line && !line[1])
			break;
		append_text(page, *line);
		g_string_append_c(page, '\n');
	}
	g_string_append(page, ".fi\n");
}

char *kiln_man_command(const KilnCommand *command)
{
	GString *page = g_string_new(NULL);
	g_autofree char *name = g_strconcat("kiln-", command->name, NULL);
	g_autofree char *usage = kiln_help_usage(command);
	append_header(page, name, command->summary);
	g_string_append(page, ".SH SYNOPSIS\n.B ");
	append_text(page, usage);
	g_string_append(page, "\n.SH DESCRIPTION\n");
	append_paragraphs(page, command->description);
	g_string_append(page, ".SH OPTIONS\n");
	for (const KilnOption *option = command->options; option && option->name; option++)
		append_option(page, option);
	g_string_append(page, ".PP\nOptions of every command are described in\n.BR kiln (1).\n");
	append_example(page, command->example);
	g_string_append(page, ".SH SEE ALSO\n.BR kiln (1)\n");
	return g_string_free(page, FALSE);
}

static void append_commands(GString *page, KilnCommandTable commands)
{
	g_string_append(page, ".SH COMMANDS\n");
	for (KilnCommandTable command = commands; *command; command++) {
		g_string_append(page, ".TP\n.BR kiln\\-");
		append_text(page, (*command)->name);
		g_string_append(page, " (1)\n");
		append_text(page, (*command)->summary);
		g_string_append(page, ".\n");
	}
}

static void append_exit_codes(GString *page)
{
	g_string_append(page, ".SH EXIT STATUS\n");
	for (int code = 0; kiln_exit_meaning(code); code++) {
		g_string_append_printf(page, ".TP\n.B %d\n", code);
		append_text(page, kiln_exit_meaning(code));
		g_string_append(page, ".\n");
	}
	g_string_append(page, ".PP\nA run that a signal stopped ends by that signal.\n");
}

static void append_surroundings(GString *page)
{
	static const struct {
		const char *name, *text;
	} variables[] = {
		{ "KILN_*", "every option: its name in upper case, with \"_\" for \"-\"; lists are separated by commas" },
		{ "SOURCE_DATE_EPOCH", "time stamp of everything in an image, in seconds since 1970" },
		{ "http_proxy, https_proxy, no_proxy", "proxies for downloads" },
		{ "SSL_CERT_FILE", "certificates that servers are checked against" },
		{ "XDG_DATA_HOME, XDG_CACHE_HOME, XDG_CONFIG_HOME", "where store, cache and settings are" },
		{ "NO_COLOR", "no colours on the terminal" },
	}, files[] = {
		{ "~/.config/kiln/kiln.yaml, /etc/kiln/kiln.yaml", "settings; the first that exists is read. Keys are the options of every command, "
		  "a mapping of options per command, and \"archives\" with mirrors, security-mirrors and keyring per distro" },
		{ "~/.local/share/kiln", "the store: packages by digest, and images as an OCI layout" },
		{ "~/.cache/kiln", "the cache; it may be deleted at any time" },
	};
	g_string_append(page, ".SH ENVIRONMENT\n");
	for (gsize i = 0; i < G_N_ELEMENTS(variables); i++) {
		g_string_append_printf(page, ".TP\n.B %s\n", variables[i].name);
		append_text(page, variables[i].text);
		g_string_append(page, ".\n");
	}
	g_string_append(page, ".SH FILES\n");
	for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
		g_string_append(page, ".TP\n.I ");
		append_text(page, files[i].name);
		g_string_append_c(page, '\n');
		append_text(page, files[i].text);
		g_string_append(page, ".\n");
	}
}

char *kiln_man_overview(KilnCommandTable commands, const KilnOption *global)
{
	GString *page = g_string_new(NULL);
	append_header(page, "kiln", "minimal, reproducible, explained container images from signed packages");
	g_string_append(page, ".SH SYNOPSIS\n.B kiln COMMAND [ARGUMENT...] [OPTION...]\n.SH DESCRIPTION\n");
	append_text(page, kiln_help_sentence());
	g_string_append_c(page, '\n');
	append_commands(page, commands);
	g_string_append(page, ".SH OPTIONS\nThese options are understood by every command. The command line wins over a variable, "
	                      "and a variable over the settings file.\n");
	for (; global->name; global++)
		append_option(page, global);
	append_exit_codes(page);
	append_surroundings(page);
	return g_string_free(page, FALSE);
}
