/* SPDX-License-Identifier: Apache-2.0 */
/* release.h: a Release file's fields and the digests of the indexes it names. Source: Debian RepositoryFormat. */
#pragma once
#include "base/digest.h"

typedef struct {
	char *path; /* "main/binary-amd64/Packages.xz" */
	KilnDigest digest;
	guint64 size_bytes;
} KilnReleaseFile;

typedef struct {
	char *origin, *label, *suite, *codename, *version; /* any may be NULL */
	gint64 date_unix_s;
	gint64 valid_until_unix_s; /* 0: none */
	gboolean by_hash;
	char **architectures, **components; /* never NULL */
	GHashTable *files; /* path -> KilnReleaseFile */
} KilnRelease;

/** @name: for messages. Errors: KILN_ERROR_SYNTAX, KILN_ERROR_UNTRUSTED no SHA256 list. */
KilnRelease *kiln_release_parse(const char *text, gsize length, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** NULL when the Release does not name it. */
const KilnReleaseFile *kiln_release_find(const KilnRelease *release, const char *path);
void kiln_release_free(KilnRelease *release);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnRelease, kiln_release_free)
