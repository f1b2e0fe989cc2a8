/* SPDX-License-Identifier: Apache-2.0 */
/* ldcache.h: /etc/ld.so.cache as glibc's ldconfig writes it, byte for byte. Source: glibc sysdeps/generic/dl-cache.h. */
#pragma once
#include <glib.h>

typedef struct {
	const char *path;   /* "/usr/lib/x86_64-linux-gnu/libz.so.1" as ldconfig would list it */
	const char *soname; /* "libz.so.1" */
	guint elf_machine, class_bits;
	guint isa_level;    /* 0: none; glibc-hwcaps subdirectory name in hwcap */
	const char *hwcap;  /* "x86-64-v3" or NULL */
} KilnLdCacheEntry;

/** @entries in any order. @generator: the text that this glibc's ldconfig puts into its extension, "ldconfig (Debian GLIBC 2.41-12) stable release version 2.41". */
GBytes *kiln_ldcache_build(const KilnLdCacheEntry *entries, gsize count, const char *generator);
