/* SPDX-License-Identifier: Apache-2.0 */
/* reference.h: every way in which people write where an image is. */
#pragma once
#include "base/digest.h"

typedef enum {
	KILN_TRANSPORT_STORE,          /* bare NAME[:TAG][@DIGEST]: the local store */
	KILN_TRANSPORT_OCI_LAYOUT,     /* oci:DIR[:TAG][@DIGEST], oci-dir:DIR[@DIGEST] (a DIR with colons) */
	KILN_TRANSPORT_OCI_ARCHIVE,    /* oci-archive:FILE[:TAG][@DIGEST] */
	KILN_TRANSPORT_DOCKER_ARCHIVE, /* docker-archive:FILE[:REF][@DIGEST] */
	KILN_TRANSPORT_REGISTRY,       /* docker://REF, registry:REF */
	KILN_TRANSPORT_DIRECTORY,      /* dir:PATH */
	KILN_TRANSPORT_TAR,            /* FILE.tar[.gz|.zst|.xz], FILE.tgz: whatever the file turns out to be */
	KILN_TRANSPORT_SBOM,           /* sbom:FILE */
} KilnTransport;

typedef struct {
	KilnTransport transport;
	char *path;   /* directory or file of the local transports, else NULL */
	char *name;   /* "nginx" in the store; "docker.io/library/nginx" for a registry; else NULL */
	char *tag;    /* NULL: none given (readers use "latest" for STORE and REGISTRY, the only image for layouts and archives) */
	gboolean has_digest;
	KilnDigest digest; /* name@sha256:...; where both are given the digest decides, as everywhere in the field */
} KilnReference;

/**
 * The first colon ends DIR and FILE, as in the tools of the field; the rest is the tag, which may hold colons itself ("nginx:latest").
 *
 * Errors: KILN_ERROR_SYNTAX with the offending part, and the nearest known prefix for an unknown one; those of kiln_digest_parse().
 * Source: distribution-spec 1.1 "Pulling manifests" (name and tag grammar); image-spec 1.1 annotations.md (ref.name); containers-transports(5).
 */
gboolean kiln_reference_parse(const char *text, KilnReference *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The canonical spelling; parses back to the same. New string. */
char *kiln_reference_print(const KilnReference *reference);
/** The prefix nearest to @word ("oci-archve": "oci-archive"), or NULL when none is near. Static. */
const char *kiln_reference_nearest_prefix(const char *word);
void kiln_reference_clear(KilnReference *reference);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KilnReference, kiln_reference_clear)
