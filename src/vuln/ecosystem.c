/* SPDX-License-Identifier: Apache-2.0 */
/* ecosystem.c: the table of ecosystems, and how each writes releases and names. */
#include "vuln/ecosystem.h"

#include <string.h>

/* "13" of "13" and "13.2". */
static char *major_release(const char *version_id)
{
	return g_strndup(version_id, strcspn(version_id, "."));
}

static char *whole_release(const char *version_id)
{
	return g_strdup(version_id);
}

/* "v3.20" of "3.20.1"; what comes before a release, "3.21.0_alpha20240606", is edge. */
static char *alpine_release(const char *version_id)
{
	const char *dot = strchr(version_id, '.');
	if (!dot || strchr(version_id, '_'))
		return g_strdup("edge");
	return g_strdup_printf("v%.*s", (int)(dot - version_id + 1 + (gssize)strcspn(dot + 1, ".")), version_id);
}

/* PEP 503: lower case, and each run of "-", "_" and "." one "-". */
static char *python_name(const char *name)
{
	GString *normal = g_string_new(NULL);
	for (; *name; name++) {
		if (!strchr("-_.", *name))
			g_string_append_c(normal, g_ascii_tolower(*name));
		else if (normal->len && normal->str[normal->len - 1] != '-')
			g_string_append_c(normal, '-');
	}
	return g_string_free(normal, FALSE);
}

static char *lower_name(const char *name)
{
	return g_ascii_strdown(name, -1);
}

static const KilnEcosystem ecosystems[] = {
	{ "Debian", "deb", "debian", "deb", TRUE, major_release, NULL },
	{ "Ubuntu", "deb", "ubuntu", "deb", TRUE, whole_release, NULL },
	{ "Alpine", "apk", "alpine", "apk", TRUE, alpine_release, NULL },
	{ "Wolfi", "apk", "wolfi", "apk", TRUE, NULL, NULL },
	{ "Chainguard", "apk", "chainguard", "apk", TRUE, NULL, NULL },
	{ "AlmaLinux", "rpm", "almalinux", "rpm", FALSE, major_release, NULL },
	{ "Rocky Linux", "rpm", "rocky", "rpm", FALSE, major_release, NULL },
	{ "Red Hat", "rpm", "rhel", "rpm", FALSE, major_release, NULL },
	{ "openSUSE", "rpm", "opensuse-leap", "rpm", FALSE, whole_release, NULL },
	{ "SUSE", "rpm", "sles", "rpm", FALSE, whole_release, NULL },
	{ "Oracle", "rpm", "ol", "rpm", FALSE, major_release, NULL },
	{ "PyPI", "pypi", NULL, "pep440", FALSE, NULL, python_name },
	{ "npm", "npm", NULL, "npm", FALSE, NULL, NULL },
	{ "Go", "golang", NULL, "go", FALSE, NULL, NULL },
	{ "Maven", "maven", NULL, "maven", FALSE, NULL, NULL },
	{ "RubyGems", "gem", NULL, "gem", FALSE, NULL, NULL },
	{ "crates.io", "cargo", NULL, "semver", FALSE, NULL, NULL },
	{ "NuGet", "nuget", NULL, "nuget", FALSE, NULL, lower_name },
	{ "Packagist", "composer", NULL, "packagist", FALSE, NULL, lower_name },
	{ "Hex", "hex", NULL, "semver", FALSE, NULL, NULL },
	{ "CRAN", "cran", NULL, "generic", FALSE, NULL, NULL },
	{ "Bitnami", "bitnami", NULL, "semver", FALSE, NULL, NULL },
	{ "CPE", "cpe", NULL, "generic", FALSE, NULL, NULL }, /* no package has that type: only programs that no package brought are judged by their CPE */
};

/* Releases that feeds call by name. Source: the releases page of each distribution. */
static const struct {
	const char *named, *canonical;
} names[] = {
	{ "Debian:buster", "Debian:10" },   { "Debian:bullseye", "Debian:11" }, { "Debian:bookworm", "Debian:12" },
	{ "Debian:trixie", "Debian:13" },   { "Debian:forky", "Debian:14" },    { "Ubuntu:focal", "Ubuntu:20.04" },
	{ "Ubuntu:jammy", "Ubuntu:22.04" }, { "Ubuntu:noble", "Ubuntu:24.04" },
};

const KilnEcosystem *kiln_ecosystem_find(const char *ecosystem)
{
	gsize length = strcspn(ecosystem, ":");
	for (gsize i = 0; i < G_N_ELEMENTS(ecosystems); i++)
		if (strlen(ecosystems[i].name) == length && memcmp(ecosystems[i].name, ecosystem, length) == 0)
			return &ecosystems[i];
	return NULL;
}

const KilnEcosystem *kiln_ecosystem_of(const KilnPackage *package)
{
	for (gsize i = 0; i < G_N_ELEMENTS(ecosystems); i++)
		if (g_strcmp0(package->type, ecosystems[i].purl_type) == 0 && (!ecosystems[i].distro || g_strcmp0(package->distro, ecosystems[i].distro) == 0))
			return &ecosystems[i];
	return NULL;
}

char *kiln_ecosystem_name(const KilnEcosystem *ecosystem, const KilnPackage *package)
{
	if (!ecosystem->release)
		return g_strdup(ecosystem->name);
	if (!package->distro_version || !*package->distro_version)
		return NULL;
	g_autofree char *release = ecosystem->release(package->distro_version);
	return g_strdup_printf("%s:%s", ecosystem->name, release);
}

char *kiln_ecosystem_canonical(const char *ecosystem)
{
	gsize length = strlen(ecosystem);
	if (g_str_has_prefix(ecosystem, "Ubuntu:") && g_str_has_suffix(ecosystem, ":LTS"))
		length -= strlen(":LTS");
	g_autofree char *plain = g_strndup(ecosystem, length);
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(plain, names[i].named) == 0)
			return g_strdup(names[i].canonical);
	return g_steal_pointer(&plain);
}
