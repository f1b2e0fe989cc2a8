/* SPDX-License-Identifier: Apache-2.0 */
/* archive_uploads.c: which version of each source package an archive has, and its changelog out of one of its binary packages. */
#include "vuln/archive_uploads.h"
#include "base/error.h"
#include "pkg/version.h"
#include "source/changelog_file.h"
#include "source/package_file.h"
#include "source/package_list.h"

#include <string.h>

#define CANDIDATES_MAX 6 /* binary packages of one upload that are looked into; the documentation of most is their own */

typedef struct {
	char *label, *filename;
	KilnDigest digest;
	guint64 size_bytes;
	gboolean likely; /* where the documentation of a source's other packages often leads: it is named like the source, or "-common" */
} Candidate;

static void candidate_free(gpointer data)
{
	Candidate *candidate = data;
	g_free(candidate->label);
	g_free(candidate->filename);
	g_free(candidate);
}

static void upload_free(gpointer data)
{
	ArchiveUpload *upload = data;
	g_free(upload->source);
	g_free(upload->version);
	g_ptr_array_unref(upload->candidates);
	g_clear_pointer(&upload->changelog, g_bytes_unref);
	g_free(upload);
}

void archive_uploads_clear(ArchiveUploads *uploads)
{
	g_clear_pointer(&uploads->security, g_hash_table_unref);
	g_clear_pointer(&uploads->newest, g_hash_table_unref);
	g_clear_pointer(&uploads->indexes, g_ptr_array_unref);
}

gboolean archive_is_security(const KilnSuite *suite)
{
	return g_str_has_suffix(kiln_suite_path(suite), "-security");
}

typedef struct {
	const KilnSuite *suite;
	GHashTable *uploads;
} Listing;

static gboolean is_likely(const char *source, KilnText name)
{
	gsize length = strlen(source);
	return name.length >= length && memcmp(name.data, source, length) == 0 &&
	       (name.length == length || kiln_text_is((KilnText){ name.data + length, name.length - length }, "-common"));
}

static void add_candidate(ArchiveUpload *upload, const KilnListedPackage *package)
{
	Candidate *candidate = g_new0(Candidate, 1);
	candidate->label = g_strdup_printf("%.*s %.*s", (int)package->name.length, package->name.data, (int)package->version.length, package->version.data);
	candidate->filename = kiln_text_dup(package->filename);
	candidate->digest = package->digest;
	candidate->size_bytes = package->size_bytes;
	candidate->likely = is_likely(upload->source, package->name);
	g_ptr_array_add(upload->candidates, candidate);
}

static gboolean note_package(const KilnListedPackage *package, gpointer user_data, GError **error)
{
	Listing *listing = user_data;
	g_autofree char *source = kiln_text_dup(package->source_name);
	ArchiveUpload *known = g_hash_table_lookup(listing->uploads, source);
	int order = known ? kiln_version_order_deb.compare(package->source_version, kiln_text(known->version)) : 1;
	if (order > 0) {
		known = g_new0(ArchiveUpload, 1);
		known->source = g_strdup(source);
		known->version = kiln_text_dup(package->source_version);
		known->suite = listing->suite;
		known->candidates = g_ptr_array_new_with_free_func(candidate_free);
		g_hash_table_replace(listing->uploads, known->source, known);
	}
	if (order > 0 || (order == 0 && known->suite == listing->suite))
		add_candidate(known, package);
	return TRUE;
}

static gboolean list_suite(KilnStore *store, const KilnSuiteIndex *index, GHashTable *uploads, GError **error)
{
	for (guint i = 0; i < index->files->len; i++) {
		const KilnIndexFile *file = index->files->pdata[i];
		Listing listing = { index->suite, uploads };
		g_autofree char *name = g_strdup_printf("Packages of %s %s", index->suite->name, file->component);
		if (!kiln_package_list(store, file, name, note_package, &listing, error))
			return FALSE;
	}
	return TRUE;
}

gboolean archive_uploads_list(KilnStore *store, const KilnContext *context, const KilnArchiveFeedOptions *options, ArchiveUploads *out, GError **error)
{
	const char *const architectures[] = { options->architecture, NULL };
	out->security = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, upload_free);
	out->newest = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, upload_free);
	out->indexes = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_suite_index_free);
	for (guint i = 0; i < options->archive->suites->len; i++) {
		const KilnSuite *suite = options->archive->suites->pdata[i];
		if (!kiln_suite_serves(suite, options->architecture))
			continue;
		KilnSuiteIndex *index = kiln_suite_index_fetch(store, context, suite, architectures, options->index, error);
		if (!index)
			return FALSE;
		g_ptr_array_add(out->indexes, index);
		if ((archive_is_security(suite) && !list_suite(store, index, out->security, error)) || !list_suite(store, index, out->newest, error))
			return FALSE;
	}
	return TRUE;
}

static gint by_size(gconstpointer a, gconstpointer b)
{
	const Candidate *first = *(Candidate *const *)a, *second = *(Candidate *const *)b;
	if (first->likely != second->likely)
		return first->likely ? -1 : 1;
	return (first->size_bytes > second->size_bytes) - (first->size_bytes < second->size_bytes);
}

/* The smallest first, because most have their own documentation; then those where links lead. */
static void order_candidates(GPtrArray *candidates)
{
	guint smallest = 0;
	g_ptr_array_sort(candidates, by_size);
	for (guint i = 1; i < candidates->len; i++)
		if (((Candidate *)candidates->pdata[i])->size_bytes < ((Candidate *)candidates->pdata[smallest])->size_bytes)
			smallest = i;
	g_ptr_array_insert(candidates, 0, g_ptr_array_steal_index(candidates, smallest));
}

/* The @round-th candidate of each upload that has no changelog yet. */
static GPtrArray *pending(const GPtrArray *wanted, guint round)
{
	GPtrArray *uploads = g_ptr_array_new();
	for (guint i = 0; i < wanted->len; i++) {
		ArchiveUpload *upload = wanted->pdata[i];
		if (!upload->changelog && round < MIN(upload->candidates->len, CANDIDATES_MAX))
			g_ptr_array_add(uploads, upload);
	}
	return uploads;
}

static gboolean fetch(KilnStore *store, const KilnContext *context, const GPtrArray *uploads, guint round, GError **error)
{
	g_autofree KilnWanted *items = g_new0(KilnWanted, uploads->len);
	g_autoptr(GPtrArray) urls = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
	for (guint i = 0; i < uploads->len; i++) {
		const ArchiveUpload *upload = uploads->pdata[i];
		const Candidate *candidate = upload->candidates->pdata[round];
		g_ptr_array_add(urls, kiln_suite_urls(upload->suite, candidate->filename));
		items[i] = (KilnWanted){ candidate->digest, candidate->size_bytes, candidate->label, urls->pdata[i] };
	}
	return kiln_store_fetch(store, context, items, uploads->len, NULL, NULL, error);
}

gboolean archive_uploads_read(KilnStore *store, const KilnContext *context, const GPtrArray *wanted, GError **error)
{
	for (guint i = 0; i < wanted->len; i++)
		order_candidates(((ArchiveUpload *)wanted->pdata[i])->candidates);
	for (guint round = 0; round < CANDIDATES_MAX; round++) {
		g_autoptr(GPtrArray) uploads = pending(wanted, round);
		if (uploads->len == 0)
			return TRUE;
		if (!fetch(store, context, uploads, round, error))
			return FALSE;
		for (guint i = 0; i < uploads->len; i++) {
			ArchiveUpload *upload = uploads->pdata[i];
			const Candidate *candidate = upload->candidates->pdata[round];
			KilnProgress progress = { "read", candidate->label, i, uploads->len, KILN_UNIT_ITEMS };
			g_autoptr(GBytes) text = NULL;
			kiln_context_progress(context, &progress);
			if (!kiln_context_check(context, error) || !kiln_changelog_file_read(store, &candidate->digest, candidate->label, &text, error))
				return FALSE;
			if (g_bytes_get_size(text))
				upload->changelog = g_steal_pointer(&text);
		}
	}
	return TRUE;
}

static gsize is_path(const char *path, gpointer wanted)
{
	return strcmp(path, wanted) == 0 ? 0 : KILN_PACKAGE_FILE_NONE;
}

GBytes *archive_upload_file(KilnStore *store, const KilnContext *context, const ArchiveUpload *upload, const char *path, guint64 max_bytes, GError **error)
{
	g_autoptr(GPtrArray) uploads = g_ptr_array_new();
	g_ptr_array_add(uploads, (gpointer)upload);
	for (guint round = 0; round < MIN(upload->candidates->len, CANDIDATES_MAX); round++) {
		const Candidate *candidate = upload->candidates->pdata[round];
		if (!fetch(store, context, uploads, round, error))
			return NULL;
		GBytes *content = kiln_package_file_read(store, &candidate->digest, candidate->label, is_path, (gpointer)path, max_bytes, error);
		if (!content || g_bytes_get_size(content))
			return content;
		g_bytes_unref(content);
	}
	return g_bytes_new_static("", 0);
}
