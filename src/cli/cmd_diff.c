/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_diff.c: kiln diff: what changed from one image to another. */
#include "cli/commands.h"
#include "cli/inspection.h"
#include "cli/comparison.h"
#include "cli/exit.h"
#include "cli/render.h"

static int run(KilnInvocation *invocation, GError **error)
{
	g_autoptr(KilnComparison) comparison = kiln_comparison_new(invocation, invocation->arguments[0], invocation->arguments[1], error);
	if (!comparison)
		return KILN_EXIT_ERROR;
	kiln_output_begin(invocation);
	if (invocation->json) {
		g_autoptr(json_t) document = kiln_comparison_to_json(comparison);
		kiln_print_json(document);
	} else if (!invocation->quiet) {
		kiln_comparison_print(comparison, invocation);
	}
	return comparison->equal ? KILN_EXIT_CLEAN : KILN_EXIT_FINDINGS;
}

static const KilnOption options[] = {
	{ .name = "platform", .kind = KILN_OPTION_LIST, .value = "PLATFORM", .help = "of images for several: linux/arm64" },
	KILN_READER_OPTIONS,
	{ .name = NULL },
};

const KilnCommand kiln_cmd_diff = {
	.name = "diff",
	.group = "look",
	.summary = "say what changed from one image to another",
	.arguments = "IMAGE IMAGE",
	.options = options,
	.needs = KILN_NEED_STORE,
	.run = run,
	.description = "Compares packages by version, files by content, mode, owner and capabilities, configuration and size. The images need not be kiln's.\n\n"
	               "The exit code is 0 when they are the same image, 1 when anything differs, and be it the time of a file; --quiet prints nothing. "
	               "With --verbose every file is listed.",
	.example = "$ kiln diff nginx:1 nginx:2\n$ kiln diff oci:old:nginx nginx --format json\n",
	.arguments_min = 2,
	.arguments_max = 2,
	.complete_arguments = KILN_COMPLETE_IMAGE,
};
