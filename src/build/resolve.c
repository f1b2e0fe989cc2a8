/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.c: from a recipe to a lock, and from a lock to packages in the store. */
#include "build/resolve.h"

#include "base/error.h"
#include "build/reason.h"
#include "crypto/hash.h"
#include "data/json.h"
#include "oci/platform.h"
#include "source/solver.h"

#include <string.h>

/* Nothing names them, everything stands on them: os-release and the /usr links, accounts, C.UTF-8 and nsswitch.conf, service names. */
static const char *const implicit[] = { "base-files", "base-passwd", "libc-bin", "netbase", NULL };
static const char *const implicit_with_locales[] = { "base-files", "base-passwd", "libc-bin", "locales-all", "netbase", NULL };

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
	if (own->mirrors) {
		g_strfreev(suite->uris);
		suite->uris = g_strdupv(own->mirrors);
	}
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

/* An archive that no row knows: everything must be said. */
static KilnArchive *own_archive(const KilnRecipe *recipe, const KilnRecipeArchive *own, GError **error)
{
	if (!own->mirrors || !own->suites || !own->keyring) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s:%u: archive \"%s\" is not a known one, so it needs mirrors, suites and keyring", own->place.file, own->place.line, own->id);
		return NULL;
	}
	KilnArchive *archive = g_new0(KilnArchive, 1);
	const char *slash = strchr(own->id, '/');
	archive->id = g_strdup(own->id);
	archive->distro = slash ? g_strndup(own->id, (gsize)(slash - own->id)) : g_strdup(own->id);
	archive->release = g_strdup(slash ? slash + 1 : "");
	archive->suites = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_suite_free);
	for (char **name = own->suites; *name; name++) {
		KilnSuite *suite = kiln_suite_new();
		suite->name = g_strdup(*name);
		suite->uris = g_strdupv(own->mirrors);
		suite->components = own->components ? g_strdupv(own->components) : g_strsplit("main", " ", -1);
		g_ptr_array_add(archive->suites, suite);
	}
	return archive;
}

KilnArchive *kiln_recipe_archive(const KilnRecipe *recipe, const GPtrArray *apt, GError **error)
{
	const KilnRecipeArchive *own = find_override(recipe, recipe->archive);
	gboolean complete = own && own->mirrors && own->suites && own->keyring;
	g_autoptr(KilnArchive) archive = complete ? own_archive(recipe, own, error) : kiln_archive_resolve(recipe->archive, apt, error);
	if (!archive) {
		const KilnRecipePlace *place = g_hash_table_lookup(recipe->places, "archive");
		if (place)
			g_prefix_error(error, "%s:%u: ", place->file, place->line);
		return NULL;
	}
	for (guint i = 0; own && i < archive->suites->len; i++) {
		KilnRecipeArchive without_snapshot_twice = *own;
		if (!override_suite(recipe, &without_snapshot_twice, archive->suites->pdata[i], error))
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

static void add_suite(KilnLock *lock, const KilnArchive *archive, const KilnSuiteIndex *index)
{
	KilnLockSuite *suite = kiln_lock_suite_new();
	g_autoptr(GPtrArray) signers = g_ptr_array_new();
	suite->archive = g_strdup(archive->id);
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

static gboolean solve_platform(KilnStore *store, const KilnContext *context, const KilnRecipe *recipe, KilnSuiteIndex **indexes, gsize count,
                               const char *platform, KilnLock *lock, GError **error)
{
	const KilnPlatform *known = kiln_platform_parse(platform, error);
	g_autoptr(GPtrArray) solved = NULL;
	if (!known)
		return FALSE;
	KilnSolveRequest request = { .architecture = known->debian, .packages = (const char *const *)recipe->packages,
		                     .implicit = recipe->locales[0] ? implicit_with_locales : implicit, .exclude = (const char *const *)recipe->exclude };
	if (!kiln_solve(store, context, indexes, count, &request, &solved, error)) {
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

static gboolean fetch_indexes(KilnStore *store, const KilnContext *context, const KilnRecipe *recipe, const KilnArchive *archive,
                              const KilnIndexOptions *options, KilnSuiteIndex **indexes, GError **error)
{
	g_autoptr(GPtrArray) architectures = g_ptr_array_new();
	for (char **platform = recipe->platforms; *platform; platform++) {
		const KilnPlatform *known = kiln_platform_parse(*platform, error);
		if (!known)
			return FALSE;
		g_ptr_array_add(architectures, (gpointer)known->debian);
	}
	g_ptr_array_add(architectures, NULL);
	for (guint i = 0; i < archive->suites->len; i++) {
		indexes[i] = kiln_suite_index_fetch(store, context, archive->suites->pdata[i], (const char *const *)architectures->pdata, options, error);
		if (!indexes[i])
			return FALSE;
	}
	return TRUE;
}

static gboolean resolve_packages(KilnStore *store, const KilnContext *context, const KilnRecipe *recipe, const GPtrArray *apt,
                                 const KilnIndexOptions *options, KilnLock *lock, GError **error)
{
	g_autoptr(KilnArchive) archive = kiln_recipe_archive(recipe, apt, error);
	if (!archive)
		return FALSE;
	g_autofree KilnSuiteIndex **indexes = g_new0(KilnSuiteIndex *, archive->suites->len + 1);
	gboolean good = fetch_indexes(store, context, recipe, archive, options, indexes, error);
	for (guint i = 0; good && i < archive->suites->len; i++)
		add_suite(lock, archive, indexes[i]);
	for (char **platform = recipe->platforms; good && *platform; platform++)
		good = solve_platform(store, context, recipe, indexes, archive->suites->len, *platform, lock, error);
	for (guint i = 0; i < archive->suites->len; i++)
		kiln_suite_index_free(indexes[i]);
	return good;
}

KilnLock *kiln_resolve(KilnStore *store, const KilnContext *context, const KilnRecipe *recipe, const GPtrArray *apt,
                       const KilnIndexOptions *options, GError **error)
{
	g_autoptr(KilnLock) lock = kiln_lock_new();
	lock->recipe_name = g_strdup(recipe->name);
	lock->slice_rules_version = KILN_SLICE_RULES_VERSION;
	kiln_recipe_choice_digest(recipe, &lock->recipe_digest);
	if (recipe->packages[0])
		return resolve_packages(store, context, recipe, apt, options, lock, error) ? g_steal_pointer(&lock) : NULL;
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

gboolean kiln_lock_fetch(KilnStore *store, const KilnContext *context, const KilnLock *lock, const KilnLockPlatform *platform,
                         const KilnArchive *archive, GError **error)
{
	static const char *const none[] = { NULL };
	gsize count = platform->packages->len;
	g_autofree KilnWanted *wanted = g_new0(KilnWanted, count);
	g_autoptr(GPtrArray) strings = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) vectors = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
	for (gsize i = 0; i < count; i++) {
		const KilnLockPackage *package = platform->packages->pdata[i];
		const KilnLockSuite *locked = lock->suites->pdata[package->suite];
		const KilnSuite *suite = suite_of(archive, locked->suite);
		char *label = g_strdup_printf("%s %s", package->name, package->version);
		char **urls = suite ? kiln_suite_urls(suite, package->filename) : NULL;
		g_ptr_array_add(strings, label);
		if (urls)
			g_ptr_array_add(vectors, urls);
		wanted[i] = (KilnWanted){ package->digest, package->size_bytes, label, urls ? (const char *const *)urls : none };
		if (!urls && !kiln_store_has(store, &package->digest))
			return kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: not in the store, and the recipe's archive has no suite \"%s\" to fetch it from", label, locked->suite);
	}
	return kiln_store_fetch(store, context, wanted, count, NULL, NULL, error);
}
