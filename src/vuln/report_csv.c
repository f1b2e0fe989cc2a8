/* SPDX-License-Identifier: Apache-2.0 */
/* report_csv.c: a line for each finding, and one for each thing that cannot be told. Source: RFC 4180. */
#include "vuln/report_writers.h"

#include <string.h>

/* Quoted; what a spreadsheet would take for a formula gets an apostrophe first. */
static void add_cell(GString *out, const char *text, gboolean last)
{
	g_autofree char *valid = report_valid(text);
	g_string_append_c(out, '"');
	if (*valid && strchr("=+-@\t\r", *valid))
		g_string_append_c(out, '\'');
	for (const char *c = valid; *c; c++) {
		if (*c == '"')
			g_string_append_c(out, '"');
		g_string_append_c(out, *c);
	}
	g_string_append(out, last ? "\"\r\n" : "\",");
}

static void add_line(GString *out, const char *const *cells, gsize count)
{
	for (gsize i = 0; i < count; i++)
		add_cell(out, cells[i], i + 1 == count);
}

static void add_finding(GString *out, const KilnReportImage *image, const char *digest, const KilnFinding *finding)
{
	const KilnPackage *package = report_package(image, finding);
	char score[8];
	const char *cells[] = { image->reference, digest, finding->id, kiln_severity_name(finding->severity), report_score_text(finding, score),
		                finding->exploitation.exploited ? "yes" : "no", finding->suppressed_because ? "suppressed" : kiln_verdict_name(finding->verdict), package->name, package->version, package->source_name,
		                finding->fixed, finding->split, finding->suppressed_because ? finding->suppressed_because : finding->summary };
	add_line(out, cells, G_N_ELEMENTS(cells));
}

GBytes *report_write_csv(const KilnReport *report, GError **error)
{
	static const char *const heading[] = { "image", "digest", "id", "severity", "score", "exploited", "verdict", "package", "version", "source", "fixed", "split", "summary" };
	GString *out = g_string_new(NULL);
	add_line(out, heading, G_N_ELEMENTS(heading));
	for (gsize i = 0; i < report->count; i++) {
		const KilnReportImage *image = &report->images[i];
		char digest[KILN_DIGEST_TEXT_MAX];
		kiln_digest_print(&image->digest, digest);
		for (guint j = 0; j < image->result->findings->len; j++)
			add_finding(out, image, digest, image->result->findings->pdata[j]);
		for (guint j = 0; j < image->result->suppressed->len; j++)
			add_finding(out, image, digest, image->result->suppressed->pdata[j]);
		for (guint j = 0; j < image->result->untold->len; j++) {
			const KilnUntold *untold = image->result->untold->pdata[j];
			const char *cells[G_N_ELEMENTS(heading)] = { image->reference, digest, untold->kind, "", "", "", "cannot tell", "", "", "", "", "", untold->what };
			add_line(out, cells, G_N_ELEMENTS(cells));
		}
	}
	return g_string_free_to_bytes(out);
}
