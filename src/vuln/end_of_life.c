/* SPDX-License-Identifier: Apache-2.0 */
/* end_of_life.c: how endoflife calls distributions and their releases. Source: endoflife.date, one document a product. */
#include "vuln/end_of_life.h"

#include "base/clock.h"

#include <string.h>

/* @parts: how many of VERSION_ID make its cycle. */
static const struct {
	const char *distro, *product;
	guint parts;
} products[] = {
	{ "debian", "debian", 1 },      { "ubuntu", "ubuntu", 2 },         { "alpine", "alpine-linux", 2 }, { "almalinux", "almalinux", 1 },  { "rhel", "rhel", 1 },   { "rocky", "rocky-linux", 1 },
	{ "ol", "oracle-linux", 1 },    { "fedora", "fedora", 1 },         { "amzn", "amazon-linux", 1 },   { "opensuse-leap", "opensuse", 2 }, { "sles", "sles", 2 },
};

static char *cycle_of(const char *version_id, guint parts)
{
	const char *end = version_id;
	for (; *end; end++)
		if (*end == '.' && --parts == 0)
			break;
	return g_strndup(version_id, (gsize)(end - version_id));
}

gboolean kiln_distribution_end(KilnDatabase *database, const KilnDistribution *distribution, KilnEndOfLife *end, char **cycle, gboolean *known, GError **error)
{
	*known = FALSE;
	*cycle = NULL;
	for (gsize i = 0; distribution->version_id && i < G_N_ELEMENTS(products); i++) {
		if (g_strcmp0(distribution->id, products[i].distro) != 0)
			continue;
		g_autofree char *name = cycle_of(distribution->version_id, products[i].parts);
		if (!kiln_database_end_of_life(database, products[i].product, name, end, known, error))
			return FALSE;
		*cycle = *known ? g_steal_pointer(&name) : NULL;
		return TRUE;
	}
	return TRUE;
}

char *kiln_end_of_life_text(const KilnEndOfLife *end)
{
	char time[KILN_TIME_TEXT_MAX];
	if (end->ended_undated)
		return g_strdup("ended");
	if (end->ends_unix_s == G_MAXINT64)
		return g_strdup("never");
	return end->ends_unix_s ? g_strndup(kiln_time_print(end->ends_unix_s, time), strlen("2026-01-01")) : g_strdup("not said");
}

gboolean kiln_end_of_life_is_past(const KilnEndOfLife *end, gint64 now_unix_s)
{
	return end->ended_undated || (end->ends_unix_s && end->ends_unix_s <= now_unix_s);
}
