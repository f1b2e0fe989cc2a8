/* SPDX-License-Identifier: Apache-2.0 */
/* archive.h: what "debian/trixie" means: suites, components, mirrors and the one keyring of each. */
#pragma once
#include "base/context.h"

/** One suite as it is fetched: <uri>/dists/<path>/InRelease. */
typedef struct {
	char *archive;     /* id of the archive it is of, "debian/trixie" */
	char *name;        /* "trixie-security": as asked for, may have a slash */
	char *path;        /* below dists, where that is not the name; see kiln_suite_path() */
	char *codename;    /* what Codename in the Release file must say, "trixie-security"; NULL: not checked */
	char **uris;       /* mirrors in order, without trailing slash; never empty */
	char **components; /* "main", ... */
	char *keyring;     /* path of the keyring file; signatures by other keys do not count */
	char **architectures; /* those that its mirrors have; NULL: not known, any may be asked for */
	gint64 snapshot_unix_s; /* 0: none. Valid-Until is judged at this time for a dated snapshot */
	gboolean flat_directory; /* a local directory of .deb files, no signatures: allowed only where the recipe says trusted */
} KilnSuite;

/** Of which distribution an archive's packages are. */
typedef struct {
	const char *distro;  /* "debian", "ubuntu" */
	const char *release; /* "trixie" */
	const char *version; /* "13", "24.04"; NULL for testing and sid */
} KilnArchiveRelease;

typedef struct {
	char *id;            /* "debian/trixie" */
	GPtrArray *suites;   /* KilnSuite, main first */
} KilnArchive;

KilnSuite *kiln_suite_new(void);
/** Where it stands below dists of each mirror: two mirrors with different architectures make two suites of one path. Borrowed. */
const char *kiln_suite_path(const KilnSuite *suite);
gboolean kiln_suite_serves(const KilnSuite *suite, const char *architecture);
void kiln_suite_free(KilnSuite *suite);
void kiln_archive_free(KilnArchive *archive);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnArchive, kiln_archive_free)

/** What the host's apt says: one record per deb822 stanza or one-line entry of type deb. */
typedef struct {
	char **uris, **suites, **components;
	char **architectures; /* NULL: none given, so all */
	char *signed_by; /* path; NULL: none given, or an embedded key (see embedded_key) */
	char *embedded_key; /* armored key inside Signed-By, or NULL */
	char *file;      /* where it stands, for messages */
	guint line;
	gboolean enabled, trusted;
} KilnAptSource;

void kiln_apt_source_free(KilnAptSource *source);

/**
 * Read <root>/etc/apt/sources.list, sources.list.d (both .list and .sources).
 * A host without apt gives an empty array. Errors: KILN_ERROR_SYNTAX with file and line.
 * Source: sources.list(5).
 */
gboolean kiln_apt_sources_read(int root_fd, GPtrArray **sources, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The text of one such file. @file: its path, for messages; ".sources" at its end means deb822, else lines. */
gboolean kiln_apt_sources_parse(const char *text, gsize length, const char *file, GPtrArray **sources, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Resolve an archive id to suites: main, updates and security of the release. The release's row (Debian 12, 13, testing,
 * sid; Ubuntu 22.04, 24.04; by codename or number) is static; mirrors and keyring come from @apt: an entry of the same
 * distro for any release gives its URI, and the keyring falls back to the distro's well-known path below /usr/share/keyrings.
 * No mirror is compiled in. Where a distro keeps its ports apart, as Ubuntu does, an entry for these makes suites "NAME@ports" of
 * their own: one whose address ends in "-ports", or whose architectures are ports only.
 *
 * @apt: from kiln_apt_sources_read(); may be empty
 * Errors: KILN_ERROR_NOT_FOUND unknown archive (with the nearest), or no mirror known (says which keys of recipe or kiln.yaml name one).
 */
KilnArchive *kiln_archive_resolve(const char *id, const GPtrArray *apt, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** All ids that are known, NULL-terminated, static. */
const char *const *kiln_archive_ids(void);
/** What kiln knows of an archive by its id, static; NULL of one that only a recipe describes: whose packages these are is not known. */
const KilnArchiveRelease *kiln_archive_release(const char *id);
