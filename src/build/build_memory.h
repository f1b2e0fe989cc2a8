/* SPDX-License-Identifier: Apache-2.0 */
/* build_memory.h: what earlier builds came to, in the cache by the digest of their inputs. For builder.c. */
#pragma once
#include "build/builder.h"

/** The image that was built from the inputs @key, when it is still whole in @layout and its evidence is listed there. *result is replaced on success only. */
gboolean build_memory_recall(KilnStore *store, const KilnLayout *layout, const KilnDigest *key, KilnBuildResult *result) G_GNUC_WARN_UNUSED_RESULT;
/** Remember @result once @layout lists it. */
gboolean build_memory_keep(KilnStore *store, const KilnLayout *layout, const KilnDigest *key, const KilnBuildResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
