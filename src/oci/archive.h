/* SPDX-License-Identifier: Apache-2.0 */
/* archive.h: an image and its referrers as one file: oci-archive and docker-archive; and from layout to layout. */
#pragma once
#include "oci/layout.h"

/**
 * Write @descriptor, all it needs and its referrers as a tar of an OCI layout. The bytes depend on the image and @tag only; @path appears
 * when it is complete. @tag may be NULL.
 *
 * Errors: KILN_ERROR_MISMATCH a damaged blob, KILN_ERROR_NOT_FOUND a missing one, KILN_ERROR_IO.
 * Source: OCI image-spec 1.1, image-layout.md; containers-transports(5), "oci-archive".
 */
gboolean kiln_oci_archive_write(const KilnLayout *layout, const KilnDescriptor *descriptor, const char *tag, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Write what `docker load` reads: the configuration as it is and each layer inflated, checked against its diff id. It has no room for
 * referrers, annotations and more than one platform.
 *
 * @name: "nginx:latest", goes to RepoTags; may be NULL
 *
 * Errors: as above; KILN_ERROR_UNSUPPORTED an index (says to choose a platform).
 * Source: Docker image spec 1.2, "Combined Image JSON + Filesystem Changeset Format".
 */
gboolean kiln_docker_archive_write(const KilnLayout *layout, const KilnDescriptor *descriptor, const char *name, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Unpack either kind, plain or compressed (gzip, zstd, xz), into the layout @into, checking every digest; layers are inflated, and their diff
 * ids checked, when they are read. Which kind it is, its
 * content says: oci-layout, or else manifest.json. Docker's become OCI manifests over the same layers. Nothing is written but blobs below @into,
 * which also gets the names and artifacts that the archive has; use a private layout unless you want them.
 *
 * @tag: of an OCI archive the tag, or the name that containerd gives ("docker.io/library/nginx:latest"); of Docker's one of RepoTags, with or
 *     without "docker.io/library/" and ":latest", or "@1" for the second image. NULL: the only image.
 * @out: the image's descriptor, of which all that it reaches is there
 *
 * Errors: KILN_ERROR_UNSUPPORTED neither kind (a file system perhaps), KILN_ERROR_NOT_FOUND no such tag, or a member is missing,
 * KILN_ERROR_MISMATCH, KILN_ERROR_SYNTAX, KILN_ERROR_DENIED paths or links that leave the archive, KILN_ERROR_LIMIT.
 */
gboolean kiln_archive_read(const char *path, const char *tag, KilnLayout *into, KilnDescriptor *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Is the file at @path a tar, plain or compressed, of a root file system, by the first path in it? FALSE also when it cannot be read. */
gboolean kiln_root_archive_is(const char *path);

/**
 * Take the tar of a root file system at @path (plain, gzip, zstd, xz) as the only layer of an image without configuration: the file is lent to
 * @into as it is. The same file gives the same image. What it inflates to nobody promises: its digest stands where the diff id does.
 *
 * Errors: KILN_ERROR_UNSUPPORTED its compression, KILN_ERROR_IO.
 */
gboolean kiln_root_archive_read(const char *path, KilnLayout *into, KilnDescriptor *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * Take the directory @path as the only layer of an image without configuration: its canonical tar without times, so that the same content
 * gives the same image. Other file systems below it, and sockets, are left out.
 *
 * Errors: KILN_ERROR_IO what cannot be read is named; KILN_ERROR_BUSY it changes meanwhile; KILN_ERROR_DENIED a name that is a whiteout's; KILN_ERROR_LIMIT.
 */
gboolean kiln_root_directory_read(const char *path, KilnLayout *into, KilnDescriptor *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Copy an image with everything it references, indexes in indexes included, and its referrers between layouts. Blobs that are there already
 * are not read, the others are verified while they are copied; names are set when all is there.
 *
 * @name: in @to; NULL: without a name
 */
gboolean kiln_layout_copy(const KilnLayout *from, const KilnDescriptor *descriptor, KilnLayout *to, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
