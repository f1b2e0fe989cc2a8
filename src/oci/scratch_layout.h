/* SPDX-License-Identifier: Apache-2.0 */
/* scratch_layout.h: a private layout on disk for as long as one image is open; gone afterwards, also after a kill. */
#pragma once
#include "oci/layout.h"

typedef struct {
	int parent_fd;
	int directory_fd; /* its lock says that it is in use */
	char *name;
	KilnLayout *layout;
} KilnScratchLayout;

/**
 * Make an empty one below @parent, a directory for nothing else (made if missing); what killed processes left there is removed first.
 *
 * Errors: KILN_ERROR_IO.
 */
KilnScratchLayout *kiln_scratch_layout_new(const char *parent, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Remove it from the disk with all that is in it. */
void kiln_scratch_layout_free(KilnScratchLayout *scratch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnScratchLayout, kiln_scratch_layout_free)
