/* SPDX-License-Identifier: Apache-2.0 */
/* image_files.h: is a path in an image, as a program inside would see it: through symbolic links. */
#pragma once
#include "oci/image.h"

/** @files: of kiln_image_read_files(); borrowed, and longer-lived than the index. */
typedef struct KilnImageFiles KilnImageFiles;

KilnImageFiles *kiln_image_files_new(const GPtrArray *files);
/** The file at @path once every symbolic link is followed, borrowed; NULL when there is none (or links go round). */
const KilnImageFile *kiln_image_files_find(const KilnImageFiles *index, const char *path);
/** Bytes of all regular files; hard links count once. */
guint64 kiln_image_files_size(const KilnImageFiles *index);
void kiln_image_files_free(KilnImageFiles *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnImageFiles, kiln_image_files_free)
