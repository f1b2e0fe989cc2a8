/* SPDX-License-Identifier: Apache-2.0 */
/* known_program.h: programs and libraries that tell their version in a text, for those that no package brought.
 *
 * Whoever compiles a program himself leaves no package behind; the text that it prints about itself is in it all the same. A row names the
 * files that such a program has, the text, and how advisories call it. tests/cli/programs_test.py holds rows against Debian's packages.
 */
#pragma once
#include "base/text.h"

typedef struct {
	const char *name;       /* as its authors call it: "openssl" */
	const char *files;      /* a regular expression of the whole file name; with is_directory the name itself */
	const char *literal;    /* what stands in the text, fast to find; "%" is the release in the file's name, its first group */
	const char *pattern;    /* a regular expression of the text, its first group the version; "%" as above */
	const char *cpe;        /* vendor and product as NVD has them: "openssl:openssl" */
	const char *bitnami;    /* name in Bitnami's advisories; NULL: it has none */
	gboolean is_directory;  /* a small file of text that speaks for all of its directory */
} KilnKnownProgram;

/** All rows, sorted by name; ended by one without a name. Several rows may have one name. Static. */
extern const KilnKnownProgram kiln_known_programs[];

/** The first row of that name, or NULL. */
const KilnKnownProgram *kiln_known_program_find(const char *name);
/**
 * The row at or after @from of files with that name, or NULL: of programs and libraries (@is_elf), or of those that speak for a directory.
 * *release is the release in the name, or NULL; the caller frees it. Asked of each file of an image, thus fast for those that no row wants.
 */
const KilnKnownProgram *kiln_known_program_of_file(const KilnKnownProgram *from, const char *file_name, gboolean is_elf, char **release);
/**
 * Look for the row's text in @content. *version and *text (what is shown as evidence) are borrowed from there.
 * FALSE without error: it is not in there. Errors: KILN_ERROR_LIMIT the expression took too long.
 */
gboolean kiln_known_program_search(const KilnKnownProgram *row, const char *release, KilnText content, KilnText *version, KilnText *text, GError **error);
