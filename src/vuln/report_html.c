/* SPDX-License-Identifier: Apache-2.0 */
/* report_html.c: one page without anything beside it: counts by severity, what to upgrade, a table to sort, what cannot be told. */
#include "crypto/hash.h"
#include "vuln/report_writers.h"

#include <string.h>

static const char style[] =
        ":root{color-scheme:light dark;--ink:#1b1f24;--dim:#5b6570;--line:#d7dce1;--paper:#fff;--critical:#a4133c;--high:#d1495b;--medium:#e09f3e;--low:#7a9e7e;--none:#9aa5b1;"
        "--unknown:#6c757d;--good:#2d6a4f}"
        "@media(prefers-color-scheme:dark){:root{--ink:#e6e9ec;--dim:#9aa5b1;--line:#3a424b;--paper:#15181c}}"
        "body{font:15px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:72rem;margin:2rem auto;padding:0 1rem}"
        "h1{font-size:1.5rem;margin:0 0 .2rem;overflow-wrap:anywhere}h2{font-size:1.1rem;margin:1.8rem 0 .5rem}p{margin:.2rem 0}code{font-size:.85em;color:var(--dim);overflow-wrap:anywhere}"
        "section{border-top:1px solid var(--line);padding-top:1.5rem;margin-top:1.5rem}.verdict{font-weight:600}.clean{color:var(--good)}.findings{color:var(--critical)}"
        ".cannot{color:var(--medium)}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}"
        "th button{all:unset;cursor:pointer;font-weight:600}th button:focus-visible{outline:2px solid}td.n{text-align:right;font-variant-numeric:tabular-nums}"
        ".s{font-weight:600;white-space:nowrap}.critical{color:var(--critical);fill:var(--critical)}.high{color:var(--high);fill:var(--high)}.medium{color:var(--medium);fill:var(--medium)}"
        ".low{color:var(--low);fill:var(--low)}.none{color:var(--none);fill:var(--none)}.unknown{color:var(--unknown);fill:var(--unknown)}svg text{fill:var(--ink);font-size:13px}"
        "ul{padding-left:1.2rem}footer{margin-top:2rem;color:var(--dim)}@media print{body{margin:0;max-width:none}th button{cursor:auto}tr{break-inside:avoid}}";

/* Sorts the table of a heading that is pressed; data-k holds what a cell sorts by. */
static const char script[] =
        "document.querySelectorAll('th button').forEach(function(b){b.addEventListener('click',function(){var h=b.closest('th'),t=h.closest('table'),i=h.cellIndex,"
        "d=h.getAttribute('aria-sort')==='ascending'?-1:1,r=Array.from(t.tBodies[0].rows);t.querySelectorAll('th').forEach(function(o){o.removeAttribute('aria-sort')});"
        "h.setAttribute('aria-sort',d===1?'ascending':'descending');r.sort(function(x,y){var p=x.cells[i].dataset.k,q=y.cells[i].dataset.k;"
        "return d*p.localeCompare(q,'en',{numeric:true})});r.forEach(function(x){t.tBodies[0].appendChild(x)})})});";

static const KilnSeverity severities[] = { KILN_SEVERITY_CRITICAL, KILN_SEVERITY_HIGH, KILN_SEVERITY_MEDIUM, KILN_SEVERITY_LOW, KILN_SEVERITY_NONE, KILN_SEVERITY_UNKNOWN };

static void add_text(GString *out, const char *text)
{
	g_autofree char *valid = report_valid(text);
	for (char *c = valid; *c; c++)
		if (g_ascii_iscntrl(*c))
			*c = ' ';
	g_autofree char *escaped = g_markup_escape_text(valid, -1);
	g_string_append(out, escaped);
}

/* What the page may run and how it may look: exactly this, whatever else an image's texts say. */
static char *policy_hash(const char *text)
{
	KilnDigest digest;
	kiln_hash_bytes(text, strlen(text), &digest);
	return g_base64_encode(digest.sha256, sizeof digest.sha256);
}

static void add_head(GString *out)
{
	g_autofree char *style_hash = policy_hash(style), *script_hash = policy_hash(script);
	g_string_append_printf(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" "
	                       "content=\"default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'\">\n<meta name=\"viewport\" content=\"width=device-width\">\n"
	                       "<title>kiln scan</title>\n<style>%s</style>\n</head>\n<body>\n", style_hash, script_hash, style);
}

static void add_chart(GString *out, const KilnScanResult *result)
{
	guint counts[G_N_ELEMENTS(severities)] = { 0 }, most = 1, rows = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(severities); i++) {
		for (guint j = 0; j < result->findings->len; j++)
			counts[i] += ((const KilnFinding *)result->findings->pdata[j])->severity == severities[i];
		most = MAX(most, counts[i]);
		rows += counts[i] > 0;
	}
	g_string_append_printf(out, "<svg role=\"img\" aria-label=\"findings by severity\" width=\"520\" height=\"%u\">\n", rows * 24);
	rows = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(severities); i++) {
		const char *name = kiln_severity_name(severities[i]);
		if (!counts[i])
			continue;
		guint width = MAX(2, counts[i] * 360 / most), y = rows++ * 24;
		g_string_append_printf(out, "<text x=\"0\" y=\"%u\">%s</text><rect class=\"%s\" x=\"80\" y=\"%u\" width=\"%u\" height=\"16\" rx=\"3\"/><text x=\"%u\" y=\"%u\">%u</text>\n",
		                       y + 16, name, name, y + 3, width, width + 88, y + 16, counts[i]);
	}
	g_string_append(out, "</svg>\n");
}

static void add_upgrades(GString *out, const KilnReportImage *image)
{
	g_autoptr(GPtrArray) groups = kiln_report_groups(image);
	g_string_append(out, "<h2>What to upgrade</h2>\n<table>\n<thead><tr><th>source package</th><th>in the image as</th><th>upgrade to</th><th>removes</th></tr></thead>\n<tbody>\n");
	for (guint i = 0; i < groups->len; i++) {
		const KilnReportGroup *group = groups->pdata[i];
		guint mended = 0;
		for (guint j = 0; j < group->findings->len; j++)
			mended += ((const KilnFinding *)group->findings->pdata[j])->fixed != NULL;
		g_string_append(out, "<tr><td>");
		add_text(out, group->source);
		g_string_append_c(out, ' ');
		add_text(out, group->version);
		g_string_append(out, "</td><td>");
		for (guint j = 0; j < group->packages->len; j++) {
			g_string_append(out, j ? ", " : "");
			add_text(out, group->packages->pdata[j]);
		}
		g_string_append(out, "</td><td>");
		add_text(out, group->fixed ? group->fixed : "no version mends it");
		g_string_append_printf(out, "</td><td class=\"n\">%u of %u</td></tr>\n", mended, group->findings->len);
	}
	g_string_append(out, "</tbody>\n</table>\n");
}

static void add_cell(GString *out, const char *key, const char *text)
{
	g_string_append(out, "<td data-k=\"");
	add_text(out, key);
	g_string_append(out, "\">");
	add_text(out, text);
	g_string_append(out, "</td>");
}

static void add_finding(GString *out, const KilnReportImage *image, const KilnFinding *finding)
{
	const KilnPackage *package = report_package(image, finding);
	const char *severity = kiln_severity_name(finding->severity);
	char score[8];
	g_autofree char *name = g_strdup_printf("%s %s", package->name, package->version);
	g_string_append(out, "<tr>");
	add_cell(out, finding->id, finding->id);
	g_string_append_printf(out, "<td class=\"s %s\" data-k=\"%d\">%s%s</td>", severity, (int)(KILN_SEVERITY_CRITICAL - finding->severity), severity,
	                       finding->exploitation.exploited ? ", exploited" : "");
	add_cell(out, report_score_text(finding, score), score);
	add_cell(out, name, name);
	add_cell(out, finding->fixed ? finding->fixed : "", finding->fixed ? finding->fixed : "none");
	add_cell(out, finding->summary ? finding->summary : "", finding->split ? finding->split : finding->summary ? finding->summary : "");
	g_string_append(out, "</tr>\n");
}

static void add_findings(GString *out, const KilnReportImage *image)
{
	static const char *const headings[] = { "vulnerability", "severity", "score", "package", "fixed in", "about" };
	g_string_append(out, "<h2>Findings</h2>\n<table>\n<thead><tr>");
	for (gsize i = 0; i < G_N_ELEMENTS(headings); i++)
		g_string_append_printf(out, "<th><button type=\"button\">%s</button></th>", headings[i]);
	g_string_append(out, "</tr></thead>\n<tbody>\n");
	for (guint i = 0; i < image->result->findings->len; i++)
		add_finding(out, image, image->result->findings->pdata[i]);
	g_string_append(out, "</tbody>\n</table>\n");
}

static void add_suppressed(GString *out, const KilnReportImage *image)
{
	g_string_append(out, "<h2>Suppressed by statements</h2>\n<table>\n<thead><tr><th>vulnerability</th><th>package</th><th>why</th><th>who says so</th></tr></thead>\n<tbody>\n");
	for (guint i = 0; i < image->result->suppressed->len; i++) {
		const KilnFinding *finding = image->result->suppressed->pdata[i];
		const char *cells[] = { finding->id, report_package(image, finding)->name, finding->suppressed_because, finding->suppressed_by };
		g_string_append(out, "<tr>");
		for (gsize j = 0; j < G_N_ELEMENTS(cells); j++)
			add_cell(out, cells[j], cells[j]);
		g_string_append(out, "</tr>\n");
	}
	g_string_append(out, "</tbody>\n</table>\n");
}

static void add_image(GString *out, const KilnReportImage *image)
{
	const KilnScanResult *result = image->result;
	const char *verdict = kiln_report_verdict(result), *distribution = image->inventory->distribution.pretty_name ? image->inventory->distribution.pretty_name : image->inventory->distribution.id;
	char digest[KILN_DIGEST_TEXT_MAX];
	g_string_append(out, "<section>\n<h1>");
	add_text(out, image->reference);
	g_string_append_printf(out, "</h1>\n<p class=\"verdict %.*s\">%s</p>\n<p>", (int)strcspn(verdict, " "), verdict, verdict);
	add_text(out, distribution ? distribution : "no distribution named");
	g_autofree char *coverage = kiln_report_coverage(image);
	g_string_append_printf(out, "; %s</p>\n<p><code>%s</code></p>\n", coverage, kiln_digest_print(&image->digest, digest));
	if (result->findings->len) {
		add_chart(out, result);
		add_upgrades(out, image);
		add_findings(out, image);
	}
	if (result->suppressed->len)
		add_suppressed(out, image);
	if (result->untold->len)
		g_string_append(out, "<h2>What cannot be told</h2>\n<ul>\n");
	for (guint i = 0; i < result->untold->len; i++) {
		g_string_append(out, "<li>");
		add_text(out, ((const KilnUntold *)result->untold->pdata[i])->what);
		g_string_append(out, "</li>\n");
	}
	g_string_append(out, result->untold->len ? "</ul>\n</section>\n" : "</section>\n");
}

GBytes *report_write_html(const KilnReport *report, GError **error)
{
	GString *out = g_string_new(NULL);
	char digest[KILN_DIGEST_TEXT_MAX];
	add_head(out);
	for (gsize i = 0; i < report->count; i++)
		add_image(out, &report->images[i]);
	g_string_append_printf(out, "<footer>kiln %s; database <code>%s</code></footer>\n<script>%s</script>\n</body>\n</html>\n", report->tool_version,
	                       kiln_digest_print(&report->database, digest), script);
	return g_string_free_to_bytes(out);
}
