/* SPDX-License-Identifier: Apache-2.0 */
/* index.h: one suite at one moment: a verified InRelease and the package indexes that it names. */
#pragma once
#include "crypto/openpgp.h"
#include "source/archive.h"
#include "source/store.h"

typedef struct {
	char *component, *architecture;
	KilnDigest digest;    /* of the inflated Packages file */
	KilnDigest stored;    /* input in the store that holds it, compressed or not */
	guint64 stored_bytes;
} KilnIndexFile;

typedef struct {
	const KilnSuite *suite; /* borrowed */
	KilnDigest inrelease;   /* input in the store: InRelease, or Release (then release_signature is set) */
	gboolean detached;
	KilnDigest release_signature;
	gint64 date_unix_s, valid_until_unix_s; /* 0: no Valid-Until */
	char *origin, *label, *suite_name, *codename, *version;
	GPtrArray *signers;     /* KilnSigner */
	GPtrArray *files;       /* KilnIndexFile: one per component and architecture (and "all" where separate) */
} KilnSuiteIndex;

void kiln_suite_index_free(KilnSuiteIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnSuiteIndex, kiln_suite_index_free)

typedef struct {
	const char *const *allow_rollback; /* suite names for which an older index is accepted; may be NULL */
	gboolean refresh;                  /* FALSE: an index fetched less than max_age_s ago is taken as it is */
	guint max_age_s;
} KilnIndexOptions;

/**
 * Fetch, verify and keep the index of one suite for @architectures (NULL-terminated). InRelease first, else Release + Release.gpg.
 * Checked in this order: signature by the suite's keyring, Codename or Suite, Date not in the future, Valid-Until, rollback
 * against the newest InRelease seen for this suite; then each Packages file by size and SHA-256 before it is parsed.
 *
 * Errors: KILN_ERROR_UNTRUSTED, KILN_ERROR_MISMATCH, KILN_ERROR_NETWORK, KILN_ERROR_NOT_FOUND no such component or architecture
 * (with those that exist), KILN_ERROR_SYNTAX.
 */
KilnSuiteIndex *kiln_suite_index_fetch(KilnStore *store, const KilnContext *context, const KilnSuite *suite,
                                       const char *const *architectures, const KilnIndexOptions *options, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * What decides the index of @suite while no mirror needs to be asked: its keyring and the newest Release that was seen, and verified,
 * lately enough for @options. Costs two small files. FALSE: kiln_suite_index_fetch() has to be called.
 */
gboolean kiln_suite_index_state(KilnStore *store, const KilnContext *context, const KilnSuite *suite, const KilnIndexOptions *options, KilnDigest *state);

/** Until when nothing that vouches for the index expires, if no mirror brings a newer one. */
gint64 kiln_suite_index_good_until(const KilnSuiteIndex *index);

/** "<uri>/<path>" for each mirror of the suite; free with g_strfreev(). */
char **kiln_suite_urls(const KilnSuite *suite, const char *path);

/**
 * Which package of this suite owns @path ("usr/lib/x86_64-linux-gnu/libfoo.so.1", or a bare file name): from Contents, fetched
 * only now. *packages becomes a NULL-terminated vector of names, best first, empty when none has it.
 */
gboolean kiln_suite_index_owner(KilnStore *store, const KilnContext *context, const KilnSuiteIndex *index,
                                const char *architecture, const char *path, char ***packages, GError **error) G_GNUC_WARN_UNUSED_RESULT;
