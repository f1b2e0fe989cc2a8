/* SPDX-License-Identifier: Apache-2.0 */
/* vex_openvex.c: OpenVEX documents. Source: OpenVEX specification 0.2.0. */
#include "base/error.h"
#include "vuln/feeds.h"
#include "vuln/vex_internal.h"

#include <string.h>

static gboolean recognises(const json_t *root)
{
	const char *context = kiln_json_string_or_null(root, "@context");
	return context && strstr(context, "openvex") && json_is_array(json_object_get(root, "statements"));
}

static gboolean parse_status(const char *text, KilnVexStatus *status)
{
	static const char *const words[] = {
		[KILN_VEX_NOT_AFFECTED] = "not_affected", [KILN_VEX_AFFECTED] = "affected", [KILN_VEX_FIXED] = "fixed", [KILN_VEX_UNDER_INVESTIGATION] = "under_investigation",
	};
	for (guint i = 0; text && i < G_N_ELEMENTS(words); i++)
		if (strcmp(text, words[i]) == 0) {
			*status = (KilnVexStatus)i;
			return TRUE;
		}
	return FALSE;
}

/* A product or subcomponent goes by its id, its purl and its hash. */
static void add_ids(const json_t *component, GPtrArray *ids)
{
	const char *id = json_is_string(component) ? json_string_value(component) : kiln_json_string_or_null(component, "@id");
	const char *purl = kiln_json_string_or_null(json_object_get(component, "identifiers"), "purl");
	const char *hash = kiln_json_string_or_null(json_object_get(component, "hashes"), "sha-256");
	if (id)
		g_ptr_array_add(ids, g_strdup(id));
	if (purl && g_strcmp0(purl, id) != 0)
		g_ptr_array_add(ids, g_strdup(purl));
	if (hash)
		g_ptr_array_add(ids, g_strconcat("sha256:", hash, NULL));
}

static void add_product(KilnVexStatement *statement, const json_t *component)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free), parts = g_ptr_array_new_with_free_func(g_free);
	const json_t *part;
	size_t i;
	add_ids(component, ids);
	json_array_foreach(json_object_get(component, "subcomponents"), i, part)
		add_ids(part, parts);
	for (guint j = 0; j < ids->len; j++) {
		KilnVexProduct *product = vex_add_product(statement, ids->pdata[j]);
		for (guint k = 0; k < parts->len; k++)
			g_ptr_array_add(product->subcomponents, g_strdup(parts->pdata[k]));
	}
}

static void add_names(KilnVexStatement *statement, const json_t *vulnerability)
{
	const json_t *alias;
	size_t i;
	vex_add_name(statement, json_is_string(vulnerability) ? json_string_value(vulnerability) : kiln_json_string_or_null(vulnerability, "name"));
	json_array_foreach(json_object_get(vulnerability, "aliases"), i, alias)
		vex_add_name(statement, json_string_value(alias));
}

static gboolean read_statement(KilnVex *vex, const json_t *root, const json_t *entry, size_t number, const char *path, GError **error)
{
	KilnVexStatus status;
	const char *text = kiln_json_string_or_null(entry, "status"), *time = kiln_json_string_or_null(entry, "timestamp");
	const json_t *products = json_object_get(entry, "products"), *product;
	size_t i;
	if (!parse_status(text, &status))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: statements[%zu]: \"status\" is \"%s\"; known are not_affected, affected, fixed, under_investigation", path, number, text ? text : "missing");
	KilnVexStatement *statement = vex_add(vex, status, g_strdup_printf("%s: statements[%zu]", path, number));
	add_names(statement, json_object_get(entry, "vulnerability"));
	json_array_foreach(products, i, product)
		add_product(statement, product);
	statement->justification = g_strdup(kiln_json_string_or_null(entry, "justification"));
	statement->statement = g_strdup(kiln_json_string_or_null(entry, "impact_statement"));
	statement->unix_s = feed_time(time ? time : kiln_json_string_or_null(root, "timestamp"));
	if (!statement->names->len)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: statements[%zu]: no \"vulnerability\" with a name", path, number);
	if (!statement->products->len)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: statements[%zu]: no \"products\": nobody can tell what it is about", path, number);
	if (status == KILN_VEX_NOT_AFFECTED && !statement->justification && !statement->statement)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: statements[%zu]: not_affected without \"justification\" or \"impact_statement\"", path, number);
	return TRUE;
}

static gboolean read_root(KilnVex *vex, const json_t *root, const char *path, GError **error)
{
	const json_t *entry;
	size_t i;
	json_array_foreach(json_object_get(root, "statements"), i, entry)
		if (!read_statement(vex, root, entry, i, path, error))
			return FALSE;
	return TRUE;
}

const VexFormat vex_openvex = { "OpenVEX", recognises, read_root };
