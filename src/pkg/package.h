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
	char *module;         /* "nodejs:18": module and stream of rpm distributions; may be NULL */
	char *maintainer;     /* may be NULL */
	char *homepage;       /* may be NULL */
	char *summary;        /* first line of the description; may be NULL */
	gboolean has_digest;
	KilnDigest digest; /* of the package file */
} KilnPackage;

/** Make the empty @copy the same as @package. */
void kiln_package_copy(KilnPackage *copy, const KilnPackage *package);
/** Free the parts; the struct itself stays and is empty. */
void kiln_package_clear(KilnPackage *package);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KilnPackage, kiln_package_clear)

/**
 * "pkg:deb/debian/nginx@1.26.3-3%2Bdeb13u2?arch=amd64&distro=debian-13". New string. NULL when type or name cannot stand in
 * a purl. Parsing and checking: pkg/purl.h.
 */
char *kiln_package_purl(const KilnPackage *package);

/**
 * Build any purl in canonical form; @qualifiers is a NULL-terminated list key, value, key, value. NULL and empty parts are
 * left out. NULL when the parts make no valid purl; kiln_purl_new() says why.
 */
char *kiln_purl_build(const char *type, const char *name_space, const char *name, const char *version,
                      const char *const *qualifiers, const char *subpath);
