/* SPDX-License-Identifier: Apache-2.0 */
/* ignore.c: which format an ignore file has, and whether a rule's condition holds. */
#include "vuln/ignore.h"

#include "base/clock.h"
#include "base/error.h"
#include "vuln/ecosystem.h"

#include <string.h>

VexCondition *vex_condition_new(void)
{
	VexCondition *condition = g_new0(VexCondition, 1);
	condition->paths = g_ptr_array_new_with_free_func(g_free);
	condition->purls = g_ptr_array_new_with_free_func(g_free);
	return condition;
}

void vex_condition_free(VexCondition *condition)
{
	if (!condition)
		return;
	g_free(condition->package);
	g_free(condition->upstream);
	g_free(condition->version);
	g_free(condition->purl_type);
	g_free(condition->fix_state);
	g_ptr_array_unref(condition->paths);
	g_ptr_array_unref(condition->purls);
	g_free(condition);
}

static gboolean matches_name(const char *pattern, const char *name)
{
	g_autofree char *whole = g_strdup_printf("\\A(?:%s)\\z", pattern);
	return strcmp(pattern, name) == 0 || g_regex_match_simple(whole, name, 0, 0);
}

static gboolean matches_path(const GPtrArray *patterns, const char *path)
{
	for (guint i = 0; i < patterns->len; i++) {
		const char *pattern = patterns->pdata[i];
		if (g_pattern_match_simple(pattern + (*pattern == '/'), path))
			return TRUE;
	}
	return patterns->len == 0;
}

static const char *fix_state_of(const KilnFinding *finding)
{
	return finding->fixed ? "fixed" : finding->verdict == KILN_VERDICT_WILL_NOT_FIX ? "wont-fix" : "not-fixed";
}

gboolean vex_condition_holds(const VexCondition *condition, const KilnVexSubject *subject, const KilnFinding *finding)
{
	const KilnInventoryPackage *found = subject->inventory->packages->pdata[finding->package];
	const KilnPackage *package = &found->identity;
	gboolean of_purls = condition->purls->len == 0;
	for (guint i = 0; i < condition->purls->len; i++)
		of_purls |= vex_product_is_package(condition->purls->pdata[i], package);
	return of_purls && (!condition->package || matches_name(condition->package, package->name)) && (!condition->upstream || g_strcmp0(condition->upstream, package->source_name) == 0) &&
	       (!condition->version || strcmp(condition->version, package->version) == 0) && (!condition->purl_type || strcmp(condition->purl_type, package->type) == 0) &&
	       (!condition->fix_state || strcmp(condition->fix_state, fix_state_of(finding)) == 0) && matches_path(condition->paths, found->database);
}

KilnVexStatement *ignore_add(KilnVex *vex, const char *path, guint line)
{
	KilnVexStatement *rule = vex_add(vex, KILN_VEX_IGNORED, g_strdup_printf("%s:%u", path, line));
	rule->condition = vex_condition_new();
	return rule;
}

void ignore_void(KilnVexStatement *rule, char *why)
{
	g_free(rule->void_because);
	rule->void_because = why;
}

const char *ignore_purl_type(const char *name)
{
	static const struct {
		const char *name, *purl;
	} rows[] = { { "python", "pypi" }, { "java-archive", "maven" }, { "jenkins-plugin", "maven" }, { "go-module", "golang" }, { "rust-crate", "cargo" }, { "php-composer", "composer" },
		     { "dotnet", "nuget" }, { "R-package", "cran" }, { "hex", "hex" }, { "npm", "npm" }, { "gem", "gem" } };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (g_ascii_strcasecmp(name, rows[i].name) == 0)
			return rows[i].purl;
	const KilnEcosystem *ecosystem = kiln_ecosystem_find(name);
	return ecosystem ? ecosystem->purl_type : name;
}

gboolean ignore_parse_day(const char *text, gint64 *unix_s)
{
	g_autofree char *time = strlen(text) == strlen("2026-12-31") ? g_strconcat(text, "T00:00:00Z", NULL) : g_strdup(text);
	return kiln_time_parse(g_strdelimit(time, " ", 'T'), unix_s, NULL);
}

/* "CVE-2026-1 exp:2026-12-31 # why" */
static gboolean read_rule(KilnVex *vex, const char *path, guint number, char *line, GError **error)
{
	char *comment = strchr(line, '#');
	if (comment)
		*comment++ = '\0';
	g_auto(GStrv) words = g_strsplit_set(g_strstrip(line), " \t", -1);
	if (!words[0] || !*words[0])
		return TRUE;
	KilnVexStatement *rule = ignore_add(vex, path, number);
	vex_add_name(rule, words[0]);
	rule->statement = comment ? g_strdup(g_strstrip(comment)) : NULL;
	for (char **word = words + 1; *word; word++) {
		if (!**word)
			continue;
		if (!g_str_has_prefix(*word, "exp:") || !ignore_parse_day(*word + strlen("exp:"), &rule->expires_unix_s))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s:%u: \"%s\" is neither a vulnerability nor an expiry such as exp:2026-12-31", path, number, *word);
	}
	return TRUE;
}

gboolean ignore_read_trivy(KilnVex *vex, KilnText text, const char *path, GError **error)
{
	for (guint number = 1; text.length; number++) {
		KilnText line = kiln_text_cut(&text, '\n');
		g_autofree char *copy = g_strndup(line.data, line.length);
		if (!read_rule(vex, path, number, copy, error))
			return FALSE;
	}
	return TRUE;
}

/* By its name how it is written, and then by what is in it whose it is. */
gboolean vex_read_ignores(KilnVex *vex, KilnText text, const char *path, GError **error)
{
	if (g_str_has_suffix(path, ".toml"))
		return ignore_read_osv(vex, text, path, error);
	if (!g_str_has_suffix(path, ".yaml") && !g_str_has_suffix(path, ".yml"))
		return ignore_read_trivy(vex, text, path, error);
	g_autoptr(KilnYaml) yaml = kiln_yaml_parse(text.length ? text.data : "", text.length, path, error);
	if (!yaml)
		return FALSE;
	const KilnYamlNode *root = kiln_yaml_root(yaml);
	if (!root)
		return TRUE;
	if (root->type == KILN_YAML_MAPPING && kiln_yaml_get(root, "vulnerabilities"))
		return ignore_read_trivy_yaml(vex, yaml, error);
	if (root->type == KILN_YAML_MAPPING && kiln_yaml_get(root, "ignore"))
		return ignore_read_grype(vex, yaml, error);
	/* Trivy's file may have rules about other things only, Grype's is its whole configuration. */
	return root->type == KILN_YAML_MAPPING || kiln_yaml_fail(yaml, root, error, "an ignore file in YAML has \"vulnerabilities:\" as Trivy's or \"ignore:\" as Grype's");
}
