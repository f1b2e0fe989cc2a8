/* SPDX-License-Identifier: Apache-2.0 */
/* vex_csaf.c: CSAF documents. Source: CSAF 2.0, sections 3.2.2 (product tree) and 3.2.3.9 (product status), profile 5. */
#include "base/error.h"
#include "vuln/csaf_products.h"
#include "vuln/feeds.h"
#include "vuln/vex_internal.h"

#include <string.h>

static gboolean recognises(const json_t *root)
{
	const json_t *document = json_object_get(root, "document");
	return kiln_json_string_or_null(document, "csaf_version") && kiln_json_string_or_null(document, "category");
}

/* A part of an image, or a package of a distribution: then the package itself is the product, too. */
static void add_product(const CsafProducts *products, KilnVexStatement *statement, const char *id)
{
	const char *part = g_hash_table_lookup(products->parts, id), *parent = g_hash_table_lookup(products->parents, id), *purl = csaf_purl(products, part ? part : id);
	if (!part) {
		vex_add_product(statement, purl ? purl : id);
		return;
	}
	const char *parent_purl = csaf_purl(products, parent);
	gboolean of_image = parent_purl && (g_str_has_prefix(parent_purl, "pkg:oci/") || g_str_has_prefix(parent_purl, "pkg:docker/"));
	KilnVexProduct *product = vex_add_product(statement, of_image ? parent_purl : purl ? purl : part);
	if (of_image && purl)
		g_ptr_array_add(product->subcomponents, g_strdup(purl));
}

/* The flag (its label is a justification) or the impact threat that names @id. */
static void explain(const json_t *vulnerability, KilnVexStatement *statement, const char *id)
{
	const json_t *entry;
	size_t i;
	json_array_foreach(json_object_get(vulnerability, "flags"), i, entry)
		if (!statement->justification && csaf_holds(json_object_get(entry, "product_ids"), id))
			statement->justification = g_strdup(kiln_json_string_or_null(entry, "label"));
	json_array_foreach(json_object_get(vulnerability, "threats"), i, entry)
		if (!statement->statement && g_strcmp0(kiln_json_string_or_null(entry, "category"), "impact") == 0 && csaf_holds(json_object_get(entry, "product_ids"), id))
			statement->statement = g_strdup(kiln_json_string_or_null(entry, "details"));
}

static void add_names(KilnVexStatement *statement, const json_t *vulnerability)
{
	const json_t *entry;
	size_t i;
	vex_add_name(statement, kiln_json_string_or_null(vulnerability, "cve"));
	json_array_foreach(json_object_get(vulnerability, "ids"), i, entry)
		vex_add_name(statement, kiln_json_string_or_null(entry, "text"));
}

/* One statement for each product: each may have a justification of its own. */
static void read_status(KilnVex *vex, const CsafProducts *products, const json_t *vulnerability, const char *key, KilnVexStatus status, const char *origin, gint64 unix_s)
{
	const json_t *value;
	size_t i;
	json_array_foreach(json_object_get(json_object_get(vulnerability, "product_status"), key), i, value) {
		const char *id = json_string_value(value);
		if (!id)
			continue;
		KilnVexStatement *statement = vex_add(vex, status, g_strdup_printf("%s: %s[%zu]", origin, key, i));
		add_names(statement, vulnerability);
		add_product(products, statement, id);
		explain(vulnerability, statement, id);
		statement->unix_s = unix_s;
	}
}

static gboolean read_root(KilnVex *vex, const json_t *root, const char *path, GError **error)
{
	static const struct {
		const char *key;
		KilnVexStatus status;
	} statuses[] = {
		{ "known_not_affected", KILN_VEX_NOT_AFFECTED }, { "known_affected", KILN_VEX_AFFECTED }, { "fixed", KILN_VEX_FIXED }, { "first_fixed", KILN_VEX_FIXED },
		{ "under_investigation", KILN_VEX_UNDER_INVESTIGATION },
	};
	const json_t *vulnerability;
	const json_t *tracking = json_object_get(json_object_get(root, "document"), "tracking");
	gint64 unix_s = feed_time(kiln_json_string_or_null(tracking, "current_release_date"));
	size_t i;
	g_auto(CsafProducts) products = csaf_products_of(json_object_get(root, "product_tree"));
	json_array_foreach(json_object_get(root, "vulnerabilities"), i, vulnerability) {
		g_autofree char *origin = g_strdup_printf("%s: vulnerabilities[%zu]", path, i);
		for (gsize j = 0; j < G_N_ELEMENTS(statuses); j++)
			read_status(vex, &products, vulnerability, statuses[j].key, statuses[j].status, origin, unix_s);
	}
	return TRUE;
}

const VexFormat vex_csaf = { "CSAF", recognises, read_root };
