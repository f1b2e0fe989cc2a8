/* SPDX-License-Identifier: Apache-2.0 */
/* index.c: one suite at one moment: the indexes that its trusted Release names, fetched and checked. */
#include "source/index.h"

#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "io/file.h"
#include "io/reader.h"
#include "source/directory.h"
#include "source/index_file.h"

#include <string.h>
#include <unistd.h>

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

gint64 kiln_suite_index_good_until(const KilnSuiteIndex *index)
{
	gint64 signed_until = 0;
	for (guint i = 0; i < index->signers->len; i++)
		signed_until = MAX(signed_until, ((KilnSigner *)index->signers->pdata[i])->good_until_unix_s);
	return index->valid_until_unix_s ? MIN(signed_until, index->valid_until_unix_s) : signed_until;
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
		g_autofree char *escaped = url_is_local(*uri) ? g_uri_escape_string(path, "/+~:", FALSE) : g_strdup(path);
		g_autofree char *url = g_strdup_printf("%s/%s", *uri, escaped);
		g_strv_builder_add(urls, url);
	}
	return g_strv_builder_end(urls);
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

/* Where each mirror may have it: by its digest, which no update of the mirror takes away, and by its name. */
static char **urls_of(const KilnSuite *suite, const KilnRelease *release, const KilnReleaseFile *packed)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	g_autofree char *directory = g_path_get_dirname(packed->path);
	g_autoptr(GStrvBuilder) urls = g_strv_builder_new();
	for (char **uri = suite->uris; *uri; uri++) {
		g_autofree char *hashed = g_strdup_printf("%s/dists/%s/%s/by-hash/SHA256/%s", *uri, kiln_suite_path(suite), directory,
		                                          kiln_digest_print_hex(&packed->digest, hex));
		g_autofree char *plain = g_strdup_printf("%s/dists/%s/%s", *uri, kiln_suite_path(suite), packed->path);
		if (release->by_hash)
			g_strv_builder_add(urls, hashed);
		g_strv_builder_add(urls, plain);
	}
	return g_strv_builder_end(urls);
}

gboolean index_file_fetch(KilnStore *store, const KilnContext *context, const KilnSuite *suite, const KilnRelease *release,
                          const char *plain_path, const KilnReleaseFile **found, GError **error)
{
	const KilnReleaseFile *packed = find_packed(release, plain_path), *plain = kiln_release_find(release, plain_path);
	if (!packed)
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: has no %s", suite->name, plain_path);
	if (packed->size_bytes > KILN_LIMIT_INDEX_BYTES || (plain && plain->size_bytes > KILN_LIMIT_INDEX_BYTES))
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: %s is larger than an index may be", suite->name, packed->path);
	*found = packed;
	if (kiln_store_has(store, &packed->digest))
		return TRUE;
	g_auto(GStrv) urls = urls_of(suite, release, packed);
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
		if (!index_file_fetch(store, context, index->suite, release, path, &found, error))
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

KilnSuiteIndex *kiln_suite_index_fetch(KilnStore *store, const KilnContext *context, const KilnSuite *suite,
                                       const char *const *architectures, const KilnIndexOptions *options, GError **error)
{
	if (suite->flat_directory)
		return directory_index_make(store, suite, error);
	g_autoptr(KilnSuiteIndex) index = g_new0(KilnSuiteIndex, 1);
	index->suite = suite;
	index->files = g_ptr_array_new_with_free_func(index_file_free);
	g_auto(TrustedRelease) trusted = { 0 };
	if (!trusted_release_get(store, context, suite, options, &trusted, error))
		return NULL;
	const KilnRelease *release = trusted.release;
	index->inrelease = trusted.seen.digest;
	index->detached = trusted.seen.detached;
	index->release_signature = trusted.seen.signature;
	index->signers = g_ptr_array_ref(trusted.signers);
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
