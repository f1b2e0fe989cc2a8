/* SPDX-License-Identifier: Apache-2.0 */
/* trusted_release.c: a suite's Release: fetched from one mirror after another, verified, judged by its dates, remembered. */
#include "source/trusted_release.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "io/file.h"
#include "net/http.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FUTURE_S (24 * 3600)  /* a Release may be dated so far ahead of our clock */
#define LEFTOVER_S (24 * 3600) /* a killed run's downloads go after so long */

void trusted_release_clear(TrustedRelease *trusted)
{
	g_clear_pointer(&trusted->release, kiln_release_free);
	g_clear_pointer(&trusted->signers, g_ptr_array_unref);
}

gboolean url_is_local(const char *url)
{
	return g_ascii_strncasecmp(url, "file:", 5) == 0;
}

/* One run's view of a suite. */
typedef struct {
	KilnStore *store;
	const KilnContext *context;
	const KilnSuite *suite;
	const KilnIndexOptions *options; /* NULL: dates are not judged */
	KilnKeyring *keyring;
	const char *key; /* of what was seen */
} Asking;

/* What a Release and its signature are, before anything in it is believed. */
typedef struct {
	GBytes *text, *signature; /* signature NULL: text is InRelease */
	const char *origin;       /* URL or "store", for messages; borrowed */
} Signed;

static void signed_clear(Signed *from)
{
	g_clear_pointer(&from->text, g_bytes_unref);
	g_clear_pointer(&from->signature, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Signed, signed_clear)

/* Through the cache: nothing unverified comes near the store. */
static GBytes *fetch(const Asking *asking, const char *url, GError **error)
{
	int cache = kiln_store_cache_fd(asking->store);
	const char *const urls[] = { url, NULL };
	g_auto(KilnFd) directory = kiln_directory_make_at(cache, "fetch", 0700, error);
	if (directory < 0 || !kiln_file_sweep_at(cache, "fetch", asking->context->now_unix_s, LEFTOVER_S, error))
		return NULL;
	g_autofree char *path = g_strdup_printf("fetch/.kiln-new-%08x%08x", g_random_int(), g_random_int());
	KilnDownload download = { .urls = urls, .dir_fd = cache, .path = path, .max_bytes = KILN_LIMIT_INRELEASE_BYTES, .label = url };
	gboolean good = kiln_download_all(asking->context, &download, 1, NULL, NULL, NULL, error);
	kiln_download_clear(&download);
	GBytes *content = good ? kiln_file_read_at(cache, path, KILN_LIMIT_INRELEASE_BYTES, error) : NULL;
	unlinkat(cache, path, 0);
	return content;
}

static gboolean fetch_signed(const Asking *asking, const char *uri, Signed *out, GError **error)
{
	g_autoptr(GError) local = NULL;
	const char *path = kiln_suite_path(asking->suite);
	g_autofree char *inrelease = g_strdup_printf("%s/dists/%s/InRelease", uri, path);
	g_autofree char *release = g_strdup_printf("%s/dists/%s/Release", uri, path), *signature = g_strconcat(release, ".gpg", NULL);
	out->text = fetch(asking, inrelease, &local);
	if (out->text)
		return TRUE;
	if (!g_error_matches(local, KILN_ERROR, KILN_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	out->text = fetch(asking, release, error);
	out->signature = out->text ? fetch(asking, signature, error) : NULL;
	return out->signature != NULL;
}

static gboolean read_seen(KilnStore *store, const KilnDigest *digest, GBytes **out, GError **error)
{
	g_autofree char *path = kiln_store_input_path(digest);
	*out = kiln_file_read_at(kiln_store_fd(store), path, KILN_LIMIT_INRELEASE_BYTES, error);
	return *out != NULL;
}

static gboolean check_name(const KilnSuite *suite, const KilnRelease *release, GError **error)
{
	g_autofree char *plain = g_strndup(suite->name, strcspn(suite->name, "/"));
	if (suite->codename && g_strcmp0(release->codename, suite->codename) == 0)
		return TRUE;
	if (!suite->codename && (g_strcmp0(release->suite, plain) == 0 || g_strcmp0(release->codename, plain) == 0))
		return TRUE;
	return kiln_fail(error, KILN_ERROR_UNTRUSTED, "the mirror serves another suite: Suite \"%s\", Codename \"%s\", wanted \"%s\"",
	                 release->suite ? release->suite : "", release->codename ? release->codename : "", suite->codename ? suite->codename : plain);
}

static gboolean check_dates(const KilnSuite *suite, const KilnRelease *release, gint64 now, GError **error)
{
	char date[KILN_TIME_TEXT_MAX], clock[KILN_TIME_TEXT_MAX];
	gint64 judged_at = suite->snapshot_unix_s ? MIN(now, MAX(suite->snapshot_unix_s, release->date_unix_s)) : now;
	kiln_time_print(now, clock);
	if (release->date_unix_s > now + FUTURE_S)
		return kiln_fail(error, KILN_ERROR_UNTRUSTED, "dated %s, in the future; is this clock right? It says %s",
		                 kiln_time_print(release->date_unix_s, date), clock);
	if (release->valid_until_unix_s && release->valid_until_unix_s < judged_at)
		return kiln_fail(error, KILN_ERROR_UNTRUSTED, "was valid until %s, now is %s: the mirror is stale or frozen; try another mirror",
		                 kiln_time_print(release->valid_until_unix_s, date), clock);
	return TRUE;
}

static gboolean check_rollback(const Asking *asking, const KilnRelease *release, GError **error)
{
	KilnSeen newest;
	gboolean found;
	char offered[KILN_TIME_TEXT_MAX], known[KILN_TIME_TEXT_MAX];
	const char *const *allowed = asking->options->allow_rollback, *name = asking->suite->name;
	if (asking->suite->snapshot_unix_s || (allowed && g_strv_contains(allowed, name)))
		return TRUE;
	if (!kiln_seen_newest(asking->store, asking->key, &newest, &found, error))
		return FALSE;
	if (!found || release->date_unix_s >= newest.date_unix_s)
		return TRUE;
	return kiln_fail(error, KILN_ERROR_UNTRUSTED,
	                 "the mirror offers the index of %s, but that of %s was seen already: a rollback. If it is meant: --allow-rollback %s",
	                 kiln_time_print(release->date_unix_s, offered), kiln_time_print(newest.date_unix_s, known), name);
}

/* Signature, name, dates, rollback: in this order, so that no unsigned word is believed. */
static gboolean judge(const Asking *asking, const Signed *from, TrustedRelease *out, GError **error)
{
	g_autoptr(GBytes) content = NULL;
	g_autoptr(GPtrArray) signers = NULL;
	g_autoptr(GError) local = NULL;
	gsize length;
	gint64 now = asking->context->now_unix_s, judged_at = asking->suite->snapshot_unix_s ? asking->suite->snapshot_unix_s : now;
	gboolean good = kiln_keyring_verify(asking->keyring, from->text, from->signature, judged_at, &content, &signers, &local);
	const char *text = good ? g_bytes_get_data(content, &length) : NULL;
	g_autoptr(KilnRelease) release = good ? kiln_release_parse(text, length, asking->suite->name, &local) : NULL;
	good = release && check_name(asking->suite, release, &local) &&
	       (!asking->options || (check_dates(asking->suite, release, now, &local) && check_rollback(asking, release, &local)));
	if (!good) {
		if (g_error_matches(local, KILN_ERROR, KILN_ERROR_SYNTAX) && !content)
			local->code = KILN_ERROR_UNTRUSTED; /* a text without a signature, whatever else it may be */
		g_autofree char *shown = kiln_url_printable(from->origin);
		g_propagate_prefixed_error(error, g_steal_pointer(&local), "%s: %s: ", asking->suite->name, shown);
		return FALSE;
	}
	trusted_release_clear(out);
	out->release = g_steal_pointer(&release);
	out->signers = g_steal_pointer(&signers);
	return TRUE;
}

/* Verified: keep it by digest, with the time it was seen. */
static gboolean keep(const Asking *asking, const Signed *from, TrustedRelease *out, GError **error)
{
	KilnSeen *seen = &out->seen;
	*seen = (KilnSeen){ .detached = from->signature != NULL, .date_unix_s = out->release->date_unix_s };
	seen->seen_unix_s = seen->checked_unix_s = asking->context->now_unix_s;
	return kiln_store_put(asking->store, g_bytes_get_data(from->text, NULL), g_bytes_get_size(from->text), &seen->digest, error) &&
	       (!from->signature ||
	        kiln_store_put(asking->store, g_bytes_get_data(from->signature, NULL), g_bytes_get_size(from->signature), &seen->signature, error)) &&
	       kiln_seen_record(asking->store, asking->key, seen, error);
}

/* Whether the fault is on this side, so that no other mirror can help. */
static gboolean is_own_fault(const GError *error)
{
	return error->code == KILN_ERROR_IO || error->code == KILN_ERROR_CANCELLED || error->code == KILN_ERROR_INTERNAL || error->code == KILN_ERROR_DENIED;
}

static void add_failure(GError **failures, GError *failure)
{
	if (*failures) {
		int before = (*failures)->code;
		if (before == KILN_ERROR_UNTRUSTED || before == KILN_ERROR_MISMATCH || failure->code == KILN_ERROR_NOT_FOUND)
			failure->code = before;
		g_prefix_error(&failure, "%s; ", (*failures)->message);
		g_error_free(*failures);
	}
	*failures = failure;
}

static gboolean ask_mirrors(const Asking *asking, TrustedRelease *out, GError **error)
{
	g_autoptr(GError) failures = NULL;
	for (char **uri = asking->suite->uris; *uri; uri++) {
		g_auto(Signed) from = { .origin = *uri };
		GError *failure = NULL;
		if (asking->context->offline && !url_is_local(*uri))
			continue;
		g_autofree char *origin = g_strdup_printf("%s/dists/%s/InRelease", *uri, kiln_suite_path(asking->suite));
		if (fetch_signed(asking, *uri, &from, &failure)) {
			if (from.signature)
				origin[strlen(origin) - strlen("InRelease")] = '\0';
			from.origin = origin;
			if (judge(asking, &from, out, &failure))
				return keep(asking, &from, out, error);
		}
		gboolean hopeless = is_own_fault(failure);
		add_failure(&failures, failure);
		if (hopeless)
			break;
	}
	if (failures)
		g_propagate_error(error, g_steal_pointer(&failures));
	else
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: offline, and no index of it was ever fetched; run once without --offline", asking->suite->name);
	return FALSE;
}

static gboolean load_seen(const Asking *asking, const KilnSeen *seen, TrustedRelease *out, GError **error)
{
	g_auto(Signed) from = { .origin = "in the store" };
	if (!read_seen(asking->store, &seen->digest, &from.text, error) ||
	    (seen->detached && !read_seen(asking->store, &seen->signature, &from.signature, error)))
		return FALSE;
	out->seen = *seen;
	return judge(asking, &from, out, error);
}

/* Whether what was seen can be taken without asking a mirror. A local one is always asked: that costs nothing. */
static gboolean is_fresh(const KilnContext *context, const KilnSuite *suite, const KilnIndexOptions *options, const KilnSeen *newest)
{
	if (suite->uris[0] && url_is_local(suite->uris[0]))
		return FALSE;
	return context->offline || (!options->refresh && newest->checked_unix_s + (gint64)options->max_age_s >= context->now_unix_s);
}

gboolean kiln_suite_index_state(KilnStore *store, const KilnContext *context, const KilnSuite *suite, const KilnIndexOptions *options, KilnDigest *state)
{
	KilnSeen newest;
	gboolean found;
	if (suite->flat_directory || suite->snapshot_unix_s || !suite->keyring)
		return FALSE;
	g_autofree char *key = kiln_seen_key(suite->name, suite->keyring);
	g_autoptr(GBytes) keys = kiln_file_read_at(AT_FDCWD, suite->keyring, KILN_LIMIT_KEYRING_BYTES, NULL);
	if (!keys || !kiln_seen_newest(store, key, &newest, &found, NULL) || !found || !is_fresh(context, suite, options, &newest))
		return FALSE;
	g_autoptr(KilnHash) hash = kiln_hash_new();
	kiln_hash_update(hash, newest.digest.sha256, sizeof newest.digest.sha256);
	if (newest.detached)
		kiln_hash_update(hash, newest.signature.sha256, sizeof newest.signature.sha256);
	kiln_hash_update(hash, g_bytes_get_data(keys, NULL), g_bytes_get_size(keys));
	kiln_hash_finish(hash, state);
	return TRUE;
}

static KilnKeyring *load_keyring(const KilnSuite *suite, GError **error)
{
	if (!suite->keyring) {
		kiln_fail(error, KILN_ERROR_UNTRUSTED, "%s: no keyring is named for it; set \"keyring\" in the recipe's archives", suite->name);
		return NULL;
	}
	g_autoptr(GBytes) keys = kiln_file_read_at(AT_FDCWD, suite->keyring, KILN_LIMIT_KEYRING_BYTES, error);
	KilnKeyring *keyring = keys ? kiln_keyring_load(keys, suite->keyring, error) : NULL;
	if (!keyring)
		g_prefix_error(error, "%s: the keyring that must vouch for it (install it, or set \"keyring\" in the recipe's archives): ", suite->name);
	return keyring;
}

gboolean trusted_release_get(KilnStore *store, const KilnContext *context, const KilnSuite *suite, const KilnIndexOptions *options,
                             TrustedRelease *out, GError **error)
{
	g_autofree char *key = kiln_seen_key(suite->name, suite->keyring);
	g_autoptr(KilnKeyring) keyring = load_keyring(suite, error);
	g_autoptr(GError) local = NULL;
	KilnSeen newest;
	gboolean found;
	const Asking asking = { store, context, suite, options, keyring, key };
	if (!keyring || !kiln_seen_newest(store, key, &newest, &found, error))
		return FALSE;
	if (found && is_fresh(context, suite, options, &newest)) {
		if (load_seen(&asking, &newest, out, &local))
			return TRUE;
		if (context->offline) {
			g_propagate_error(error, g_steal_pointer(&local));
			return FALSE;
		}
	}
	return ask_mirrors(&asking, out, error);
}

gboolean trusted_release_load(KilnStore *store, const KilnContext *context, const KilnSuiteIndex *index, TrustedRelease *out, GError **error)
{
	g_autoptr(KilnKeyring) keyring = load_keyring(index->suite, error);
	const Asking asking = { store, context, index->suite, NULL, keyring, NULL };
	const KilnSeen seen = { .digest = index->inrelease, .detached = index->detached, .signature = index->release_signature };
	return keyring && load_seen(&asking, &seen, out, error);
}
