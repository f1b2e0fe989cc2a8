/* SPDX-License-Identifier: Apache-2.0 */
/* archive.h: an image and its referrers as one file: oci-archive and docker-archive. */
#pragma once
#include "oci/layout.h"

/** Write @descriptor and all it needs (and its referrers) as a tar of an OCI layout; deterministic; atomic. @tag may be NULL. */
gboolean kiln_oci_archive_write(const KilnLayout *layout, const KilnDescriptor *descriptor, const char *tag, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Write a `docker load` archive of one manifest (not an index). @name: "nginx:latest", goes to RepoTags. */
gboolean kiln_docker_archive_write(const KilnLayout *layout, const KilnDescriptor *descriptor, const char *name, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Unpack either kind into the layout @into, checking digests; docker's become OCI manifests with the same layers. @out: what the archive holds as @tag (NULL: the only one). */
gboolean kiln_archive_read(const char *path, const char *tag, KilnLayout *into, KilnDescriptor *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Copy an image with everything it references, and its referrers, between layouts; blobs already there are not read. */
gboolean kiln_layout_copy(const KilnLayout *from, const KilnDescriptor *descriptor, KilnLayout *to, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
