/* SPDX-License-Identifier: Apache-2.0 */
/* lock.c: the lock's memory, saving, comparing. Reading and writing JSON is lock_json.c. */
#include "build/lock.h"

#include "base/limits.h"
#include "io/file.h"

#include <string.h>

static void suite_free(gpointer data)
{
	KilnLockSuite *suite = data;
	g_free(suite->archive);
	g_free(suite->suite);
	g_free(suite->codename);
	g_strfreev(suite->uris);
	g_strfreev(suite->signers);
	g_free(suite);
}

static void package_free(gpointer data)
{
	KilnLockPackage *package = data;
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

static void platform_free(gpointer data)
{
	KilnLockPlatform *platform = data;
	g_free(platform->platform);
	g_ptr_array_unref(platform->packages);
	g_free(platform);
}

KilnLock *kiln_lock_new(void)
{
	KilnLock *lock = g_new0(KilnLock, 1);
	lock->suites = g_ptr_array_new_with_free_func(suite_free);
	lock->platforms = g_ptr_array_new_with_free_func(platform_free);
	return lock;
}

KilnLockSuite *kiln_lock_suite_new(void)
{
	return g_new0(KilnLockSuite, 1);
}

KilnLockPackage *kiln_lock_package_new(void)
{
	return g_new0(KilnLockPackage, 1);
}

KilnLockPlatform *kiln_lock_platform_new(void)
{
	KilnLockPlatform *platform = g_new0(KilnLockPlatform, 1);
	platform->packages = g_ptr_array_new_with_free_func(package_free);
	return platform;
}

void kiln_lock_free(KilnLock *lock)
{
	if (!lock)
		return;
	g_free(lock->recipe_name);
	g_ptr_array_unref(lock->suites);
	g_ptr_array_unref(lock->platforms);
	g_free(lock);
}

gboolean kiln_lock_load(int dir_fd, const char *path, KilnLock **out, GError **error)
{
	gsize length;
	g_autoptr(GBytes) bytes = kiln_file_read_at(dir_fd, path, KILN_LIMIT_LOCK_BYTES, error);
	const char *text = bytes ? g_bytes_get_data(bytes, &length) : NULL;
	g_autoptr(json_t) json = bytes ? kiln_json_parse(text ? text : "", text ? length : 0, path, error) : NULL;
	KilnLock *lock = json ? kiln_lock_from_json(json, path, error) : NULL;
	if (!lock)
		return FALSE;
	*out = lock;
	return TRUE;
}

gboolean kiln_lock_save(const KilnLock *lock, int dir_fd, const char *path, GError **error)
{
	g_autoptr(json_t) json = kiln_lock_to_json(lock);
	g_autoptr(GBytes) bytes = kiln_json_pretty(json);
	return kiln_file_write_at(dir_fd, path, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), error);
}

const KilnLockPlatform *kiln_lock_find_platform(const KilnLock *lock, const char *platform)
{
	for (guint i = 0; i < lock->platforms->len; i++) {
		const KilnLockPlatform *one = lock->platforms->pdata[i];
		if (strcmp(one->platform, platform) == 0)
			return one;
	}
	return NULL;
}

static void change_free(gpointer data)
{
	KilnLockChange *change = data;
	g_free(change->platform);
	g_free(change->name);
	g_free(change->before);
	g_free(change->after);
	g_free(change);
}

static GHashTable *packages_by_name(const KilnLockPlatform *platform)
{
	GHashTable *table = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; platform && i < platform->packages->len; i++)
		g_hash_table_insert(table, ((KilnLockPackage *)platform->packages->pdata[i])->name, platform->packages->pdata[i]);
	return table;
}

static void add_change(GPtrArray *changes, const char *platform, const char *name, const KilnLockPackage *before, const KilnLockPackage *after)
{
	KilnLockChange *change = g_new0(KilnLockChange, 1);
	change->platform = g_strdup(platform);
	change->name = g_strdup(name);
	change->before = before ? g_strdup(before->version) : NULL;
	change->after = after ? g_strdup(after->version) : NULL;
	g_ptr_array_add(changes, change);
}

static gint by_platform_and_name(gconstpointer a, gconstpointer b)
{
	const KilnLockChange *first = *(KilnLockChange *const *)a, *second = *(KilnLockChange *const *)b;
	int order = strcmp(first->platform, second->platform);
	return order ? order : strcmp(first->name, second->name);
}

/* Packages of @from that are missing in @other, and, seen from the older lock, those that differ there. */
static void compare_platform(GPtrArray *changes, const KilnLockPlatform *from, const KilnLock *other, gboolean from_is_before)
{
	g_autoptr(GHashTable) there = packages_by_name(kiln_lock_find_platform(other, from->platform));
	for (guint i = 0; i < from->packages->len; i++) {
		const KilnLockPackage *package = from->packages->pdata[i], *match = g_hash_table_lookup(there, package->name);
		if (!match)
			add_change(changes, from->platform, package->name, from_is_before ? package : NULL, from_is_before ? NULL : package);
		else if (from_is_before && !kiln_digest_equal(&package->digest, &match->digest))
			add_change(changes, from->platform, package->name, package, match);
	}
}

GPtrArray *kiln_lock_compare(const KilnLock *before, const KilnLock *after)
{
	GPtrArray *changes = g_ptr_array_new_with_free_func(change_free);
	for (guint i = 0; i < before->platforms->len; i++)
		compare_platform(changes, before->platforms->pdata[i], after, TRUE);
	for (guint i = 0; i < after->platforms->len; i++)
		compare_platform(changes, after->platforms->pdata[i], before, FALSE);
	g_ptr_array_sort(changes, by_platform_and_name);
	return changes;
}
