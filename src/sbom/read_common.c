/* SPDX-License-Identifier: Apache-2.0 */
/* read_common.c: what readers of all formats find in the same way: identities from purls. */
#include "base/clock.h"
#include "pkg/purl.h"
#include "sbom/readers.h"

#include <string.h>

gboolean sbom_is_distribution(const char *type)
{
	static const char *const types[] = { "deb", "apk", "rpm", "alpm", NULL };
	return g_strv_contains(types, type);
}

static char *join_name(const KilnPurl *purl)
{
	if (!purl->name_space || !*purl->name_space)
		return g_strdup(purl->name);
	return g_strdup_printf("%s%s%s", purl->name_space, strcmp(purl->type, "maven") == 0 ? ":" : "/", purl->name);
}

/* "debian-12", "ubuntu-24.04"; the version is what follows the name. */
static void set_distro(KilnPackage *identity, const KilnPurl *purl)
{
	const char *distro = kiln_purl_qualifier(purl, "distro");
	identity->distro = g_strdup(purl->name_space && *purl->name_space ? purl->name_space : NULL);
	if (!distro)
		return;
	const char *dash = strrchr(distro, '-');
	g_autofree char *named = dash ? g_strndup(distro, (gsize)(dash - distro)) : NULL;
	if (dash && g_ascii_isdigit(dash[1])) {
		identity->distro_version = g_strdup(dash + 1);
		if (!identity->distro || strcmp(identity->distro, "redhat") == 0) {
			g_free(identity->distro);
			identity->distro = g_steal_pointer(&named);
		}
	} else if (g_ascii_isdigit(*distro)) {
		identity->distro_version = g_strdup(distro);
	}
}

static void set_from_purl(KilnSbomPackage *package, const KilnPurl *purl)
{
	KilnPackage *identity = &package->identity;
	const char *upstream = kiln_purl_qualifier(purl, "upstream"), *epoch = kiln_purl_qualifier(purl, "epoch"), *module = kiln_purl_qualifier(purl, "rpmmod");
	gboolean distribution = sbom_is_distribution(purl->type);
	identity->type = g_strdup(purl->type);
	identity->name = distribution ? g_strdup(purl->name) : join_name(purl);
	gboolean prefixed = epoch && *epoch && strcmp(epoch, "0") != 0 && purl->version && !strchr(purl->version, ':');
	identity->version = purl->version ? g_strdup_printf("%s%s%s", prefixed ? epoch : "", prefixed ? ":" : "", purl->version) : NULL;
	identity->architecture = g_strdup(kiln_purl_qualifier(purl, "arch"));
	identity->module = g_strdup(module);
	if (distribution)
		set_distro(identity, purl);
	if (upstream) { /* Syft: "glibc@2.36-9", "glibc", or a source rpm */
		const char *at = strchr(upstream, '@');
		g_autofree char *name = g_strndup(upstream, at ? (gsize)(at - upstream) : strlen(upstream));
		if (!g_str_has_suffix(name, ".src.rpm"))
			sbom_set_source(package, name, at ? at + 1 : NULL);
	}
}

KilnSbomPackage *sbom_add_package(KilnSbom *sbom, const char *text, const char *component_name, const char *version)
{
	g_autoptr(KilnPurl) purl = text ? kiln_purl_parse(kiln_text(text), NULL) : NULL;
	if (!purl && (!component_name || !*component_name))
		return NULL;
	KilnSbomPackage *package = kiln_sbom_package_new();
	KilnPackage *identity = &package->identity;
	if (purl)
		set_from_purl(package, purl);
	if (!identity->type)
		identity->type = g_strdup("generic");
	if (!identity->name)
		identity->name = g_strdup(component_name);
	if (!identity->version)
		identity->version = g_strdup(version ? version : "");
	g_ptr_array_add(sbom->packages, package);
	return package;
}

void sbom_set_distribution(KilnSbom *sbom, const char *id, const char *version)
{
	for (guint i = 0; i < sbom->packages->len; i++) {
		KilnPackage *identity = &((KilnSbomPackage *)sbom->packages->pdata[i])->identity;
		gboolean distribution = sbom_is_distribution(identity->type);
		if (distribution && !identity->distro && id)
			identity->distro = g_ascii_strdown(id, -1);
		if (distribution && !identity->distro_version && version && identity->distro && (!id || g_ascii_strcasecmp(identity->distro, id) == 0))
			identity->distro_version = g_strdup(version);
		if (distribution && !identity->source_name)
			identity->source_name = g_strdup(identity->name);
		if (distribution && !identity->source_version)
			identity->source_version = g_strdup(identity->version);
	}
}

void sbom_set_source(KilnSbomPackage *package, const char *name, const char *version)
{
	if (name && *name && !package->identity.source_name)
		package->identity.source_name = g_strdup(name);
	if (version && *version && !package->identity.source_version)
		package->identity.source_version = g_strdup(version);
}

void sbom_add_file(KilnSbom *sbom, const char *path, const char *hex, gint package)
{
	KilnDigest digest;
	g_autofree char *lower = hex ? g_ascii_strdown(hex, -1) : NULL;
	const char *start = path && *path == '.' ? path + 1 : path;
	if (!start || !*start || !lower || !kiln_digest_parse_hex(lower, strlen(lower), &digest, NULL))
		return;
	KilnSbomFile *file = kiln_sbom_file_new();
	file->path = *start == '/' ? g_strdup(start) : g_strconcat("/", start, NULL);
	file->digest = digest;
	file->package = package;
	g_ptr_array_add(sbom->files, file);
}

void sbom_add_dependency(KilnSbomPackage *package, guint other)
{
	package->depends = g_renew(guint, package->depends, package->depend_count + 1);
	package->depends[package->depend_count++] = other;
}

void sbom_set_licence(KilnSbomPackage *package, const char *text)
{
	if (text && *text && strcmp(text, "NOASSERTION") != 0 && strcmp(text, "NONE") != 0 && !package->licence)
		package->licence = kiln_licence_from_expression(text);
}
