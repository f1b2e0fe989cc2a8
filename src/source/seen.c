/* SPDX-License-Identifier: Apache-2.0 */
/* seen.c: which Release of a suite was seen when, one small JSON file a suite. */
#include "source/seen.h"

#include "base/clock.h"
#include "base/error.h"
#include "crypto/hash.h"
#include "data/json.h"
#include "io/file.h"

#include <string.h>

#define SEEN_BYTES_MAX (4 * 1024 * 1024)

char *kiln_seen_key(const char *suite_name, const char *keyring)
{
	KilnDigest digest;
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	g_autofree char *basename = g_path_get_basename(keyring ? keyring : "none");
	g_autofree char *identity = g_strdup_printf("%s\n%s", suite_name, basename);
	kiln_hash_bytes(identity, strlen(identity), &digest);
	kiln_digest_print_hex(&digest, hex);
	g_autofree char *safe = g_strdup(suite_name);
	g_strcanon(safe, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", '_');
	return g_strdup_printf("seen/%.40s-%.12s.json", safe, hex);
}

static gboolean read_time(const json_t *item, const char *key, const char *name, gint64 *out, GError **error)
{
	const char *text = kiln_json_string(item, key, name, error);
	return text && kiln_time_parse(text, out, error);
}

static gboolean read_digest(const json_t *item, const char *key, const char *name, KilnDigest *out, GError **error)
{
	const char *text = kiln_json_string(item, key, name, error);
	return text && kiln_digest_parse(text, strlen(text), out, error);
}

static gboolean read_item(const json_t *item, const char *name, KilnSeen *out, GError **error)
{
	out->detached = json_object_get(item, "signature") != NULL;
	return read_digest(item, "release", name, &out->digest, error) &&
	       (!out->detached || read_digest(item, "signature", name, &out->signature, error)) &&
	       read_time(item, "date", name, &out->date_unix_s, error) && read_time(item, "seen", name, &out->seen_unix_s, error) &&
	       read_time(item, "checked", name, &out->checked_unix_s, error);
}

static json_t *load(const KilnStore *store, const char *key, GError **error)
{
	g_autoptr(GError) local = NULL;
	gsize length;
	g_autoptr(GBytes) bytes = kiln_file_read_at(kiln_store_fd(store), key, SEEN_BYTES_MAX, &local);
	if (!bytes && g_error_matches(local, KILN_ERROR, KILN_ERROR_NOT_FOUND))
		return json_array();
	if (!bytes) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	const char *text = g_bytes_get_data(bytes, &length);
	json_t *value = kiln_json_parse(text, length, key, error);
	if (value && !json_is_array(value)) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s/%s: not a list; it was damaged", kiln_store_path(store), key);
		json_decref(value);
		return NULL;
	}
	return value;
}

gboolean kiln_seen_newest(const KilnStore *store, const char *key, KilnSeen *seen, gboolean *found, GError **error)
{
	g_autoptr(json_t) list = load(store, key, error);
	size_t index;
	json_t *item;
	if (!list)
		return FALSE;
	*found = FALSE;
	json_array_foreach(list, index, item)
	{
		KilnSeen one = { 0 };
		if (!read_item(item, key, &one, error))
			return FALSE;
		if (!*found || one.date_unix_s > seen->date_unix_s)
			*seen = one;
		*found = TRUE;
	}
	return TRUE;
}

static void write_item(json_t *item, const KilnSeen *seen, gint64 first_seen)
{
	char digest[KILN_DIGEST_TEXT_MAX], time[KILN_TIME_TEXT_MAX];
	kiln_json_set_string(item, "release", kiln_digest_print(&seen->digest, digest));
	if (seen->detached)
		kiln_json_set_string(item, "signature", kiln_digest_print(&seen->signature, digest));
	kiln_json_set_string(item, "date", kiln_time_print(seen->date_unix_s, time));
	kiln_json_set_string(item, "seen", kiln_time_print(first_seen, time));
	kiln_json_set_string(item, "checked", kiln_time_print(seen->checked_unix_s, time));
}

gboolean kiln_seen_record(KilnStore *store, const char *key, const KilnSeen *seen, GError **error)
{
	g_auto(KilnFd) lock = kiln_file_lock_at(kiln_store_fd(store), "seen/lock", error);
	g_autoptr(json_t) list = lock < 0 ? NULL : load(store, key, error);
	size_t index;
	json_t *item;
	gboolean known = FALSE;
	if (!list)
		return FALSE;
	json_array_foreach(list, index, item)
	{
		KilnSeen one = { 0 };
		if (!read_item(item, key, &one, error))
			return FALSE;
		if (kiln_digest_equal(&one.digest, &seen->digest)) {
			write_item(item, seen, one.seen_unix_s);
			known = TRUE;
		}
	}
	if (!known) {
		item = json_object();
		write_item(item, seen, seen->seen_unix_s);
		json_array_append_new(list, item);
	}
	g_autoptr(GBytes) bytes = kiln_json_pretty(list);
	return kiln_file_write_at(kiln_store_fd(store), key, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), error);
}
