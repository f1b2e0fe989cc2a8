/* SPDX-License-Identifier: Apache-2.0 */
/* own_files.h: what the recipe's `files` put into an image: read once, kept by digest, put into the closure as if a package shipped it. */
#pragma once
#include "build/closure.h"

/** One entry, as it was when it was read. Provenance keeps the list, so that the image can be built where the files are not. */
typedef struct {
	guint item;        /* index into the recipe's files */
	char *path;        /* in the image, normalised, before /usr is merged */
	KilnFileType type; /* REGULAR, DIRECTORY or SYMLINK */
	guint mode;        /* not of symlinks */
	guint64 size;
	KilnDigest digest; /* REGULAR: an input of the store */
	char *link_target;
} KilnOwnFile;

/** An empty array of KilnOwnFile. */
GPtrArray *kiln_own_files_new(void);

/**
 * Read what `files` names, and keep the content of regular files in @store.
 *
 * Errors: KILN_ERROR_NOT_FOUND, KILN_ERROR_DENIED a device or a link that leaves the directory, KILN_ERROR_UNSUPPORTED a name that is not UTF-8, KILN_ERROR_LIMIT; with the recipe's line.
 */
GPtrArray *kiln_own_files_read(const KilnRecipe *recipe, KilnStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Whether some script among them is started by env, which no package needs and every system has. Nothing is kept. */
gboolean kiln_own_files_need_env(const KilnRecipe *recipe, gboolean *needed, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** What decides the image of it, as one digest. */
void kiln_own_files_digest(const GPtrArray *files, KilnDigest *digest);
/**
 * Add @files, whose content @store has, and the recipe's `links`. Programs among them get ELF facts and shebangs, so their needs are met like a
 * package's. A path that a package owns as well is the recipe's: that is what it was named for. Nodes of files that the recipe names itself are mandatory; those
 * that came with a directory are not: of them some may be for other systems.
 *
 * Errors: KILN_ERROR_NOT_FOUND content that is not in the store, KILN_ERROR_MISMATCH content that changed there.
 */
gboolean kiln_own_files_add(KilnClosure *closure, const KilnRecipe *recipe, const GPtrArray *files, KilnStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** As provenance has it; new reference. Shape: docs/formats/provenance.md. */
json_t *kiln_own_files_to_json(const GPtrArray *files);
/** @item_count: of the recipe's files. Errors: KILN_ERROR_SYNTAX, KILN_ERROR_DENIED a path with "..", KILN_ERROR_LIMIT. */
GPtrArray *kiln_own_files_from_json(const json_t *json, guint item_count, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
