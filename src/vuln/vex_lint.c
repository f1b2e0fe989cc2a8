/* SPDX-License-Identifier: Apache-2.0 */
/* vex_lint.c: look at statements as somebody who has to believe them. */
#include "vuln/vex_lint.h"

#include "base/clock.h"
#include "pkg/purl.h"
#include "vuln/vex_internal.h"
#include "vuln/vex_write.h"

#include <string.h>

/* CSAF and CycloneDX have words of their own for the same. Source: CycloneDX 1.6, impactAnalysisJustification. */
static const char *const other_justifications[] = { "code_not_present", "code_not_reachable", "requires_configuration", "requires_dependency", "requires_environment", "protected_by_compiler",
	                                            "protected_at_runtime", "protected_at_perimeter", "protected_by_mitigating_control", NULL };

static void remark_free(gpointer data)
{
	g_free(((KilnVexRemark *)data)->what);
	g_free(data);
}

static void G_GNUC_PRINTF(4, 5) remark(GPtrArray *remarks, guint statement, const char *kind, const char *format, ...)
{
	va_list arguments;
	KilnVexRemark *added = g_new(KilnVexRemark, 1);
	va_start(arguments, format);
	*added = (KilnVexRemark){ statement, kind, g_strdup_vprintf(format, arguments) };
	va_end(arguments);
	g_ptr_array_add(remarks, added);
}

static gboolean has_version(const char *id)
{
	g_autoptr(KilnPurl) purl = kiln_purl_parse(kiln_text(id), NULL);
	return purl ? purl->version != NULL : strchr(id, '@') || strstr(id, "sha256:");
}

static void lint_products(GPtrArray *remarks, guint index, const KilnVexStatement *statement)
{
	if (!statement->products->len && statement->status != KILN_VEX_IGNORED)
		remark(remarks, index, "no-product", "it names no product: nobody knows what it is about");
	for (guint i = 0; i < statement->products->len; i++) {
		const KilnVexProduct *product = statement->products->pdata[i];
		gboolean any = has_version(product->id);
		for (guint j = 0; j < product->subcomponents->len; j++)
			any |= has_version(product->subcomponents->pdata[j]);
		if (!any)
			remark(remarks, index, "unversioned-product", "%s has neither version nor digest: the statement holds for everything that will ever have this name", product->id);
	}
}

static void lint_words(GPtrArray *remarks, guint index, const KilnVexStatement *statement)
{
	if (!statement->names->len)
		remark(remarks, index, "no-vulnerability", "it names no vulnerability");
	if (statement->status != KILN_VEX_NOT_AFFECTED)
		return;
	if (!statement->justification && !statement->statement)
		remark(remarks, index, "no-justification", "it says not affected and not why");
	if (statement->justification && !g_strv_contains(kiln_vex_justifications(), statement->justification) && !g_strv_contains(other_justifications, statement->justification))
		remark(remarks, index, "unknown-justification", "\"%s\" is no justification that OpenVEX, CSAF or CycloneDX knows", statement->justification);
}

static const KilnFinding *finding_named(const GPtrArray *findings, const char *name)
{
	for (guint i = 0; i < findings->len; i++)
		if (kiln_finding_is_named(findings->pdata[i], name))
			return findings->pdata[i];
	return NULL;
}

/* Why it speaks of no finding of this image. */
static void lint_untouched(GPtrArray *remarks, guint index, const KilnVexStatement *statement, const KilnVexSubject *subject, const KilnScanResult *result)
{
	const KilnFinding *finding = NULL;
	for (guint i = 0; !finding && i < statement->names->len; i++) {
		finding = finding_named(result->findings, statement->names->pdata[i]);
		finding = finding ? finding : finding_named(result->suppressed, statement->names->pdata[i]);
	}
	if (!finding) {
		remark(remarks, index, "no-such-finding", "nothing is found of it in this image: it decides nothing here");
		return;
	}
	const KilnPackage *package = &((const KilnInventoryPackage *)subject->inventory->packages->pdata[finding->package])->identity;
	g_autofree char *purl = kiln_package_purl(package);
	const KilnVexProduct *first = statement->products->len ? statement->products->pdata[0] : NULL;
	if (first)
		remark(remarks, index, "other-product", "the finding is of %s%s; the statement names %s", purl ? purl : package->name,
		       vex_product_is_image(first->id, subject) ? ", which is none of its subcomponents" : ", and neither that nor this image is its product", first->id);
}

GPtrArray *kiln_vex_lint(const KilnVex *vex, const KilnVexSubject *subject, const KilnScanResult *result, gint64 now_unix_s)
{
	GPtrArray *remarks = g_ptr_array_new_with_free_func(remark_free);
	for (guint i = 0; i < vex->statements->len; i++) {
		const KilnVexStatement *statement = vex->statements->pdata[i];
		char time[KILN_TIME_TEXT_MAX];
		gboolean expired = statement->expires_unix_s && statement->expires_unix_s <= now_unix_s;
		lint_words(remarks, i, statement);
		lint_products(remarks, i, statement);
		if (expired)
			remark(remarks, i, "expired", "it expired on %.10s", kiln_time_print(statement->expires_unix_s, time));
		else if (subject && !statement->matched)
			lint_untouched(remarks, i, statement, subject, result);
		else if (subject && !statement->touched)
			remark(remarks, i, "overruled", "a newer statement says something else");
	}
	return remarks;
}
