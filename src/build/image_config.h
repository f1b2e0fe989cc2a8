/* SPDX-License-Identifier: Apache-2.0 */
/* image_config.h: the image configuration and manifest that a recipe asks for. */
#pragma once
#include "build/layers.h"
#include "oci/config.h"

/** Write configuration and manifest; @out describes the manifest, with its platform. */
gboolean kiln_image_write(const KilnRecipe *recipe, const KilnTree *tree, const KilnLayers *layers, gint64 created_unix_s, KilnLayout *layout,
                          KilnDescriptor *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
