/* SPDX-License-Identifier: Apache-2.0 */
/* lock_json.c: the lock as JSON: one line of thought a package, nothing unknown accepted. */
#include "build/lock.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "build/recipe_check.h"
#include "oci/platform.h"

#include <string.h>

#define FORMAT_VERSION 1

static void set_digest(json_t *object, const char *key, const KilnDigest *digest)
{
	char text[KILN_DIGEST_TEXT_MAX];
	kiln_json_set_string(object, key, kiln_digest_print(digest, text));
}

static json_t *suite_to_json(const KilnLockSuite *suite)
{
	json_t *object = json_object();
	char date[KILN_TIME_TEXT_MAX];
	kiln_json_set_string(object, "archive", suite->archive);
	kiln_json_set_string(object, "suite", suite->suite);
	kiln_json_set_string(object, "codename", suite->codename);
	kiln_json_set_string(object, "date", kiln_time_print(suite->date_unix_s, date));
	set_digest(object, suite->detached ? "release" : "inrelease", &suite->inrelease);
	if (suite->detached)
		set_digest(object, "signature", &suite->release_signature);
	json_object_set_new(object, "signers", kiln_json_from_strv((const char *const *)suite->signers));
	return object;
}

static json_t *package_to_json(const KilnLockPackage *package, const GPtrArray *suites)
{
	json_t *object = json_object();
	kiln_json_set_string(object, "name", package->name);
	kiln_json_set_string(object, "version", package->version);
	kiln_json_set_string(object, "architecture", package->architecture);
	if (strcmp(package->source_name, package->name) != 0)
		kiln_json_set_string(object, "source", package->source_name);
	if (strcmp(package->source_version, package->version) != 0)
		kiln_json_set_string(object, "source-version", package->source_version);
	kiln_json_set_string(object, "suite", ((KilnLockSuite *)suites->pdata[package->suite])->suite);
	kiln_json_set_string(object, "component", package->component);
	kiln_json_set_string(object, "filename", package->filename);
	set_digest(object, "digest", &package->digest);
	kiln_json_set_integer(object, "size", (gint64)package->size_bytes);
	if (package->requested)
		json_object_set_new(object, "requested", json_true());
	if (package->essential)
		json_object_set_new(object, "essential", json_true());
	if (package->depends && package->depends[0]) {
		g_autofree char *depends = g_strjoinv(" ", package->depends);
		kiln_json_set_string(object, "depends", depends);
	}
	return object;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	const KilnLockPackage *first = *(KilnLockPackage *const *)a, *second = *(KilnLockPackage *const *)b;
	int order = strcmp(first->name, second->name);
	return order ? order : strcmp(first->architecture, second->architecture);
}

static gint by_platform(gconstpointer a, gconstpointer b)
{
	return strcmp((*(KilnLockPlatform *const *)a)->platform, (*(KilnLockPlatform *const *)b)->platform);
}

static GPtrArray *sorted(const GPtrArray *array, GCompareFunc compare)
{
	GPtrArray *copy = g_ptr_array_new();
	for (guint i = 0; i < array->len; i++)
		g_ptr_array_add(copy, array->pdata[i]);
	g_ptr_array_sort(copy, compare);
	return copy;
}

json_t *kiln_lock_to_json(const KilnLock *lock)
{
	json_t *object = json_object(), *suites = json_array(), *platforms = json_object();
	g_autoptr(GPtrArray) in_order = sorted(lock->platforms, by_platform);
	kiln_json_set_integer(object, "lock", FORMAT_VERSION);
	kiln_json_set_string(object, "recipe", lock->recipe_name);
	set_digest(object, "recipe-digest", &lock->recipe_digest);
	kiln_json_set_integer(object, "slice-rules", lock->slice_rules_version);
	for (guint i = 0; i < lock->suites->len; i++)
		json_array_append_new(suites, suite_to_json(lock->suites->pdata[i]));
	json_object_set_new(object, "suites", suites);
	for (guint i = 0; i < in_order->len; i++) {
		const KilnLockPlatform *platform = in_order->pdata[i];
		g_autoptr(GPtrArray) by_names = sorted(platform->packages, by_name);
		json_t *packages = json_array();
		for (guint j = 0; j < by_names->len; j++)
			json_array_append_new(packages, package_to_json(by_names->pdata[j], lock->suites));
		json_object_set_new(platforms, platform->platform, packages);
	}
	json_object_set_new(object, "platforms", platforms);
	return object;
}

static gboolean only_known(const json_t *object, const char *const *known, const char *name, GError **error)
{
	const char *key;
	json_t *value;
	if (!json_is_object(object))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: an object was expected", name);
	json_object_foreach((json_t *)object, key, value)
	{
		if (!g_strv_contains(known, key))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: unknown member \"%s\"; was it written by a newer kiln?", name, key);
	}
	return TRUE;
}

static gboolean get_digest(const json_t *object, const char *key, const char *name, KilnDigest *out, GError **error)
{
	const char *text = kiln_json_string(object, key, name, error);
	if (!text || kiln_digest_parse(text, strlen(text), out, error))
		return text != NULL;
	g_prefix_error(error, "%s: \"%s\": ", name, key);
	return FALSE;
}

/* A non-empty text without control characters. */
static gboolean get_string(const json_t *object, const char *key, const char *name, char **out, GError **error)
{
	const char *text = kiln_json_string(object, key, name, error);
	g_autofree char *wrong = text && *text ? check_word(text) : NULL;
	if (!text)
		return FALSE;
	if (!*text || wrong)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%s\": %s", name, key, wrong ? wrong : "empty");
	*out = g_strdup(text);
	return TRUE;
}

static gboolean get_optional(const json_t *object, const char *key, const char *name, const char *fallback, char **out, GError **error)
{
	if (json_object_get(object, key))
		return get_string(object, key, name, out, error);
	*out = g_strdup(fallback);
	return TRUE;
}

static gboolean get_flag(const json_t *object, const char *key, const char *name, gboolean *out, GError **error)
{
	const json_t *value = json_object_get(object, key);
	if (value && !json_is_boolean(value))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%s\" must be true or false", name, key);
	*out = json_is_true(value);
	return TRUE;
}

static gboolean get_amount(const json_t *object, const char *key, const char *name, gint64 maximum, gint64 *out, GError **error)
{
	if (!kiln_json_integer(object, key, name, out, error))
		return FALSE;
	if (*out >= 0 && *out <= maximum)
		return TRUE;
	return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%s\": %" G_GINT64_FORMAT " is out of range", name, key, *out);
}

static gboolean get_strings(const json_t *object, const char *key, const char *name, char ***out, GError **error)
{
	json_t *array = kiln_json_array(object, key, name, error), *item;
	g_autoptr(GStrvBuilder) strings = g_strv_builder_new();
	size_t index;
	if (!array)
		return FALSE;
	json_array_foreach(array, index, item)
	{
		if (!json_is_string(item))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%s\" must hold strings", name, key);
		g_strv_builder_add(strings, json_string_value(item));
	}
	*out = g_strv_builder_end(strings);
	return TRUE;
}

static gboolean check_signers(char **signers, const char *name, GError **error)
{
	for (char **signer = signers; *signer; signer++) {
		gsize length = strlen(*signer);
		if (length < 32 || length > 64 || strspn(*signer, "0123456789ABCDEFabcdef") != length)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%.80s\" is no fingerprint of a key", name, *signer);
		if (signer > signers && strcmp(signer[-1], *signer) >= 0)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"signers\" are not sorted", name);
	}
	return TRUE;
}

static gboolean suite_from_json(const json_t *json, const char *name, KilnLockSuite *suite, GError **error)
{
	static const char *const known[] = { "archive", "suite", "codename", "date", "inrelease", "release", "signature", "signers", NULL };
	g_autofree char *date = NULL;
	if (!only_known(json, known, name, error) || !get_string(json, "suite", name, &suite->suite, error))
		return FALSE;
	g_autofree char *place = g_strdup_printf("%s: suite %s", name, suite->suite);
	suite->detached = json_object_get(json, "release") != NULL;
	if (suite->detached == (json_object_get(json, "inrelease") != NULL) || suite->detached != (json_object_get(json, "signature") != NULL))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: expected \"inrelease\", or \"release\" with \"signature\"", place);
	if (!get_string(json, "archive", place, &suite->archive, error) || !get_optional(json, "codename", place, NULL, &suite->codename, error) ||
	    !get_string(json, "date", place, &date, error))
		return FALSE;
	if (!kiln_time_parse(date, &suite->date_unix_s, error)) {
		g_prefix_error(error, "%s: \"date\": ", place);
		return FALSE;
	}
	return get_digest(json, suite->detached ? "release" : "inrelease", place, &suite->inrelease, error) &&
	       (!suite->detached || get_digest(json, "signature", place, &suite->release_signature, error)) &&
	       get_strings(json, "signers", place, &suite->signers, error) && check_signers(suite->signers, place, error);
}

static gboolean check_filename(const char *filename, const char *name, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(filename, "/", -1);
	for (char **part = parts; *part; part++)
		if (!**part || strcmp(*part, "..") == 0 || strcmp(*part, ".") == 0)
			return kiln_fail(error, KILN_ERROR_DENIED, "%s: filename \"%.200s\" is no plain path inside the archive", name, filename);
	return TRUE;
}

static gboolean find_suite(const GPtrArray *suites, const char *suite, const char *name, guint *out, GError **error)
{
	for (guint i = 0; suite && i < suites->len; i++)
		if (strcmp(((KilnLockSuite *)suites->pdata[i])->suite, suite) == 0) {
			*out = i;
			return TRUE;
		}
	return suite && kiln_fail(error, KILN_ERROR_SYNTAX, "%s: suite \"%s\" is not among the lock's suites", name, suite);
}

/* "libc6 libz1": sorted names with one blank between. */
static gboolean depends_from_json(const json_t *json, const char *name, char ***out, GError **error)
{
	const json_t *value = json_object_get(json, "depends");
	if (value && (!json_is_string(value) || !*json_string_value(value)))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"depends\" must be names with a blank between", name);
	*out = value ? g_strsplit(json_string_value(value), " ", -1) : g_new0(char *, 1);
	for (char **depend = *out; *depend; depend++) {
		g_autofree char *wrong = check_package_name(*depend);
		if (wrong)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"depends\": %s", name, wrong);
		if (depend > *out && strcmp(depend[-1], *depend) >= 0)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"depends\" are not sorted", name);
	}
	return TRUE;
}

static gboolean package_from_json(const json_t *json, const char *name, const GPtrArray *suites, KilnLockPackage *package, GError **error)
{
	static const char *const known[] = { "name", "version", "architecture", "source", "source-version", "suite", "component", "filename",
		                             "digest", "size", "requested", "essential", "depends", NULL };
	gint64 size;
	if (!only_known(json, known, name, error) || !get_string(json, "name", name, &package->name, error))
		return FALSE;
	g_autofree char *place = g_strdup_printf("%s: %s", name, package->name), *wrong = check_package_name(package->name);
	if (wrong)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: %s", name, wrong);
	if (!get_string(json, "version", place, &package->version, error) || !get_string(json, "architecture", place, &package->architecture, error) ||
	    !get_optional(json, "source", place, package->name, &package->source_name, error) ||
	    !get_optional(json, "source-version", place, package->version, &package->source_version, error) ||
	    !find_suite(suites, kiln_json_string(json, "suite", place, error), place, &package->suite, error) ||
	    !get_optional(json, "component", place, NULL, &package->component, error) ||
	    !get_string(json, "filename", place, &package->filename, error) || !check_filename(package->filename, place, error) ||
	    !get_digest(json, "digest", place, &package->digest, error) || !get_amount(json, "size", place, (gint64)KILN_LIMIT_DEB_BYTES, &size, error) ||
	    !get_flag(json, "requested", place, &package->requested, error) || !get_flag(json, "essential", place, &package->essential, error))
		return FALSE;
	package->size_bytes = (guint64)size;
	return depends_from_json(json, place, &package->depends, error);
}

/* Sorted, each once, and every name in `depends` is there: what reads a lock relies on it. */
static gboolean check_packages(const KilnLockPlatform *platform, const char *name, GError **error)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < platform->packages->len; i++) {
		const KilnLockPackage *package = platform->packages->pdata[i];
		if (i && by_name(&platform->packages->pdata[i - 1], &platform->packages->pdata[i]) >= 0)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: %s: %s stands twice or out of order; kiln lock --update writes it anew", name,
			                 platform->platform, package->name);
		g_hash_table_add(names, package->name);
	}
	for (guint i = 0; i < platform->packages->len; i++) {
		const KilnLockPackage *package = platform->packages->pdata[i];
		for (char **depend = package->depends; *depend; depend++)
			if (!g_hash_table_contains(names, *depend))
				return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: %s: %s depends on %s, which is not in the lock", name, platform->platform,
				                 package->name, *depend);
	}
	return TRUE;
}

static gboolean platforms_from_json(const json_t *json, const char *name, KilnLock *lock, GError **error)
{
	json_t *platforms = kiln_json_object(json, "platforms", name, error), *packages, *item;
	const char *key;
	size_t index;
	if (!platforms)
		return FALSE;
	json_object_foreach(platforms, key, packages)
	{
		const KilnPlatform *known = kiln_platform_parse(key, NULL);
		if (!known || strcmp(known->oci, key) != 0)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: unknown platform \"%.60s\"", name, key);
		KilnLockPlatform *platform = kiln_lock_platform_new();
		platform->platform = g_strdup(key);
		g_ptr_array_add(lock->platforms, platform);
		if (!json_is_array(packages))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%s\" must be a list of packages", name, key);
		json_array_foreach(packages, index, item)
		{
			KilnLockPackage *package = kiln_lock_package_new();
			g_ptr_array_add(platform->packages, package);
			if (!package_from_json(item, name, lock->suites, package, error))
				return FALSE;
		}
		if (!check_packages(platform, name, error))
			return FALSE;
	}
	g_ptr_array_sort(lock->platforms, by_platform);
	return TRUE;
}

KilnLock *kiln_lock_from_json(const json_t *json, const char *name, GError **error)
{
	static const char *const known[] = { "lock", "recipe", "recipe-digest", "slice-rules", "suites", "platforms", NULL };
	g_autoptr(KilnLock) lock = kiln_lock_new();
	gint64 version, rules;
	size_t index;
	json_t *suites, *item;
	if (!only_known(json, known, name, error) || !kiln_json_integer(json, "lock", name, &version, error))
		return NULL;
	if (version != FORMAT_VERSION) {
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: lock format %" G_GINT64_FORMAT " is not known; this kiln knows %d", name, version, FORMAT_VERSION);
		return NULL;
	}
	if (!get_string(json, "recipe", name, &lock->recipe_name, error) || !get_digest(json, "recipe-digest", name, &lock->recipe_digest, error) ||
	    !get_amount(json, "slice-rules", name, G_MAXINT32, &rules, error) || (suites = kiln_json_array(json, "suites", name, error)) == NULL)
		return NULL;
	lock->slice_rules_version = (guint)rules;
	json_array_foreach(suites, index, item)
	{
		g_autoptr(GError) unknown = NULL;
		KilnLockSuite *suite = kiln_lock_suite_new();
		guint first;
		g_ptr_array_add(lock->suites, suite);
		if (!suite_from_json(item, name, suite, error))
			return NULL;
		if (find_suite(lock->suites, suite->suite, name, &first, &unknown) && first != index) {
			kiln_fail(error, KILN_ERROR_SYNTAX, "%s: suite \"%s\" stands twice", name, suite->suite);
			return NULL;
		}
	}
	return platforms_from_json(json, name, lock, error) ? g_steal_pointer(&lock) : NULL;
}
