/* SPDX-License-Identifier: Apache-2.0 */
/* purl.h: package URLs, read, checked and written in their one canonical form. Source: ECMA-427 (purl-spec) and its type list. */
#pragma once
#include "base/text.h"

/** All parts are decoded and in canonical case. Only type and name are never NULL. */
typedef struct {
	char *type;
	char *name_space; /* segments joined by "/" */
	char *name;
	char *version;
	char **qualifiers; /* key, value, key, value, ..., NULL; sorted by key, values never empty; NULL when none */
	char *subpath;
} KilnPurl;

/**
 * Check the parts and bring them into canonical form.
 *
 * @qualifiers: NULL-terminated list key, value, key, value; a key is followed by its value, "" leaves it out; may be NULL
 * Other parts may be NULL or "" where the type allows it.
 *
 * Errors: KILN_ERROR_SYNTAX naming the part.
 */
KilnPurl *kiln_purl_new(const char *type, const char *name_space, const char *name, const char *version,
                        const char *const *qualifiers, const char *subpath, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Read any spelling that the specification accepts. Errors: KILN_ERROR_SYNTAX, KILN_ERROR_LIMIT above KILN_LIMIT_PURL_BYTES. */
KilnPurl *kiln_purl_parse(KilnText text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The canonical form; new string. kiln_purl_parse() of it gives an equal purl. */
char *kiln_purl_print(const KilnPurl *purl);

/** The value of a qualifier, borrowed, or NULL. */
const char *kiln_purl_qualifier(const KilnPurl *purl, const char *key);

void kiln_purl_free(KilnPurl *purl);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnPurl, kiln_purl_free)
