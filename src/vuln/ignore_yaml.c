/* SPDX-License-Identifier: Apache-2.0 */
/* ignore_yaml.c: .trivyignore.yaml and the part "ignore" of .grype.yaml. Sources: Trivy documentation, "Filtering: by finding IDs"; Grype's README, "Specifying matches to ignore". */
#include "vuln/ignore.h"

#include <string.h>

static gboolean add_texts(const KilnYaml *yaml, const KilnYamlNode *list, GPtrArray *texts, GError **error)
{
	if (list->type == KILN_YAML_SCALAR)
		return kiln_yaml_fail(yaml, list, error, "\"%s\" must be a list", list->key);
	for (const KilnYamlNode *item = list->children; item; item = item->next) {
		if (item->type != KILN_YAML_SCALAR)
			return kiln_yaml_fail(yaml, item, error, "\"%s\" must be a list of texts", list->key);
		g_ptr_array_add(texts, g_strdup(item->text));
	}
	return TRUE;
}

/* An empty list would hold for everything, where its author meant something. */
static gboolean check_texts(const KilnYaml *yaml, const KilnYamlNode *node, const GPtrArray *texts, GError **error)
{
	return texts->len > 0 || kiln_yaml_fail(yaml, node, error, "\"%s\" is empty", node->key);
}

static gboolean read_trivy_key(const KilnYaml *yaml, const KilnYamlNode *node, KilnVexStatement *rule, GError **error)
{
	gboolean is_paths = strcmp(node->key, "paths") == 0, is_purls = strcmp(node->key, "purls") == 0;
	GPtrArray *texts = is_paths ? rule->condition->paths : rule->condition->purls;
	if (is_paths || is_purls)
		return add_texts(yaml, node, texts, error) && check_texts(yaml, node, texts, error);
	if (node->type != KILN_YAML_SCALAR)
		return kiln_yaml_fail(yaml, node, error, "\"%s\" must be a text", node->key);
	if (strcmp(node->key, "id") == 0)
		vex_add_name(rule, node->text);
	else if (strcmp(node->key, "statement") == 0)
		rule->statement = g_strdup(node->text);
	else if (strcmp(node->key, "expired_at") == 0)
		return ignore_parse_day(node->text, &rule->expires_unix_s) || kiln_yaml_fail(yaml, node, error, "\"expired_at\" must be a day such as 2026-12-31");
	else
		ignore_void(rule, g_strdup_printf("kiln does not know its condition \"%s\"", node->key));
	return TRUE;
}

gboolean ignore_read_trivy_yaml(KilnVex *vex, const KilnYaml *yaml, GError **error)
{
	const KilnYamlNode *list = kiln_yaml_get(kiln_yaml_root(yaml), "vulnerabilities");
	if (list->type != KILN_YAML_SEQUENCE)
		return kiln_yaml_fail(yaml, list, error, "\"vulnerabilities\" must be a list");
	for (const KilnYamlNode *item = list->children; item; item = item->next) {
		KilnVexStatement *rule = ignore_add(vex, kiln_yaml_name(yaml), item->line);
		if (item->type != KILN_YAML_MAPPING)
			return kiln_yaml_fail(yaml, item, error, "a rule must be a mapping with \"id\"");
		for (const KilnYamlNode *node = item->children; node; node = node->next)
			if (!read_trivy_key(yaml, node, rule, error))
				return FALSE;
		if (!rule->names->len)
			return kiln_yaml_fail(yaml, item, error, "a rule needs \"id\"");
	}
	return TRUE;
}

static gboolean read_grype_package(const KilnYaml *yaml, const KilnYamlNode *mapping, KilnVexStatement *rule, GError **error)
{
	VexCondition *condition = rule->condition;
	if (mapping->type != KILN_YAML_MAPPING)
		return kiln_yaml_fail(yaml, mapping, error, "\"package\" must be a mapping");
	for (const KilnYamlNode *node = mapping->children; node; node = node->next) {
		if (node->type != KILN_YAML_SCALAR)
			return kiln_yaml_fail(yaml, node, error, "\"%s\" must be a text", node->key);
		if (!*node->text)
			continue;
		if (strcmp(node->key, "name") == 0)
			condition->package = g_strdup(node->text);
		else if (strcmp(node->key, "version") == 0)
			condition->version = g_strdup(node->text);
		else if (strcmp(node->key, "type") == 0)
			condition->purl_type = g_strdup(ignore_purl_type(node->text));
		else if (strcmp(node->key, "upstream-name") == 0)
			condition->upstream = g_strdup(node->text);
		else if (strcmp(node->key, "location") == 0)
			g_ptr_array_add(condition->paths, g_strdup(node->text));
		else
			ignore_void(rule, g_strdup_printf("kiln does not know its condition \"package: %s\"", node->key));
	}
	return TRUE;
}

static gboolean read_grype_key(const KilnYaml *yaml, const KilnYamlNode *node, KilnVexStatement *rule, GError **error)
{
	if (strcmp(node->key, "package") == 0)
		return read_grype_package(yaml, node, rule, error);
	if (node->type != KILN_YAML_SCALAR)
		return kiln_yaml_fail(yaml, node, error, "\"%s\" must be a text", node->key);
	if (!*node->text || strcmp(node->key, "include-aliases") == 0) /* aliases always count here */
		return TRUE;
	if (strcmp(node->key, "vulnerability") == 0)
		vex_add_name(rule, node->text);
	else if (strcmp(node->key, "reason") == 0)
		rule->statement = g_strdup(node->text);
	else if (strcmp(node->key, "fix-state") == 0)
		rule->condition->fix_state = g_strdup(node->text);
	else
		ignore_void(rule, g_strdup_printf("kiln does not know its condition \"%s\"", node->key));
	return TRUE;
}

gboolean ignore_read_grype(KilnVex *vex, const KilnYaml *yaml, GError **error)
{
	const KilnYamlNode *list = kiln_yaml_get(kiln_yaml_root(yaml), "ignore");
	if (list->type == KILN_YAML_MAPPING || (list->type == KILN_YAML_SCALAR && *list->text && strcmp(list->text, "null") != 0))
		return kiln_yaml_fail(yaml, list, error, "\"ignore\" must be a list of rules");
	for (const KilnYamlNode *item = list->children; item; item = item->next) {
		KilnVexStatement *rule = ignore_add(vex, kiln_yaml_name(yaml), item->line);
		VexCondition *condition = rule->condition;
		if (item->type != KILN_YAML_MAPPING)
			return kiln_yaml_fail(yaml, item, error, "a rule must be a mapping");
		for (const KilnYamlNode *node = item->children; node; node = node->next)
			if (!read_grype_key(yaml, node, rule, error))
				return FALSE;
		condition->any_vulnerability = !rule->names->len;
		if (condition->any_vulnerability && !rule->void_because && !condition->package && !condition->upstream && !condition->version && !condition->purl_type && !condition->paths->len && !condition->fix_state)
			return kiln_yaml_fail(yaml, item, error, "a rule without a condition would ignore everything");
	}
	return TRUE;
}
