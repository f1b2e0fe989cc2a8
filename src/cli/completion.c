/* SPDX-License-Identifier: Apache-2.0 */
/* completion.c: completion scripts for bash and zsh, made from the command table. */
#include "cli/completion.h"

#include <string.h>

/* What follows an option that takes a value, or a positional word: a shell function of the script's own, or a word list. */
static const char *const bash_actions[] = {
	[KILN_COMPLETE_NONE] = "_kiln_none", [KILN_COMPLETE_FILE] = "_kiln_files", [KILN_COMPLETE_DIRECTORY] = "_kiln_directories",
	[KILN_COMPLETE_IMAGE] = "_kiln_images", [KILN_COMPLETE_WORDS] = "_kiln_words", [KILN_COMPLETE_COMMAND] = "_kiln_commands",
};

static const char bash_head[] =
	"# bash completion for kiln, made by \"kiln completion bash\"\n"
	"\n"
	"_kiln_none() { :; }\n"
	"# Not compgen -W, which would expand what stands in the words.\n"
	"_kiln_words() { local one; for one; do if [[ $one == \"$word\"* ]]; then COMPREPLY+=(\"$one\"); fi; done; }\n"
	"_kiln_files() { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); }\n"
	"_kiln_directories() { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$word\"); }\n"
	"_kiln_images() {\n"
	"\tlocal -a images\n"
	"\tmapfile -t images < <(kiln images --quiet 2>/dev/null)\n"
	"\t_kiln_words \"${images[@]}\" oci: oci-archive: docker-archive:\n"
	"\tif [[ ${COMPREPLY[0]-} == *: ]]; then compopt -o nospace; fi\n"
	"}\n";

static const char bash_tail[] =
	"\n"
	"_kiln() {\n"
	"\tlocal IFS=$' \\t\\n' line=${COMP_LINE:0:COMP_POINT} word previous command= argument i\n"
	"\tlocal -a words\n"
	"\tread -ra words <<<\"$line\"\n"
	"\t[[ $line == *[[:space:]] ]] && words+=('')\n"
	"\tword=${words[-1]}\n"
	"\tprevious=${words[-2]-}\n"
	"\tfor argument in \"${words[@]:1:${#words[@]}-2}\"; do\n"
	"\t\tif [[ $argument == -- ]]; then return; fi\n"
	"\t\tif [[ -z $command && \" $(_kiln_command_names) \" == *\" $argument \"* ]]; then command=$argument; fi\n"
	"\tdone\n"
	"\tCOMPREPLY=()\n"
	"\tlocal whole=$word\n"
	"\tif [[ $word == --*=* ]]; then previous=${word%%=*}; word=${word#*=}; fi\n"
	"\tif ! _kiln_value \"$command\" \"$previous\"; then\n"
	"\t\tif [[ $whole == -* ]]; then _kiln_words $(_kiln_options \"$command\")\n"
	"\t\telif [[ -z $command ]]; then _kiln_commands\n"
	"\t\telse _kiln_argument \"$command\"; fi\n"
	"\tfi\n"
	"\t# Readline breaks words at \":\" and \"=\": what stands before the last of them is there already.\n"
	"\tlocal current=${COMP_WORDS[COMP_CWORD]} before=${word}\n"
	"\tif [[ $current == [:=] ]]; then current=; fi\n"
	"\tbefore=${before%\"$current\"}\n"
	"\tfor i in \"${!COMPREPLY[@]}\"; do COMPREPLY[i]=${COMPREPLY[i]#\"$before\"}; done\n"
	"}\n"
	"complete -F _kiln kiln\n";

static void append_words(GString *script, const char *const *words)
{
	for (; words && *words; words++)
		g_string_append_printf(script, " %s", *words);
}

static void append_bash_options(GString *script, const KilnOption *options)
{
	for (; options && options->name; options++) {
		g_string_append_printf(script, " --%s", options->name);
		if (options->letter)
			g_string_append_printf(script, " -%c", options->letter);
	}
}

/* Case branches "COMMAND:--option|COMMAND:-o) action ;;". */
static void append_bash_values(GString *script, const char *command, const KilnOption *options)
{
	for (; options && options->name; options++) {
		if (options->kind == KILN_OPTION_FLAG)
			continue;
		g_string_append_printf(script, "\t%s:--%s", command, options->name);
		if (options->letter)
			g_string_append_printf(script, "|%s:-%c", command, options->letter);
		g_string_append_printf(script, ") %s", bash_actions[options->complete]);
		append_words(script, options->words);
		g_string_append(script, " ;;\n");
	}
}

static char *bash_script(KilnCommandTable commands, const KilnOption *global)
{
	GString *script = g_string_new(bash_head);
	g_string_append(script, "_kiln_command_names() { echo");
	for (KilnCommandTable row = commands; *row; row++)
		g_string_append_printf(script, " %s", (*row)->name);
	g_string_append(script, "; }\n_kiln_commands() { _kiln_words $(_kiln_command_names); }\n");

	g_string_append(script, "\n# Options of a command.\n_kiln_options() {\n\techo");
	append_bash_options(script, global);
	g_string_append(script, "\n\tcase $1 in\n");
	for (KilnCommandTable row = commands; *row; row++)
		if ((*row)->options && (*row)->options->name) {
			g_string_append_printf(script, "\t%s) echo", (*row)->name);
			append_bash_options(script, (*row)->options);
			g_string_append(script, " ;;\n");
		}
	g_string_append(script, "\tesac\n}\n");

	g_string_append(script, "\n# Values of the option $2 of command $1; fails when it takes none.\n_kiln_value() {\n\tcase $1:$2 in\n");
	for (KilnCommandTable row = commands; *row; row++)
		append_bash_values(script, (*row)->name, (*row)->options);
	append_bash_values(script, "*", global);
	g_string_append(script, "\t*) return 1 ;;\n\tesac\n}\n");

	g_string_append(script, "\n# Arguments of a command.\n_kiln_argument() {\n\tcase $1 in\n");
	for (KilnCommandTable row = commands; *row; row++) {
		g_string_append_printf(script, "\t%s) %s", (*row)->name, bash_actions[(*row)->complete_arguments]);
		if ((*row)->complete_arguments == KILN_COMPLETE_WORDS)
			append_words(script, (*row)->argument_words);
		g_string_append(script, " ;;\n");
	}
	g_string_append(script, "\tesac\n}\n");
	g_string_append(script, bash_tail);
	return g_string_free(script, FALSE);
}

static const char *const zsh_actions[] = {
	[KILN_COMPLETE_NONE] = " ", [KILN_COMPLETE_FILE] = "_files", [KILN_COMPLETE_DIRECTORY] = "_files -/",
	[KILN_COMPLETE_IMAGE] = "_kiln_images", [KILN_COMPLETE_WORDS] = "", [KILN_COMPLETE_COMMAND] = "_kiln_commands",
};

/* Text inside '...[...]...': quotes, brackets and colons mean something to _arguments. */
static char *zsh_quoted(const char *text)
{
	GString *quoted = g_string_new(NULL);
	for (; *text; text++) {
		if (*text == '\'')
			g_string_append(quoted, "'\\''");
		else if (strchr("[]:\\", *text))
			g_string_append_printf(quoted, "\\%c", *text);
		else
			g_string_append_c(quoted, *text);
	}
	return g_string_free(quoted, FALSE);
}

static void append_zsh_action(GString *script, KilnComplete complete, const char *const *words)
{
	if (complete != KILN_COMPLETE_WORDS) {
		g_string_append(script, zsh_actions[complete]);
		return;
	}
	g_string_append(script, "(");
	append_words(script, words);
	g_string_append(script, ")");
}

static void append_zsh_option(GString *script, const KilnOption *option)
{
	g_autofree char *help = zsh_quoted(option->help), *value = zsh_quoted(option->value ? option->value : "");
	gboolean many = option->kind == KILN_OPTION_LIST, flag = option->kind == KILN_OPTION_FLAG;
	g_string_append(script, "    ");
	if (option->letter) /* each spelling excludes the other, unless the option may be repeated */
		g_string_append_printf(script, many ? "'*'" : "'(-%c --%s)'", option->letter, option->name);
	if (option->letter)
		g_string_append_printf(script, "{-%c,--%s%s}'", option->letter, option->name, flag ? "" : "=");
	else
		g_string_append_printf(script, "'%s--%s%s", many ? "*" : "", option->name, flag ? "" : "=");
	g_string_append_printf(script, "[%s]", help);
	if (!flag) {
		g_string_append_printf(script, ":%s:", value);
		append_zsh_action(script, option->complete, option->words);
	}
	g_string_append(script, "'\n");
}

static void append_zsh_command(GString *script, const KilnCommand *command)
{
	g_autofree char *arguments = zsh_quoted(command->arguments);
	g_string_append_printf(script, "(%s)\n  specs+=(\n", command->name);
	for (const KilnOption *option = command->options; option && option->name; option++)
		append_zsh_option(script, option);
	if (command->arguments_max != 0) {
		g_string_append_printf(script, "    '%s:%s:", command->arguments_max == 1 ? "1" : "*", *arguments ? arguments : " ");
		append_zsh_action(script, command->complete_arguments, command->argument_words);
		g_string_append(script, "'\n");
	}
	g_string_append(script, "  ) ;;\n");
}

static char *zsh_script(KilnCommandTable commands, const KilnOption *global)
{
	GString *script = g_string_new("#compdef kiln\n# zsh completion for kiln, made by \"kiln completion zsh\"\n\n"
	                               "_kiln_images() {\n  local -a images\n  images=(${(f)\"$(kiln images --quiet 2>/dev/null)\"})\n"
	                               "  compadd -a images\n  compadd -S '' -- oci: oci-archive: docker-archive:\n}\n\n"
	                               "_kiln_commands() {\n  local -a commands\n  commands=(\n");
	for (KilnCommandTable row = commands; *row; row++) {
		g_autofree char *summary = zsh_quoted((*row)->summary);
		g_string_append_printf(script, "    '%s:%s'\n", (*row)->name, summary);
	}
	g_string_append(script, "  )\n  _describe -t commands 'kiln command' commands\n}\n\n"
	                        "_kiln() {\n  local context state line curcontext=$curcontext\n  local -a specs\n  specs=(\n");
	for (const KilnOption *option = global; option->name; option++)
		append_zsh_option(script, option);
	g_string_append(script, "  )\n  _arguments -C -s -S $specs '1:command:_kiln_commands' '*::argument:->arguments' && return\n"
	                        "  [[ $state == arguments ]] || return\n  curcontext=\"${curcontext%:*:*}:kiln-$words[1]:\"\n  case $words[1] in\n");
	for (KilnCommandTable row = commands; *row; row++)
		append_zsh_command(script, *row);
	g_string_append(script, "  *) return 1 ;;\n  esac\n  _arguments -s -S $specs\n}\n\n_kiln \"$@\"\n");
	return g_string_free(script, FALSE);
}

static const KilnCompletion completions[] = {
	{ "bash", bash_script },
	{ "zsh", zsh_script },
	{ NULL, NULL },
};

const KilnCompletion *kiln_completions(void)
{
	return completions;
}
