/* SPDX-License-Identifier: Apache-2.0 */
/* vex_write.c: statements as OpenVEX 0.2.0 and as CSAF 2.0 (profile 5, VEX). */
#include "vuln/vex_write.h"

#include "base/clock.h"
#include "crypto/hash.h"
#include "sbom/writers.h"

#include <string.h>

static const char *const justifications[] = { "component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
	                                      "vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist", NULL };
static const char *const statuses[] = { "not_affected", "affected", "fixed", "under_investigation", NULL };

const char *const *kiln_vex_justifications(void)
{
	return justifications;
}

const char *const *kiln_vex_statuses(void)
{
	return statuses;
}

char *kiln_vex_product(const char *reference, const KilnDigest *digest)
{
	char text[KILN_DIGEST_TEXT_MAX];
	g_autofree char *base = g_path_get_basename(reference), *name = g_strndup(base, strcspn(base, ":@")), *lower = g_ascii_strdown(*name ? name : "image", -1);
	g_autofree char *escaped = g_uri_escape_string(lower, NULL, FALSE), *value = g_uri_escape_string(kiln_digest_print(digest, text), NULL, FALSE);
	return g_strdup_printf("pkg:oci/%s@%s", escaped, value);
}

static json_t *openvex_statement(const KilnVexDraft *draft)
{
	json_t *vulnerability = json_object(), *product = json_object(), *statement = json_object(), *aliases = json_array();
	kiln_sbom_set_text(vulnerability, "name", draft->vulnerability);
	for (guint i = 0; draft->aliases && i < draft->aliases->len; i++)
		json_array_append_new(aliases, json_string(draft->aliases->pdata[i]));
	if (json_array_size(aliases))
		json_object_set(vulnerability, "aliases", aliases);
	json_decref(aliases);
	kiln_sbom_set_text(product, "@id", draft->product);
	if (draft->subcomponent)
		json_object_set_new(product, "subcomponents", json_pack("[{s:s}]", "@id", draft->subcomponent));
	json_object_set_new(statement, "vulnerability", vulnerability);
	json_object_set_new(statement, "products", json_pack("[o]", product));
	kiln_sbom_set_text(statement, "status", draft->status);
	if (strcmp(draft->status, "not_affected") == 0) {
		kiln_sbom_set_text(statement, "justification", draft->justification);
		kiln_sbom_set_text(statement, "impact_statement", draft->impact ? draft->impact : draft->justification ? NULL : "not affected");
	} else if (strcmp(draft->status, "affected") == 0) {
		kiln_sbom_set_text(statement, "action_statement", draft->action ? draft->action : "No action is known yet.");
	}
	return statement;
}

GBytes *kiln_vex_write_openvex(const KilnVexDraft *drafts, gsize count, const char *author, gint64 unix_s)
{
	char time[KILN_TIME_TEXT_MAX], hex[KILN_DIGEST_HEX_LENGTH + 1];
	KilnDigest digest;
	g_autoptr(json_t) root = json_object();
	json_t *statements = json_array();
	for (gsize i = 0; i < count; i++)
		json_array_append_new(statements, openvex_statement(&drafts[i]));
	kiln_json_set_string(root, "@context", "https://openvex.dev/ns/v0.2.0");
	kiln_sbom_set_text(root, "author", author);
	kiln_json_set_string(root, "timestamp", kiln_time_print(unix_s, time));
	kiln_json_set_integer(root, "version", 1);
	kiln_json_set_string(root, "tooling", "kiln");
	json_object_set_new(root, "statements", statements);
	g_autoptr(GBytes) content = kiln_json_compact(root);
	kiln_hash_bytes(g_bytes_get_data(content, NULL), g_bytes_get_size(content), &digest);
	json_object_set_new(root, "@id", json_sprintf("https://openvex.dev/docs/public/vex-%s", kiln_digest_print_hex(&digest, hex)));
	return kiln_json_pretty(root);
}

/* The id of a product, or of a package in it, which the tree names. */
static const char *csaf_product(json_t *names, json_t *relationships, GHashTable *known, const KilnVexDraft *draft, char **id)
{
	const char *const purls[] = { draft->product, draft->subcomponent };
	for (gsize i = 0; i < G_N_ELEMENTS(purls); i++)
		if (purls[i] && g_hash_table_add(known, g_strdup(purls[i])))
			json_array_append_new(names, json_pack("{s:s, s:s, s:{s:s}}", "product_id", purls[i], "name", purls[i], "product_identification_helper", "purl", purls[i]));
	if (!draft->subcomponent) {
		*id = NULL;
		return draft->product;
	}
	*id = g_strdup_printf("%s in %s", draft->subcomponent, draft->product);
	if (g_hash_table_add(known, g_strdup(*id)))
		json_array_append_new(relationships, json_pack("{s:s, s:{s:s, s:s}, s:s, s:s}", "category", "default_component_of", "full_product_name", "product_id", *id, "name", *id,
		                                               "product_reference", draft->subcomponent, "relates_to_product_reference", draft->product));
	return *id;
}

static json_t *csaf_vulnerability(json_t *vulnerabilities, GHashTable *known, const char *name)
{
	json_t *object = g_hash_table_lookup(known, name);
	if (object)
		return object;
	object = json_object();
	if (g_str_has_prefix(name, "CVE-"))
		kiln_sbom_set_text(object, "cve", name);
	else
		json_object_set_new(object, "ids", json_pack("[{s:s, s:s}]", "system_name", "OSV", "text", name));
	json_object_set_new(object, "notes", json_pack("[{s:s, s:s}]", "category", "summary", "text", name));
	json_array_append_new(vulnerabilities, object);
	g_hash_table_insert(known, (gpointer)name, object);
	return object;
}

static void append(json_t *object, const char *key, json_t *value)
{
	if (!json_object_get(object, key))
		json_object_set_new(object, key, json_array());
	json_array_append_new(json_object_get(object, key), value);
}

static void csaf_status(json_t *vulnerability, const KilnVexDraft *draft, const char *id)
{
	static const char *const keys[] = { "known_not_affected", "known_affected", "fixed", "under_investigation" };
	json_t *status = json_object_get(vulnerability, "product_status");
	guint index = 0;
	if (!status) {
		status = json_object();
		json_object_set_new(vulnerability, "product_status", status);
	}
	while (statuses[index + 1] && strcmp(statuses[index], draft->status) != 0)
		index++;
	append(status, keys[index], json_string(id));
	if (index == 0 && draft->justification)
		append(vulnerability, "flags", json_pack("{s:s, s:[s]}", "label", draft->justification, "product_ids", id));
	if (index == 0) {
		g_autofree char *text = g_utf8_make_valid(draft->impact ? draft->impact : draft->justification ? draft->justification : "not affected", -1);
		append(vulnerability, "threats", json_pack("{s:s, s:s, s:[s]}", "category", "impact", "details", text, "product_ids", id));
	}
	if (index == 1) {
		g_autofree char *text = g_utf8_make_valid(draft->action ? draft->action : "No action is known yet.", -1);
		append(vulnerability, "remediations", json_pack("{s:s, s:s, s:[s]}", "category", draft->action ? "vendor_fix" : "none_available", "details", text, "product_ids", id));
	}
}

GBytes *kiln_vex_write_csaf(const KilnVexDraft *drafts, gsize count, const char *author, gint64 unix_s)
{
	char time[KILN_TIME_TEXT_MAX], hex[KILN_DIGEST_HEX_LENGTH + 1];
	KilnDigest digest;
	g_autoptr(json_t) root = json_object();
	g_autoptr(GHashTable) products = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), names = g_hash_table_new(g_str_hash, g_str_equal);
	json_t *vulnerabilities = json_array(), *full_names = json_array(), *relationships = json_array(), *tree = json_object();
	for (gsize i = 0; i < count; i++) {
		char *made;
		const char *id = csaf_product(full_names, relationships, products, &drafts[i], &made);
		csaf_status(csaf_vulnerability(vulnerabilities, names, drafts[i].vulnerability), &drafts[i], id);
		g_free(made);
	}
	json_object_set_new(tree, "full_product_names", full_names);
	if (json_array_size(relationships))
		json_object_set(tree, "relationships", relationships);
	json_decref(relationships);
	kiln_time_print(unix_s, time);
	json_object_set_new(root, "product_tree", tree);
	json_object_set_new(root, "vulnerabilities", vulnerabilities);
	g_autoptr(GBytes) content = kiln_json_compact(root);
	kiln_hash_bytes(g_bytes_get_data(content, NULL), g_bytes_get_size(content), &digest);
	kiln_digest_print_hex(&digest, hex);
	hex[16] = '\0';
	g_autofree char *id = g_strdup_printf("kiln-vex-%s", hex), *valid = g_utf8_make_valid(author, -1);
	json_object_set_new(root, "document",
	                    json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:s}, s:{s:s, s:s, s:s, s:s, s:s, s:[{s:s, s:s, s:s}]}}", "category", "csaf_vex", "csaf_version", "2.0", "title",
	                              "Statements about vulnerabilities of an image", "publisher", "category", "user", "name", valid, "namespace", "https://openvex.dev/ns", "tracking", "id", id,
	                              "version", "1", "status", "final", "initial_release_date", time, "current_release_date", time, "revision_history", "number", "1", "date", time, "summary",
	                              "First version."));
	return kiln_json_pretty(root);
}
