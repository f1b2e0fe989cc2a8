/* SPDX-License-Identifier: Apache-2.0 */
/* solver_pool.h: package indexes as libsolv's pool, parsed once and remembered by digest. Internal to this module. */
#pragma once
#include "source/index.h"

#include <solv/pool.h>
#include <solv/repo.h>

typedef struct {
	guint suite;           /* index into the suites given */
	const char *component; /* borrowed from the suite's index */
	GBytes *sizes;         /* for package_sizes_find(); owned */
} SolverRepository;

/** A pool with one repository per index file; Repo.appdata is the number of its SolverRepository, from 1. Free with solver_pool_free(). */
Pool *solver_pool_load(KilnStore *store, KilnSuiteIndex *const *suites, gsize suite_count, const char *architecture,
                       GArray **repositories, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** @repositories: array of SolverRepository; may be NULL */
void solver_pool_free(Pool *pool, GArray *repositories);
