/* SPDX-License-Identifier: Apache-2.0 */
/* vex_internal.h: readers of VEX documents. Internal to this module. */
#pragma once
#include "data/json.h"
#include "vuln/vex.h"

typedef struct {
	const char *name; /* "OpenVEX" */
	gboolean (*recognises)(const json_t *root);
	gboolean (*read)(KilnVex *vex, const json_t *root, const char *path, GError **error);
} VexFormat;

extern const VexFormat vex_openvex, vex_csaf, vex_cyclonedx;

/** What an ignore file says, by the format that its name and content show. Errors: KILN_ERROR_SYNTAX. */
gboolean vex_read_ignores(KilnVex *vex, KilnText text, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Added to @vex; borrowed. @origin is taken. */
KilnVexStatement *vex_add(KilnVex *vex, KilnVexStatus status, char *origin);
KilnVexProduct *vex_add_product(KilnVexStatement *statement, const char *id);
void vex_add_name(KilnVexStatement *statement, const char *name);
/** Does @id name the image? */
gboolean vex_product_is_image(const char *id, const KilnVexSubject *subject);
/** Does @id, a purl, name @package? In all spellings that people write: without version, architecture or distribution, "distro=debian-12" for 12.13. */
gboolean vex_product_is_package(const char *id, const KilnPackage *package);
