/* SPDX-License-Identifier: Apache-2.0 */
/* evidence.h: what is attached to an image when it is built: SBOMs, provenance, and the reason of every file. */
#pragma once
#include "build/layers.h"
#include "build/lock.h"
#include "build/own_files.h"
#include "build/tree.h"

#define KILN_MEDIA_REASONS "application/vnd.kiln.reasons.v1+json"
#define KILN_PREDICATE_TYPE_ANNOTATION "in-toto.io/predicate-type"

typedef struct {
	const KilnRecipe *recipe;
	const KilnLock *lock;
	const KilnLockPlatform *platform;
	const KilnTree *tree;
	const KilnLayers *layers;
	gint64 created_unix_s;
	gboolean created_from_environment; /* SOURCE_DATE_EPOCH decided, not the archive */
	const KilnDescriptor *subject;     /* the manifest */
	const GPtrArray *own_files;        /* KilnOwnFile */
	const KilnDigest *program;         /* of the kiln that built it; NULL: not known */
} KilnEvidence;

/** Attach SPDX, CycloneDX, SLSA provenance and reasons to evidence->subject in @layout. */
gboolean kiln_evidence_attach(const KilnEvidence *evidence, KilnLayout *layout, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The reasons document; new reference. Shape: docs/formats/reasons.md. */
json_t *kiln_reasons_document(const KilnEvidence *evidence);
/** Where the recipe says what: {"packages": "nginx.yaml:3", "files[0]": "nginx.yaml:9"}; new reference. */
json_t *kiln_recipe_places(const KilnRecipe *recipe);
/** The SLSA v1 provenance predicate; new reference. Shape: docs/formats/provenance.md. build/provenance.h reads it. */
json_t *kiln_provenance_predicate(const KilnEvidence *evidence);
