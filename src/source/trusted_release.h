/* SPDX-License-Identifier: Apache-2.0 */
/* trusted_release.h: a suite's Release that its keyring vouches for, from one mirror after another. Internal to this module. */
#pragma once
#include "source/index.h"
#include "source/release.h"
#include "source/seen.h"

typedef struct {
	KilnRelease *release;
	KilnSeen seen;
	GPtrArray *signers; /* KilnSigner */
} TrustedRelease;

/**
 * The newest Release that was seen lately enough, or a mirror's: each in turn until one serves a Release that passes every check.
 * What fails a check is never kept in the store.
 *
 * Errors: as kiln_suite_index_fetch(); of several mirrors each is told, and distrust outweighs a mirror that is down.
 */
gboolean trusted_release_get(KilnStore *store, const KilnContext *context, const KilnSuite *suite, const KilnIndexOptions *options,
                             TrustedRelease *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** One that was seen before, by its digest: signature and name are checked again, dates are not. */
gboolean trusted_release_load(KilnStore *store, const KilnContext *context, const KilnSuiteIndex *index, TrustedRelease *out,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
void trusted_release_clear(TrustedRelease *trusted);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TrustedRelease, trusted_release_clear)

/** file: URLs need no network. */
gboolean url_is_local(const char *url);
