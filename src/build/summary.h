/* SPDX-License-Identifier: Apache-2.0 */
/* summary.h: what came out of a build, in numbers and warnings: for people, for --format json, and remembered for the next time. */
#pragma once
#include "build/slice.h"
#include "oci/descriptor.h"

typedef struct {
	const char *rule; /* id of a row in build/reason.h; static */
	guint files;
	guint64 bytes;
} KilnLeftOut;

/** What one platform's image came to. */
typedef struct {
	char *platform;
	KilnDescriptor descriptor;
	guint packages_all, packages_kept; /* of the plain install, and those with a file in the image */
	guint files_all, files_kept;
	guint64 bytes_all, bytes_kept;     /* unpacked content */
	guint64 compressed_bytes;
	guint layers;
	GPtrArray *notices;                /* KilnNotice */
	GPtrArray *left_out;               /* KilnLeftOut by bytes, largest first */
} KilnBuiltPlatform;

KilnBuiltPlatform *kiln_built_platform_new(const char *platform);
void kiln_built_platform_free(KilnBuiltPlatform *built);

/** As --format json shows it; new reference. Shape: docs/formats/build.md. */
json_t *kiln_built_platform_to_json(const KilnBuiltPlatform *built);
/** Read it back; NULL when it is of another shape. The descriptor has digest, size and media type of the manifest only. */
KilnBuiltPlatform *kiln_built_platform_from_json(const json_t *json, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
