/* SPDX-License-Identifier: Apache-2.0 */
/* hash.h: SHA-256 while bytes stream by, and the older hashes that Debian's formats still carry. */
#pragma once
#include "base/digest.h"

typedef struct KilnHash KilnHash;

KilnHash *kiln_hash_new(void);      /* SHA-256 */
KilnHash *kiln_hash_new_sha1(void); /* only for formats that ask for it; ended by kiln_hash_finish_sha1() */
KilnHash *kiln_hash_new_md5(void);  /* the same; ended by kiln_hash_finish_md5() */
void kiln_hash_update(KilnHash *hash, const void *bytes, gsize length);
/** Write the digest of all bytes so far and start again from nothing. */
void kiln_hash_finish(KilnHash *hash, KilnDigest *out);
void kiln_hash_finish_sha1(KilnHash *hash, guint8 out[20]);
void kiln_hash_finish_md5(KilnHash *hash, guint8 out[16]);
void kiln_hash_free(KilnHash *hash);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnHash, kiln_hash_free)

void kiln_hash_bytes(const void *bytes, gsize length, KilnDigest *out);
/** Digest and size of what @fd (borrowed) holds, by pread from 0 to its end. */
gboolean kiln_hash_fd(int fd, KilnDigest *out, guint64 *size_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Lower-case hex of another algorithm ("md5", "sha1", "sha512") over @bytes: for reading and writing foreign formats, never for trust. */
char *kiln_hash_hex(const char *algorithm, const void *bytes, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
