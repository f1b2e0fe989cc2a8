/* SPDX-License-Identifier: Apache-2.0 */
/* ldcache.h: /etc/ld.so.cache as glibc's ldconfig writes it, byte for byte. Source: glibc sysdeps/generic/dl-cache.h. */
#pragma once
#include "elf/facts.h"

typedef struct {
	const char *path;   /* "/lib/x86_64-linux-gnu/libz.so.1" as ldconfig would list it */
	const char *soname; /* "libz.so.1" */
	guint elf_machine, class_bits;
	guint isa_level;    /* highest bit of GNU_PROPERTY_X86_ISA_1_NEEDED; only stored together with hwcap */
	gboolean is_plain_elf; /* up to glibc 2.36, a 32-bit x86 library that needs neither libc.so.6 nor libm.so.6 is marked so */
	const char *hwcap;  /* name of the glibc-hwcaps subdirectory, "x86-64-v3", or NULL */
} KilnLdCacheEntry;

/**
 * @entries: in the order of the directories that ldconfig scans; within one directory any order gives the same bytes.
 *   Paths above KILN_LIMIT_PATH_BYTES, and entries above 262144, are left out.
 * @hwcaps: names of all glibc-hwcaps subdirectories that exist, NULL-terminated, may be NULL; ldconfig stores also those that it
 *   found nothing in
 * @generator: the text that this glibc's ldconfig puts into its extension, "ldconfig (Debian GLIBC 2.41-12) stable release version 2.41"
 */
GBytes *kiln_ldcache_build(const KilnLdCacheEntry *entries, gsize count, const char *const *hwcaps, const char *generator);

/** The root file system that ldconfig would see. All paths begin with "/"; symlinks are followed unless said. */
typedef struct {
	/** Names in a directory in any order, NULL when there is none; the caller frees. */
	char **(*list)(const char *directory, gpointer user_data);
	/** The path without symlinks of an existing file or directory, else NULL; the caller frees. */
	char *(*resolve)(const char *path, gpointer user_data);
	/** Whether the last component is a symlink, not followed. */
	gboolean (*is_symlink)(const char *path, gpointer user_data);
	/** Borrowed until the scan ends; NULL when this is no ELF file. */
	const KilnElfFacts *(*facts)(const char *path, gpointer user_data);
	/** A small text file (ld.so.conf), NULL when there is none; the caller unrefs. */
	GBytes *(*read)(const char *path, gpointer user_data);
	gpointer user_data;
} KilnLdCacheRoot;

typedef struct {
	char *path, *target; /* "/lib/x86_64-linux-gnu/libz.so.1" -> "libz.so.1.3.1" */
} KilnLdCacheLink;

/**
 * What `ldconfig` would do in @root: the bytes of /etc/ld.so.cache.
 *
 * @triplet: "x86_64-linux-gnu", for the directories that are built in and the machines that are taken
 * @links: soname links that ldconfig would make or change are appended (KilnLdCacheLink); may be NULL
 * Directories: /etc/ld.so.conf with its includes, then /lib/TRIPLET, /usr/lib/TRIPLET, /lib, /usr/lib as Debian builds them in;
 * the same directory under a second name does not count, so a merged /usr is listed under the name that comes first.
 */
GBytes *kiln_ldcache_scan(const KilnLdCacheRoot *root, const char *triplet, const char *generator, GPtrArray *links);
void kiln_ldcache_link_free(KilnLdCacheLink *link);
