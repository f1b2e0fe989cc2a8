/* SPDX-License-Identifier: Apache-2.0 */
/* effects.h: what maintainer scripts would have done, applied to the closure's tree before slicing. */
#pragma once
#include "build/slice.h"

/**
 * Add links, directories, copies and owners that scripts, sysusers.d and tmpfiles.d ask for. Nodes made here carry
 * made_by and belong to the package whose script makes them, so slicing keeps them only with that package.
 *
 * @notices: scripts with lines that were not understood are told here once the package is used: see kiln_effects_warn()
 */
gboolean kiln_effects_apply(KilnClosure *closure, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** After slicing: warn of lines not understood in scripts of packages that are used, unless the recipe accepts "script:PACKAGE". */
void kiln_effects_warn(const KilnClosure *closure, const KilnRecipe *recipe, GPtrArray *notices);
/** The content of a regular node, at most @max_bytes. */
GBytes *kiln_node_read(const KilnClosure *closure, const KilnNode *node, guint64 max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
