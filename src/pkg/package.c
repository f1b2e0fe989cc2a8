/* SPDX-License-Identifier: Apache-2.0 */
/* package.c: the identity of one package, and its purl. */
#include "pkg/package.h"
#include "pkg/purl.h"

#include <string.h>

void kiln_package_clear(KilnPackage *package)
{
	g_free(package->type);
	g_free(package->distro);
	g_free(package->distro_version);
	g_free(package->name);
	g_free(package->version);
	g_free(package->architecture);
	g_free(package->source_name);
	g_free(package->source_version);
	g_free(package->module);
	g_free(package->maintainer);
	g_free(package->homepage);
	g_free(package->summary);
	*package = (KilnPackage){ 0 };
}

void kiln_package_copy(KilnPackage *copy, const KilnPackage *package)
{
	*copy = *package;
	copy->type = g_strdup(package->type);
	copy->distro = g_strdup(package->distro);
	copy->distro_version = g_strdup(package->distro_version);
	copy->name = g_strdup(package->name);
	copy->version = g_strdup(package->version);
	copy->architecture = g_strdup(package->architecture);
	copy->source_name = g_strdup(package->source_name);
	copy->source_version = g_strdup(package->source_version);
	copy->module = g_strdup(package->module);
	copy->maintainer = g_strdup(package->maintainer);
	copy->homepage = g_strdup(package->homepage);
	copy->summary = g_strdup(package->summary);
}

/* The part of @name that is the namespace in a purl of @type, which ends where @rest begins; NULL: there is none. New string. */
static char *split_name(const char *type, const char *name, const char **rest)
{
	const char *cut = strrchr(name, strcmp(type, "maven") == 0 ? ':' : '/');
	*rest = cut ? cut + 1 : name;
	return cut ? g_strndup(name, (gsize)(cut - name)) : NULL;
}

char *kiln_package_purl(const KilnPackage *package)
{
	const char *name;
	g_autofree char *name_space = package->type && package->name && !package->distro ? split_name(package->type, package->name, &name) : NULL;
	g_autofree char *distro = NULL;
	if (package->distro && package->distro_version)
		distro = g_strdup_printf("%s-%s", package->distro, package->distro_version);
	/* rpm's epoch is a qualifier of its own there. */
	const char *colon = package->version && g_strcmp0(package->type, "rpm") == 0 ? strchr(package->version, ':') : NULL;
	g_autofree char *epoch = colon ? g_strndup(package->version, (gsize)(colon - package->version)) : NULL;
	const char *qualifiers[] = {
		"arch", package->architecture ? package->architecture : "", "distro", distro ? distro : "", "epoch", epoch ? epoch : "",
		"rpmmod", package->module ? package->module : "", NULL,
	};
	return kiln_purl_build(package->type, package->distro ? package->distro : name_space, name_space ? name : package->name, colon ? colon + 1 : package->version, qualifiers, NULL);
}

char *kiln_purl_build(const char *type, const char *name_space, const char *name, const char *version,
                      const char *const *qualifiers, const char *subpath)
{
	g_autoptr(KilnPurl) purl = kiln_purl_new(type, name_space, name, version, qualifiers, subpath, NULL);
	return purl ? kiln_purl_print(purl) : NULL;
}
