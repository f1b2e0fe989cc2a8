/* SPDX-License-Identifier: Apache-2.0 */
/* archive_uploads.h: the newest upload of each source package of an archive, and the changelog of each that is asked for. Internal to this module. */
#pragma once
#include "vuln/archive_feed.h"

/** A source package at one version, in one suite. */
typedef struct {
	char *source, *version;
	const KilnSuite *suite; /* borrowed */
	GPtrArray *candidates;  /* binary packages of it, smallest first; see archive_uploads.c */
	GBytes *changelog;      /* NULL: not read, or none of its packages has one */
} ArchiveUpload;

typedef struct {
	GHashTable *security; /* source name to ArchiveUpload: the newest in security suites */
	GHashTable *newest;   /* the same of all suites; borrowed by name from the one or own */
	GPtrArray *indexes;   /* KilnSuiteIndex */
} ArchiveUploads;

gboolean archive_is_security(const KilnSuite *suite);
gboolean archive_uploads_list(KilnStore *store, const KilnContext *context, const KilnArchiveFeedOptions *options, ArchiveUploads *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Fetch and read the changelogs of @wanted (ArchiveUpload). */
gboolean archive_uploads_read(KilnStore *store, const KilnContext *context, const GPtrArray *wanted, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * The file at @path of one of the upload's packages; empty when none has it. Errors: those of kiln_store_fetch() and kiln_package_file_read().
 */
GBytes *archive_upload_file(KilnStore *store, const KilnContext *context, const ArchiveUpload *upload, const char *path, guint64 max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void archive_uploads_clear(ArchiveUploads *uploads);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ArchiveUploads, archive_uploads_clear)
