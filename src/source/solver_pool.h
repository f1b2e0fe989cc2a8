/* SPDX-License-Identifier: Apache-2.0 */
/* solver_pool.h: package indexes as libsolv's pool, parsed once and remembered by digest. Internal to this module. */
#pragma once
#include "source/index.h"

#include <solv/pool.h>
#include <solv/repo.h>

typedef struct {
	guint suite;           /* index into the suites given */
	const char *component; /* interned */
	GBytes *sizes;         /* for package_sizes_find(); owned */
} SolverRepository;

/** The indexes of some suites for one architecture, and what every request on them has in common. */
typedef struct {
	Pool *pool;           /* one repository per index file; Repo.appdata is the number of its SolverRepository, from 1 */
	GArray *repositories; /* SolverRepository */
	Queue favours;        /* jobs; filled by who uses it first */
} SolverPool;

SolverPool *solver_pool_load(KilnStore *store, KilnSuiteIndex *const *suites, gsize suite_count, const char *architecture, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void solver_pool_free(SolverPool *pool);
/** What decides the content of solver_pool_load(), as text; new string. */
char *solver_pool_key(KilnSuiteIndex *const *suites, gsize suite_count, const char *architecture);
