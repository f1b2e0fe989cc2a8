/* SPDX-License-Identifier: Apache-2.0 */
/* index.c: one suite at one moment: Release fetched, verified, remembered; the package indexes it names fetched and checked. */
#include "source/index.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "io/file.h"
#include "io/reader.h"
#include "net/http.h"
#include "source/release.h"
#include "source/seen.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FUTURE_S (24 * 3600) /* a Release may be dated so far ahead of our clock */

void kiln_suite_index_free(KilnSuiteIndex *index)
{
	if (!index)
		return;
	g_free(index->origin);
	g_free(index->label);
	g_free(index->suite_name);
	g_free(index->codename);
	g_free(index->version);
	if (index->signers)
		g_ptr_array_unref(index->signers);
	g_ptr_array_unref(index->files);
	g_free(index);
}

static void index_file_free(gpointer data)
{
	KilnIndexFile *file = data;
	g_free(file->component);
	g_free(file->architecture);
	g_free(file);
}

char **kiln_suite_urls(const KilnSuite *suite, const char *path)
{
	g_autoptr(GStrvBuilder) urls = g_strv_builder_new();
	for (char **uri = suite->uris; *uri; uri++) {
		g_autofree char *url = g_strdup_printf("%s/%s", *uri, path);
		g_strv_builder_add(urls, url);
	}
	return g_strv_builder_end(urls);
}

static GBytes *read_input(KilnStore *store, const KilnDigest *digest, guint64 max_bytes, GError **error)
{
	g_autofree char *path = kiln_store_input_path(digest);
	return kiln_file_read_at(kiln_store_fd(store), path, max_bytes, error);
}

/* Fetch a file of the suite whose digest is not known beforehand; it lands in the store under its own. */
static gboolean fetch_unpinned(KilnStore *store, const KilnContext *context, const KilnSuite *suite, const char *name,
                               GBytes **bytes, KilnDigest *digest, GError **error)
{
	g_autofree char *path = g_strdup_printf("dists/%s/%s", suite->name, name);
	g_auto(GStrv) urls = kiln_suite_urls(suite, path);
	g_autofree char *temporary = g_strdup_printf("seen/.fetch-%08x%08x", g_random_int(), g_random_int());
	KilnDownload download = { .urls = (const char *const *)urls, .dir_fd = kiln_store_fd(store), .path = temporary,
		                  .max_bytes = KILN_LIMIT_INRELEASE_BYTES, .label = path };
	gboolean good = kiln_download_all(context, &download, 1, NULL, NULL, NULL, error);
	kiln_download_clear(&download);
	g_autoptr(GBytes) content = good ? kiln_file_read_at(kiln_store_fd(store), temporary, KILN_LIMIT_INRELEASE_BYTES, error) : NULL;
	unlinkat(kiln_store_fd(store), temporary, 0);
	if (!content || !kiln_store_put(store, g_bytes_get_data(content, NULL), g_bytes_get_size(content), digest, error))
		return FALSE;
	*bytes = g_steal_pointer(&content);
	return TRUE;
}

/* What a Release and its signature are, before anything in it is believed. */
typedef struct {
	GBytes *text, *signature; /* signature NULL: text is InRelease */
	KilnSeen seen;
} Signed;

static void signed_clear(Signed *from)
{
	g_clear_pointer(&from->text, g_bytes_unref);
	g_clear_pointer(&from->signature, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Signed, signed_clear)

static gboolean fetch_signed(KilnStore *store, const KilnContext *context, const KilnSuite *suite, Signed *out, GError **error)
{
	g_autoptr(GError) local = NULL;
	if (fetch_unpinned(store, context, suite, "InRelease", &out->text, &out->seen.digest, &local))
		return TRUE;
	if (!g_error_matches(local, KILN_ERROR, KILN_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	out->seen.detached = TRUE;
	return fetch_unpinned(store, context, suite, "Release", &out->text, &out->seen.digest, error) &&
	       fetch_unpinned(store, context, suite, "Release.gpg", &out->signature, &out->seen.signature, error);
}

static gboolean load_seen(KilnStore *store, const KilnSeen *seen, Signed *out, GError **error)
{
	out->seen = *seen;
	out->text = read_input(store, &seen->digest, KILN_LIMIT_INRELEASE_BYTES, error);
	if (out->text && seen->detached)
		out->signature = read_input(store, &seen->signature, KILN_LIMIT_INRELEASE_BYTES, error);
	return out->text && (!seen->detached || out->signature);
}

static gboolean check_name(const KilnSuite *suite, const KilnRelease *release, GError **error)
{
	const char *slash = strchr(suite->name, '/');
	g_autofree char *plain = slash ? g_strndup(suite->name, (gsize)(slash - suite->name)) : g_strdup(suite->name);
	if (suite->codename && g_strcmp0(release->codename, suite->codename) == 0)
		return TRUE;
	if (!suite->codename && (g_strcmp0(release->suite, plain) == 0 || g_strcmp0(release->codename, plain) == 0))
		return TRUE;
	return kiln_fail(error, KILN_ERROR_UNTRUSTED, "%s: the mirror serves another suite: Suite \"%s\", Codename \"%s\", wanted \"%s\"",
	                 suite->name, release->suite ? release->suite : "", release->codename ? release->codename : "",
	                 suite->codename ? suite->codename : plain);
}

static gboolean check_dates(const KilnSuite *suite, const KilnRelease *release, gint64 now, GError **error)
{
	char date[KILN_TIME_TEXT_MAX], clock[KILN_TIME_TEXT_MAX];
	gint64 judged_at = suite->snapshot_unix_s ? MIN(now, MAX(suite->snapshot_unix_s, release->date_unix_s)) : now;
	kiln_time_print(now, clock);
	if (release->date_unix_s > now + FUTURE_S)
		return kiln_fail(error, KILN_ERROR_UNTRUSTED, "%s: dated %s, in the future; is this clock right? It says %s", suite->name,
		                 kiln_time_print(release->date_unix_s, date), clock);
	if (release->valid_until_unix_s && release->valid_until_unix_s < judged_at)
		return kiln_fail(error, KILN_ERROR_UNTRUSTED, "%s: was valid until %s, now is %s: the mirror is stale or frozen; try another mirror",
		                 suite->name, kiln_time_print(release->valid_until_unix_s, date), clock);
	return TRUE;
}

static gboolean check_rollback(KilnStore *store, const KilnSuite *suite, const KilnRelease *release, const char *key,
                               const KilnIndexOptions *options, GError **error)
{
	KilnSeen newest;
	gboolean found;
	char offered[KILN_TIME_TEXT_MAX], known[KILN_TIME_TEXT_MAX];
	if (suite->snapshot_unix_s || (options->allow_rollback && g_strv_contains(options->allow_rollback, suite->name)))
		return TRUE;
	if (!kiln_seen_newest(store, key, &newest, &found, error))
		return FALSE;
	if (!found || release->date_unix_s >= newest.date_unix_s)
		return TRUE;
	return kiln_fail(error, KILN_ERROR_UNTRUSTED,
	                 "%s: the mirror offers the index of %s, but that of %s was seen already: a rollback. If it is meant: --allow-rollback %s",
	                 suite->name, kiln_time_print(release->date_unix_s, offered), kiln_time_print(newest.date_unix_s, known), suite->name);
}

/* The text that the keyring vouches for. */
static GBytes *verify(const KilnSuite *suite, const Signed *from, gint64 now, GPtrArray **signers, GError **error)
{
	GBytes *content = NULL;
	if (!suite->keyring) {
		kiln_fail(error, KILN_ERROR_UNTRUSTED, "%s: no keyring is named for it; set \"keyring\" in the recipe's archives", suite->name);
		return NULL;
	}
	g_autoptr(GBytes) keys = kiln_file_read_at(AT_FDCWD, suite->keyring, KILN_LIMIT_KEYRING_BYTES, error);
	g_autoptr(KilnKeyring) keyring = keys ? kiln_keyring_load(keys, suite->keyring, error) : NULL;
	if (!keyring || !kiln_keyring_verify(keyring, from->text, from->signature, now, &content, signers, error)) {
		g_prefix_error(error, "%s: ", suite->name);
		return NULL;
	}
	return content;
}

/* The newest remembered Release, if it is to be used without asking a mirror. */
static gboolean choose(KilnStore *store, const KilnContext *context, const KilnSuite *suite, const char *key,
                       const KilnIndexOptions *options, Signed *from, GError **error)
{
	KilnSeen newest;
	gboolean found;
	if (!kiln_seen_newest(store, key, &newest, &found, error))
		return FALSE;
	gboolean fresh = found && !options->refresh && newest.checked_unix_s + (gint64)options->max_age_s >= context->now_unix_s;
	if (found && (fresh || context->offline))
		return load_seen(store, &newest, from, error);
	if (context->offline)
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: offline, and no index of it was ever fetched; run once without --offline", suite->name);
	if (!fetch_signed(store, context, suite, from, error))
		return FALSE;
	from->seen.seen_unix_s = from->seen.checked_unix_s = context->now_unix_s;
	return TRUE;
}

/* The smallest form of an index that kiln reads. */
static const KilnReleaseFile *find_packed(const KilnRelease *release, const char *plain)
{
	static const char *const endings[] = { ".xz", ".zst", ".gz", "" };
	for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
		g_autofree char *path = g_strconcat(plain, endings[i], NULL);
		const KilnReleaseFile *file = kiln_release_find(release, path);
		if (file)
			return file;
	}
	return NULL;
}

/* An index whose inflated digest Release promises is checked against it once, when it is fetched. */
static gboolean check_inflated(KilnStore *store, const KilnReleaseFile *packed, const KilnReleaseFile *plain, GError **error)
{
	guint8 buffer[65536], magic[6] = { 0 };
	KilnDigest actual;
	guint64 total = 0;
	g_auto(KilnFd) fd = kiln_store_open_input(store, &packed->digest, error);
	if (fd < 0)
		return FALSE;
	gssize head = pread(fd, magic, sizeof magic, 0);
	g_autoptr(KilnReader) reader = kiln_reader_new_inflate(kiln_reader_new_fd(fd), kiln_compression_detect(magic, (gsize)MAX(head, 0)),
	                                                       plain ? plain->size_bytes : KILN_LIMIT_INDEX_BYTES, error);
	g_autoptr(KilnHash) hash = kiln_hash_new();
	for (gssize count = 1; reader && count > 0;) {
		count = kiln_reader_read(reader, buffer, sizeof buffer, error);
		if (count < 0)
			break;
		kiln_hash_update(hash, buffer, (gsize)count);
		total += (guint64)count;
		if (count == 0) {
			kiln_hash_finish(hash, &actual);
			if (!plain || (total == plain->size_bytes && kiln_digest_equal(&actual, &plain->digest)))
				return TRUE;
			kiln_fail(error, KILN_ERROR_MISMATCH, "inflates to other bytes than the Release file promises");
		}
	}
	g_prefix_error(error, "%s: ", packed->path);
	return FALSE;
}

static gboolean fetch_file(KilnStore *store, const KilnContext *context, const KilnSuite *suite, const KilnRelease *release,
                           const char *plain_path, const KilnReleaseFile **found, GError **error)
{
	const KilnReleaseFile *packed = find_packed(release, plain_path), *plain = kiln_release_find(release, plain_path);
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	if (!packed)
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: has no %s", suite->name, plain_path);
	if (packed->size_bytes > KILN_LIMIT_INDEX_BYTES || (plain && plain->size_bytes > KILN_LIMIT_INDEX_BYTES))
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: %s is larger than an index may be", suite->name, packed->path);
	*found = packed;
	if (kiln_store_has(store, &packed->digest))
		return TRUE;
	g_autofree char *directory = g_path_get_dirname(packed->path);
	g_autofree char *path = release->by_hash ? g_strdup_printf("dists/%s/%s/by-hash/SHA256/%s", suite->name, directory,
	                                                           kiln_digest_print_hex(&packed->digest, hex))
	                                         : g_strdup_printf("dists/%s/%s", suite->name, packed->path);
	g_auto(GStrv) urls = kiln_suite_urls(suite, path);
	g_autofree char *label = g_strdup_printf("%s %s", suite->name, packed->path);
	KilnWanted wanted = { packed->digest, packed->size_bytes, label, (const char *const *)urls };
	if (!kiln_store_fetch(store, context, &wanted, 1, NULL, NULL, error))
		return FALSE;
	if (check_inflated(store, packed, plain, error))
		return TRUE;
	g_autofree char *input = kiln_store_input_path(&packed->digest);
	unlinkat(kiln_store_fd(store), input, 0); /* signed but wrong: must not be taken as checked next time */
	return FALSE;
}

static gboolean fetch_packages(KilnStore *store, const KilnContext *context, const KilnRelease *release, const char *architecture,
                               KilnSuiteIndex *index, GError **error)
{
	for (char **component = index->suite->components; *component; component++) {
		g_autofree char *path = g_strdup_printf("%s/binary-%s/Packages", *component, architecture);
		g_autofree char *without = g_strjoinv(", ", release->components);
		const KilnReleaseFile *found = NULL;
		if (!find_packed(release, path))
			return kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: has no packages for component \"%s\" on %s; its components are %s",
			                 index->suite->name, *component, architecture, without);
		if (!fetch_file(store, context, index->suite, release, path, &found, error))
			return FALSE;
		const KilnReleaseFile *plain = kiln_release_find(release, path);
		KilnIndexFile *file = g_new0(KilnIndexFile, 1);
		file->component = g_strdup(*component);
		file->architecture = g_strdup(architecture);
		file->digest = plain ? plain->digest : found->digest;
		file->stored = found->digest;
		file->stored_bytes = found->size_bytes;
		g_ptr_array_add(index->files, file);
	}
	return TRUE;
}

static KilnRelease *trusted_release(KilnStore *store, const KilnContext *context, const KilnSuite *suite, const KilnIndexOptions *options,
                                    KilnSuiteIndex *index, GError **error)
{
	g_autofree char *key = kiln_seen_key(suite->name, suite->keyring);
	g_auto(Signed) from = { 0 };
	gsize length;
	if (!choose(store, context, suite, key, options, &from, error))
		return NULL;
	gint64 judged_at = suite->snapshot_unix_s ? suite->snapshot_unix_s : context->now_unix_s;
	g_autoptr(GBytes) content = verify(suite, &from, judged_at, &index->signers, error);
	const char *text = content ? g_bytes_get_data(content, &length) : NULL;
	g_autoptr(KilnRelease) release = text ? kiln_release_parse(text, length, suite->name, error) : NULL;
	if (!release || !check_name(suite, release, error) || !check_dates(suite, release, context->now_unix_s, error) ||
	    !check_rollback(store, suite, release, key, options, error))
		return NULL;
	from.seen.date_unix_s = release->date_unix_s;
	if (from.seen.checked_unix_s == context->now_unix_s && !kiln_seen_record(store, key, &from.seen, error))
		return NULL;
	index->inrelease = from.seen.digest;
	index->detached = from.seen.detached;
	index->release_signature = from.seen.signature;
	return g_steal_pointer(&release);
}

KilnSuiteIndex *kiln_suite_index_fetch(KilnStore *store, const KilnContext *context, const KilnSuite *suite,
                                       const char *const *architectures, const KilnIndexOptions *options, GError **error)
{
	g_autoptr(KilnSuiteIndex) index = g_new0(KilnSuiteIndex, 1);
	index->suite = suite;
	index->files = g_ptr_array_new_with_free_func(index_file_free);
	g_autoptr(KilnRelease) release = trusted_release(store, context, suite, options, index, error);
	if (!release)
		return NULL;
	index->date_unix_s = release->date_unix_s;
	index->valid_until_unix_s = release->valid_until_unix_s;
	index->origin = g_strdup(release->origin);
	index->label = g_strdup(release->label);
	index->suite_name = g_strdup(release->suite);
	index->codename = g_strdup(release->codename);
	index->version = g_strdup(release->version);
	for (; *architectures; architectures++)
		if (!fetch_packages(store, context, release, *architectures, index, error))
			return NULL;
	return g_steal_pointer(&index);
}
