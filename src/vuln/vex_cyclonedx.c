/* SPDX-License-Identifier: Apache-2.0 */
/* vex_cyclonedx.c: analysis of vulnerabilities in CycloneDX documents. Source: CycloneDX 1.6, "vulnerabilities[].analysis". */
#include "base/error.h"
#include "vuln/feeds.h"
#include "vuln/vex_internal.h"

#include <string.h>

static gboolean recognises(const json_t *root)
{
	return g_strcmp0(kiln_json_string_or_null(root, "bomFormat"), "CycloneDX") == 0 && json_is_array(json_object_get(root, "vulnerabilities"));
}

static gboolean parse_state(const char *text, KilnVexStatus *status)
{
	static const struct {
		const char *word;
		KilnVexStatus status;
	} states[] = {
		{ "not_affected", KILN_VEX_NOT_AFFECTED }, { "false_positive", KILN_VEX_NOT_AFFECTED }, { "resolved", KILN_VEX_FIXED },
		{ "resolved_with_pedigree", KILN_VEX_FIXED }, { "exploitable", KILN_VEX_AFFECTED }, { "in_triage", KILN_VEX_UNDER_INVESTIGATION },
	};
	for (guint i = 0; text && i < G_N_ELEMENTS(states); i++)
		if (strcmp(text, states[i].word) == 0) {
			*status = states[i].status;
			return TRUE;
		}
	return FALSE;
}

/* bom-ref to purl of each component, also of those inside of others. */
static GHashTable *purls_of(const json_t *root)
{
	GHashTable *purls = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) waiting = g_ptr_array_new();
	const json_t *entry;
	size_t i;
	g_ptr_array_add(waiting, (gpointer)root);
	g_ptr_array_add(waiting, json_object_get(json_object_get(root, "metadata"), "component"));
	for (guint at = 0; at < waiting->len; at++) {
		const json_t *node = waiting->pdata[at];
		const char *reference = kiln_json_string_or_null(node, "bom-ref"), *purl = kiln_json_string_or_null(node, "purl");
		if (reference && purl)
			g_hash_table_insert(purls, (gpointer)reference, (gpointer)purl);
		json_array_foreach(json_object_get(node, "components"), i, entry)
			g_ptr_array_add(waiting, (gpointer)entry);
	}
	return purls;
}

/* A BOM-Link names a component of another document by its bom-ref, "urn:cdx:serial/version#ref", which often is a purl. */
static const char *product_of(GHashTable *purls, const char *reference)
{
	const char *fragment = g_str_has_prefix(reference, "urn:cdx:") ? strchr(reference, '#') : NULL, *bare = fragment ? fragment + 1 : reference;
	const char *purl = g_hash_table_lookup(purls, bare);
	return purl ? purl : bare;
}

static gboolean read_vulnerability(KilnVex *vex, GHashTable *purls, const json_t *entry, size_t number, const char *path, gint64 date_unix_s, GError **error)
{
	KilnVexStatus status;
	const json_t *analysis = json_object_get(entry, "analysis"), *target;
	const char *state = kiln_json_string_or_null(analysis, "state"), *updated = kiln_json_string_or_null(analysis, "lastUpdated");
	size_t i;
	if (!analysis || !state)
		return TRUE; /* a finding without a verdict */
	if (!parse_state(state, &status))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: vulnerabilities[%zu]: \"state\" is \"%s\"", path, number, state);
	KilnVexStatement *statement = vex_add(vex, status, g_strdup_printf("%s: vulnerabilities[%zu]", path, number));
	vex_add_name(statement, kiln_json_string_or_null(entry, "id"));
	json_array_foreach(json_object_get(entry, "references"), i, target)
		vex_add_name(statement, kiln_json_string_or_null(target, "id"));
	json_array_foreach(json_object_get(entry, "affects"), i, target) {
		const char *reference = kiln_json_string_or_null(target, "ref");
		if (reference) {
			g_autofree char *decoded = g_uri_unescape_string(product_of(purls, reference), NULL);
			vex_add_product(statement, g_str_has_prefix(product_of(purls, reference), "pkg%3A") && decoded ? decoded : product_of(purls, reference));
		}
	}
	statement->justification = g_strdup(kiln_json_string_or_null(analysis, "justification"));
	statement->statement = g_strdup(kiln_json_string_or_null(analysis, "detail"));
	statement->unix_s = updated ? feed_time(updated) : date_unix_s;
	if (!statement->names->len || !statement->products->len)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: vulnerabilities[%zu]: no \"id\", or nothing that it \"affects\"", path, number);
	return TRUE;
}

static gboolean read_root(KilnVex *vex, const json_t *root, const char *path, GError **error)
{
	g_autoptr(GHashTable) purls = purls_of(root);
	gint64 date_unix_s = feed_time(kiln_json_string_or_null(json_object_get(root, "metadata"), "timestamp"));
	const json_t *entry;
	size_t i;
	json_array_foreach(json_object_get(root, "vulnerabilities"), i, entry)
		if (!read_vulnerability(vex, purls, entry, i, path, date_unix_s, error))
			return FALSE;
	return TRUE;
}

const VexFormat vex_cyclonedx = { "CycloneDX", recognises, read_root };
