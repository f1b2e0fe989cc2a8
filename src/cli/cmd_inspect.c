/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_inspect.c: kiln inspect: what is inside of an image. */
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/inspection.h"
#include "cli/render.h"

static int run(KilnInvocation *invocation, GError **error)
{
	g_autoptr(KilnInspection) inspection = kiln_inspection_new(invocation, invocation->arguments[0], error);
	if (!inspection)
		return KILN_EXIT_ERROR;
	kiln_output_begin(invocation);
	if (invocation->json) {
		g_autoptr(json_t) document = kiln_inspection_to_json(inspection);
		kiln_print_json(document);
	} else {
		kiln_inspection_print(inspection, invocation);
	}
	return KILN_EXIT_CLEAN;
}

static const KilnOption options[] = {
	{ .name = "platform", .kind = KILN_OPTION_LIST, .value = "PLATFORM", .help = "of an image for several: linux/arm64" },
	KILN_READER_OPTIONS,
	{ .name = NULL },
};

const KilnCommand kiln_cmd_inspect = {
	.name = "inspect",
	.group = "look",
	.summary = "say what is inside of an image",
	.arguments = "IMAGE",
	.options = options,
	.needs = KILN_NEED_STORE,
	.run = run,
	.description = "Reads every layer of the image once, checking its digests, and tells what it runs and as whom, which packages it has and how much of "
	               "each, what deserves a look (setuid files, capabilities, shells, what everybody may write), its layers, and the evidence attached to it. "
	               "The image need not be kiln's; of kiln's own it also tells which programs the recipe could leave out.\n\n"
	               "With --verbose every package and program is listed.",
	.example = "$ kiln inspect nginx\n$ kiln inspect --format json docker-archive:nginx.tar\n",
	.arguments_min = 1,
	.arguments_max = 1,
	.complete_arguments = KILN_COMPLETE_IMAGE,
};
