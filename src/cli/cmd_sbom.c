/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_sbom.c: kiln sbom: what is in an image, as a document. */
#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/sbom_check.h"
#include "cli/subject.h"
#include "io/file.h"
#include "kiln_config.h"
#include "sbom/format.h"
#include "sbom/inventory.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* "table" and "json" are what settings may say for all commands. */
static const char *const formats[] = { "spdx-json", "spdx-json@3.0.1", "spdx-tag-value", "cyclonedx-json", "cyclonedx-json@1.7", "cyclonedx-xml", "cyclonedx-xml@1.7", "table", "json", NULL };

static const KilnSbomFormat *format_named(const char *name)
{
	return kiln_sbom_format(!name || strcmp(name, "table") == 0 || strcmp(name, "json") == 0 ? "spdx-json" : name);
}

/* "spdx-json=FILE" */
static gboolean write_output(const KilnSbom *sbom, const char *output, GError **error)
{
	const char *equals = strchr(output, '=');
	g_autofree char *name = equals ? g_strndup(output, (gsize)(equals - output)) : NULL;
	const KilnSbomFormat *format = name ? kiln_sbom_format(name) : NULL;
	if (!format || !equals[1]) {
		g_autofree char *hint = kiln_text_suggest(name ? name : output, kiln_sbom_format_names(), "formats are");
		return kiln_fail(error, KILN_ERROR_SYNTAX, "--output %s: it must be FORMAT=FILE; %s", output, hint);
	}
	g_autoptr(GBytes) bytes = format->write(sbom);
	return kiln_file_write_at(AT_FDCWD, equals + 1, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), error);
}

static int run(KilnInvocation *invocation, GError **error)
{
	const char *const *outputs = kiln_option_list(invocation, "output");
	if (kiln_option_flag(invocation, "check"))
		return kiln_sbom_check_run(invocation, invocation->arguments[0], error);
	g_autoptr(KilnSubject) subject = kiln_subject_open(invocation, invocation->arguments[0], error);
	if (!subject)
		return KILN_EXIT_ERROR;
	const KilnImage *image = subject->image;
	const KilnInventory *inventory = subject->inventory;
	KilnSbom *made = image ? kiln_sbom_from_inventory(inventory, invocation->arguments[0], &subject->digest, image->config->architecture, kiln_subject_created(subject), KILN_VERSION) : NULL;
	g_autoptr(KilnSbom) sbom = made ? made : g_steal_pointer(&subject->sbom);
	if (!made)
		sbom->tool_version = g_strdup(KILN_VERSION);
	for (const char *const *output = outputs; *output; output++)
		if (!write_output(sbom, *output, error))
			return KILN_EXIT_ERROR;
	kiln_output_begin(invocation);
	if (!*outputs) {
		g_autoptr(GBytes) bytes = format_named(kiln_option_string(invocation, "format"))->write(sbom);
		fwrite(g_bytes_get_data(bytes, NULL), 1, g_bytes_get_size(bytes), stdout);
		putchar('\n');
	}
	if (kiln_inventory_is_known(inventory))
		return KILN_EXIT_CLEAN;
	kiln_context_notice(&invocation->context, "the image has no package database that kiln knows: the document lists only what files say themselves, and more may be installed");
	return KILN_EXIT_CANNOT_TELL;
}

static const KilnOption options[] = {
	{ .name = "format", .kind = KILN_OPTION_STRING, .value = "FORMAT", .words = formats, .complete = KILN_COMPLETE_WORDS, .help = "spdx-json (else), cyclonedx-json and more" },
	{ .name = "output", .letter = 'o', .kind = KILN_OPTION_LIST, .value = "FORMAT=FILE", .help = "write it there; may be given several times" },
	{ .name = "check", .kind = KILN_OPTION_FLAG, .help = "score the SBOM FILE against NTIA, CISA and BSI" },
	{ .name = "platform", .kind = KILN_OPTION_LIST, .value = "PLATFORM", .help = "of an image for several: linux/arm64" },
	KILN_READER_OPTIONS,
	{ .name = NULL },
};

const KilnCommand kiln_cmd_sbom = {
	.name = "sbom",
	.group = "look",
	.summary = "what is in an image as SPDX or CycloneDX document",
	.arguments = "IMAGE|FILE",
	.options = options,
	.needs = KILN_NEED_STORE,
	.run = run,
	.description = "Reads the image, whoever made it, and writes its packages with versions, licences and suppliers and its files with digests and owners as SPDX 2.3 or 3.0.1, or CycloneDX 1.6 or 1.7. "
	               "The same image gives the same bytes. What cannot be told is no assertion, never a guess. The documents that kiln attached when it built an image say more: "
	               "kiln inspect lists them. An SBOM that somebody wrote, sbom:FILE, is written again in any format.\n\n"
	               "With --check the argument is the file of an SBOM: each element that NTIA's minimum elements, CISA's draft of 2025 or BSI TR-03183-2 want is looked for, and the "
	               "components that lack it are named.\n\n"
	               "Exit codes: 0, 1 when --check misses something, or 3 when the image has no package database that kiln knows.",
	.example = "$ kiln sbom nginx >nginx.spdx.json\n$ kiln sbom -o spdx-json=a.json -o cyclonedx-json=b.json app.tar\n$ kiln sbom --check vendor.cdx.json\n",
	.arguments_min = 1,
	.arguments_max = 1,
	.complete_arguments = KILN_COMPLETE_IMAGE,
};
