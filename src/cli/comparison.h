/* SPDX-License-Identifier: Apache-2.0 */
/* comparison.h: everything that `kiln diff` tells of two images, gathered before any of it is shown. */
#pragma once
#include "cli/command.h"
#include "data/json.h"
#include "oci/image.h"
#include "pkg/inventory_compare.h"

typedef struct {
	KilnImage *image;
	KilnInventory *inventory;
	guint64 compressed_bytes;
} KilnComparedImage;

/** A setting of the configuration that differs, as JSON; NULL: not set. */
typedef struct {
	const char *key; /* "entrypoint", "labels", ...; static */
	json_t *before, *after;
} KilnConfigChange;

typedef struct {
	KilnComparedImage before, after;
	gboolean equal;   /* their manifests are the same, byte for byte */
	guint shared_layers;
	GArray *packages; /* KilnPackageChange */
	GArray *files;    /* KilnFileChange */
	GArray *settings; /* KilnConfigChange */
} KilnComparison;

/** Open and read both. Errors: those of kiln_image_open() and kiln_reader_inventory(). */
KilnComparison *kiln_comparison_new(KilnInvocation *invocation, const char *before, const char *after, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_comparison_free(KilnComparison *comparison);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnComparison, kiln_comparison_free)

/** The document of --format json; new reference. Shape: docs/formats/diff.md. */
json_t *kiln_comparison_to_json(const KilnComparison *comparison);
void kiln_comparison_print(const KilnComparison *comparison, KilnInvocation *invocation);
