/* SPDX-License-Identifier: Apache-2.0 */
/* purl_type.h: what single purl types ask of their parts beyond the common rules. */
#pragma once
#include "pkg/purl.h"

/**
 * Fold the case of the parts as @purl's type asks and check what it requires. An unknown type has no rules of its own.
 * Errors: KILN_ERROR_SYNTAX.
 */
gboolean kiln_purl_type_apply(KilnPurl *purl, GError **error) G_GNUC_WARN_UNUSED_RESULT;
