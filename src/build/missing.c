/* SPDX-License-Identifier: Apache-2.0 */
/* missing.c: which package of the archive has what the closure lacks. */
#include "build/missing.h"

#include "base/error.h"

#include <string.h>

#define NEEDS_MAX 8 /* more are told without their packages */

static const KilnSuite *find_suite(const KilnArchive *archive, const KilnLockSuite *locked)
{
	for (guint i = 0; i < archive->suites->len; i++) {
		const KilnSuite *suite = archive->suites->pdata[i];
		if (strcmp(suite->name, locked->suite) == 0)
			return suite;
	}
	return NULL;
}

/* The first suite of the lock that has @need says who; an empty vector when none has. */
static char **find_owners(KilnStore *store, const KilnContext *context, const KilnLock *lock, const KilnArchive *archive,
                          const char *architecture, const char *need, GError **error)
{
	for (guint i = 0; i < lock->suites->len; i++) {
		const KilnLockSuite *locked = lock->suites->pdata[i];
		KilnSuiteIndex index = { .suite = find_suite(archive, locked), .inrelease = locked->inrelease, .detached = locked->detached,
			                 .release_signature = locked->release_signature };
		char **owners = NULL;
		if (!index.suite)
			continue;
		if (!kiln_suite_index_owner(store, context, &index, architecture, need + strspn(need, "/"), &owners, error))
			return NULL;
		if (owners[0])
			return owners;
		g_strfreev(owners);
	}
	return g_new0(char *, 1);
}

static void append(GError **error, const char *text)
{
	char *longer = g_strdup_printf("%s; %s", (*error)->message, text);
	g_free((*error)->message);
	(*error)->message = longer;
}

static gboolean explain(KilnStore *store, const KilnContext *context, const KilnLock *lock, const KilnArchive *archive,
                        const char *architecture, const char *need, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_auto(GStrv) owners = find_owners(store, context, lock, archive, architecture, need, &local);
	g_autofree char *text = NULL;
	if (!owners)
		text = g_strdup_printf("which package has it cannot be said: %s", local->message);
	else if (!owners[0])
		text = g_strdup_printf("no package of the archive has %s: bring it in with \"files\", or leave out with \"drop\" what needs it", need);
	else if (owners[1])
		text = g_strdup_printf("%s is in package %s (also in %s): add it to \"packages\"", need, owners[0], owners[1]);
	else
		text = g_strdup_printf("%s is in package %s: add it to \"packages\"", need, owners[0]);
	append(error, text);
	return owners != NULL;
}

void kiln_missing_explain(KilnStore *store, const KilnContext *context, const KilnLock *lock, const KilnArchive *archive,
                          const char *architecture, const GPtrArray *missing, GError **error)
{
	g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);
	if (!error || !*error || !archive)
		return;
	for (guint i = 0; i < missing->len && g_hash_table_size(told) < NEEDS_MAX; i++) {
		const KilnMissing *one = missing->pdata[i];
		if (!one->not_packaged && g_hash_table_add(told, one->need) && !explain(store, context, lock, archive, architecture, one->need, error))
			return;
	}
}
