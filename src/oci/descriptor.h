/* SPDX-License-Identifier: Apache-2.0 */
/* descriptor.h: media types, descriptors, manifests and image configurations as values and as JSON. Source: OCI image-spec 1.1. */
#pragma once
#include "base/digest.h"
#include "data/json.h"

#define KILN_MEDIA_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define KILN_MEDIA_INDEX "application/vnd.oci.image.index.v1+json"
#define KILN_MEDIA_CONFIG "application/vnd.oci.image.config.v1+json"
#define KILN_MEDIA_EMPTY "application/vnd.oci.empty.v1+json"
#define KILN_MEDIA_LAYER "application/vnd.oci.image.layer.v1.tar"
#define KILN_MEDIA_LAYER_GZIP "application/vnd.oci.image.layer.v1.tar+gzip"
#define KILN_MEDIA_LAYER_ZSTD "application/vnd.oci.image.layer.v1.tar+zstd"
/* Root file systems that are read in place; no image is written with them. */
#define KILN_MEDIA_ROOT_XZ "application/vnd.dev.kiln.root.v1.tar+xz"
#define KILN_MEDIA_ROOT_LZMA "application/vnd.dev.kiln.root.v1.tar+lzma"
#define KILN_MEDIA_DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define KILN_MEDIA_DOCKER_LIST "application/vnd.docker.distribution.manifest.list.v2+json"
#define KILN_MEDIA_DOCKER_LAYER "application/vnd.docker.image.rootfs.diff.tar.gzip"

typedef struct {
	char *media_type;
	KilnDigest digest;
	guint64 size_bytes;
	char *artifact_type; /* may be NULL */
	char *os, *architecture, *variant; /* platform; may be NULL */
	char **annotations; /* key, value, key, value, NULL; sorted by key; may be NULL */
} KilnDescriptor;

gboolean kiln_media_type_is_manifest(const char *media_type); /* OCI's or Docker's; NULL is none */
gboolean kiln_media_type_is_index(const char *media_type);
/** The optional member @key, checked against RFC 6838; *out becomes a new string, NULL when missing. Errors: KILN_ERROR_SYNTAX. */
gboolean kiln_media_type_read(const json_t *json, const char *key, const char *name, char **out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void kiln_descriptor_clear(KilnDescriptor *descriptor);
void kiln_descriptor_free(KilnDescriptor *descriptor);
void kiln_descriptor_copy(const KilnDescriptor *from, KilnDescriptor *to);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KilnDescriptor, kiln_descriptor_clear)
json_t *kiln_descriptor_to_json(const KilnDescriptor *descriptor);
gboolean kiln_descriptor_from_json(const json_t *json, const char *name, KilnDescriptor *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The annotation's value, borrowed, or NULL. */
const char *kiln_descriptor_annotation(const KilnDescriptor *descriptor, const char *key);

/** An image manifest or an index. */
typedef struct {
	gboolean is_index;
	char *media_type;
	char *artifact_type;
	gboolean has_config;
	KilnDescriptor config;
	GPtrArray *items; /* KilnDescriptor: layers of a manifest, manifests of an index */
	gboolean has_subject;
	KilnDescriptor subject;
	char **annotations; /* as in a descriptor */
} KilnManifest;

/** Refuses documents that are both manifest and index, negative sizes, more than KILN_LIMIT_LAYERS layers. Docker's types are understood.
 *  Members that KilnManifest does not have are ignored; a missing mediaType is filled in by the document's shape. */
KilnManifest *kiln_manifest_parse(GBytes *bytes, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** As kiln_manifest_parse() for a document that is parsed already. */
KilnManifest *kiln_manifest_from_json(const json_t *json, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Canonical bytes. */
GBytes *kiln_manifest_print(const KilnManifest *manifest);
KilnManifest *kiln_manifest_new(gboolean is_index);
void kiln_manifest_free(KilnManifest *manifest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnManifest, kiln_manifest_free)
