/* SPDX-License-Identifier: Apache-2.0 */
/* format.c: the table of SBOM formats, and what their writers share. */
#include "sbom/format.h"

#include "crypto/hash.h"
#include "sbom/writers.h"

#include <string.h>

static const KilnSbomFormat formats[] = {
	{ "spdx-json", "application/spdx+json", "https://spdx.dev/Document", kiln_sbom_write_spdx },
	{ "cyclonedx-json", "application/vnd.cyclonedx+json", "https://cyclonedx.org/bom", kiln_sbom_write_cyclonedx },
	{ "spdx-tag-value", "text/spdx", "https://spdx.dev/Document", kiln_sbom_write_spdx_tag_value },
	{ "spdx-json@3.0.1", "application/spdx+json", "https://spdx.dev/Document", kiln_sbom_write_spdx_3 },
	{ "cyclonedx-json@1.7", "application/vnd.cyclonedx+json", "https://cyclonedx.org/bom", kiln_sbom_write_cyclonedx_1_7 },
	{ "cyclonedx-xml", "application/vnd.cyclonedx+xml", "https://cyclonedx.org/bom", kiln_sbom_write_cyclonedx_xml },
	{ "cyclonedx-xml@1.7", "application/vnd.cyclonedx+xml", "https://cyclonedx.org/bom", kiln_sbom_write_cyclonedx_xml_1_7 },
};

static const char *const format_names[] = { "spdx-json", "spdx-json@3.0.1", "spdx-tag-value", "cyclonedx-json", "cyclonedx-json@1.7", "cyclonedx-xml", "cyclonedx-xml@1.7", NULL };

const KilnSbomFormat *kiln_sbom_format(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

const char *const *kiln_sbom_format_names(void)
{
	return format_names;
}

char *kiln_sbom_uuid(const char *space, const void *bytes, gsize length)
{
	KilnDigest digest;
	g_autoptr(KilnHash) hash = kiln_hash_new();
	kiln_hash_update(hash, space, strlen(space) + 1);
	kiln_hash_update(hash, bytes, length);
	kiln_hash_finish(hash, &digest);
	digest.sha256[6] = (guint8)((digest.sha256[6] & 0x0f) | 0x80);
	digest.sha256[8] = (guint8)((digest.sha256[8] & 0x3f) | 0x80);
	g_autoptr(GString) text = g_string_sized_new(36);
	for (gsize i = 0; i < 16; i++)
		g_string_append_printf(text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", digest.sha256[i]);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

const char *kiln_sbom_supplier(const KilnPackage *identity)
{
	static const struct {
		const char *distro, *organisation;
	} suppliers[] = { { "debian", "Debian" }, { "ubuntu", "Ubuntu" }, { "alpine", "Alpine Linux" }, { "wolfi", "Chainguard" }, { "chainguard", "Chainguard" }, { "almalinux", "AlmaLinux OS Foundation" },
		      { "rocky", "Rocky Enterprise Software Foundation" }, { "rhel", "Red Hat" }, { "fedora", "Fedora Project" }, { "opensuse-leap", "openSUSE" }, { "sles", "SUSE" },
		      { "ol", "Oracle" }, { "amzn", "Amazon" }, { "arch", "Arch Linux" } };
	for (gsize i = 0; i < G_N_ELEMENTS(suppliers); i++)
		if (g_strcmp0(identity->distro, suppliers[i].distro) == 0)
			return suppliers[i].organisation;
	return NULL;
}

char *kiln_sbom_source_text(const KilnPackage *identity)
{
	g_autoptr(GString) text = g_string_new(NULL);
	if (identity->source_name)
		g_string_append_printf(text, "built from source package %s%s%s", identity->source_name, identity->source_version ? " " : "",
		                       identity->source_version ? identity->source_version : "");
	if (identity->maintainer)
		g_string_append_printf(text, "%smaintained by %s", text->len ? ", " : "", identity->maintainer);
	return text->len ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}

char *kiln_sbom_copyright_text(const KilnSbomPackage *package)
{
	if (!package->licence || package->licence->holders->len == 0)
		return NULL;
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < package->licence->holders->len; i++)
		g_string_append_printf(text, "%s%s", i ? "\n" : "", (const char *)g_ptr_array_index(package->licence->holders, i));
	return g_string_free(g_steal_pointer(&text), FALSE);
}

const char *kiln_sbom_homepage(const KilnPackage *identity)
{
	const char *homepage = identity->homepage;
	if (!homepage || !(g_str_has_prefix(homepage, "https://") || g_str_has_prefix(homepage, "http://")))
		return NULL;
	return g_uri_is_valid(homepage, G_URI_FLAGS_NONE, NULL) ? homepage : NULL;
}

void kiln_sbom_set_text(json_t *object, const char *key, const char *value)
{
	if (!value)
		return;
	g_autofree char *valid = g_utf8_make_valid(value, -1);
	kiln_json_set_string(object, key, valid);
}
