/* SPDX-License-Identifier: Apache-2.0 */
/* difference.h: where two images that should be the same are not: to the layer, the file and the byte. */
#pragma once
#include "oci/layout.h"

typedef struct {
	char *part;     /* "manifest", "configuration", "layer 3" (from 1, the bottom) */
	char *where;    /* "/annotations/org.opencontainers.image.created", "usr/bin/env"; NULL: the part as a whole */
	gint64 offset;  /* of the first byte that differs in the file's content; -1: none */
	char *text;     /* what it is in the one and in the other */
} KilnDifference;

void kiln_difference_free(KilnDifference *difference);

/**
 * Compare two image manifests and all below them. *out becomes an array of KilnDifference in the order manifest, configuration, layers; of each
 * layer the first difference alone; of documents at most KILN_LIMIT_DIFFERENCES. Empty when the digests are equal.
 *
 * @first_name, @second_name: what the texts call them: "the image", "the rebuild"
 * Errors: those of reading either.
 */
gboolean kiln_images_compare(const KilnLayout *first_layout, const KilnDescriptor *first, const char *first_name, const KilnLayout *second_layout,
                             const KilnDescriptor *second, const char *second_name, GPtrArray **out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The same for two JSON documents that are not read yet: @part names them. Adds to @out. */
gboolean kiln_documents_compare(const char *part, GBytes *first, const char *first_name, GBytes *second, const char *second_name, GPtrArray *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** An empty array of KilnDifference. */
GPtrArray *kiln_differences_new(void);
