/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_scan.c: kiln scan: known vulnerabilities of images, and what cannot be told. */
#include "base/error.h"
#include "cli/commands.h"
#include "cli/database.h"
#include "cli/exit.h"
#include "cli/inspection.h"
#include "cli/render.h"
#include "cli/scan_report.h"

#include <string.h>

#define DAY_S (24 * 60 * 60)
#define MAX_AGE_DAYS 14
#define UNOWNED_MAX_PERCENT 10

static const char *const severity_words[] = { "unknown", "low", "medium", "high", "critical", NULL };

static KilnSeverity severity_option(const KilnInvocation *invocation, const char *name)
{
	const char *word = kiln_option_string(invocation, name);
	for (KilnSeverity severity = KILN_SEVERITY_UNKNOWN; word && severity <= KILN_SEVERITY_CRITICAL; severity++)
		if (strcmp(word, kiln_severity_name(severity)) == 0)
			return severity;
	return KILN_SEVERITY_UNKNOWN;
}

/* One whose severity nobody knows may be the worst of all. */
static gboolean reaches(const KilnFinding *finding, KilnSeverity least)
{
	return finding->severity == KILN_SEVERITY_UNKNOWN || finding->severity >= least;
}

static void hide(const KilnInvocation *invocation, KilnScanResult *result)
{
	KilnSeverity least = severity_option(invocation, "severity");
	gboolean only_fixed = kiln_option_flag(invocation, "ignore-unfixed");
	for (guint i = result->findings->len; i-- > 0;) {
		const KilnFinding *finding = result->findings->pdata[i];
		if (!reaches(finding, least) || (only_fixed && !finding->fixed))
			g_ptr_array_remove_index(result->findings, i);
	}
}

static int code_of(const KilnInvocation *invocation, const KilnScanResult *result)
{
	KilnSeverity least = severity_option(invocation, "fail-on");
	guint64 code = KILN_EXIT_FINDINGS;
	for (guint i = 0; i < result->findings->len; i++)
		if (reaches(result->findings->pdata[i], least)) {
			kiln_option_number(invocation, "exit-code", &code);
			return (int)code;
		}
	return result->untold->len ? KILN_EXIT_CANNOT_TELL : KILN_EXIT_CLEAN;
}

static int scan_one(KilnInvocation *invocation, const char *reference, KilnDatabase *database, json_t *documents, GError **error)
{
	g_autoptr(KilnImage) image = kiln_open_image(invocation, reference, error);
	g_autoptr(KilnInventory) inventory = NULL;
	g_autoptr(KilnReasons) reasons = NULL;
	guint64 days = MAX_AGE_DAYS;
	if (!image || !kiln_read_inventory(invocation, image, &inventory, &reasons, error))
		return KILN_EXIT_ERROR;
	kiln_option_number(invocation, "max-age", &days);
	KilnMatchOptions options = { invocation->context.now_unix_s, (gint64)MIN(days, 36500) * DAY_S, UNOWNED_MAX_PERCENT };
	g_autoptr(KilnScanResult) result = kiln_match(inventory, database, &options, error);
	if (!result)
		return KILN_EXIT_ERROR;
	hide(invocation, result);
	KilnScanReport report = { invocation, reference, image, inventory, database, result };
	kiln_output_begin(invocation);
	if (invocation->json)
		json_array_append_new(documents, kiln_scan_report_to_json(&report));
	else
		kiln_scan_report_print(&report);
	return code_of(invocation, result);
}

/* Findings weigh more than what cannot be told; an error ends the run. */
static int worse(int first, int second)
{
	if (first == KILN_EXIT_CLEAN || second == KILN_EXIT_CLEAN)
		return MAX(first, second);
	return first == KILN_EXIT_CANNOT_TELL ? second : first;
}

static int run(KilnInvocation *invocation, GError **error)
{
	g_autofree char *path = kiln_database_path(invocation);
	g_autoptr(GError) reason = NULL;
	g_autoptr(KilnDatabase) database = kiln_database_open(path, &reason);
	g_autoptr(json_t) documents = json_array();
	int worst = KILN_EXIT_CLEAN;
	if (!database && g_error_matches(reason, KILN_ERROR, KILN_ERROR_NOT_FOUND)) {
		kiln_context_notice(&invocation->context, "nothing can be told: %s", reason->message);
		return KILN_EXIT_CANNOT_TELL;
	}
	if (!database) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return KILN_EXIT_ERROR;
	}
	for (char **reference = invocation->arguments; *reference; reference++) {
		GError *failure = NULL;
		int code = scan_one(invocation, *reference, database, documents, &failure);
		if (failure) {
			g_propagate_error(error, failure);
			return KILN_EXIT_ERROR;
		}
		worst = worse(worst, code);
	}
	if (invocation->json)
		kiln_print_json(documents);
	return worst;
}

static const KilnOption options[] = {
	{ .name = "db", .kind = KILN_OPTION_STRING, .value = "FILE", .help = "this database instead of the store's" },
	{ .name = "severity", .kind = KILN_OPTION_STRING, .value = "WORD", .words = severity_words, .complete = KILN_COMPLETE_WORDS, .help = "show this and worse, and what is unknown" },
	{ .name = "ignore-unfixed", .kind = KILN_OPTION_FLAG, .help = "leave out what no version mends" },
	{ .name = "fail-on", .kind = KILN_OPTION_STRING, .value = "WORD", .words = severity_words, .complete = KILN_COMPLETE_WORDS, .help = "exit with 1 only for this and worse" },
	{ .name = "exit-code", .kind = KILN_OPTION_NUMBER, .value = "N", .help = "with findings, instead of 1" },
	{ .name = "max-age", .kind = KILN_OPTION_NUMBER, .value = "DAYS", .help = "of the data, 14 unless given; 0: any" },
	{ .name = "platform", .kind = KILN_OPTION_LIST, .value = "PLATFORM", .help = "of an image for several: linux/arm64" },
	{ .name = NULL },
};

const KilnCommand kiln_cmd_scan = {
	.name = "scan",
	.group = "look",
	.summary = "known vulnerabilities of images, and what is not known",
	.arguments = "IMAGE...",
	.options = options,
	.needs = KILN_NEED_STORE,
	.run = run,
	.description = "Reads the packages of each image and asks the vulnerability database (kiln db) about them. Findings are grouped by what mends them. What cannot "
	               "be told is said beside them, never left out: no package database, a distribution that no source speaks of, one past its end of life, data that is "
	               "too old, programs that no package owns.\n\n"
	               "Exit codes: 0 clean, 1 findings, 3 nothing was found and something cannot be told, 2 error. docs/scan.md says how results come about.",
	.example = "$ kiln db build feeds/\n$ kiln scan docker-archive:app.tar\n$ kiln scan --severity high --ignore-unfixed app\n",
	.arguments_min = 1,
	.arguments_max = -1,
	.complete_arguments = KILN_COMPLETE_IMAGE,
};
