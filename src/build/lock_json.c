/* SPDX-License-Identifier: Apache-2.0 */
/* lock_json.c: the lock as JSON: one line of thought a package, nothing unknown accepted. */
#include "build/lock.h"

#include "base/clock.h"
#include "base/error.h"

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

json_t *kiln_lock_to_json(const KilnLock *lock)
{
	json_t *object = json_object(), *suites = json_array(), *platforms = json_object();
	kiln_json_set_integer(object, "lock", FORMAT_VERSION);
	kiln_json_set_string(object, "recipe", lock->recipe_name);
	set_digest(object, "recipe-digest", &lock->recipe_digest);
	kiln_json_set_integer(object, "slice-rules", lock->slice_rules_version);
	for (guint i = 0; i < lock->suites->len; i++)
		json_array_append_new(suites, suite_to_json(lock->suites->pdata[i]));
	json_object_set_new(object, "suites", suites);
	for (guint i = 0; i < lock->platforms->len; i++) {
		const KilnLockPlatform *platform = lock->platforms->pdata[i];
		json_t *packages = json_array();
		for (guint j = 0; j < platform->packages->len; j++)
			json_array_append_new(packages, package_to_json(platform->packages->pdata[j], lock->suites));
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

static gboolean get_string(const json_t *object, const char *key, const char *name, char **out, GError **error)
{
	const char *text = kiln_json_string(object, key, name, error);
	*out = g_strdup(text);
	return text != NULL;
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

static gboolean suite_from_json(const json_t *json, const char *name, KilnLockSuite *suite, GError **error)
{
	static const char *const known[] = { "archive", "suite", "codename", "date", "inrelease", "release", "signature", "signers", NULL };
	const char *date;
	if (!only_known(json, known, name, error))
		return FALSE;
	suite->detached = json_object_get(json, "release") != NULL;
	suite->codename = g_strdup(kiln_json_string_or_null(json, "codename"));
	return get_string(json, "archive", name, &suite->archive, error) && get_string(json, "suite", name, &suite->suite, error) &&
	       (date = kiln_json_string(json, "date", name, error)) != NULL && kiln_time_parse(date, &suite->date_unix_s, error) &&
	       get_digest(json, suite->detached ? "release" : "inrelease", name, &suite->inrelease, error) &&
	       (!suite->detached || get_digest(json, "signature", name, &suite->release_signature, error)) &&
	       get_strings(json, "signers", name, &suite->signers, error);
}

static gboolean check_filename(const char *filename, const char *name, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(filename, "/", -1);
	if (filename[0] == '/' || filename[0] == '\0' || g_strv_contains((const char *const *)parts, ".."))
		return kiln_fail(error, KILN_ERROR_DENIED, "%s: filename \"%s\" leaves the archive", name, filename);
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

static gboolean package_from_json(const json_t *json, const char *name, const GPtrArray *suites, KilnLockPackage *package, GError **error)
{
	static const char *const known[] = { "name", "version", "architecture", "source", "source-version", "suite", "component", "filename",
		                             "digest", "size", "requested", "essential", "depends", NULL };
	gint64 size;
	if (!only_known(json, known, name, error) || !get_string(json, "name", name, &package->name, error))
		return FALSE;
	g_autofree char *place = g_strdup_printf("%s: %s", name, package->name);
	if (!get_string(json, "version", place, &package->version, error) || !get_string(json, "architecture", place, &package->architecture, error) ||
	    !find_suite(suites, kiln_json_string(json, "suite", place, error), place, &package->suite, error) ||
	    !get_string(json, "filename", place, &package->filename, error) || !check_filename(package->filename, place, error) ||
	    !get_digest(json, "digest", place, &package->digest, error) || !kiln_json_integer(json, "size", place, &size, error))
		return FALSE;
	if (size < 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: a negative size", place);
	const char *source = kiln_json_string_or_null(json, "source"), *version = kiln_json_string_or_null(json, "source-version");
	const char *depends = kiln_json_string_or_null(json, "depends");
	package->size_bytes = (guint64)size;
	package->source_name = g_strdup(source ? source : package->name);
	package->source_version = g_strdup(version ? version : package->version);
	package->component = g_strdup(kiln_json_string_or_null(json, "component"));
	package->requested = json_is_true(json_object_get(json, "requested"));
	package->essential = json_is_true(json_object_get(json, "essential"));
	package->depends = depends ? g_strsplit(depends, " ", -1) : g_new0(char *, 1);
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
	}
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
	    !kiln_json_integer(json, "slice-rules", name, &rules, error) || (suites = kiln_json_array(json, "suites", name, error)) == NULL)
		return NULL;
	lock->slice_rules_version = (guint)rules;
	json_array_foreach(suites, index, item)
	{
		KilnLockSuite *suite = kiln_lock_suite_new();
		g_ptr_array_add(lock->suites, suite);
		if (!suite_from_json(item, name, suite, error))
			return NULL;
	}
	return platforms_from_json(json, name, lock, error) ? g_steal_pointer(&lock) : NULL;
}
