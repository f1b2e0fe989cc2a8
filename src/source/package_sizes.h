/* SPDX-License-Identifier: Apache-2.0 */
/* package_sizes.h: size and priority of each package file of an index, by its digest: libsolv keeps neither. Internal to this module. */
#pragma once
#include "base/digest.h"

#include <stdio.h>

/** Records from an inflated Packages index, sorted by digest: what package_sizes_find() searches. @stream is rewound before and after. */
GBytes *package_sizes_read(FILE *stream);
/** FALSE when the index has no package of that digest. */
gboolean package_sizes_find(GBytes *sizes, const KilnDigest *digest, guint64 *size_bytes);
/** Whether the index says Priority: required. */
gboolean package_sizes_required(GBytes *sizes, const KilnDigest *digest);
