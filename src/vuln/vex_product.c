/* SPDX-License-Identifier: Apache-2.0 */
/* vex_product.c: which image or package a statement's product is. */
#include "pkg/purl.h"
#include "vuln/vex_internal.h"

#include <string.h>

/* "nginx" of "docker.io/library/nginx:1.2@sha256:..." and "index.docker.io/nginx"; other registries stay. New string, without tag. */
static char *familiar(const char *reference, char **tag)
{
	static const char *const prefixes[] = { "docker.io/", "index.docker.io/", "registry-1.docker.io/", "library/" };
	g_autofree char *plain = g_strndup(reference, strcspn(reference, "@"));
	const char *name = plain;
	for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++)
		if (g_str_has_prefix(name, prefixes[i]))
			name += strlen(prefixes[i]);
	const char *slash = strrchr(name, '/'), *colon = strrchr(slash ? slash : name, ':');
	*tag = colon ? g_strdup(colon + 1) : NULL;
	return colon ? g_strndup(name, (gsize)(colon - name)) : g_strdup(name);
}

static gboolean same_digest(const char *text, const KilnDigest *digest)
{
	KilnDigest parsed;
	const char *found = strstr(text, "sha256:");
	return found && kiln_digest_parse(found, strlen(found), &parsed, NULL) && kiln_digest_equal(&parsed, digest);
}

/* "pkg:oci/nginx@sha256%3A...": the digest decides; without one the name does. */
static gboolean is_oci_purl(const KilnPurl *purl, const KilnVexSubject *subject)
{
	g_autofree char *tag = NULL, *name = familiar(subject->reference, &tag);
	const char *base = strrchr(name, '/'), *wanted = kiln_purl_qualifier(purl, "tag");
	if (purl->version && strstr(purl->version, "sha256:"))
		return same_digest(purl->version, &subject->digest);
	return strcmp(base ? base + 1 : name, purl->name) == 0 && (!wanted || g_strcmp0(wanted, tag ? tag : "latest") == 0);
}

gboolean vex_product_is_image(const char *id, const KilnVexSubject *subject)
{
	g_autofree char *tag = NULL, *own_tag = NULL;
	if (g_str_has_prefix(id, "pkg:")) {
		g_autoptr(KilnPurl) purl = kiln_purl_parse(kiln_text(id), NULL);
		return purl && (strcmp(purl->type, "oci") == 0 || strcmp(purl->type, "docker") == 0) && is_oci_purl(purl, subject);
	}
	if (strstr(id, "sha256:"))
		return same_digest(id, &subject->digest);
	g_autofree char *name = familiar(id, &tag), *own = familiar(subject->reference, &own_tag);
	return strcmp(name, own) == 0 && (!tag || strcmp(tag, own_tag ? own_tag : "latest") == 0);
}

/* Either is the beginning of the other, up to a dot: "debian-12" and "debian-12.13". Words for releases say nothing here. */
static gboolean same_distro(const char *written, const char *distro, const char *distro_version)
{
	g_autofree char *own = g_strdup_printf("%s-%s", distro ? distro : "", distro_version ? distro_version : "");
	gsize length = MIN(strlen(written), strlen(own));
	if (!strchr(written, '-'))
		return TRUE;
	return strncmp(written, own, length) == 0 && strchr(".", written[length]) && strchr(".", own[length]);
}

gboolean vex_product_is_package(const char *id, const KilnPackage *package)
{
	g_autofree char *own_text = kiln_package_purl(package);
	g_autoptr(KilnPurl) purl = kiln_purl_parse(kiln_text(id), NULL), own = own_text ? kiln_purl_parse(kiln_text(own_text), NULL) : NULL;
	if (!purl || !own || strcmp(purl->type, own->type) != 0 || g_strcmp0(purl->name_space, own->name_space) != 0)
		return FALSE;
	/* Distributions' own documents name the source package. */
	gboolean is_source = package->source_name && strcmp(purl->name, package->source_name) == 0 && (!kiln_purl_qualifier(purl, "arch") || strcmp(kiln_purl_qualifier(purl, "arch"), "source") == 0);
	const char *architecture = kiln_purl_qualifier(purl, "arch"), *distro = kiln_purl_qualifier(purl, "distro");
	if (strcmp(purl->name, own->name) != 0 && !is_source)
		return FALSE;
	if (purl->version && g_strcmp0(purl->version, own->version) != 0 && !(is_source && g_strcmp0(purl->version, package->source_version) == 0))
		return FALSE;
	if (architecture && !is_source && g_strcmp0(architecture, package->architecture) != 0)
		return FALSE;
	return !distro || same_distro(distro, package->distro, package->distro_version);
}
