/* SPDX-License-Identifier: Apache-2.0 */
/* image_lookup.h: what is at a path of an image, as a program inside would see it: through symbolic links. */
#pragma once
#include "oci/image.h"

/** An index over the list of kiln_image_read_files(), which is borrowed and must live longer. */
typedef struct KilnImageLookup KilnImageLookup;

KilnImageLookup *kiln_image_lookup_new(const GPtrArray *files);
/** The file at @path ("/usr/bin/env") once every symbolic link is followed, borrowed; NULL when there is none (or links go round). */
const KilnImageFile *kiln_image_lookup_find(const KilnImageLookup *lookup, const char *path);
/** The same, but a symbolic link at the end of @path is not followed. */
const KilnImageFile *kiln_image_lookup_find_link(const KilnImageLookup *lookup, const char *path);
/** Bytes of all regular files; hard links count once. */
guint64 kiln_image_lookup_size(const KilnImageLookup *lookup);
void kiln_image_lookup_free(KilnImageLookup *lookup);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnImageLookup, kiln_image_lookup_free)
