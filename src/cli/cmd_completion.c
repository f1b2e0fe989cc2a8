/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_completion.c: kiln completion. */
#include "base/error.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/exit.h"

#include <stdio.h>
#include <string.h>

static const char *const shells[] = { "bash", "zsh", NULL };

static int run(KilnInvocation *invocation, GError **error)
{
	const char *shell = invocation->arguments[0];
	for (const KilnCompletion *completion = kiln_completions(); completion->shell; completion++)
		if (strcmp(completion->shell, shell) == 0) {
			g_autofree char *script = completion->script(kiln_commands(), kiln_global_options());
			fputs(script, stdout);
			return KILN_EXIT_CLEAN;
		}
	g_autofree char *known = g_strjoinv(", ", (char **)shells);
	kiln_fail(error, KILN_ERROR_UNSUPPORTED, "no completion for \"%s\"; there is one for %s", shell, known);
	return KILN_EXIT_ERROR;
}

const KilnCommand kiln_cmd_completion = {
	.name = "completion",
	.group = "help",
	.summary = "print the completion script for a shell",
	.arguments = "bash|zsh",
	.needs = KILN_NEED_NO_SETTINGS,
	.run = run,
	.description = "Prints a script that completes commands, options, files and images. \"make install\" and the Debian package "
	               "put it where the shell finds it; otherwise read it in your shell's start-up file.",
	.example = "$ source <(kiln completion bash)\n",
	.arguments_min = 1,
	.arguments_max = 1,
	.complete_arguments = KILN_COMPLETE_WORDS,
	.argument_words = shells,
};
