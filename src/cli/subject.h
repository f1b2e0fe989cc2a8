/* SPDX-License-Identifier: Apache-2.0 */
/* subject.h: what a command that only asks for packages looks at: an image, or an SBOM of one. */
#pragma once
#include "cli/inspection.h"
#include "sbom/document.h"

typedef struct {
	KilnImage *image;         /* NULL: an SBOM */
	KilnSbom *sbom;           /* as it was read; NULL: an image */
	KilnInventory *inventory;
	KilnReasons *reasons;     /* may be NULL */
	KilnDigest digest;        /* of the manifest; of an SBOM what it says that it is about, or its own */
} KilnSubject;

/** Open @reference, "sbom:FILE" or any image. Errors: those of kiln_open_image(), kiln_read_inventory() and kiln_sbom_read(). */
KilnSubject *kiln_subject_open(KilnInvocation *invocation, const char *reference, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Of its configuration, or what the SBOM says; NULL: neither does. Borrowed. */
const char *kiln_subject_architecture(const KilnSubject *subject);
/** The date that it gives itself; 0: none. */
gint64 kiln_subject_created(const KilnSubject *subject);
void kiln_subject_free(KilnSubject *subject);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnSubject, kiln_subject_free)
