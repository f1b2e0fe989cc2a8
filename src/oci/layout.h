/* SPDX-License-Identifier: Apache-2.0 */
/* layout.h: an OCI image layout on disk: blobs by digest, one index.json with names, referrers by subject. */
#pragma once
#include "io/file.h"
#include "oci/descriptor.h"

typedef struct KilnLayout KilnLayout;

/** Open, or with @create make, the layout. Errors: KILN_ERROR_NOT_FOUND, KILN_ERROR_UNSUPPORTED another layout version, KILN_ERROR_IO. */
KilnLayout *kiln_layout_open(int dir_fd, const char *path, gboolean create, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_layout_close(KilnLayout *layout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnLayout, kiln_layout_close)

gboolean kiln_layout_has_blob(const KilnLayout *layout, const KilnDigest *digest, guint64 *size_bytes);
/** A descriptor for reading; content is not verified yet. -1: KILN_ERROR_NOT_FOUND. */
int kiln_layout_open_blob(const KilnLayout *layout, const KilnDigest *digest, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Let the file @fd, whose content has @digest, be a blob while the layout is open: it is not copied, and others do not see it. @fd is taken. */
void kiln_layout_lend_blob(KilnLayout *layout, int fd, const KilnDigest *digest, guint64 size_bytes);
/** Read a small blob whole and verify it against @digest. */
GBytes *kiln_layout_read_blob(const KilnLayout *layout, const KilnDigest *digest, guint64 max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * Write a small blob; @out gets digest and size, its media_type a copy of @media_type. Existing blobs are not rewritten.
 * Blobs reach the disk together, before index.json names any: after a crash, what it names is whole, and a blob that it does not
 * name may be short. So whoever relies on a blob that is there compares its size.
 */
gboolean kiln_layout_put_blob(KilnLayout *layout, const char *media_type, const void *bytes, gsize length, KilnDescriptor *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Begin a blob whose digest is not known yet (write to it with kiln_new_file_write), and finish it under its digest. */
KilnNewFile *kiln_layout_begin_blob(KilnLayout *layout, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean kiln_layout_commit_blob(KilnLayout *layout, KilnNewFile *file, const KilnDigest *digest, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Put @descriptor into index.json as @name (annotation org.opencontainers.image.ref.name), replacing the one of that name;
 * @name NULL: without a name (referrers), no duplicate entries. What was attached before is listed too. An index that stays the same
 * is not written. Safe against other processes (lock on the layout).
 */
gboolean kiln_layout_set(KilnLayout *layout, const char *name, const KilnDescriptor *descriptor, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Find by name; @name NULL: the only named or only image there. Errors: KILN_ERROR_NOT_FOUND (lists the names that exist, nearest first). */
gboolean kiln_layout_find(const KilnLayout *layout, const char *name, KilnDescriptor *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** All entries of index.json: array of KilnDescriptor. */
gboolean kiln_layout_list(const KilnLayout *layout, GPtrArray **descriptors, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Referrers of @subject: array of KilnDescriptor with artifact_type filled; @artifact_type NULL: all. */
gboolean kiln_layout_referrers(const KilnLayout *layout, const KilnDigest *subject, const char *artifact_type, GPtrArray **descriptors, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Attach @bytes as a one-blob artifact with @subject; the next kiln_layout_set() lists its manifest. @annotations as in a descriptor, may be NULL. */
gboolean kiln_layout_attach(KilnLayout *layout, const KilnDescriptor *subject, const char *artifact_type, const char *media_type,
                            const void *bytes, gsize length, char **annotations, KilnDescriptor *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The content of an artifact as kiln_layout_attach() made it, found by the descriptor of its manifest. Errors: KILN_ERROR_SYNTAX it has not one blob. */
GBytes *kiln_layout_read_artifact(const KilnLayout *layout, const KilnDescriptor *artifact, guint64 max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * The next kiln_layout_set() takes what index.json now lists about @subject with @artifact_type and, unless @annotation is NULL, with that
 * annotation's @value out of it: something newer stands in its place.
 */
gboolean kiln_layout_detach(KilnLayout *layout, const KilnDigest *subject, const char *artifact_type, const char *annotation, const char *value,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
