/* SPDX-License-Identifier: Apache-2.0 */
/* resolve_memory.c: locks remembered by what decides them, and until when: {"until": unix seconds, "lock": {...}}. */
#include "build/resolve_memory.h"

#include "build/reason.h"
#include "build/resolve.h"
#include "crypto/hash.h"
#include "kiln_config.h"
#include "source/memory.h"

#include <string.h>

#define MEMORY "locks"

static void add_text(KilnHash *hash, const char *text)
{
	kiln_hash_update(hash, text ? text : "", strlen(text ? text : "") + 1);
}

static void add_texts(KilnHash *hash, char **texts)
{
	for (; texts && *texts; texts++)
		add_text(hash, *texts);
	add_text(hash, NULL);
}

gboolean resolve_memory_key(KilnStore *store, const KilnContext *context, const KilnRecipe *recipe, const KilnArchive *archive,
                            const KilnIndexOptions *options, KilnDigest *key)
{
	g_autoptr(KilnHash) hash = kiln_hash_new();
	g_autofree char *head = g_strdup_printf("lock 1 %s %d", KILN_VERSION, KILN_SLICE_RULES_VERSION);
	KilnDigest digest;
	if (options->allow_rollback && options->allow_rollback[0])
		return FALSE;
	kiln_recipe_choice_digest(recipe, &digest);
	add_text(hash, head);
	add_text(hash, recipe->name);
	kiln_hash_update(hash, digest.sha256, sizeof digest.sha256);
	for (guint i = 0; i < archive->suites->len; i++) {
		const KilnSuite *suite = archive->suites->pdata[i];
		if (!kiln_suite_index_state(store, context, suite, options, &digest))
			return FALSE;
		kiln_hash_update(hash, digest.sha256, sizeof digest.sha256);
		add_text(hash, suite->archive);
		add_text(hash, suite->name);
		add_text(hash, suite->path);
		add_text(hash, suite->codename);
		add_texts(hash, suite->uris);
		add_texts(hash, suite->components);
		add_texts(hash, suite->architectures);
	}
	kiln_hash_finish(hash, key);
	return TRUE;
}

/* A lock on disk leaves out where its suites were fetched from: that is the archive's to say. */
KilnLock *resolve_memory_recall(KilnStore *store, const KilnContext *context, const KilnDigest *key)
{
	static const char name[] = "remembered lock";
	g_autoptr(GBytes) bytes = kiln_memory_recall(store, MEMORY, key);
	g_autoptr(json_t) json = bytes ? kiln_json_parse(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), name, NULL) : NULL;
	const json_t *until = json ? json_object_get(json, "until") : NULL;
	if (!json_is_integer(until) || json_integer_value(until) < context->now_unix_s)
		return NULL;
	return kiln_lock_from_json(json_object_get(json, "lock"), name, NULL);
}

gboolean resolve_memory_keep(KilnStore *store, const KilnDigest *key, const KilnLock *lock, const GPtrArray *indexes, GError **error)
{
	g_autoptr(json_t) json = json_object();
	gint64 until = G_MAXINT64;
	for (guint i = 0; i < indexes->len; i++)
		until = MIN(until, kiln_suite_index_good_until(indexes->pdata[i]));
	kiln_json_set_integer(json, "until", until);
	json_object_set_new(json, "lock", kiln_lock_to_json(lock));
	g_autoptr(GBytes) bytes = kiln_json_compact(json);
	return kiln_memory_keep(store, MEMORY, key, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), error);
}
