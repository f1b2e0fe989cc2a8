/* SPDX-License-Identifier: Apache-2.0 */
/* import_internal.h: readers of other scanners' reports. Internal to this module. */
#pragma once
#include "data/json.h"
#include "vuln/import.h"

typedef struct {
	const char *name; /* "Trivy's JSON" */
	gboolean (*recognises)(const json_t *root);
	gboolean (*read)(KilnImport *import, const json_t *root, GError **error);
} ImportFormat;

extern const ImportFormat import_trivy, import_grype, import_sarif;

/** A claim about the vulnerability @id, affected until something else is said. Borrowed. @evidence is taken. */
KilnImportClaim *import_add(KilnImport *import, const char *id, char *evidence);
void import_add_name(KilnImportClaim *claim, const char *name);
/** A digest in @text ("name@sha256:..."), if there is one; @text may be NULL. */
void import_add_about(KilnImport *import, const char *text);
/** "HIGH", "Negligible" and their like, in any case; unknown when it is no such word. */
KilnSeverity import_severity(const char *word);
/** Note what @vector comes to, unless something higher was noted. */
void import_note_vector(KilnImportClaim *claim, const char *whose, const char *vector);
/** The member @key, an array; NULL without error when it is missing or null. Errors: KILN_ERROR_SYNTAX. */
gboolean import_array(const KilnImport *import, const json_t *object, const char *key, const char *where, const json_t **array, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The member @key, a text that is not empty. Errors: KILN_ERROR_SYNTAX. */
const char *import_text(const KilnImport *import, const json_t *object, const char *key, const char *where, GError **error) G_GNUC_WARN_UNUSED_RESULT;
