/* SPDX-License-Identifier: Apache-2.0 */
/* readers.h: the readers behind read.h, and what all of them find in the same way. Internal to this module. */
#pragma once
#include "data/json.h"
#include "sbom/document.h"

gboolean sbom_read_cyclonedx(const json_t *root, const char *name, KilnSbom *sbom, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean sbom_read_spdx(const json_t *root, const char *name, KilnSbom *sbom, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean sbom_read_spdx_3(const json_t *root, const char *name, KilnSbom *sbom, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Whether packages of this purl type have a distribution as namespace; of languages it belongs to the name. */
gboolean sbom_is_distribution(const char *type);
/**
 * A package of the SBOM, identified by @purl where that is one; borrowed. NULL: it has neither purl nor name.
 * @purl, @component_name and @version may be NULL. A purl's version and name win.
 */
KilnSbomPackage *sbom_add_package(KilnSbom *sbom, const char *purl, const char *component_name, const char *version);
/** Fill in what only the distribution as a whole says, where purls leave it out. Each may be NULL. */
void sbom_set_distribution(KilnSbom *sbom, const char *id, const char *version);
/** Source package and version, where they were not known; either may be NULL. Taken are copies. */
void sbom_set_source(KilnSbomPackage *package, const char *name, const char *version);
/** A file with the SHA-256 @hex; without one it is left out. */
void sbom_add_file(KilnSbom *sbom, const char *path, const char *hex, gint package);
void sbom_add_dependency(KilnSbomPackage *package, guint other);
/** Terms of a licence expression or name; NULL and NOASSERTION: nothing. */
void sbom_set_licence(KilnSbomPackage *package, const char *text);
