/* SPDX-License-Identifier: Apache-2.0 */
/* csaf_products.c: the product tree of a CSAF document. */
#include "vuln/csaf_products.h"

static void note_product(CsafProducts *products, const json_t *product)
{
	const char *id = kiln_json_string_or_null(product, "product_id");
	if (id)
		g_hash_table_insert(products->helpers, (gpointer)id, json_object_get(product, "product_identification_helper"));
}

/* Branches wait on a list: nothing recurses on what comes from outside. */
CsafProducts csaf_products_of(const json_t *tree)
{
	CsafProducts products = { g_hash_table_new(g_str_hash, g_str_equal), g_hash_table_new(g_str_hash, g_str_equal), g_hash_table_new(g_str_hash, g_str_equal) };
	g_autoptr(GPtrArray) waiting = g_ptr_array_new();
	const json_t *entry;
	size_t i;
	g_ptr_array_add(waiting, (gpointer)tree);
	for (guint at = 0; at < waiting->len; at++) {
		const json_t *node = waiting->pdata[at];
		note_product(&products, json_object_get(node, "product"));
		json_array_foreach(json_object_get(node, "branches"), i, entry)
			g_ptr_array_add(waiting, (gpointer)entry);
	}
	json_array_foreach(json_object_get(tree, "full_product_names"), i, entry)
		note_product(&products, entry);
	json_array_foreach(json_object_get(tree, "relationships"), i, entry) {
		const char *id = kiln_json_string_or_null(json_object_get(entry, "full_product_name"), "product_id");
		const char *part = kiln_json_string_or_null(entry, "product_reference"), *parent = kiln_json_string_or_null(entry, "relates_to_product_reference");
		if (!id || !part || !parent)
			continue;
		g_hash_table_insert(products.parts, (gpointer)id, (gpointer)part);
		g_hash_table_insert(products.parents, (gpointer)id, (gpointer)parent);
	}
	return products;
}

void csaf_products_clear(CsafProducts *products)
{
	g_clear_pointer(&products->helpers, g_hash_table_unref);
	g_clear_pointer(&products->parents, g_hash_table_unref);
	g_clear_pointer(&products->parts, g_hash_table_unref);
}

const char *csaf_purl(const CsafProducts *products, const char *id)
{
	gpointer helper = NULL;
	if (!g_hash_table_lookup_extended(products->helpers, id, NULL, &helper))
		return NULL;
	const char *purl = kiln_json_string_or_null(helper, "purl");
	return purl ? purl : id;
}

const char *csaf_cpe(const CsafProducts *products, const char *id)
{
	return kiln_json_string_or_null(g_hash_table_lookup(products->helpers, id), "cpe");
}

gboolean csaf_holds(const json_t *ids, const char *id)
{
	const json_t *value;
	size_t i;
	json_array_foreach(ids, i, value)
		if (g_strcmp0(json_string_value(value), id) == 0)
			return TRUE;
	return FALSE;
}
