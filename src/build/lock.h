/* SPDX-License-Identifier: Apache-2.0 */
/* lock.h: exact inputs of a build: suites at one moment, packages by digest. Readable JSON, stable order, small diffs. */
#pragma once
#include "base/digest.h"
#include "data/json.h"

typedef struct {
	char *archive;  /* "debian/trixie" */
	char *suite, *codename;
	char **uris;    /* where it was fetched from; only hints, and not written: content is by digest */
	KilnDigest inrelease;
	gboolean detached;            /* inrelease is a Release file with a signature beside it */
	KilnDigest release_signature;
	gint64 date_unix_s;
	char **signers; /* fingerprints, sorted */
} KilnLockSuite;

typedef struct {
	char *name, *version, *architecture;
	char *source_name, *source_version;
	char *filename;
	KilnDigest digest;
	guint64 size_bytes;
	guint suite;    /* index into the suites of the lock */
	char *component;
	char **depends; /* names in this lock, sorted */
	gboolean requested, essential;
} KilnLockPackage;

typedef struct {
	char *platform; /* "linux/amd64" */
	GPtrArray *packages; /* KilnLockPackage, sorted by name */
} KilnLockPlatform;

typedef struct {
	char *recipe_name;
	KilnDigest recipe_digest; /* of the parts of the recipe that choose packages: archive, archives, packages, exclude, locales, shell, variant's additions */
	guint slice_rules_version;
	GPtrArray *suites;    /* KilnLockSuite in the order of the archive */
	GPtrArray *platforms; /* KilnLockPlatform sorted by platform */
} KilnLock;

KilnLock *kiln_lock_new(void);
KilnLockSuite *kiln_lock_suite_new(void);
KilnLockPackage *kiln_lock_package_new(void);
KilnLockPlatform *kiln_lock_platform_new(void);
/**
 * Strict: unknown members, other types, paths that leave the archive, names out of order or missing are refused.
 * Errors: KILN_ERROR_SYNTAX, KILN_ERROR_DENIED a path that leaves the archive, KILN_ERROR_UNSUPPORTED another format, KILN_ERROR_LIMIT.
 */
gboolean kiln_lock_load(int dir_fd, const char *path, KilnLock **out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
KilnLock *kiln_lock_from_json(const json_t *json, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_t *kiln_lock_to_json(const KilnLock *lock);
gboolean kiln_lock_save(const KilnLock *lock, int dir_fd, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_lock_free(KilnLock *lock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnLock, kiln_lock_free)

/** The packages of @platform, borrowed; NULL when the lock has none for it. */
const KilnLockPlatform *kiln_lock_find_platform(const KilnLock *lock, const char *platform);

typedef struct {
	char *platform, *name;
	char *before, *after; /* versions; NULL: added, removed */
} KilnLockChange;
/** What changed from @before to @after: array of KilnLockChange sorted by platform and name. */
GPtrArray *kiln_lock_compare(const KilnLock *before, const KilnLock *after);
