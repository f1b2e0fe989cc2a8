/* SPDX-License-Identifier: Apache-2.0 */
/* db_update.c: kiln db update: changelogs of signed archives. */
#include "cli/db_update.h"
#include "base/error.h"
#include "cli/inspection.h"
#include "oci/platform.h"
#include "vuln/archive_feed.h"

#include <string.h>
#include <unistd.h>

/* The source packages of the images that --for names. */
static gboolean add_sources(KilnInvocation *invocation, const char *reference, GHashTable *sources, GError **error)
{
	g_autoptr(KilnImage) image = kiln_open_image(invocation, reference, error);
	g_autoptr(KilnInventory) inventory = image ? kiln_read_image(invocation, image, error) : NULL;
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

static char **source_names(const char *const *archives)
{
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	for (; *archives; archives++) {
		g_autofree char *name = kiln_archive_feed_source(*archives);
		g_strv_builder_add(names, name);
	}
	return g_strv_builder_end(names);
}

gboolean kiln_db_update(KilnInvocation *invocation, const char *path, GError **error)
{
	const char *const *archives = kiln_option_list(invocation, "from-archive"), *const *images = kiln_option_list(invocation, "for");
	g_autoptr(GHashTable) sources = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GPtrArray *apt = NULL; /* the invocation's */
	if (!*archives)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "kiln db update: name an archive, as in --from-archive debian/trixie; feeds in files are read by kiln db build");
	for (; *images; images++)
		if (!add_sources(invocation, *images, sources, error))
			return FALSE;
	g_autoptr(KilnDatabaseWriter) writer = kiln_database_writer_new(path, error);
	if (!writer || !kiln_invocation_sources(invocation, &apt, error))
		return FALSE;
	g_auto(GStrv) renewed = source_names(archives);
	if (access(path, F_OK) == 0 && !kiln_database_writer_copy(writer, path, (const char *const *)renewed, error))
		return FALSE;
	for (; *archives; archives++)
		if (!read_archive(invocation, *archives, apt, sources, writer, error))
			return FALSE;
	return kiln_database_writer_finish(writer, error);
}
