/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_scan.c: kiln scan: known vulnerabilities of images, and what cannot be told. */
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/scan_images.h"
#include "cli/scan_report.h"
#include "io/file.h"
#include "kiln_config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

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
	for (guint i = result->untold->len; i-- > 0;) /* who does not ask for them misses nothing */
		if (only_fixed && strcmp(((const KilnUntold *)result->untold->pdata[i])->kind, "unfixed") == 0)
			g_ptr_array_remove_index(result->untold, i);
}

static int code_of(const KilnInvocation *invocation, const KilnScanResult *result)
{
	KilnSeverity least = severity_option(invocation, "fail-on");
	/* Both dialects end well with findings, unless they are asked not to. */
	guint64 code = kiln_option_string(invocation, "compat") && !kiln_option_string(invocation, "fail-on") ? KILN_EXIT_CLEAN : KILN_EXIT_FINDINGS;
	for (guint i = 0; i < result->findings->len; i++)
		if (reaches(result->findings->pdata[i], least)) {
			kiln_option_number(invocation, "exit-code", &code);
			return (int)code;
		}
	return result->untold->len ? KILN_EXIT_CANNOT_TELL : KILN_EXIT_CLEAN;
}

/* Findings weigh more than what cannot be told. */
static int worse(int first, int second)
{
	if (first == KILN_EXIT_CLEAN || second == KILN_EXIT_CLEAN)
		return MAX(first, second);
	return first == KILN_EXIT_CANNOT_TELL ? second : first;
}

/* "sarif=FILE"; *path becomes FILE, inside @output. */
static const KilnReportFormat *output_format(const char *output, const char **path, GError **error)
{
	const char *equals = strchr(output, '=');
	g_autofree char *name = equals ? g_strndup(output, (gsize)(equals - output)) : NULL;
	const KilnReportFormat *format = name ? kiln_report_format(name) : NULL;
	if (!format || !equals[1]) {
		g_autofree char *hint = kiln_text_suggest(name ? name : output, kiln_report_format_names(), "formats are");
		kiln_fail(error, KILN_ERROR_SYNTAX, "--output %s: it must be FORMAT=FILE; %s", output, hint);
		return NULL;
	}
	*path = equals + 1;
	return format;
}

static gboolean write_output(const KilnReport *report, const char *output, GError **error)
{
	const char *path;
	const KilnReportFormat *format = output_format(output, &path, error);
	g_autoptr(GBytes) bytes = format ? format->write(report, error) : NULL;
	return bytes && kiln_file_write_at(AT_FDCWD, path, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), error);
}

/* What --format or --compat asks for; NULL: the table. */
static const KilnReportFormat *shown_format(const KilnInvocation *invocation)
{
	const char *compat = kiln_option_string(invocation, "compat"), *name = compat ? compat : kiln_option_string(invocation, "format");
	return name ? kiln_report_format(name) : NULL;
}

/* Before anything is read: a scan that cannot be written down is not begun. */
static gboolean check_formats(const KilnInvocation *invocation, GError **error)
{
	const char *const *outputs = kiln_option_list(invocation, "output"), *path;
	gboolean several = invocation->arguments[0] && invocation->arguments[1], templated = kiln_option_string(invocation, "template") != NULL;
	g_autoptr(GPtrArray) formats_asked = g_ptr_array_new();
	for (; *outputs; outputs++) {
		const KilnReportFormat *format = output_format(*outputs, &path, error);
		if (!format)
			return FALSE;
		g_ptr_array_add(formats_asked, (gpointer)format);
	}
	if (shown_format(invocation))
		g_ptr_array_add(formats_asked, (gpointer)shown_format(invocation));
	for (guint i = 0; i < formats_asked->len; i++) {
		const KilnReportFormat *format = formats_asked->pdata[i];
		if (format->one_image && several)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: a document in this format is about one image", format->name);
		if (strcmp(format->name, "template") == 0 && !templated)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "the format template needs --template FILE with a program in the language of jq");
	}
	return TRUE;
}

static gboolean show(KilnInvocation *invocation, const KilnReport *report, GError **error)
{
	const char *const *outputs = kiln_option_list(invocation, "output");
	const KilnReportFormat *format = shown_format(invocation);
	for (; *outputs; outputs++)
		if (!write_output(report, *outputs, error))
			return FALSE;
	kiln_output_begin(invocation);
	for (gsize i = 0; !format && i < report->count; i++) {
		if (i)
			putchar('\n');
		kiln_scan_report_print(invocation, &report->images[i]);
	}
	if (format) {
		g_autoptr(GBytes) bytes = format->write(report, error);
		if (!bytes)
			return FALSE;
		fwrite(g_bytes_get_data(bytes, NULL), 1, g_bytes_get_size(bytes), stdout);
	}
	return TRUE;
}

static int scan_all(KilnInvocation *invocation, KilnDatabase *database, GError **error)
{
	guint count = g_strv_length(invocation->arguments);
	g_autofree KilnReportImage *images = g_new0(KilnReportImage, count);
	int worst = KILN_EXIT_CLEAN;
	g_autoptr(KilnVex) vex = kiln_scanning_statements(invocation, error);
	g_autoptr(GPtrArray) imports = vex ? kiln_scanning_imports(invocation, error) : NULL;
	if (!imports)
		return KILN_EXIT_ERROR;
	if (imports->len && count > 1) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "--import: a report is about one image; scan each with its own");
		return KILN_EXIT_ERROR;
	}
	g_autoptr(GArray) all = kiln_scan_images(invocation, database, imports, error);
	if (!all)
		return KILN_EXIT_ERROR;
	for (guint i = 0; i < count; i++) {
		const KilnScannedImage *scanned = &g_array_index(all, KilnScannedImage, i);
		const KilnSubject *subject = scanned->subject;
		kiln_scanning_apply(invocation, invocation->arguments[i], subject, vex, scanned->result);
		hide(invocation, scanned->result);
		images[i] = (KilnReportImage){ invocation->arguments[i], subject->digest, subject->inventory, scanned->result, kiln_subject_architecture(subject), kiln_subject_created(subject) };
		worst = worse(worst, code_of(invocation, scanned->result));
	}
	kiln_vex_tell(vex, &invocation->context, invocation->context.now_unix_s);
	const char *template_path = kiln_option_string(invocation, "template");
	g_autoptr(GBytes) template_bytes = template_path ? kiln_file_read_at(AT_FDCWD, template_path, KILN_LIMIT_CONFIG_BYTES, error) : NULL;
	g_autofree char *template = template_bytes ? g_strndup(g_bytes_get_data(template_bytes, NULL), g_bytes_get_size(template_bytes)) : NULL;
	if (template_path && !template)
		return KILN_EXIT_ERROR;
	const KilnReport report = { images, count, kiln_database_digest(database), vex->digests, imports, KILN_VERSION, template, template_path };
	return show(invocation, &report, error) ? worst : KILN_EXIT_ERROR;
}

static int run(KilnInvocation *invocation, GError **error)
{
	int code;
	if (!check_formats(invocation, error))
		return KILN_EXIT_ERROR;
	g_autoptr(KilnDatabase) database = kiln_scanning_database(invocation, &code, error);
	return database ? scan_all(invocation, database, error) : code;
}

static const char *const formats[] = { "table", "json", "sarif", "cyclonedx", "spdx", "openvex", "junit", "markdown", "gitlab", "csv", "html", "template", "trivy", "grype", NULL };
static const char *const dialects[] = { "trivy", "grype", NULL };

static const KilnOption options[] = {
	{ .name = "format", .kind = KILN_OPTION_STRING, .value = "FORMAT", .words = formats, .complete = KILN_COMPLETE_WORDS, .help = "table, json, sarif, markdown, csv and more" },
	{ .name = "output", .letter = 'o', .kind = KILN_OPTION_LIST, .value = "FORMAT=FILE", .help = "write it there, too" },
	{ .name = "template", .kind = KILN_OPTION_STRING, .value = "FILE", .complete = KILN_COMPLETE_FILE, .help = "program of jq's language for --format template" },
	{ .name = "compat", .kind = KILN_OPTION_STRING, .value = "WORD", .words = dialects, .complete = KILN_COMPLETE_WORDS, .help = "shape and exit codes of trivy or grype" },
	{ .name = "severity", .kind = KILN_OPTION_STRING, .value = "WORD", .words = severity_words, .complete = KILN_COMPLETE_WORDS, .help = "show this and worse, and what is unknown" },
	{ .name = "ignore-unfixed", .kind = KILN_OPTION_FLAG, .help = "leave out what no version mends" },
	{ .name = "fail-on", .kind = KILN_OPTION_STRING, .value = "WORD", .words = severity_words, .complete = KILN_COMPLETE_WORDS, .help = "exit with 1 only for this and worse" },
	{ .name = "exit-code", .kind = KILN_OPTION_NUMBER, .value = "N", .help = "with findings, instead of 1" },
	{ .name = "show-suppressed", .kind = KILN_OPTION_FLAG, .help = "list what statements suppress" },
	KILN_SCANNING_OPTIONS,
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
	.example = "$ kiln db build feeds/\n$ kiln scan docker-archive:app.tar\n$ kiln scan --severity high --ignore-unfixed app\n"
	           "$ kiln scan -o sarif=a.sarif -o html=a.html app rootfs.tar.gz\n",
	.arguments_min = 1,
	.arguments_max = -1,
	.complete_arguments = KILN_COMPLETE_IMAGE,
};
