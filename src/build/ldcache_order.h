/* SPDX-License-Identifier: Apache-2.0 */
/* ldcache_order.h: the order of library names that ldconfig and the loader share. Internal to ldcache*.c. */
#pragma once
#include "build/ldcache.h"

/** Negative, zero, positive; digits compare as numbers. Source: glibc elf/dl-cache.c, _dl_cache_libcmp. */
int kiln_ldcache_compare_names(const char *a, const char *b);
