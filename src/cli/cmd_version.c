/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_version.c: kiln version. */
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/render.h"
#include "kiln_config.h"

static int run(KilnInvocation *invocation, GError **error)
{
	if (invocation->json) {
		g_autoptr(json_t) document = json_object();
		kiln_json_set_string(document, "version", KILN_VERSION);
		kiln_print_json(document);
	} else {
		printf("kiln %s\n", KILN_VERSION);
	}
	return KILN_EXIT_CLEAN;
}

const KilnCommand kiln_cmd_version = {
	.name = "version",
	.group = "help",
	.summary = "show kiln's version",
	.arguments = "",
	.needs = KILN_NEED_NO_SETTINGS,
	.run = run,
	.description = "Prints the version of this program.",
	.example = "$ kiln version\nkiln " KILN_VERSION "\n",
};
