/* SPDX-License-Identifier: Apache-2.0 */
/* document.h: what an SBOM says, independent of its format; writers are rows in format.h. */
#pragma once
#include "pkg/licence.h"
#include "pkg/package.h"

typedef struct {
	char *path; /* "/usr/sbin/nginx" */
	KilnDigest digest;
	char *sha1_hex; /* SPDX 2.3 wants SHA-1 of every file; NULL: file is listed with SHA-256 only where the format allows */
	guint64 size_bytes;
	gint package; /* index into packages, -1: nobody's */
} KilnSbomFile;

typedef struct {
	KilnPackage identity;
	KilnLicence *licence; /* may be NULL: NOASSERTION */
	char *download_location; /* pool path below the archive, may be NULL */
	guint *depends;       /* indexes into packages */
	gsize depend_count;
	gboolean partial;     /* only some of its files are in the image */
	gboolean application; /* the user's own files, not from an archive */
} KilnSbomPackage;

typedef struct {
	char *name, *version; /* of the image */
	KilnDigest subject;   /* manifest digest, or the config's where the manifest does not exist yet */
	char *architecture;
	gint64 created_unix_s;
	char *tool_version;
	gboolean built;      /* made while the image was built; else from what is in it */
	GPtrArray *unknowns; /* char *: what is not told, and why */
	GPtrArray *packages; /* KilnSbomPackage, sorted by name */
	GPtrArray *files;    /* KilnSbomFile, sorted by path; symlinks and directories are left out */
} KilnSbom;

KilnSbom *kiln_sbom_new(void);
KilnSbomPackage *kiln_sbom_package_new(void);
KilnSbomFile *kiln_sbom_file_new(void);
void kiln_sbom_free(KilnSbom *sbom);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnSbom, kiln_sbom_free)
