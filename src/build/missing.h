/* SPDX-License-Identifier: Apache-2.0 */
/* missing.h: which package of the archive has what the closure lacks. */
#pragma once
#include "build/lock.h"
#include "build/slice.h"
#include "source/index.h"

/**
 * Add to @error, for each of @missing, the package that has it, from the Contents indexes of the lock's suites: fetched only now.
 *
 * @archive: for its mirrors and keyrings; NULL: @error stays as it is
 * @architecture: Debian's word, "amd64"
 */
void kiln_missing_explain(KilnStore *store, const KilnContext *context, const KilnLock *lock, const KilnArchive *archive,
                          const char *architecture, const GPtrArray *missing, GError **error);
