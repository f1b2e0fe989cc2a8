/* SPDX-License-Identifier: Apache-2.0 */
/* layout_internal.h: the shape of a layout, for the files that make it up. */
#pragma once
#include "oci/layout.h"

struct KilnLayout {
	int fd;
	char *path; /* for messages */
};

gboolean layout_index_create(KilnLayout *layout, GError **error);
