/* SPDX-License-Identifier: Apache-2.0 */
/* provenance.h: from what an image was made, read back so that it can be made again. Source: slsa.dev/spec/v1.0/provenance; docs/formats/provenance.md. */
#pragma once
#include "build/lock.h"
#include "build/own_files.h"
#include "build/recipe.h"
#include "oci/layout.h"

#define KILN_BUILD_TYPE "https://kiln.example/build/v1"
#define KILN_BUILDER_ID "https://kiln.example/kiln"

typedef struct {
	KilnRecipe *recipe;        /* for the one platform */
	KilnLock *lock;
	char *platform;            /* "linux/amd64" */
	gint64 source_date_epoch;  /* -1: none was given */
	GPtrArray *own_files;      /* KilnOwnFile */
	guint slice_rules_version;
	char *kiln_version;        /* of the builder; may be NULL, as what follows */
	char *compressor;          /* "kiln-gzip 1" */
	gboolean has_program;
	KilnDigest program;        /* of the builder's kiln */
} KilnProvenance;

/**
 * Read a predicate. Everything in it is a claim: who believes it builds from it and compares.
 *
 * Errors: KILN_ERROR_UNSUPPORTED built by something else, or in another way, KILN_ERROR_SYNTAX, and those of lock and recipe.
 */
KilnProvenance *kiln_provenance_from_json(const json_t *predicate, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * The provenance that is attached to @manifest and says that it is about it; of several, one by this version of kiln, and the newest.
 *
 * Errors: KILN_ERROR_UNSUPPORTED none is attached; else, when none can be read, the error of the first.
 */
KilnProvenance *kiln_provenance_find(const KilnLayout *layout, const KilnDescriptor *manifest, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_provenance_free(KilnProvenance *provenance);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnProvenance, kiln_provenance_free)
