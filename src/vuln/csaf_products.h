/* SPDX-License-Identifier: Apache-2.0 */
/* csaf_products.h: the product tree of a CSAF document, by id. Internal to this module. Source: CSAF 2.0, section 3.2.2. */
#pragma once
#include "data/json.h"

/** All strings are borrowed from the document. */
typedef struct {
	GHashTable *helpers; /* product id to its product_identification_helper; may be NULL */
	GHashTable *parents; /* product id of a relationship to the id of what it is part of */
	GHashTable *parts;   /* the same to the id of the part */
} CsafProducts;

CsafProducts csaf_products_of(const json_t *tree);
void csaf_products_clear(CsafProducts *products);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsafProducts, csaf_products_clear)

/** The purl of a product, its id when it is in the tree without one; NULL: it is not. */
const char *csaf_purl(const CsafProducts *products, const char *id);
/** Its CPE, or NULL. */
const char *csaf_cpe(const CsafProducts *products, const char *id);
/** Whether @ids, an array of strings, has @id. */
gboolean csaf_holds(const json_t *ids, const char *id);
