/* SPDX-License-Identifier: Apache-2.0 */
/* image_apply.h: all layers of an image into a tree, and their content past whoever wants it. For the files of oci only. */
#pragma once
#include "oci/image.h"
#include "oci/image_tree.h"

/** What is done with each entry that is put. A regular file is begun, written in pieces and ended; everything else is only begun. */
typedef struct {
	KilnTreeWatch watch; /* its user_data is that of all */
	gboolean (*begin)(const KilnTreeNode *node, const KilnTreeNode *target, gpointer user_data, GError **error);
	gboolean (*write)(const void *bytes, gsize length, gpointer user_data, GError **error);
	gboolean (*end)(const KilnTreeNode *node, gpointer user_data, GError **error);
} KilnApplySink;

/** @phase: for progress, static; @sink may be NULL. Errors: those of kiln_image_read_files() and of @sink. */
KilnImageTree *kiln_image_apply(const KilnImage *image, const KilnContext *context, const char *phase, const KilnApplySink *sink,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
