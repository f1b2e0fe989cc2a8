/* SPDX-License-Identifier: Apache-2.0 */
/* feed_list.c: the file that says which feeds there are. */
#include "vuln/feed_list.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/yaml.h"
#include "io/file.h"
#include "net/http.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>

#define ADDRESSES_MAX 4096 /* of one feed */
#define KEPT_PARTS 2       /* of an address, at its end, that name the file that is kept */

/* feeds.yaml, compiled in. */
extern GResource *feed_list_get_resource(void);

static const char *const keys[] = { "address", "licence", "enabled", "insecure", NULL };

typedef struct {
	const KilnYaml *yaml;
	int year_now;
	gboolean insecure;
	KilnFeedPlace *place;
} Reader;

static void place_free(gpointer data)
{
	KilnFeedPlace *place = data;
	g_free(place->name);
	g_ptr_array_unref(place->addresses);
	g_ptr_array_unref(place->paths);
	g_free(place->licence);
	g_free(place);
}

void kiln_feed_list_free(KilnFeedList *list)
{
	if (!list)
		return;
	g_free(list->origin);
	g_free(list->text);
	g_ptr_array_unref(list->feeds);
	g_free(list);
}

/* "osv/Rocky Linux": parts of a path that lead nowhere else. */
static gboolean is_path(const char *name)
{
	g_auto(GStrv) parts = g_strsplit(name, "/", -1);
	gboolean ok = *name != '\0';
	for (char **part = parts; *part; part++)
		ok &= **part && **part != '.' && strspn(*part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+- ") == strlen(*part);
	return ok;
}

/* Where the file of @address is kept: the end of the address, below the feed's own folder. */
static char *path_of(const KilnFeedPlace *place, const char *address)
{
	const char *begin = strstr(address, "://");
	g_autofree char *whole = g_strndup(begin + 3, strcspn(begin + 3, "?#"));
	g_autofree char *plain = g_uri_unescape_string(whole, NULL);
	g_auto(GStrv) parts = g_strsplit(plain ? plain : "", "/", -1);
	guint count = g_strv_length(parts);
	if (count < 2)
		return NULL;
	guint kept = MIN(KEPT_PARTS, count - 1);
	g_autofree char *end = g_strjoinv("/", parts + count - kept);
	return is_path(end) ? g_strdup_printf("%s/%s", place->name, end) : NULL;
}

static gboolean is_loopback(const char *address)
{
	g_autoptr(GUri) uri = g_uri_parse(address, G_URI_FLAGS_HAS_PASSWORD, NULL);
	const char *host = uri ? g_uri_get_host(uri) : NULL;
	return host && (strcmp(host, "localhost") == 0 || g_str_has_prefix(host, "127.") || strcmp(host, "::1") == 0);
}

static gboolean add_address(const Reader *reader, const KilnYamlNode *node, const char *address, GError **error)
{
	g_autofree char *shown = kiln_url_printable(address);
	gboolean plain = g_str_has_prefix(address, "http://");
	if (!plain && !g_str_has_prefix(address, "https://") && !g_str_has_prefix(address, "file://"))
		return kiln_yaml_fail(reader->yaml, node, error, "%s: an address begins with https://, http:// or file://", shown);
	if (plain && !reader->insecure && !is_loopback(address))
		return kiln_yaml_fail(reader->yaml, node, error, "%s: anybody on the way can change what comes by plain HTTP; use https, or accept it with \"insecure: true\"", shown);
	char *path = path_of(reader->place, address);
	if (!path)
		return kiln_yaml_fail(reader->yaml, node, error, "%s: its last two parts must name a file, in letters, digits, \".\", \"_\", \"+\", \"-\" and blanks", shown);
	if (g_ptr_array_find_with_equal_func(reader->place->paths, path, g_str_equal, NULL)) {
		g_free(path);
		return kiln_yaml_fail(reader->yaml, node, error, "%s: another address of \"%s\" ends with the same two parts", shown, reader->place->name);
	}
	if (reader->place->addresses->len >= ADDRESSES_MAX) {
		g_free(path);
		return kiln_yaml_fail(reader->yaml, node, error, "\"%s\" has more than %d addresses", reader->place->name, ADDRESSES_MAX);
	}
	g_ptr_array_add(reader->place->addresses, g_strdup(address));
	g_ptr_array_add(reader->place->paths, path);
	return TRUE;
}

/* The words that "{...}" stands for; NULL: it is no such thing. */
static char **words_of(const Reader *reader, const char *inside)
{
	guint64 first, last;
	g_auto(GStrv) ends = g_strsplit(inside, "..", 2);
	if (!ends[0] || !ends[1])
		return strchr(inside, ',') ? g_strsplit(inside, ",", -1) : NULL;
	last = (guint64)reader->year_now;
	if (!kiln_text_to_u64(kiln_text(ends[0]), &first) || (strcmp(ends[1], "now") != 0 && !kiln_text_to_u64(kiln_text(ends[1]), &last)) || last < first ||
	    last - first > ADDRESSES_MAX)
		return NULL;
	g_autoptr(GStrvBuilder) words = g_strv_builder_new();
	for (guint64 number = first; number <= last; number++) {
		g_autofree char *word = g_strdup_printf("%" G_GUINT64_FORMAT, number);
		g_strv_builder_add(words, word);
	}
	return g_strv_builder_end(words);
}

/* What waits is a list, which is taken from its end: nothing recurses on what a file says. */
static gboolean add_pattern(const Reader *reader, const KilnYamlNode *node, GError **error)
{
	g_autoptr(GPtrArray) waiting = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(waiting, g_strdup(node->text));
	while (waiting->len) {
		g_autofree char *pattern = g_ptr_array_steal_index(waiting, waiting->len - 1);
		const char *open = strchr(pattern, '{'), *close = open ? strchr(open, '}') : NULL;
		if (!open) {
			if (!add_address(reader, node, pattern, error))
				return FALSE;
			continue;
		}
		g_autofree char *inside = close ? g_strndup(open + 1, (gsize)(close - open - 1)) : g_strdup("");
		g_auto(GStrv) words = words_of(reader, inside);
		if (!words || waiting->len + g_strv_length(words) > ADDRESSES_MAX)
			return kiln_yaml_fail(reader->yaml, node, error, "\"{%s\" is neither {a,b} nor {2002..now}, or stands for too many", inside);
		for (guint i = g_strv_length(words); i-- > 0;)
			g_ptr_array_add(waiting, g_strdup_printf("%.*s%s%s", (int)(open - pattern), pattern, words[i], close + 1));
	}
	return TRUE;
}

static gboolean read_addresses(const Reader *reader, const KilnYamlNode *node, GError **error)
{
	if (node->type == KILN_YAML_SCALAR)
		return add_pattern(reader, node, error);
	for (const KilnYamlNode *item = node->children; item; item = item->next) {
		if (node->type != KILN_YAML_SEQUENCE || item->type != KILN_YAML_SCALAR)
			return kiln_yaml_fail(reader->yaml, item, error, "\"address\" must be a text or a list of texts");
		if (!add_pattern(reader, item, error))
			return FALSE;
	}
	return node->count > 0 || kiln_yaml_fail(reader->yaml, node, error, "\"address\" must not be empty");
}

static gboolean read_flag(const Reader *reader, const KilnYamlNode *mapping, const char *key, gboolean *value, GError **error)
{
	const KilnYamlNode *node = kiln_yaml_get(mapping, key);
	if (!node)
		return TRUE;
	*value = node->text && strcmp(node->text, "true") == 0;
	return *value || (node->text && strcmp(node->text, "false") == 0) || kiln_yaml_fail(reader->yaml, node, error, "\"%s\" must be true or false", key);
}

static gboolean read_place(Reader *reader, const KilnYamlNode *mapping, GError **error)
{
	const KilnYamlNode *at_key = &(KilnYamlNode){ .line = mapping->key_line, .column = mapping->key_column };
	if (!is_path(mapping->key))
		return kiln_yaml_fail(reader->yaml, at_key, error, "\"%s\" is no name of a feed, as \"osv/Debian\" is one", mapping->key);
	if (mapping->type != KILN_YAML_MAPPING)
		return kiln_yaml_fail(reader->yaml, mapping, error, "\"%s\" must be a mapping with address, licence, enabled, insecure", mapping->key);
	for (const KilnYamlNode *node = mapping->children; node; node = node->next) {
		if (g_strv_contains(keys, node->key))
			continue;
		g_autofree char *hint = kiln_text_suggest(node->key, keys, "known are");
		return kiln_yaml_fail(reader->yaml, &(KilnYamlNode){ .line = node->key_line, .column = node->key_column }, error, "unknown key \"%s\"; %s", node->key, hint);
	}
	const KilnYamlNode *address = kiln_yaml_get(mapping, "address"), *licence = kiln_yaml_get(mapping, "licence");
	if (!address)
		return kiln_yaml_fail(reader->yaml, mapping, error, "\"%s\" needs \"address\"", mapping->key);
	if (licence && licence->type != KILN_YAML_SCALAR)
		return kiln_yaml_fail(reader->yaml, licence, error, "\"licence\" must be a text");
	reader->place->name = g_strdup(mapping->key);
	reader->place->licence = licence ? g_strdup(licence->text) : NULL;
	reader->place->enabled = TRUE;
	reader->insecure = FALSE;
	return read_flag(reader, mapping, "enabled", &reader->place->enabled, error) && read_flag(reader, mapping, "insecure", &reader->insecure, error) &&
	       read_addresses(reader, address, error);
}

KilnFeedList *kiln_feed_list_parse(const char *text, gsize length, const char *name, gint64 now_unix_s, GError **error)
{
	g_autoptr(KilnYaml) yaml = kiln_yaml_parse(text, length, name, error);
	g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(now_unix_s);
	if (!yaml)
		return NULL;
	g_autoptr(KilnFeedList) list = g_new0(KilnFeedList, 1);
	Reader reader = { .yaml = yaml, .year_now = now ? g_date_time_get_year(now) : 0 };
	const KilnYamlNode *root = kiln_yaml_root(yaml);
	list->origin = g_strdup(name);
	list->text = g_strndup(text, length);
	list->feeds = g_ptr_array_new_with_free_func(place_free);
	if (!root || root->type != KILN_YAML_MAPPING) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s: the list of feeds must be a mapping from names to addresses; kiln db feeds prints one", name);
		return NULL;
	}
	for (const KilnYamlNode *node = root->children; node; node = node->next) {
		reader.place = g_new0(KilnFeedPlace, 1);
		reader.place->addresses = g_ptr_array_new_with_free_func(g_free);
		reader.place->paths = g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(list->feeds, reader.place);
		if (!read_place(&reader, node, error))
			return NULL;
	}
	return g_steal_pointer(&list);
}

KilnFeedList *kiln_feed_list_load(const char *path, gint64 now_unix_s, GError **error)
{
	g_autoptr(GBytes) bytes = path ? kiln_file_read_at(AT_FDCWD, path, KILN_LIMIT_CONFIG_BYTES, error)
	                               : g_resource_lookup_data(feed_list_get_resource(), "/kiln/feeds.yaml", G_RESOURCE_LOOKUP_FLAGS_NONE, error);
	return bytes ? kiln_feed_list_parse(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), path ? path : "feeds.yaml of kiln", now_unix_s, error) : NULL;
}

const KilnFeedPlace *kiln_feed_list_find(const KilnFeedList *list, const char *name)
{
	for (guint i = 0; i < list->feeds->len; i++)
		if (strcmp(((const KilnFeedPlace *)list->feeds->pdata[i])->name, name) == 0)
			return list->feeds->pdata[i];
	return NULL;
}

const char **kiln_feed_list_names(const KilnFeedList *list)
{
	const char **names = g_new0(const char *, list->feeds->len + 1);
	for (guint i = 0; i < list->feeds->len; i++)
		names[i] = ((const KilnFeedPlace *)list->feeds->pdata[i])->name;
	return names;
}
