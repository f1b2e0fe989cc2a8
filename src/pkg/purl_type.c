/* SPDX-License-Identifier: Apache-2.0 */
/* purl_type.c: the table of purl types that have rules of their own. Source: purl-spec, types/. */
#include "pkg/purl_type.h"
#include "base/error.h"

enum {
	LOWER_NAMESPACE = 1 << 0,
	LOWER_NAME = 1 << 1,
	LOWER_VERSION = 1 << 2,
	LOWER_ALL = LOWER_NAMESPACE | LOWER_NAME,
	UPPER_NAMESPACE = 1 << 3,
	NAMESPACE_NEEDED = 1 << 4,
	NO_NAMESPACE = 1 << 5,
};

typedef gboolean (*Special)(KilnPurl *purl, GError **error);

/* "Foo_Bar" and "foo-bar" are one project. */
static gboolean fold_underscores(KilnPurl *purl, GError **error)
{
	g_strdelimit(purl->name, "_", '-');
	return TRUE;
}

/* Distributions are named, never modules. */
static gboolean check_cpan(KilnPurl *purl, GError **error)
{
	if (strstr(purl->name, "::"))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "purl name \"%s\" is a module; cpan names distributions", purl->name);
	return TRUE;
}

/* Databricks folds the case of model names, other registries do not. */
static gboolean fold_mlflow(KilnPurl *purl, GError **error)
{
	const char *registry = kiln_purl_qualifier(purl, "repository_url");
	if (registry && strstr(registry, "databricks")) {
		char *lower = g_ascii_strdown(purl->name, -1);
		g_free(purl->name);
		purl->name = lower;
	}
	return TRUE;
}

/* Packages of several authors share names. */
static gboolean check_julia(KilnPurl *purl, GError **error)
{
	if (!kiln_purl_qualifier(purl, "uuid"))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "purl type julia needs the qualifier \"uuid\"");
	return TRUE;
}

/* Host and owner, as in "github.com/Alamofire". */
static gboolean check_swift(KilnPurl *purl, GError **error)
{
	if (!strchr(purl->name_space, '/'))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "purl namespace \"%s\" is no host with an owner, or the name is missing", purl->name_space);
	return TRUE;
}

/* An id is 32 letters from a to p, a version one to four numbers. */
static gboolean check_chrome_extension(KilnPurl *purl, GError **error)
{
	if (strlen(purl->name) != 32 || strspn(purl->name, "abcdefghijklmnop") != 32)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "purl name \"%s\" is no extension id of 32 letters from a to p", purl->name);
	if (!purl->version)
		return TRUE;
	KilnText rest = kiln_text(purl->version);
	for (guint numbers = 1; rest.data; numbers++) {
		guint64 number;
		if (numbers > 4 || !kiln_text_to_u64(kiln_text_cut(&rest, '.'), &number))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "purl version \"%s\" is not one to four numbers", purl->version);
	}
	return TRUE;
}

static const struct {
	const char *type;
	guint rules;
	Special special;
} types[] = {
	{ "alpm", LOWER_ALL, NULL },
	{ "apk", LOWER_ALL, NULL },
	{ "bazel", NO_NAMESPACE, NULL },
	{ "bitbucket", LOWER_ALL, NULL },
	{ "bitnami", LOWER_NAME, NULL },
	{ "brew", LOWER_ALL, NULL },
	{ "cargo", NO_NAMESPACE, NULL },
	{ "chrome-extension", NO_NAMESPACE, check_chrome_extension },
	{ "composer", LOWER_ALL, NULL },
	{ "cpan", UPPER_NAMESPACE, check_cpan },
	{ "deb", LOWER_ALL, NULL },
	{ "github", LOWER_ALL, NULL },
	{ "golang", LOWER_ALL, NULL },
	{ "hex", LOWER_ALL, NULL },
	{ "huggingface", LOWER_VERSION, NULL },
	{ "julia", 0, check_julia },
	{ "luarocks", LOWER_ALL, NULL },
	{ "mlflow", NO_NAMESPACE, fold_mlflow },
	{ "oci", LOWER_NAME | NO_NAMESPACE, NULL },
	{ "otp", LOWER_NAME | NO_NAMESPACE, NULL },
	{ "pub", LOWER_NAME | NO_NAMESPACE, NULL },
	{ "pypi", LOWER_NAME | NO_NAMESPACE, fold_underscores },
	{ "qpkg", LOWER_NAMESPACE, NULL },
	{ "rpm", LOWER_NAMESPACE, NULL },
	{ "swift", NAMESPACE_NEEDED, check_swift },
	{ "vcpkg", NO_NAMESPACE, NULL },
	{ "vscode-extension", LOWER_ALL | NAMESPACE_NEEDED, NULL },
};

static void fold(char **part, gboolean wanted, char *(*fold_case)(const char *, gssize))
{
	if (!wanted || !*part)
		return;
	char *folded = fold_case(*part, -1);
	g_free(*part);
	*part = folded;
}

gboolean kiln_purl_type_apply(KilnPurl *purl, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
		if (strcmp(types[i].type, purl->type) != 0)
			continue;
		guint rules = types[i].rules;
		if (rules & NAMESPACE_NEEDED && !purl->name_space)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "purl type %s needs a namespace", purl->type);
		if (rules & NO_NAMESPACE && purl->name_space)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "purl type %s has no namespace, found \"%s\"", purl->type,
			                 purl->name_space);
		fold(&purl->name_space, rules & LOWER_NAMESPACE, g_ascii_strdown);
		fold(&purl->name_space, rules & UPPER_NAMESPACE, g_ascii_strup);
		fold(&purl->name, rules & LOWER_NAME, g_ascii_strdown);
		fold(&purl->version, rules & LOWER_VERSION, g_ascii_strdown);
		return !types[i].special || types[i].special(purl, error);
	}
	return TRUE;
}
