/* SPDX-License-Identifier: Apache-2.0 */
/* feed_endoflife.c: when releases end. A document is one product's list of cycles; the file's name is the product's. Source: endoflife.date, API. */
#include "base/error.h"
#include "vuln/feeds.h"

#include <string.h>

static gboolean recognises(const json_t *root)
{
	const json_t *first = json_array_get(root, 0);
	return json_object_get(first, "cycle") && json_object_get(first, "eol");
}

static char *product_of(const char *path)
{
	g_autofree char *base = g_path_get_basename(path);
	return g_strndup(base, strcspn(base, "."));
}

static char *source_name(const json_t *root, const char *path)
{
	g_autofree char *product = product_of(path);
	return g_strconcat("endoflife/", product, NULL);
}

static gint64 date(const json_t *root)
{
	return 0;
}

/* A date, true (it has ended, nobody says when), false (it has no end yet) or nothing. */
static gint64 end_of(const json_t *value, gboolean *undated)
{
	if (json_is_false(value))
		return G_MAXINT64;
	if (json_is_true(value))
		*undated = TRUE;
	return json_is_string(value) ? feed_time(json_string_value(value)) : 0;
}

static gboolean read_root(const json_t *root, const char *name, const KilnContext *context, KilnDatabaseWriter *writer, GError **error)
{
	g_autofree char *product = product_of(name);
	const json_t *entry;
	size_t i;
	json_array_foreach(root, i, entry) {
		const json_t *cycle = json_object_get(entry, "cycle");
		g_autofree char *text = json_is_integer(cycle) ? g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(cycle)) : g_strdup(json_string_value(cycle));
		gboolean ignored = FALSE;
		KilnEndOfLife what = { .support_ends_unix_s = end_of(json_object_get(entry, "support"), &ignored) };
		what.ends_unix_s = end_of(json_object_get(entry, "eol"), &what.ended_undated);
		if (!text || (!what.ends_unix_s && !what.ended_undated))
			feed_skip(context, writer, name, text ? text : "an entry", "it has no cycle, or its \"eol\" is neither a date nor true nor false");
		else if (!kiln_database_writer_add_end_of_life(writer, product, text, &what, error))
			return FALSE;
	}
	return TRUE;
}

const KilnFeed kiln_feed_endoflife = { "endoflife", "ends of life", FALSE, recognises, source_name, date, read_root };
