/* SPDX-License-Identifier: Apache-2.0 */
/* untold.c: what a result says nothing about: not known is not clean. */
#include "vuln/untold.h"
#include "vuln/end_of_life.h"

#include <string.h>

#define UNREADABLE_SHOWN 20
#define UNTOLD_MAX 5000

static void untold_free(gpointer data)
{
	KilnUntold *untold = data;
	g_free(untold->what);
	g_free(untold);
}

GPtrArray *untold_new(void)
{
	return g_ptr_array_new_with_free_func(untold_free);
}

void untold_add(GPtrArray *untold, const char *kind, char *what)
{
	if (untold->len >= UNTOLD_MAX) { /* an image may be made to have any number of reasons; its last one stands for all */
		g_free(what);
		what = g_strdup("and more than can be listed");
	}
	for (guint i = 0; i < untold->len; i++)
		if (strcmp(((KilnUntold *)untold->pdata[i])->what, what) == 0) {
			g_free(what);
			return;
		}
	KilnUntold *added = g_new(KilnUntold, 1);
	*added = (KilnUntold){ kind, what };
	g_ptr_array_add(untold, added);
}

static gint by_kind(gconstpointer a, gconstpointer b)
{
	const KilnUntold *first = *(KilnUntold *const *)a, *second = *(KilnUntold *const *)b;
	int order = strcmp(first->kind, second->kind);
	return order ? order : strcmp(first->what, second->what);
}

void untold_sort(GPtrArray *untold)
{
	g_ptr_array_sort(untold, by_kind);
}

static gboolean judge_end_of_life(const KilnDistribution *distribution, KilnDatabase *database, gint64 now_unix_s, GPtrArray *untold, GError **error)
{
	KilnEndOfLife end;
	gboolean known;
	g_autofree char *cycle = NULL;
	if (!kiln_distribution_end(database, distribution, &end, &cycle, &known, error))
		return FALSE;
	if (!known || !kiln_end_of_life_is_past(&end, now_unix_s))
		return TRUE;
	g_autofree char *day = kiln_end_of_life_text(&end);
	untold_add(untold, "end-of-life", g_strdup_printf("%s %s reached its end of life%s%s: what is found in it since then nobody says", distribution->id, cycle, end.ended_undated ? "" : " on ",
	                                                  end.ended_undated ? "" : day));
	return TRUE;
}

static void judge_age(GHashTable *asked, const KilnMatchOptions *options, GPtrArray *untold)
{
	GHashTableIter each;
	gpointer key;
	g_hash_table_iter_init(&each, asked);
	while (options->max_age_s && g_hash_table_iter_next(&each, &key, NULL)) {
		const KilnDatabaseSource *source = key;
		gint64 newest_unix_s = MAX(source->newest_unix_s, source->fetched_unix_s), age_s = options->now_unix_s - newest_unix_s;
		if (newest_unix_s == 0)
			untold_add(untold, "stale-feed", g_strdup_printf("%s says nowhere how old it is: what came to light lately may not be in it", source->name));
		else if (age_s > options->max_age_s)
			untold_add(untold, "stale-feed", g_strdup_printf("%s is %" G_GINT64_FORMAT " days old: what came to light since then is not in it", source->name, age_s / 86400));
	}
}

/* Bytes of ELF files: those that no package claims may hold anything. */
static void judge_unowned(const KilnInventory *inventory, guint max_percent, KilnScanResult *result)
{
	guint64 all = 0, unowned = 0;
	for (guint i = 0; i < inventory->files->len; i++) {
		const KilnInventoryFile *entry = &inventory->entries[i];
		if (entry->file->type != KILN_FILE_REGULAR || !(entry->traits & KILN_TRAIT_ELF))
			continue;
		all += entry->file->size;
		unowned += entry->package < 0 ? entry->file->size : 0;
	}
	result->program_bytes = all;
	result->unowned_program_bytes = unowned;
	if (all && unowned * 100 > all * max_percent)
		untold_add(result->untold, "unowned-programs", g_strdup_printf("%" G_GUINT64_FORMAT " %% of the bytes of programs and libraries are of no package", unowned * 100 / all));
}

static void judge_remarks(const KilnInventory *inventory, GPtrArray *untold)
{
	guint count = 0;
	for (guint i = 0; i < inventory->remarks->len; i++) {
		const KilnInventoryRemark *remark = inventory->remarks->pdata[i];
		if (strcmp(remark->kind, "unreadable") == 0 && count++ < UNREADABLE_SHOWN)
			untold_add(untold, "unreadable", g_strdup_printf("what /%s says: %s", remark->path, remark->what));
	}
	if (count > UNREADABLE_SHOWN)
		untold_add(untold, "unreadable", g_strdup_printf("what %u more files say", count - UNREADABLE_SHOWN));
}

gboolean untold_judge(const KilnInventory *inventory, KilnDatabase *database, GHashTable *asked, const KilnMatchOptions *options, KilnScanResult *result, GError **error)
{
	GPtrArray *untold = result->untold;
	if (!kiln_inventory_is_known(inventory))
		untold_add(untold, "no-package-database", g_strdup("what is installed: the image has no package database that kiln knows"));
	judge_remarks(inventory, untold);
	judge_age(asked, options, untold);
	judge_unowned(inventory, options->unowned_max_percent, result);
	return judge_end_of_life(&inventory->distribution, database, options->now_unix_s, untold, error);
}
