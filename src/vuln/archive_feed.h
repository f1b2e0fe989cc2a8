/* SPDX-License-Identifier: Apache-2.0 */
/* archive_feed.h: what a signed archive says itself: the vulnerabilities that its changelogs name as fixed, with nothing but a mirror. */
#pragma once
#include "source/index.h"
#include "vuln/database.h"

typedef struct {
	const KilnArchive *archive;
	const char *architecture;    /* "amd64": whose packages are looked at */
	const KilnIndexOptions *index;
	GHashTable *sources;         /* names of source packages (char *) whose newest upload is read outside security suites, too; NULL: none */
} KilnArchiveFeedOptions;

/** What the source of an archive is called: "changelog/debian/trixie". New string. */
char *kiln_archive_feed_source(const char *archive);

/**
 * Add the archive's source to @writer.
 *
 * Read are the changelogs of every source package in the archive's security suites, and those of options->sources in all suites; each out of
 * the smallest binary package that has it, verified like any other. A CVE is fixed in the lowest version whose entry names it. An entry
 * of a security suite that names none is a record of its own. Of what is newer in the other suites and was not read, a record says
 * that it is under investigation.
 *
 * Errors: KILN_ERROR_UNSUPPORTED the archive is none of a release with a number; those of kiln_suite_index_fetch(), kiln_store_fetch(),
 * kiln_package_list() and the writer. A package that brings no changelog is a notice and is counted as left out.
 */
gboolean kiln_archive_feed_read(KilnStore *store, const KilnContext *context, const KilnArchiveFeedOptions *options, KilnDatabaseWriter *writer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
