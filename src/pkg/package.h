/* SPDX-License-Identifier: Apache-2.0 */
/* package.h: the identity of one package, and its purl. */
#pragma once
#include "base/digest.h"

typedef struct {
	char *type;    /* purl type: "deb" */
	char *distro;  /* "debian" or "ubuntu": purl namespace */
	char *distro_version; /* "13", "24.04": purl qualifier distro=debian-13; may be NULL */
	char *name;
	char *version;        /* with epoch */
	char *architecture;   /* "amd64", "all" */
	char *source_name, *source_version; /* equal to name and version when the stanza has no Source */
	char *maintainer;     /* may be NULL */
	char *homepage;       /* may be NULL */
	char *summary;        /* first line of the description; may be NULL */
	gboolean has_digest;
	KilnDigest digest; /* of the package file */
} KilnPackage;

void kiln_package_clear(KilnPackage *package);

/** "pkg:deb/debian/nginx@1.26.3-3%2Bdeb13u2?arch=amd64&distro=debian-13". Source: purl-spec. New string. */
char *kiln_package_purl(const KilnPackage *package);

/** Build any purl; @qualifiers is a NULL-terminated list key, value, key, value. NULL parts are left out. */
char *kiln_purl_build(const char *type, const char *name_space, const char *name, const char *version,
                      const char *const *qualifiers, const char *subpath);
