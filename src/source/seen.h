/* SPDX-License-Identifier: Apache-2.0 */
/* seen.h: which Release of a suite was seen when: the memory behind rollback refusal and freshness. */
#pragma once
#include "base/digest.h"
#include "source/store.h"

typedef struct {
	KilnDigest digest;    /* InRelease or Release */
	gboolean detached;
	KilnDigest signature; /* Release.gpg, when detached */
	gint64 date_unix_s;   /* the Release's own */
	gint64 seen_unix_s;   /* when kiln first saw it */
	gint64 checked_unix_s; /* when a mirror last said that it is current */
} KilnSeen;

/** The newest by its own date; *found FALSE when none was seen. @key: kiln_seen_key(). Errors: KILN_ERROR_SYNTAX a damaged record. */
gboolean kiln_seen_newest(const KilnStore *store, const char *key, KilnSeen *seen, gboolean *found, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Record @seen, or refresh checked_unix_s of the record with its digest. */
gboolean kiln_seen_record(KilnStore *store, const char *key, const KilnSeen *seen, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** A file name from what identifies a suite: its name and keyring, not the mirror, which may change. New string. */
char *kiln_seen_key(const char *suite_name, const char *keyring);
