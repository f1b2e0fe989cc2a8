/* SPDX-License-Identifier: Apache-2.0 */
/* file_cataloger.h: files that say by themselves which packages are there: metadata of languages, programs with build information.
 *
 * A cataloger sees one file at a time, while its layer is read, and nothing else of the image; what it notes is kept with the
 * layer's facts. Package databases, which need the whole image, are in cataloger.h. For the files of pkg only.
 */
#pragma once
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/pack.h"
#include "oci/layer_facts.h"
#include "pkg/inventory.h"

/** Something else about a file that a person should know. */
typedef struct {
	const char *kind; /* static: "unreadable", "secret" */
	char *what;
} KilnFileRemark;

typedef struct {
	const char *path;       /* of the file that is read; borrowed */
	const char *cataloger;
	GPtrArray *packages;    /* KilnInventoryPackage */
	GPtrArray *remarks;     /* KilnFileRemark */
} KilnFileNotes;

typedef struct {
	const char *name; /* "python" */
	gboolean (*wants)(const KilnSeenFile *file);
	/**
	 * Read the whole file and note what it says. Errors (KILN_ERROR_SYNTAX, KILN_ERROR_LIMIT, without the path) end this file, not the
	 * image: they become the remark "unreadable", which is an answer that cannot be told.
	 */
	gboolean (*read)(KilnFileNotes *notes, KilnText content, GError **error);
} KilnFileCataloger;

/** All of them, NULL at the end: a new one is a file of its own and a row in file_catalogers.c. */
extern const KilnFileCataloger *const kiln_file_catalogers[];

/** Note a package; the rest of it is to be filled in. @name and @version are checked to be sane text. NULL with @error when they are not. Borrowed. */
KilnInventoryPackage *file_notes_add(KilnFileNotes *notes, const char *type, KilnText name, KilnText version, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * Let the package own @path, which is relative to directory @base ("" is the root; NULL: @path is absolute): "../" is worked out, and
 * what leads out of the root is ignored. A trailing "/" means everything below.
 */
void file_notes_claim(KilnInventoryPackage *package, const char *base, KilnText path);
/** The directory @levels above the file: for "a/b/c.json", 1 is "a/b", 2 is "a", 3 and more are "". New string. */
char *file_notes_directory(const KilnFileNotes *notes, guint levels);
/** The quoted text in a line `key"text"` of TOML as lock files are written: @key is `name = `. FALSE: it is another line. */
gboolean file_notes_toml_text(KilnText line, const char *key, KilnText *out);
/** KilnInventoryPackage's symbols as bytes and back. */
void file_notes_pack_symbols(GByteArray *out, const GArray *symbols);
GArray *file_notes_unpack_symbols(KilnUnpack *unpack);
void file_notes_remark(KilnFileNotes *notes, const char *kind, char *what);

/** What every cataloger that wants @file notes of it, packed; NULL when there is nothing to note. */
GBytes *kiln_file_notes_read(const KilnSeenFile *file, KilnText content);
gboolean kiln_file_notes_wanted(const KilnSeenFile *file);
/** Undo the packing. FALSE: damaged. Free with kiln_file_notes_free(). */
KilnFileNotes *kiln_file_notes_unpack(const char *path, GBytes *packed);
void kiln_file_notes_free(KilnFileNotes *notes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnFileNotes, kiln_file_notes_free)
