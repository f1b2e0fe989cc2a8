/* SPDX-License-Identifier: Apache-2.0 */
/* db_update.c: kiln db update: feeds from where the list says, changelogs of signed archives. */
#include "cli/db_update.h"
#include "base/error.h"
#include "cli/inspection.h"
#include "oci/platform.h"
#include "vuln/archive_feed.h"
#include "vuln/feed_fetch.h"

#include <string.h>
#include <unistd.h>

#define SITE_LIST "/etc/kiln/feeds.yaml"

/* The source packages of the images that --for names. */
static gboolean add_sources(KilnInvocation *invocation, const char *reference, GHashTable *sources, GError **error)
{
	g_autoptr(KilnImage) image = kiln_open_image(invocation, reference, error);
	g_autoptr(KilnInventory) inventory = image ? kiln_read_image(invocation, image, FALSE, error) : NULL;
	if (!inventory)
		return FALSE;
	for (guint i = 0; i < inventory->packages->len; i++) {
		const KilnPackage *package = &((KilnInventoryPackage *)inventory->packages->pdata[i])->identity;
		if (strcmp(package->type, "deb") == 0)
			g_hash_table_add(sources, g_strdup(package->source_name));
	}
	return TRUE;
}

static gboolean read_archive(KilnInvocation *invocation, const char *id, const GPtrArray *apt, GHashTable *sources, KilnDatabaseWriter *writer, GError **error)
{
	const KilnIndexOptions index = { .allow_rollback = kiln_option_list(invocation, "allow-rollback"), .refresh = !invocation->context.offline };
	g_autoptr(KilnArchive) archive = kiln_archive_resolve(id, apt, error);
	const KilnArchiveFeedOptions options = { archive, kiln_platform_host()->debian, &index, sources };
	return archive && kiln_archive_feed_read(invocation->store, &invocation->context, &options, writer, error);
}

static gboolean read_archives(KilnInvocation *invocation, KilnDatabaseWriter *writer, GError **error)
{
	const char *const *archives = kiln_option_list(invocation, "from-archive"), *const *images = kiln_option_list(invocation, "for");
	g_autoptr(GHashTable) sources = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GPtrArray *apt = NULL; /* the invocation's */
	for (; *images; images++)
		if (!add_sources(invocation, *images, sources, error))
			return FALSE;
	if (*archives && !kiln_invocation_sources(invocation, &apt, error))
		return FALSE;
	for (; *archives; archives++)
		if (!read_archive(invocation, *archives, apt, sources, writer, error))
			return FALSE;
	return TRUE;
}

/* Names of sources that are not taken over from the old database. */
static char **replaced_names(const KilnInvocation *invocation, const KilnFeedFetch *fetch)
{
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	for (const char *const *archive = kiln_option_list(invocation, "from-archive"); *archive; archive++) {
		g_autofree char *name = kiln_archive_feed_source(*archive);
		g_strv_builder_add(names, name);
	}
	for (const char *const *name = fetch ? kiln_feed_fetch_replaced(fetch) : NULL; name && *name; name++)
		g_strv_builder_add(names, *name);
	return g_strv_builder_end(names);
}

KilnFeedList *kiln_db_feed_list(const KilnInvocation *invocation, GError **error)
{
	const char *path = kiln_option_string(invocation, "feeds");
	return kiln_feed_list_load(path ? path : access(SITE_LIST, F_OK) == 0 ? SITE_LIST : NULL, invocation->context.now_unix_s, error);
}

static KilnFeedFetch *fetch_feeds(KilnInvocation *invocation, const KilnFeedList *list, const char *path, GError **error)
{
	g_autofree char *directory = g_strconcat(path, KILN_FEED_DIRECTORY_SUFFIX, NULL);
	if (invocation->context.offline) {
		kiln_fail(error, KILN_ERROR_NETWORK, "kiln db update fetches feeds, and kiln runs offline; kiln db build reads them from files, kiln db import another site's database");
		return NULL;
	}
	return kiln_feed_fetch(&invocation->context, list, (const char *const *)invocation->arguments + 1, directory, path, error);
}

gboolean kiln_db_update(KilnInvocation *invocation, const char *path, GError **error)
{
	gboolean only_archives = *kiln_option_list(invocation, "from-archive") && !invocation->arguments[1];
	g_autoptr(KilnFeedList) list = only_archives ? NULL : kiln_db_feed_list(invocation, error);
	g_autoptr(KilnFeedFetch) fetch = list ? fetch_feeds(invocation, list, path, error) : NULL;
	guint changed = 0, unchanged = 0;
	if (!only_archives && !fetch)
		return FALSE;
	if (fetch)
		kiln_feed_fetch_count(fetch, &changed, &unchanged);
	if (fetch && !changed && !unchanged) /* nothing came: the database stays as it is, to the byte */
		return kiln_feed_fetch_judge(fetch, error);
	g_auto(GStrv) replaced = replaced_names(invocation, fetch);
	g_autoptr(KilnDatabaseWriter) writer = kiln_database_writer_new(path, error);
	if (!writer || (access(path, F_OK) == 0 && !kiln_database_writer_copy(writer, path, (const char *const *)replaced, error)))
		return FALSE;
	if ((fetch && !kiln_feed_fetch_add(fetch, writer, error)) || !read_archives(invocation, writer, error) || !kiln_database_writer_finish(writer, error))
		return FALSE;
	if (!fetch)
		return TRUE;
	kiln_context_notice(&invocation->context, "feeds: %u new, %u as they were", changed, unchanged);
	return kiln_feed_fetch_keep(fetch, error) && kiln_feed_fetch_judge(fetch, error);
}
