/* SPDX-License-Identifier: Apache-2.0 */
/* slice_internal.h: the worklist that the rules of slicing share. */
#pragma once
#include "build/slice.h"

/** What an optional file lacks. */
typedef struct {
	const KilnNode *node;
	const char *need; /* interned */
	const char *what; /* "a library", static */
} SliceLack;

typedef struct {
	KilnClosure *closure;
	const KilnRecipe *recipe;
	KilnSliceResult *result;
	GQueue queue;           /* KilnNode whose needs are not followed yet */
	GHashTable *libraries;  /* file name -> GPtrArray of KilnNode that the loader's directories hold */
	GHashTable *interpreters; /* KilnNode of programs that scripts may use */
	GPtrArray *search_directories; /* of the loader, in order */
	GHashTable *noted;      /* ids of notices given */
	GPtrArray *lacking;     /* SliceLack: needs of optional files, judged once all is kept */
} Slice;

/** Keep @node because of @rule; a dropped node is never kept. Idempotent; a mandatory reason replaces an optional one. */
void slice_keep(Slice *slice, KilnNode *node, const char *rule, const KilnNode *from, const char *detail, gboolean mandatory);
/** As keep, for a node that would be kept as part of a package or directory: the skip table and the rules about shells, setuid and scripts speak first. */
void slice_offer(Slice *slice, KilnNode *node, const char *rule, const KilnNode *from, const char *detail);
/** Queue everything that the kept @node needs. */
void slice_follow(Slice *slice, KilnNode *node);
/** Find and keep what @soname means to the loader when @from needs it. Returns FALSE when nothing fits. */
gboolean slice_need_library(Slice *slice, KilnNode *from, const char *soname, const char *rule, gboolean mandatory);
void slice_index_libraries(Slice *slice);
/** Look at a package whose code is used for the first time: its data, and the data packages it depends on. */
void slice_activate(Slice *slice, int package, const KilnNode *because);
/** After the worklist is empty: modules of interpreters that came after the packages which depend on them. TRUE when something was added. */
gboolean slice_bring_modules(Slice *slice);
void slice_classify_packages(Slice *slice);
/** TRUE for packages that only maintainer scripts and people at a terminal use. */
gboolean slice_is_tool(const char *package);
/** Keep @path with every link on the way to it. NULL when it does not exist. */
KilnNode *slice_keep_path(Slice *slice, const char *path, const char *rule, const KilnNode *from, const char *detail, gboolean mandatory);
/** A warning or note, once, unless the recipe accepts it. */
void slice_notice(Slice *slice, const char *id, const char *answer, gboolean note, const char *format, ...) G_GNUC_PRINTF(5, 6);
void slice_missing(Slice *slice, const KilnNode *from, const char *need, const char *detail);
/** After all is kept: tell what optional files lack, unless another file brings it into the same process. */
void slice_tell_lacking(Slice *slice);
/** A mandatory need that no package would meet. */
void slice_unfit(Slice *slice, const KilnNode *from, const char *need, const char *detail);
gboolean slice_is_program_path(const char *path);
/** After the worklist is empty: links to what is kept. TRUE when something was added. */
gboolean slice_keep_links(Slice *slice);
/** After the worklist is empty: what an image needs whatever is in it, and what it needs when it has a C library. TRUE when something was added. */
gboolean slice_keep_foundation(Slice *slice);
/** What the C library reads of the locales that the recipe asks for; one that no package has is unfit. */
void slice_keep_locales(Slice *slice);
/** Last: the copyright file of every package of which a file is kept. */
void slice_keep_licences(Slice *slice);
/** What follows from the imports of a kept ELF file. */
void slice_follow_imports(Slice *slice, KilnNode *node);
/** What a program that asks PAM may need: files of services. */
void slice_keep_pam_services(Slice *slice, const KilnNode *node);
/** When @node is the file of a service: the modules and other services that it names. */
void slice_follow_pam_service(Slice *slice, const KilnNode *node);
