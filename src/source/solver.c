/* SPDX-License-Identifier: Apache-2.0 */
/* solver.c: from wanted names to exact packages: jobs, solution, problems in plain words. */
#include "source/solver.h"

#include "base/error.h"
#include "base/text.h"
#include "source/package_sizes.h"
#include "source/solver_pool.h"

#include <solv/evr.h>
#include <solv/knownid.h>
#include <solv/poolarch.h>
#include <solv/selection.h>
#include <solv/solver.h>
#include <solv/solverdebug.h>
#include <solv/transaction.h>
#include <string.h>

void kiln_solved_package_free(KilnSolvedPackage *package)
{
	if (!package)
		return;
	g_free(package->name);
	g_free(package->version);
	g_free(package->architecture);
	g_free(package->source_name);
	g_free(package->source_version);
	g_free(package->filename);
	g_free(package->component);
	g_strfreev(package->depends);
	g_free(package);
}

#define POOLS_MAX 2 /* in memory at a time: two architectures of one release */

struct KilnSolver {
	GHashTable *pools; /* solver_pool_key() -> SolverPool */
};

KilnSolver *kiln_solver_new(void)
{
	KilnSolver *solver = g_new0(KilnSolver, 1);
	solver->pools = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)solver_pool_free);
	return solver;
}

void kiln_solver_free(KilnSolver *solver)
{
	if (!solver)
		return;
	g_hash_table_unref(solver->pools);
	g_free(solver);
}

typedef struct {
	Pool *pool;
	KilnSuiteIndex *const *suites;
	gsize suite_count;
	GArray *repositories; /* SolverRepository, by Repo.appdata - 1 */
	Queue jobs;
	GHashTable *requested; /* names */
} Solving;

static char *suites_text(const Solving *solving)
{
	GString *text = g_string_new(NULL);
	for (gsize i = 0; i < solving->suite_count; i++)
		g_string_append_printf(text, "%s%s", i ? ", " : "", solving->suites[i]->suite->name);
	return g_string_free(text, FALSE);
}

static const char *nearest_package(const Solving *solving, const char *name)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	Pool *pool = solving->pool;
	for (Id p = 2; p < pool->nsolvables; p++) {
		const Solvable *solvable = pool_id2solvable(pool, p);
		if (solvable->repo)
			g_ptr_array_add(names, (gpointer)pool_id2str(pool, solvable->name));
	}
	g_ptr_array_add(names, NULL);
	return kiln_text_nearest(name, (const char *const *)names->pdata);
}

static gboolean unknown_package(const Solving *solving, const char *name, GError **error)
{
	g_autofree char *suites = suites_text(solving);
	const char *nearest = nearest_package(solving, name);
	return kiln_fail(error, KILN_ERROR_NOT_FOUND, "no package \"%s\" in %s%s%s%s", name, suites, nearest ? "; did you mean \"" : "",
	                 nearest ? nearest : "", nearest ? "\"?" : "");
}

/* "nginx", "nginx=1.2", "nginx>=1.2", "libssl3:arm64": name, relation, version. */
static gboolean split_wanted(const char *text, char **name, int *flags, char **version)
{
	gsize length = strcspn(text, "=<> ");
	const char *rest = text + length + strspn(text + length, " ");
	*flags = 0;
	*name = g_strndup(text, length);
	for (; *rest && strchr("=<>", *rest); rest++)
		*flags |= *rest == '=' ? REL_EQ : *rest == '<' ? REL_LT : REL_GT;
	*version = *flags ? g_strstrip(g_strdup(rest)) : NULL;
	return TRUE;
}

static gboolean add_job(Solving *solving, const char *wanted, Id action, gboolean must_exist, GError **error)
{
	g_autofree char *name = NULL, *version = NULL;
	int flags;
	Pool *pool = solving->pool;
	split_wanted(wanted, &name, &flags, &version);
	Id id = pool_str2id(pool, name, 1);
	Id what = flags ? pool_rel2id(pool, id, pool_str2id(pool, version, 1), flags, 1) : id;
	gboolean by_name = FALSE;
	Id p, pp;
	FOR_PROVIDES(p, pp, id)
		by_name |= pool_id2solvable(pool, p)->name == id;
	if (!pool_whatprovides_ptr(pool, id)[0])
		return must_exist ? unknown_package(solving, name, error) : TRUE;
	if (must_exist && !pool_whatprovides_ptr(pool, what)[0]) {
		g_autofree char *suites = suites_text(solving);
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "package \"%s\" is in %s, but not as \"%s\"", name, suites, wanted);
	}
	queue_push2(&solving->jobs, action | (by_name ? SOLVER_SOLVABLE_NAME : SOLVER_SOLVABLE_PROVIDES), what);
	return TRUE;
}

/* The solver is indifferent among alternatives; apt takes the first. Telling it so makes them agree. */
static void favour_first_alternatives(const Solving *solving, Queue *jobs)
{
	Pool *pool = solving->pool;
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	Queue requires;
	queue_init(&requires);
	for (Id p = 2; p < pool->nsolvables; p++) {
		Solvable *solvable = pool_id2solvable(pool, p);
		if (!solvable->repo)
			continue;
		queue_empty(&requires);
		solvable_lookup_deparray(solvable, SOLVABLE_REQUIRES, &requires, 0);
		for (int i = 0; i < requires.count; i++) {
			Id id = requires.elements[i];
			if (!ISRELDEP(id) || GETRELDEP(pool, id)->flags != REL_OR)
				continue;
			while (ISRELDEP(id))
				id = GETRELDEP(pool, id)->name;
			if (g_hash_table_add(seen, GINT_TO_POINTER(id)))
				queue_push2(jobs, SOLVER_FAVOR | SOLVER_SOLVABLE_NAME, id);
		}
	}
	queue_free(&requires);
}

static gboolean is_required(const Solving *solving, Solvable *solvable)
{
	const SolverRepository *repository = &g_array_index(solving->repositories, SolverRepository, GPOINTER_TO_UINT(solvable->repo->appdata) - 1);
	KilnDigest digest;
	Id type = 0;
	const unsigned char *bytes = solvable_lookup_bin_checksum(solvable, SOLVABLE_CHECKSUM, &type);
	if (!bytes || type != REPOKEY_TYPE_SHA256)
		return FALSE;
	memcpy(digest.sha256, bytes, sizeof digest.sha256);
	return package_sizes_required(repository->sizes, &digest);
}

/* Provides what no package is called: "awk". */
static gboolean provides_virtual(Pool *pool, Solvable *solvable)
{
	Queue provides;
	gboolean found = FALSE;
	queue_init(&provides);
	solvable_lookup_deparray(solvable, SOLVABLE_PROVIDES, &provides, 0);
	for (int i = 0; i < provides.count && !found; i++) {
		Id p, pp, id = provides.elements[i];
		while (ISRELDEP(id))
			id = GETRELDEP(pool, id)->name;
		found = TRUE;
		FOR_PROVIDES(p, pp, id)
			found = found && pool_id2solvable(pool, p)->name != id;
	}
	queue_free(&provides);
	return found;
}

/* Among those that provide a virtual package apt takes one of the highest priority; libsolv knows no priorities. */
static void favour_required_providers(const Solving *solving, Queue *jobs)
{
	Pool *pool = solving->pool;
	for (Id p = 2; p < pool->nsolvables; p++) {
		Solvable *solvable = pool_id2solvable(pool, p);
		if (solvable->repo && is_required(solving, solvable) && provides_virtual(pool, solvable))
			queue_push2(jobs, SOLVER_FAVOR | SOLVER_SOLVABLE_NAME, solvable->name);
	}
}

static gboolean unsatisfiable(const Solving *solving, Solver *solver, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *suites = suites_text(solving);
	Id problem = 0;
	while ((problem = solver_next_problem(solver, problem)) != 0 && text->len < 4000) {
		Queue rules;
		queue_init(&rules);
		solver_findallproblemrules(solver, problem, &rules);
		for (int i = 0; i < rules.count && i < 8; i++) {
			Id source, target, dependency;
			SolverRuleinfo type = solver_ruleinfo(solver, rules.elements[i], &source, &target, &dependency);
			if (type == SOLVER_RULE_JOB)
				continue;
			g_string_append_printf(text, "%s%s", text->len ? "; " : "", solver_problemruleinfo2str(solver, type, source, target, dependency));
		}
		if (rules.count && !text->len)
			g_string_append(text, solver_problem2str(solver, problem));
		queue_free(&rules);
	}
	return kiln_fail(error, KILN_ERROR_UNSATISFIABLE, "the packages cannot be had together: %s (looked at %s)", text->str, suites);
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names of packages in the solution that meet the requirements of @solvable. */
static char **depends_of(Pool *pool, Solvable *solvable, const Map *chosen)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *names = g_ptr_array_new();
	Queue requires;
	queue_init(&requires);
	solvable_lookup_deparray(solvable, SOLVABLE_REQUIRES, &requires, 0);
	for (int i = 0; i < requires.count; i++) {
		Id p, pp, id = requires.elements[i];
		if (id == SOLVABLE_PREREQMARKER)
			continue;
		FOR_PROVIDES(p, pp, id)
		{
			const char *name = pool_id2str(pool, pool_id2solvable(pool, p)->name);
			if (MAPTST(chosen, p) && pool_id2solvable(pool, p) != solvable && g_hash_table_add(seen, (gpointer)name))
				g_ptr_array_add(names, g_strdup(name));
		}
	}
	queue_free(&requires);
	g_ptr_array_sort(names, compare_names);
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

static gboolean fill_digest(Solvable *solvable, KilnSolvedPackage *package, GError **error)
{
	Id type = 0;
	const unsigned char *bytes = solvable_lookup_bin_checksum(solvable, SOLVABLE_CHECKSUM, &type);
	if (!bytes || type != REPOKEY_TYPE_SHA256)
		return kiln_fail(error, KILN_ERROR_UNTRUSTED, "%s %s: the index has no SHA-256 for it", package->name, package->version);
	memcpy(package->digest.sha256, bytes, sizeof package->digest.sha256);
	return TRUE;
}

static KilnSolvedPackage *describe(const Solving *solving, Id p, const Map *chosen, GError **error)
{
	Pool *pool = solving->pool;
	Solvable *solvable = pool_id2solvable(pool, p);
	const SolverRepository *repository = &g_array_index(solving->repositories, SolverRepository, GPOINTER_TO_UINT(solvable->repo->appdata) - 1);
	KilnSolvedPackage *package = g_new0(KilnSolvedPackage, 1);
	unsigned int medium;
	package->name = g_strdup(pool_id2str(pool, solvable->name));
	package->version = g_strdup(pool_id2str(pool, solvable->evr));
	package->architecture = g_strdup(pool_id2str(pool, solvable->arch));
	const char *source = solvable_lookup_str(solvable, SOLVABLE_SOURCENAME), *source_version = solvable_lookup_str(solvable, SOLVABLE_SOURCEEVR);
	package->source_name = g_strdup(source ? source : package->name);
	package->source_version = g_strdup(source_version ? source_version : package->version);
	package->filename = g_strdup(solvable_lookup_location(solvable, &medium));
	package->installed_bytes = solvable_lookup_num(solvable, SOLVABLE_INSTALLSIZE, 0);
	package->suite = repository->suite;
	package->component = g_strdup(repository->component);
	package->depends = depends_of(pool, solvable, chosen);
	package->requested = g_hash_table_contains(solving->requested, package->name);
	if (package->filename && g_str_has_prefix(package->filename, "./")) {
		char *plain = g_strdup(package->filename + 2);
		g_free(package->filename);
		package->filename = plain;
	}
	if (package->filename && fill_digest(solvable, package, error) && package_sizes_find(repository->sizes, &package->digest, &package->size_bytes))
		return package;
	if (error && !*error)
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s %s: the index has no Filename or Size for it", package->name, package->version);
	kiln_solved_package_free(package);
	return NULL;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	const KilnSolvedPackage *first = *(KilnSolvedPackage *const *)a, *second = *(KilnSolvedPackage *const *)b;
	int order = strcmp(first->name, second->name);
	return order ? order : strcmp(first->architecture, second->architecture);
}

static GPtrArray *collect(const Solving *solving, Solver *solver, GError **error)
{
	g_autoptr(GPtrArray) packages = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_solved_package_free);
	Transaction *transaction = solver_create_transaction(solver);
	Queue installed;
	Map chosen;
	gboolean good = TRUE;
	queue_init(&installed);
	transaction_installedresult(transaction, &installed);
	map_init(&chosen, solving->pool->nsolvables);
	for (int i = 0; i < installed.count; i++)
		MAPSET(&chosen, installed.elements[i]);
	for (int i = 0; good && i < installed.count; i++) {
		KilnSolvedPackage *package = describe(solving, installed.elements[i], &chosen, error);
		good = package != NULL;
		if (package)
			g_ptr_array_add(packages, package);
	}
	map_free(&chosen);
	queue_free(&installed);
	transaction_free(transaction);
	g_ptr_array_sort(packages, by_name);
	return good ? g_steal_pointer(&packages) : NULL;
}

static gboolean add_jobs(Solving *solving, const KilnSolveRequest *request, GError **error)
{
	for (const char *const *wanted = request->packages; *wanted; wanted++) {
		g_autofree char *name = NULL, *version = NULL;
		int flags;
		split_wanted(*wanted, &name, &flags, &version);
		g_hash_table_add(solving->requested, g_strndup(name, strcspn(name, ":")));
		if (!add_job(solving, *wanted, SOLVER_INSTALL, TRUE, error))
			return FALSE;
	}
	for (const char *const *name = request->implicit; name && *name; name++)
		if (!add_job(solving, *name, SOLVER_INSTALL | SOLVER_WEAK, FALSE, error))
			return FALSE;
	for (const char *const *name = request->exclude; name && *name; name++)
		if (!add_job(solving, *name, SOLVER_ERASE, FALSE, error))
			return FALSE;
	return TRUE;
}

/* Those indexes in memory; the ones of other suites make room first. */
static SolverPool *obtain_pool(KilnSolver *solver, KilnStore *store, Solving *solving, const char *architecture, GError **error)
{
	g_autofree char *key = solver_pool_key(solving->suites, solving->suite_count, architecture);
	SolverPool *pool = g_hash_table_lookup(solver->pools, key);
	if (!pool) {
		if (g_hash_table_size(solver->pools) >= POOLS_MAX)
			g_hash_table_remove_all(solver->pools);
		pool = solver_pool_load(store, solving->suites, solving->suite_count, architecture, error);
		if (!pool)
			return NULL;
		g_hash_table_insert(solver->pools, g_steal_pointer(&key), pool);
	}
	solving->pool = pool->pool;
	solving->repositories = pool->repositories;
	if (pool->favours.count == 0) {
		favour_first_alternatives(solving, &pool->favours);
		favour_required_providers(solving, &pool->favours);
	}
	return pool;
}

static GPtrArray *solve(const Solving *solving, GError **error)
{
	Solver *engine = solver_create(solving->pool);
	GPtrArray *found = NULL;
	solver_set_flag(engine, SOLVER_FLAG_IGNORE_RECOMMENDED, 1);
	if (solver_solve(engine, (Queue *)&solving->jobs) == 0)
		found = collect(solving, engine, error);
	else
		unsatisfiable(solving, engine, error);
	solver_free(engine);
	return found;
}

gboolean kiln_solve(KilnSolver *solver, KilnStore *store, const KilnContext *context, KilnSuiteIndex *const *suites, gsize suite_count,
                    const KilnSolveRequest *request, GPtrArray **packages, GError **error)
{
	Solving solving = { .suites = suites, .suite_count = suite_count };
	if (!kiln_context_check(context, error))
		return FALSE;
	SolverPool *pool = obtain_pool(solver, store, &solving, request->architecture, error);
	if (!pool)
		return FALSE;
	solving.requested = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	queue_init(&solving.jobs);
	GPtrArray *found = NULL;
	if (add_jobs(&solving, request, error)) {
		queue_insertn(&solving.jobs, solving.jobs.count, pool->favours.count, pool->favours.elements);
		found = solve(&solving, error);
	}
	queue_free(&solving.jobs);
	g_hash_table_unref(solving.requested);
	if (found)
		*packages = found;
	return found != NULL;
}
