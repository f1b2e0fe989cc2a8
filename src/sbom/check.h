/* SPDX-License-Identifier: Apache-2.0 */
/* check.h: an SBOM of anybody against what standards want to be in it: what is there, what is missing where. */
#pragma once
#include "data/json.h"

typedef enum {
	KILN_SBOM_NTIA = 1 << 0, /* "The Minimum Elements for an SBOM", 2021 */
	KILN_SBOM_CISA = 1 << 1, /* "2025 Minimum Elements for an SBOM", public draft */
	KILN_SBOM_BSI = 1 << 2,  /* TR-03183-2, version 2 */
} KilnSbomStandard;

/** One element and where it is missing. */
typedef struct {
	const char *id;    /* stable: "component-hash" */
	const char *title; /* "hash of each component" */
	guint required;    /* by these standards; bits */
	guint there, all;  /* of so many places */
	GPtrArray *missing; /* char *: the first places without it: "openssl 3.0.1"; "" is the document itself */
	gboolean declared; /* the document itself says that this is not known */
} KilnSbomElement;

typedef struct {
	const char *format; /* "SPDX-2.3" */
	GPtrArray *elements; /* KilnSbomElement */
	guint components;
} KilnSbomScore;

/** Errors: those of kiln_sbom_parse(). */
KilnSbomScore *kiln_sbom_check(const void *bytes, gsize length, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_sbom_score_free(KilnSbomScore *score);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnSbomScore, kiln_sbom_score_free)

/** How much of what @standard wants is there, in percent; *passes: all of it. */
guint kiln_sbom_score_percent(const KilnSbomScore *score, KilnSbomStandard standard, gboolean *passes);
/** "NTIA", "CISA 2025 (draft)", "BSI TR-03183-2". Static. */
const char *kiln_sbom_standard_name(KilnSbomStandard standard);
