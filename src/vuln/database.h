/* SPDX-License-Identifier: Apache-2.0 */
/* database.h: one file with the advisories of all sources, by package and by id; written once, then only read. */
#pragma once
#include "base/digest.h"
#include "vuln/advisory.h"

#define KILN_DATABASE_SCHEMA_VERSION 1

typedef struct KilnDatabase KilnDatabase;

/** One source as it was when the database was built. */
typedef struct {
	char *name;     /* "osv/PyPI" */
	char *reader;   /* row of feed.h: "osv" */
	char *origin;   /* file or address that it was read from */
	char *licence;  /* SPDX expression; NULL: not known */
	KilnDigest digest;     /* of the bytes that were read */
	guint64 records;
	guint64 skipped;       /* records that were not understood: each was a warning when it was read */
	gint64 newest_unix_s;  /* the newest record, or the date that the feed itself gives; 0: it gives none */
	gint64 fetched_unix_s; /* when the bytes came here; 0: built from files */
} KilnDatabaseSource;

/** How many days ago its newest word was said, or it was asked whether there is a newer one; negative: it says nowhere. */
gint64 kiln_database_source_age_days(const KilnDatabaseSource *source, gint64 now_unix_s);

/**
 * Open for reading; several threads may each open it.
 * Errors: KILN_ERROR_NOT_FOUND (says which command makes one), KILN_ERROR_SYNTAX damaged, KILN_ERROR_UNSUPPORTED another schema version.
 */
KilnDatabase *kiln_database_open(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_database_close(KilnDatabase *database);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnDatabase, kiln_database_close)

/** What the answers depend on: the same content has the same digest, whenever it was built. */
KilnDigest kiln_database_digest(const KilnDatabase *database);
/** KilnDatabaseSource sorted by name. Borrowed. */
const GPtrArray *kiln_database_sources(const KilnDatabase *database);
/**
 * The sources that speak of packages of @ecosystem ("Debian:13"): borrowed KilnDatabaseSource in a new array. Empty: then nothing found
 * means nothing. Errors: KILN_ERROR_SYNTAX the file is damaged.
 */
GPtrArray *kiln_database_covering(KilnDatabase *database, const char *ecosystem, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * All advisories that name @package of @ecosystem, withdrawn ones too: KilnAdvisory with those of its affected that match, sorted by
 * source and id. The caller unrefs. Errors: KILN_ERROR_SYNTAX the file is damaged.
 */
gboolean kiln_database_lookup(KilnDatabase *database, const char *ecosystem, const char *package, GPtrArray **advisories, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** All advisories with that id or alias, with all their affected. Errors as above; none found is an empty array. */
gboolean kiln_database_find(KilnDatabase *database, const char *id, GPtrArray **advisories, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** What is known of one CVE beside advisories. */
typedef struct {
	gboolean exploited;        /* in CISA's catalog of known exploited vulnerabilities */
	gboolean ransomware;       /* known to be used by ransomware */
	gint64 exploited_since_unix_s, due_unix_s;
	gboolean has_epss;
	guint epss_millionths, epss_percentile_millionths;
	gint64 epss_unix_s;
} KilnExploitation;
gboolean kiln_database_exploitation(KilnDatabase *database, const char *cve, KilnExploitation *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** When a release or a product's cycle ends, from endoflife. @product: "debian"; @cycle: "13". FALSE without error: not known. */
typedef struct {
	gint64 support_ends_unix_s, ends_unix_s; /* 0: not said; G_MAXINT64: not at all */
	gboolean ended_undated; /* the source says that it has ended, not when */
} KilnEndOfLife;
gboolean kiln_database_end_of_life(KilnDatabase *database, const char *product, const char *cycle, KilnEndOfLife *out, gboolean *known, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct KilnDatabaseWriter KilnDatabaseWriter;

/** A new database, which appears at @path when it is finished and not before. Errors: KILN_ERROR_IO. */
KilnDatabaseWriter *kiln_database_writer_new(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * Take over all that the database at @path has, but the sources called @except (NULL-terminated).
 * Errors: those of kiln_database_open(); KILN_ERROR_NOT_FOUND there is none; KILN_ERROR_SYNTAX one of its sources is there already.
 */
gboolean kiln_database_writer_copy(KilnDatabaseWriter *writer, const char *path, const char *const *except, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Say of the sources called @names (NULL-terminated) that they were asked for at that time and had not changed. */
gboolean kiln_database_writer_fetched(KilnDatabaseWriter *writer, const char *const *names, gint64 fetched_unix_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** What is added from now on is of this source; @source is copied. The writer counts its records, goes on from its skipped ones, and notes the newest. */
gboolean kiln_database_writer_begin(KilnDatabaseWriter *writer, const KilnDatabaseSource *source, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The same, but a source of that name and reader that was read before goes on; its digest becomes that of both digests. */
gboolean kiln_database_writer_go_on(KilnDatabaseWriter *writer, const KilnDatabaseSource *source, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Count a record that was not understood. The caller has said so. */
void kiln_database_writer_skip(KilnDatabaseWriter *writer);
/** How many records the present source has, where that is known better than by counting what is added. */
void kiln_database_writer_set_records(KilnDatabaseWriter *writer, guint64 records);
gboolean kiln_database_writer_add(KilnDatabaseWriter *writer, const KilnAdvisory *advisory, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean kiln_database_writer_add_exploitation(KilnDatabaseWriter *writer, const char *cve, const KilnExploitation *what, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean kiln_database_writer_add_end_of_life(KilnDatabaseWriter *writer, const char *product, const char *cycle, const KilnEndOfLife *what, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean kiln_database_writer_finish(KilnDatabaseWriter *writer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The same, but nothing takes the place of anything unless the content's digest is @expected. Errors: also KILN_ERROR_MISMATCH. */
gboolean kiln_database_writer_finish_as(KilnDatabaseWriter *writer, const KilnDigest *expected, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_database_writer_free(KilnDatabaseWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnDatabaseWriter, kiln_database_writer_free)
