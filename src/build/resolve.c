/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.c: from a recipe to a lock, and from a lock to packages in the store. */
#include "build/resolve.h"

#include "base/error.h"
#include "build/own_files.h"
#include "build/reason.h"
#include "crypto/hash.h"
#include "data/json.h"
#include "oci/platform.h"
#include "source/solver.h"

#include <string.h>

/* Nothing names them, everything stands on them: os-release and the /usr links, accounts, C.UTF-8 and nsswitch.conf, service names. */
static const char *const implicit[] = { "base-files", "base-passwd", "libc-bin", "netbase" };

/* Besides these: what the recipe asks for without naming a package. NULL-terminated, of static strings; the caller frees the vector. */
static const char **implicit_packages(const KilnRecipe *recipe, GError **error)
{
	gboolean by_env = FALSE;
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	if (!kiln_own_files_need_env(recipe, &by_env, error))
		return NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(implicit); i++)
		g_ptr_array_add(names, (gpointer)implicit[i]);
	if (recipe->locales[0])
		g_ptr_array_add(names, (gpointer) "locales-all");
	if (by_env)
		g_ptr_array_add(names, (gpointer) "coreutils");
	g_ptr_array_add(names, NULL);
	return (const char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}

static const KilnRecipeArchive *find_override(const KilnRecipe *recipe, const char *id)
{
	for (guint i = 0; i < recipe->archives->len; i++) {
		const KilnRecipeArchive *own = recipe->archives->pdata[i];
		if (strcmp(own->id, id) == 0)
			return own;
	}
	return NULL;
}

static char *beside(const KilnRecipe *recipe, const char *path)
{
	return path[0] == '/' ? g_strdup(path) : g_build_filename(recipe->directory, path, NULL);
}

static gboolean parse_snapshot(const char *text, gint64 *out)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, NULL);
	if (time)
		*out = g_date_time_to_unix(time);
	return time != NULL;
}

static gboolean override_suite(const KilnRecipe *recipe, const KilnRecipeArchive *own, KilnSuite *suite, GError **error)
{
	if (own->components) {
		g_strfreev(suite->components);
		suite->components = g_strdupv(own->components);
	}
	if (own->keyring) {
		g_free(suite->keyring);
		suite->keyring = beside(recipe, own->keyring);
	}
	if (!own->snapshot)
		return TRUE;
	if (!parse_snapshot(own->snapshot, &suite->snapshot_unix_s))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s:%u: snapshot \"%s\" is no moment such as 20260801T000000Z", own->place.file, own->place.line, own->snapshot);
	for (char **uri = suite->uris; *uri; uri++) {
		char *dated = g_strdup_printf("%s/%s", *uri, own->snapshot);
		g_free(*uri);
		*uri = dated;
	}
	return TRUE;
}

static KilnArchive *archive_new(const char *id)
{
	KilnArchive *archive = g_new0(KilnArchive, 1);
	const char *slash = strchr(id, '/');
	archive->id = g_strdup(id);
	archive->distro = slash ? g_strndup(id, (gsize)(slash - id)) : g_strdup(id);
	archive->release = g_strdup(slash ? slash + 1 : "");
	archive->suites = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_suite_free);
	return archive;
}

static KilnSuite *add_own_suite(KilnArchive *archive, const char *name, char **uris)
{
	KilnSuite *suite = kiln_suite_new();
	suite->archive = g_strdup(archive->id);
	suite->name = g_strdup(name);
	suite->uris = uris;
	suite->components = g_strsplit("main", " ", -1);
	g_ptr_array_add(archive->suites, suite);
	return suite;
}

/* An archive that no row knows: the reader saw to it that everything is said. */
static KilnArchive *own_archive(const KilnRecipe *recipe, const KilnRecipeArchive *own)
{
	KilnArchive *archive = archive_new(own->id);
	if (own->directory) {
		g_autofree char *path = beside(recipe, own->directory), *absolute = g_canonicalize_filename(path, NULL);
		char **uris = g_new0(char *, 2);
		uris[0] = g_filename_to_uri(absolute, NULL, NULL);
		add_own_suite(archive, own->id, uris)->flat_directory = TRUE;
		return archive;
	}
	for (char **name = own->suites; *name; name++)
		add_own_suite(archive, *name, g_strdupv(own->mirrors));
	return archive;
}

/* The recipe's mirrors as apt would name them, before what apt does name: then they count first, ports apart from the rest. */
static KilnArchive *known_archive(const char *id, const KilnRecipeArchive *own, const GPtrArray *apt, GError **error)
{
	g_autoptr(GPtrArray) sources = g_ptr_array_new(), plain = g_ptr_array_new(), ports = g_ptr_array_new();
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	if (!own || !own->mirrors)
		return kiln_archive_resolve(id, apt, error);
	for (char **uri = own->mirrors; *uri; uri++)
		g_ptr_array_add(g_str_has_suffix(*uri, "-ports") || g_str_has_suffix(*uri, "-ports/") ? ports : plain, *uri);
	for (const char *const *known = kiln_archive_ids(); *known; known++) {
		if (strncmp(*known, id, strcspn(id, "/") + 1) != 0)
			continue;
		g_autofree char *security = g_strconcat(strchr(*known, '/') + 1, "-security", NULL);
		g_strv_builder_add(names, strchr(*known, '/') + 1);
		g_strv_builder_add(names, security);
	}
	g_auto(GStrv) suites = g_strv_builder_end(names);
	KilnAptSource entries[] = { { .suites = suites, .enabled = TRUE }, { .suites = suites, .enabled = TRUE } };
	GPtrArray *const lists[] = { plain, ports };
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
		if (lists[i]->len)
			g_ptr_array_add(sources, &entries[i]);
		g_ptr_array_add(lists[i], NULL);
		entries[i].uris = (char **)lists[i]->pdata;
	}
	/* Of apt's own entries only the keyrings still matter: a recipe that names mirrors means these. */
	g_autoptr(GArray) keyrings = g_array_new(FALSE, TRUE, sizeof(KilnAptSource));
	g_array_set_size(keyrings, apt->len);
	for (guint i = 0; i < apt->len; i++) {
		KilnAptSource *copy = &g_array_index(keyrings, KilnAptSource, i);
		*copy = *(const KilnAptSource *)apt->pdata[i];
		copy->uris = NULL;
		g_ptr_array_add(sources, copy);
	}
	return kiln_archive_resolve(id, sources, error);
}

/* The suites that the recipe names instead of the release's own; one that the release does not have is on the main mirror. */
static void choose_suites(KilnArchive *archive, const KilnRecipeArchive *own)
{
	GPtrArray *chosen = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_suite_free);
	g_autoptr(GPtrArray) all = archive->suites;
	archive->suites = chosen;
	for (char **name = own->suites; *name; name++) {
		gboolean known = FALSE;
		for (guint i = 0; i < all->len; i++)
			if (all->pdata[i] && strcmp(kiln_suite_path(all->pdata[i]), *name) == 0) {
				known = TRUE;
				g_ptr_array_add(chosen, g_steal_pointer(&all->pdata[i]));
			}
		const KilnSuite *main = all->pdata[0] ? all->pdata[0] : chosen->pdata[0];
		if (!known)
			add_own_suite(archive, *name, g_strdupv(main->uris))->keyring = g_strdup(main->keyring);
	}
}

static KilnArchive *one_archive(const KilnRecipe *recipe, const char *id, const KilnRecipeArchive *own, const GPtrArray *apt, GError **error)
{
	gboolean complete = own && (own->directory || (own->mirrors && own->suites && own->keyring));
	g_autoptr(KilnArchive) archive = complete ? own_archive(recipe, own) : known_archive(id, own, apt, error);
	if (!archive)
		return NULL;
	if (own && own->suites && !complete)
		choose_suites(archive, own);
	for (guint i = 0; own && i < archive->suites->len; i++)
		if (!override_suite(recipe, own, archive->suites->pdata[i], error))
			return NULL;
	return g_steal_pointer(&archive);
}

/* A package of a lock names its suite and nothing more. */
static gboolean add_suites_of(KilnArchive *archive, KilnArchive *more, const KilnRecipeArchive *own, GError **error)
{
	for (guint i = 0; i < more->suites->len; i++) {
		KilnSuite *suite = more->suites->pdata[i];
		for (guint j = 0; j < archive->suites->len; j++)
			if (strcmp(((KilnSuite *)archive->suites->pdata[j])->name, suite->name) == 0)
				return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s:%u: archive \"%s\" has a suite \"%s\", as \"%s\" has; one of them must be left out",
				                 own->place.file, own->place.line, own->id, suite->name, archive->id);
	}
	while (more->suites->len)
		g_ptr_array_add(archive->suites, g_ptr_array_steal_index(more->suites, 0));
	return TRUE;
}

static gboolean is_known(const char *id)
{
	return g_strv_contains(kiln_archive_ids(), id);
}

KilnArchive *kiln_recipe_archive(const KilnRecipe *recipe, const GPtrArray *apt, GError **error)
{
	g_autoptr(KilnArchive) archive = recipe->archive ? one_archive(recipe, recipe->archive, find_override(recipe, recipe->archive), apt, error)
	                                                 : archive_new("own");
	if (!archive) {
		const KilnRecipePlace *place = g_hash_table_lookup(recipe->places, "archive");
		if (place)
			g_prefix_error(error, "%s:%u: ", place->file, place->line);
		return NULL;
	}
	for (guint i = 0; i < recipe->archives->len; i++) {
		const KilnRecipeArchive *own = recipe->archives->pdata[i];
		if (g_strcmp0(own->id, recipe->archive) == 0 || is_known(own->id)) /* a known one is only described here */
			continue;
		g_autoptr(KilnArchive) more = one_archive(recipe, own->id, own, apt, error);
		if (!more || !add_suites_of(archive, more, own, error))
			return NULL;
	}
	return g_steal_pointer(&archive);
}

void kiln_recipe_choice_digest(const KilnRecipe *recipe, KilnDigest *digest)
{
	static const char *const choosing[] = { "archive", "archives", "packages", "exclude", "platforms", NULL };
	g_autoptr(GBytes) whole = kiln_recipe_to_json(recipe, TRUE);
	g_autoptr(json_t) json = kiln_json_parse(g_bytes_get_data(whole, NULL), g_bytes_get_size(whole), "recipe", NULL);
	g_autoptr(json_t) chosen = json_object();
	for (const char *const *key = choosing; *key; key++)
		if (json_object_get(json, *key))
			json_object_set(chosen, *key, json_object_get(json, *key));
	if (recipe->locales[0])
		json_object_set_new(chosen, "locales", json_true());
	g_autoptr(GBytes) bytes = kiln_json_compact(chosen);
	kiln_hash_bytes(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), digest);
}

static gint compare_strings(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_suite(KilnLock *lock, const KilnSuiteIndex *index)
{
	KilnLockSuite *suite = kiln_lock_suite_new();
	g_autoptr(GPtrArray) signers = g_ptr_array_new();
	suite->archive = g_strdup(index->suite->archive);
	suite->suite = g_strdup(index->suite->name);
	suite->codename = g_strdup(index->codename);
	suite->uris = g_strdupv(index->suite->uris);
	suite->inrelease = index->inrelease;
	suite->detached = index->detached;
	suite->release_signature = index->release_signature;
	suite->date_unix_s = index->date_unix_s;
	for (guint i = 0; i < index->signers->len; i++)
		g_ptr_array_add(signers, g_strdup(((KilnSigner *)index->signers->pdata[i])->fingerprint));
	g_ptr_array_sort(signers, compare_strings);
	g_ptr_array_add(signers, NULL);
	suite->signers = (char **)g_ptr_array_steal(signers, NULL);
	g_ptr_array_add(lock->suites, suite);
}

static KilnLockPackage *lock_package(const KilnSolvedPackage *solved)
{
	KilnLockPackage *package = kiln_lock_package_new();
	package->name = g_strdup(solved->name);
	package->version = g_strdup(solved->version);
	package->architecture = g_strdup(solved->architecture);
	package->source_name = g_strdup(solved->source_name ? solved->source_name : solved->name);
	package->source_version = g_strdup(solved->source_version ? solved->source_version : solved->version);
	package->filename = g_strdup(solved->filename);
	package->digest = solved->digest;
	package->size_bytes = solved->size_bytes;
	package->suite = solved->suite;
	package->component = g_strdup(solved->component);
	package->depends = solved->depends ? g_strdupv(solved->depends) : g_new0(char *, 1);
	package->requested = solved->requested;
	package->essential = solved->essential;
	return package;
}

static gboolean solve_platform(KilnSolver *solver, KilnStore *store, const KilnContext *context, const KilnRecipe *recipe, KilnSuiteIndex **indexes, gsize count,
                               const char *platform, KilnLock *lock, GError **error)
{
	const KilnPlatform *known = kiln_platform_parse(platform, error);
	g_autoptr(GPtrArray) solved = NULL;
	if (!known)
		return FALSE;
	g_autofree const char **wanted = implicit_packages(recipe, error);
	if (!wanted)
		return FALSE;
	KilnSolveRequest request = { .architecture = known->debian, .packages = (const char *const *)recipe->packages,
		                     .implicit = wanted, .exclude = (const char *const *)recipe->exclude };
	if (!kiln_solve(solver, store, context, indexes, count, &request, &solved, error)) {
		const KilnRecipePlace *place = g_hash_table_lookup(recipe->places, "packages");
		if (place)
			g_prefix_error(error, "%s:%u: ", place->file, place->line);
		return FALSE;
	}
	KilnLockPlatform *locked = kiln_lock_platform_new();
	locked->platform = g_strdup(platform);
	for (guint i = 0; i < solved->len; i++)
		g_ptr_array_add(locked->packages, lock_package(solved->pdata[i]));
	g_ptr_array_add(lock->platforms, locked);
	return TRUE;
}

/* Indexes of the suites that have any of the platforms; every platform must be served by one. */
static gboolean fetch_indexes(KilnStore *store, const KilnContext *context, const KilnRecipe *recipe, const KilnArchive *archive,
                              const KilnIndexOptions *options, GPtrArray *indexes, GError **error)
{
	g_autofree gboolean *served = g_new0(gboolean, g_strv_length(recipe->platforms) + 1);
	for (guint i = 0; i < archive->suites->len; i++) {
		const KilnSuite *suite = archive->suites->pdata[i];
		g_autoptr(GPtrArray) architectures = g_ptr_array_new();
		for (guint j = 0; recipe->platforms[j]; j++) {
			const KilnPlatform *known = kiln_platform_parse(recipe->platforms[j], error);
			if (!known)
				return FALSE;
			if (kiln_suite_serves(suite, known->debian)) {
				g_ptr_array_add(architectures, (gpointer)known->debian);
				served[j] = TRUE;
			}
		}
		if (!architectures->len)
			continue;
		g_ptr_array_add(architectures, NULL);
		KilnSuiteIndex *index = kiln_suite_index_fetch(store, context, suite, (const char *const *)architectures->pdata, options, error);
		if (!index)
			return FALSE;
		g_ptr_array_add(indexes, index);
	}
	for (guint j = 0; recipe->platforms[j]; j++)
		if (!served[j])
			return kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: no mirror with packages for %s is known; name one under \"archives\" in the recipe or in kiln.yaml",
			                 archive->id, recipe->platforms[j]);
	return TRUE;
}

static gboolean resolve_packages(KilnSolver *solver, KilnStore *store, const KilnContext *context, const KilnRecipe *recipe, const GPtrArray *apt,
                                 const KilnIndexOptions *options, KilnLock *lock, GError **error)
{
	g_autoptr(KilnArchive) archive = kiln_recipe_archive(recipe, apt, error);
	g_autoptr(GPtrArray) indexes = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_suite_index_free);
	if (!archive || !fetch_indexes(store, context, recipe, archive, options, indexes, error))
		return FALSE;
	for (guint i = 0; i < indexes->len; i++)
		add_suite(lock, indexes->pdata[i]);
	for (char **platform = recipe->platforms; *platform; platform++)
		if (!solve_platform(solver, store, context, recipe, (KilnSuiteIndex **)indexes->pdata, indexes->len, *platform, lock, error))
			return FALSE;
	return TRUE;
}

KilnLock *kiln_resolve(KilnSolver *solver, KilnStore *store, const KilnContext *context, const KilnRecipe *recipe, const GPtrArray *apt,
                       const KilnIndexOptions *options, GError **error)
{
	g_autoptr(KilnLock) lock = kiln_lock_new();
	lock->recipe_name = g_strdup(recipe->name);
	lock->slice_rules_version = KILN_SLICE_RULES_VERSION;
	kiln_recipe_choice_digest(recipe, &lock->recipe_digest);
	if (recipe->packages[0])
		return resolve_packages(solver, store, context, recipe, apt, options, lock, error) ? g_steal_pointer(&lock) : NULL;
	for (char **platform = recipe->platforms; *platform; platform++) {
		KilnLockPlatform *empty = kiln_lock_platform_new();
		empty->platform = g_strdup(*platform);
		g_ptr_array_add(lock->platforms, empty);
	}
	return g_steal_pointer(&lock);
}

static const KilnSuite *suite_of(const KilnArchive *archive, const char *name)
{
	for (guint i = 0; archive && i < archive->suites->len; i++) {
		const KilnSuite *suite = archive->suites->pdata[i];
		if (strcmp(suite->name, name) == 0)
			return suite;
	}
	return NULL;
}

typedef struct {
	GString *lost;      /* labels of what no mirror is known for */
	GArray *wanted;     /* KilnWanted */
	GPtrArray *strings; /* labels */
	GPtrArray *vectors; /* addresses */
} Wants;

static void wants_clear(Wants *wants)
{
	g_string_free(wants->lost, TRUE);
	g_array_unref(wants->wanted);
	g_ptr_array_unref(wants->strings);
	g_ptr_array_unref(wants->vectors);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Wants, wants_clear)

static void add_wants(Wants *wants, const KilnStore *store, const KilnLockFetch *request)
{
	static const char *const none[] = { NULL };
	for (guint i = 0; i < request->platform->packages->len; i++) {
		const KilnLockPackage *package = request->platform->packages->pdata[i];
		const KilnLockSuite *locked = request->lock->suites->pdata[package->suite];
		const KilnSuite *suite = suite_of(request->archive, locked->suite);
		char *label = g_strdup_printf("%s %s", package->name, package->version);
		char **urls = suite ? kiln_suite_urls(suite, package->filename) : NULL;
		g_ptr_array_add(wants->strings, label);
		if (urls)
			g_ptr_array_add(wants->vectors, urls);
		if (!urls && !kiln_store_has(store, &package->digest))
			g_string_append_printf(wants->lost, "%s%s (%s %s)", wants->lost->len ? ", " : "", label, locked->archive, locked->suite);
		KilnWanted one = { package->digest, package->size_bytes, label, urls ? (const char *const *)urls : none };
		g_array_append_val(wants->wanted, one);
	}
}

gboolean kiln_locks_fetch(KilnStore *store, const KilnContext *context, const KilnLockFetch *requests, gsize count, GError **error)
{
	g_auto(Wants) wants = { g_string_new(NULL), g_array_new(FALSE, FALSE, sizeof(KilnWanted)), g_ptr_array_new_with_free_func(g_free),
		                g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev) };
	for (gsize i = 0; i < count; i++)
		add_wants(&wants, store, &requests[i]);
	if (wants.lost->len)
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "not in the store, and no mirror of its suite is known to fetch it from: %s", wants.lost->str);
	return kiln_store_fetch(store, context, (const KilnWanted *)wants.wanted->data, wants.wanted->len, NULL, NULL, error);
}
