/* SPDX-License-Identifier: Apache-2.0 */
/* solver.h: from wanted names to exact packages. The only place that knows libsolv. */
#pragma once
#include "source/index.h"

typedef struct {
	char *name, *version, *architecture;
	char *source_name, *source_version;
	char *filename;       /* pool path below the archive's URI */
	KilnDigest digest;
	guint64 size_bytes;
	guint64 installed_bytes;
	guint suite;          /* index into the suites given */
	char *component;
	char **depends;       /* names of the packages of the solution that meet this one's Depends and Pre-Depends, sorted, each once */
	gboolean requested;   /* named by the caller */
	gboolean essential;   /* Essential: yes */
} KilnSolvedPackage;

typedef struct {
	const char *architecture;       /* "amd64" */
	const char *const *packages;    /* wanted: "nginx", "nginx=1.26.3-3", "libssl3t64:amd64"; NULL-terminated */
	const char *const *implicit;    /* resolved with, because nothing names them: "libc-bin", ...; missing ones are no error */
	const char *const *exclude;     /* never part of the solution; may be NULL */
} KilnSolveRequest;

/** Parsed indexes that stay in memory, so that several requests on the same suites load them once; not for several threads at a time. */
typedef struct KilnSolver KilnSolver;
KilnSolver *kiln_solver_new(void);
void kiln_solver_free(KilnSolver *solver);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnSolver, kiln_solver_free)

/**
 * Solve as apt would without Recommends: the highest version across suites, the first alternative preferred, virtual packages.
 * The parsed index is cached by the digests of its inputs.
 *
 * @solver: where indexes stay for the next request
 * @packages: becomes an array of KilnSolvedPackage, sorted by name
 * Errors: KILN_ERROR_NOT_FOUND no package of that name (with the nearest), KILN_ERROR_UNSATISFIABLE in plain words:
 * package, missing or conflicting dependency, suites looked at.
 */
gboolean kiln_solve(KilnSolver *solver, KilnStore *store, const KilnContext *context, KilnSuiteIndex *const *suites, gsize suite_count,
                    const KilnSolveRequest *request, GPtrArray **packages, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_solved_package_free(KilnSolvedPackage *package);
