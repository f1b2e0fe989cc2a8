/* SPDX-License-Identifier: Apache-2.0 */
/* report_openvex.c: findings as OpenVEX statements about the image: what is affected and what to do, and what statements said before. Source: OpenVEX 0.2.0. */
#include "base/clock.h"
#include "crypto/hash.h"
#include "vuln/report_writers.h"
#include "vuln/vex_write.h"

#include <string.h>

static KilnVexDraft draft_of(const KilnReportImage *image, const KilnFinding *finding, char **purl, char **action)
{
	const KilnPackage *package = report_package(image, finding);
	*purl = kiln_package_purl(package);
	*action = finding->fixed ? g_strdup_printf("Upgrade %s to %s.", package->source_name ? package->source_name : package->name, finding->fixed) : g_strdup("No version mends it yet.");
	return (KilnVexDraft){ .vulnerability = finding->id, .aliases = finding->aliases, .subcomponent = *purl,
		               .status = finding->suppressed_by ? "not_affected" : finding->verdict == KILN_VERDICT_UNDER_INVESTIGATION ? "under_investigation" : "affected",
		               .impact = finding->suppressed_because, .action = *action };
}

GBytes *report_write_openvex(const KilnReport *report, GError **error)
{
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GArray) drafts = g_array_new(FALSE, FALSE, sizeof(KilnVexDraft));
	gint64 newest_unix_s = 0;
	for (gsize i = 0; i < report->count; i++) {
		const KilnReportImage *image = &report->images[i];
		const GPtrArray *const lists[] = { image->result->findings, image->result->suppressed };
		char *product = kiln_vex_product(image->reference, &image->digest);
		g_ptr_array_add(texts, product);
		newest_unix_s = MAX(newest_unix_s, image->created_unix_s);
		for (gsize j = 0; j < G_N_ELEMENTS(lists); j++)
			for (guint k = 0; k < lists[j]->len; k++) {
				char *purl, *action;
				KilnVexDraft draft = draft_of(image, lists[j]->pdata[k], &purl, &action);
				draft.product = product;
				g_ptr_array_add(texts, purl);
				g_ptr_array_add(texts, action);
				g_array_append_val(drafts, draft);
			}
	}
	return kiln_vex_write_openvex((const KilnVexDraft *)drafts->data, drafts->len, "kiln", newest_unix_s);
}
